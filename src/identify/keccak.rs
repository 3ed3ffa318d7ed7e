//! Keccak-256 of several short messages at a time.

use crate::identify::lanes::Lanes;

/// What is added in each round (FIPS 202, section 3.2.5).
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The 25 words of a state, a row at a time.
type State<V> = [[<V as Lanes>::Numbers; 5]; 5];

/// Keccak-256 of 64 bytes each: eight words, little-endian, give four.
#[inline(always)]
pub(super) fn keccak256<V: Lanes>(v: V, message: [V::Numbers; 8]) -> [V::Numbers; 4] {
    let [a, b, c, d, e, f, g, h] = message;
    let zero = v.splat(0);
    // The padding of 64 bytes in a block of 136.
    let (first, last) = (v.splat(1), v.splat(1 << 63));
    let mut state: State<V> =
        [[a, b, c, d, e], [f, g, h, first, zero], [zero; 5], [zero, last, zero, zero, zero], [zero; 5]];
    for round in ROUNDS {
        state = permute(v, state);
        state[0][0] = v.xor(state[0][0], v.splat(round));
    }
    let [a, b, c, d, _] = state[0];
    [a, b, c, d]
}

/// A round without its constant: theta, rho with pi, chi.
#[inline(always)]
fn permute<V: Lanes>(v: V, state: State<V>) -> State<V> {
    let [c0, c1, c2, c3, c4] = [
        column(v, state, 0),
        column(v, state, 1),
        column(v, state, 2),
        column(v, state, 3),
        column(v, state, 4),
    ];
    let theta = [
        v.xor(c4, v.rotate::<1, 63>(c1)),
        v.xor(c0, v.rotate::<1, 63>(c2)),
        v.xor(c1, v.rotate::<1, 63>(c3)),
        v.xor(c2, v.rotate::<1, 63>(c4)),
        v.xor(c3, v.rotate::<1, 63>(c0)),
    ];
    /// The word of this row and column after theta, rotated.
    macro_rules! word {
        ($y:literal, $x:literal, $by:literal) => {
            v.rotate::<$by, { 64 - $by }>(v.xor(state[$y][$x], theta[$x]))
        };
    }
    let unmoved = v.xor(state[0][0], theta[0]);
    [
        chi(v, [unmoved, word!(1, 1, 44), word!(2, 2, 43), word!(3, 3, 21), word!(4, 4, 14)]),
        chi(v, [word!(0, 3, 28), word!(1, 4, 20), word!(2, 0, 3), word!(3, 1, 45), word!(4, 2, 61)]),
        chi(v, [word!(0, 1, 1), word!(1, 2, 6), word!(2, 3, 25), word!(3, 4, 8), word!(4, 0, 18)]),
        chi(v, [word!(0, 4, 27), word!(1, 0, 36), word!(2, 1, 10), word!(3, 2, 15), word!(4, 3, 56)]),
        chi(v, [word!(0, 2, 62), word!(1, 3, 55), word!(2, 4, 39), word!(3, 0, 41), word!(4, 1, 2)]),
    ]
}

#[inline(always)]
fn column<V: Lanes>(v: V, [a, b, c, d, e]: State<V>, x: usize) -> V::Numbers {
    v.xor(v.xor(v.xor(a[x], b[x]), v.xor(c[x], d[x])), e[x])
}

#[inline(always)]
fn chi<V: Lanes>(v: V, [a, b, c, d, e]: [V::Numbers; 5]) -> [V::Numbers; 5] {
    [mix(v, a, b, c), mix(v, b, c, d), mix(v, c, d, e), mix(v, d, e, a), mix(v, e, a, b)]
}

/// a xor (c and not b)
#[inline(always)]
fn mix<V: Lanes>(v: V, a: V::Numbers, b: V::Numbers, c: V::Numbers) -> V::Numbers {
    v.xor(a, v.xor(c, v.and(c, b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::lanes::{Work, tests::each};
    use crate::input::hash;

    #[derive(Clone, Copy)]
    struct Messages;

    impl Work for Messages {
        type Output = ();

        fn with<V: Lanes>(self, v: V) {
            let byte = |lane: usize, at: usize| (31 * lane + 7 * at + 3) as u8;
            let message = std::array::from_fn(|word| {
                let mut array = V::Array::default();
                for (lane, number) in array.as_mut().iter_mut().enumerate() {
                    *number = u64::from_le_bytes(std::array::from_fn(|at| byte(lane, 8 * word + at)));
                }
                v.load(array)
            });
            let found = keccak256(v, message).map(|words| v.store(words));
            for lane in 0..V::COUNT {
                let bytes: Vec<u8> = (0..64).map(|at| byte(lane, at)).collect();
                let found: Vec<u8> =
                    found.iter().flat_map(|words| words.as_ref()[lane].to_le_bytes()).collect();
                assert_eq!(found, hash::keccak256(&bytes), "{v:?}, lane {lane}");
            }
        }
    }

    #[test]
    fn each_lane_is_hashed_as_it_would_be_alone() {
        each(Messages);
    }
}
