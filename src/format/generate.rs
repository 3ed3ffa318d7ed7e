//! Random expressions, for properties and fuzzing: any that can be written, meaningful or not.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{Expr, Function, Parameter, Term};

/// How deep a random expression nests.
const DEPTH: usize = 5;

impl<'a> Arbitrary<'a> for Expr {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        expression(u, DEPTH)
    }
}

fn expression(u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
    if depth > 0 && u.ratio(1, 3)? {
        let parts = (0..u.int_in_range(2..=4)?).map(|_| term(u, depth - 1)).collect::<Result<_>>()?;
        return Ok(Term::Concat(parts).into());
    }
    term(u, depth)
}

fn term(u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
    let kinds = if depth == 0 { 4 } else { 8 };
    Ok(Expr::from(match u.int_in_range(0..=kinds - 1)? {
        0 => Term::Text(u.arbitrary()?),
        1 => Term::Hex(u.arbitrary()?),
        2 => Term::Number(u.arbitrary()?),
        3 => Term::Field(field(u)?),
        _ => {
            let function = *u.choose(Function::ALL)?;
            let count = match function.parameters() {
                [.., Parameter::Rest] => u.int_in_range(0..=4)?,
                parameters => parameters.len(),
            };
            Term::Call(function, (0..count).map(|_| expression(u, depth - 1)).collect::<Result<_>>()?)
        }
    }))
}

fn field(u: &mut Unstructured<'_>) -> Result<String> {
    let first = u.int_in_range(b'a'..=b'z')?;
    let rest =
        (0..u.int_in_range(0..=12)?).map(|_| u.choose(b"abcdefghijklmnopqrstuvwxyz0123456789_").copied());
    std::iter::once(Ok(first)).chain(rest).map(|byte| byte.map(char::from)).collect()
}

#[cfg(test)]
mod tests {
    use crate::format::{Expr, parse};

    #[test]
    fn what_is_printed_is_parsed_back() {
        arbtest::arbtest(|u| {
            let expr: Expr = u.arbitrary()?;
            let text = expr.to_string();
            let back = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(back, expr, "{text}");
            assert_eq!(back.to_string(), text);
            Ok(())
        })
        .budget_ms(2_000);
    }
}
