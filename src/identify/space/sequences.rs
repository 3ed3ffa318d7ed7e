//! Free sequences of literals and values: how many, and which.

/// How many sequences of up to `depth` parts there are: literals, never two in a row, and each value at most
/// once, at least one.
pub(super) fn free_count(depth: usize, literals: usize, sizes: &[usize]) -> u128 {
    // Ways to choose and order k values with their encodings: k! times the elementary symmetric polynomial.
    let mut chosen = vec![1_u128];
    for size in sizes {
        chosen.push(0);
        for k in (1..chosen.len()).rev() {
            chosen[k] = chosen[k].saturating_add(chosen[k - 1].saturating_mul(*size as u128));
        }
    }
    let mut total = 0_u128;
    for length in 1..=depth {
        for (values, chosen) in chosen.iter().enumerate().take(length + 1).skip(1) {
            let between = length - values;
            let patterns = binomial(values + 1, between);
            let orders = (1..=values as u128).fold(1, u128::saturating_mul);
            let with_literals =
                (0..between).fold(1_u128, |product, _| product.saturating_mul(literals as u128));
            let ways = chosen.saturating_mul(orders).saturating_mul(with_literals);
            total = total.saturating_add(ways.saturating_mul(patterns));
        }
    }
    total
}

fn binomial(n: usize, k: usize) -> u128 {
    if k > n { 0 } else { (0..k).fold(1, |product, at| product * (n - at) as u128 / (at + 1) as u128) }
}

/// Sequences of this many parts, as slots.
pub(super) fn free(length: usize, literals: usize, values: &[usize]) -> Vec<Vec<usize>> {
    let mut partial: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..length {
        partial = partial
            .into_iter()
            .flat_map(|slots| {
                let literal = (slots.last() != Some(&literals)).then_some(literals);
                let free: Vec<usize> =
                    values.iter().copied().filter(|value| !slots.contains(value)).chain(literal).collect();
                free.into_iter().map(move |slot| [slots.as_slice(), &[slot]].concat())
            })
            .collect();
    }
    partial.retain(|slots| slots.iter().any(|slot| *slot != literals));
    partial
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_as_many_as_are_counted_before() {
        for (literals, sizes) in [(3, vec![2, 5]), (4, vec![1, 2, 3]), (7, vec![4])] {
            let count = |slot: usize| if slot == 0 { literals } else { sizes[slot - 1] };
            let slots: Vec<usize> = (1..=sizes.len()).collect();
            for depth in 1..=5 {
                let all = (1..=depth).flat_map(|length| free(length, 0, &slots));
                let sum: u128 = all
                    .map(|slots| slots.into_iter().map(|slot| count(slot) as u128).product::<u128>())
                    .sum();
                assert_eq!(free_count(depth, literals, &sizes), sum, "{literals} {sizes:?} {depth}");
            }
        }
    }
}
