//! From text to expression.
//!
//! ```text
//! expression = term { "+" term }
//! term       = text | hex | number | field | function "(" [ expression { "," expression } ] ")"
//! ```

use std::str::FromStr;

use winnow::ascii::multispace0;
use winnow::combinator::{
    alt, cut_err, delimited, dispatch, eof, fail, opt, peek, preceded, separated, terminated,
};
use winnow::error::{ContextError, ErrMode, FromExternalError as _, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::{any, take_while};

use crate::input::bytes::from_hex;

use super::{Expr, Fault, FormatError, Function, MAX_DEPTH, MAX_TEXT, Term, nearest};

/// The text, its places, and how many calls are open.
type Input<'a> = Stateful<LocatingSlice<&'a str>, Depth>;
type Parsed<T> = Result<T, ErrMode<ContextError>>;

#[derive(Debug, Clone, Copy, Default)]
struct Depth(usize);

impl FromStr for Expr {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        parse(text)
    }
}

/// Reads an expression.
///
/// # Errors
/// What was expected, and where. Unknown functions and wrong numbers of arguments are found here; unknown
/// fields only by [`Expr::evaluate`], which knows the fields.
pub fn parse(text: &str) -> Result<Expr, FormatError> {
    if text.len() > MAX_TEXT {
        return Err(FormatError { fault: Fault::TextTooLong, at: 0 });
    }
    let input = Input { input: LocatingSlice::new(text), state: Depth::default() };
    let whole = terminated(expression, eof.context(expected("`+` or the end")));
    let mut expr = delimited(multispace0, whole, multispace0).parse(input).map_err(|error| {
        let at = text.get(..error.offset()).map_or(0, |before| before.chars().count());
        FormatError { fault: fault(error.inner()), at }
    })?;
    bytes_to_characters(&mut expr, &places(text));
    Ok(expr)
}

fn expression(input: &mut Input<'_>) -> Parsed<Expr> {
    let at = input.current_token_start();
    let mut parts: Vec<Expr> =
        separated(1.., terminated(term, multispace0), terminated('+', multispace0)).parse_next(input)?;
    Ok(match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            Expr { term: Term::Concat(parts), at }
        }
    })
}

fn term(input: &mut Input<'_>) -> Parsed<Expr> {
    let at = input.current_token_start();
    let term = dispatch! {peek(any);
        '"' => text.map(Term::Text),
        '0'..='9' => literal,
        'a'..='z' => name_or_call,
        _ => fail,
    };
    let what = expected("a \"text\", 0x bytes, a number, a field or a function");
    let term = cut_err(term.context(what)).parse_next(input)?;
    Ok(Expr { term, at })
}

/// `0x…` or a number.
fn literal(input: &mut Input<'_>) -> Parsed<Term> {
    let read = |word: &str| match word {
        _ if word.starts_with("0x") => from_hex(word).ok().map(Term::Hex),
        _ if word.starts_with('0') && word != "0" => None,
        _ => word.parse().ok().map(Term::Number),
    };
    cut_err(take_while(1.., is_word).verify_map(read))
        .context(expected("0x and hex digits, two a byte, or a number below 2^64 without leading zeros"))
        .parse_next(input)
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn name_or_call<'a>(input: &mut Input<'a>) -> Parsed<Term> {
    let begin = input.checkpoint();
    let name = take_while(1.., |c: char| is_word(c) && !c.is_ascii_uppercase()).parse_next(input)?;
    if opt(preceded(multispace0, '(')).parse_next(input)?.is_none() {
        return Ok(Term::Field(name.to_owned()));
    }
    let refuse = |input: &mut Input<'a>, misfit: Misfit| {
        input.reset(&begin);
        Err(ErrMode::from_external_error(input, misfit).cut())
    };
    let Some(function) = Function::from_name(name) else {
        return refuse(input, Misfit::UnknownFunction(name.to_owned()));
    };
    input.state.0 += 1;
    if input.state.0 > MAX_DEPTH {
        return refuse(input, Misfit::TooDeep);
    }
    let separator = (',', multispace0);
    let arguments = alt((peek(')').value(Vec::new()), separated(1.., expression, separator)));
    let close = ')'.context(expected("`+`, `,` or `)`"));
    let arguments: Vec<Expr> = cut_err(delimited(multispace0, arguments, close)).parse_next(input)?;
    input.state.0 -= 1;
    if !function.takes(arguments.len()) {
        return refuse(input, Misfit::Arguments(function, arguments.len()));
    }
    Ok(Term::Call(function, arguments))
}

fn text(input: &mut Input<'_>) -> Parsed<String> {
    let mut text = String::new();
    '"'.parse_next(input)?;
    loop {
        let rest = take_while(0.., |c: char| c != '"' && c != '\\').parse_next(input)?;
        text.push_str(rest);
        match any.context(expected("`\"` at the end of the text")).parse_next(input).map_err(ErrMode::cut)? {
            '"' => return Ok(text),
            _ => text.push(cut_err(escape).parse_next(input)?),
        }
    }
}

fn escape(input: &mut Input<'_>) -> Parsed<char> {
    let hex_digits = |range| take_while(range, |c: char| c.is_ascii_hexdigit());
    let code = |digits: &str| u32::from_str_radix(digits, 16).ok();
    dispatch! {any;
        'n' => winnow::combinator::empty.value('\n'),
        'r' => winnow::combinator::empty.value('\r'),
        't' => winnow::combinator::empty.value('\t'),
        '\\' => winnow::combinator::empty.value('\\'),
        '"' => winnow::combinator::empty.value('"'),
        'x' => hex_digits(2..=2).verify_map(move |digits| code(digits).filter(|code| *code < 0x80).and_then(char::from_u32)),
        'u' => delimited('{', hex_digits(1..=6), '}').verify_map(move |digits| code(digits).and_then(char::from_u32)),
        _ => fail,
    }
    .context(expected("an escape: \\n \\r \\t \\\\ \\\" \\x00 to \\x7f, or \\u{…}"))
    .parse_next(input)
}

fn expected(what: &'static str) -> StrContext {
    StrContext::Expected(StrContextValue::Description(what))
}

/// Grammatical, but not meaningful.
#[derive(Debug, Clone, thiserror::Error)]
#[error("")]
enum Misfit {
    TooDeep,
    UnknownFunction(String),
    Arguments(Function, usize),
}

fn fault(error: &ContextError) -> Fault {
    match error.cause().and_then(|cause| cause.downcast_ref()) {
        Some(Misfit::TooDeep) => Fault::TooDeep,
        Some(Misfit::UnknownFunction(name)) => Fault::UnknownFunction {
            name: name.clone(),
            nearest: nearest(name, Function::ALL.iter().map(|function| function.name())).map(str::to_owned),
        },
        Some(Misfit::Arguments(function, found)) => Fault::arguments(*function, *found),
        None => {
            // The first is of the innermost parser: what could stand right there.
            let what = error.context().find_map(|context| match context {
                StrContext::Expected(what) => Some(what.to_string()),
                _ => None,
            });
            Fault::Syntax { expected: what.unwrap_or_else(|| "an expression".to_owned()) }
        }
    }
}

/// For each byte of the text, and for its end, the characters before it.
fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, character) in text.chars().enumerate() {
        places.extend(std::iter::repeat_n(at, character.len_utf8()));
    }
    places.push(text.chars().count());
    places
}

fn bytes_to_characters(expr: &mut Expr, places: &[usize]) {
    expr.at = places.get(expr.at).copied().unwrap_or_default();
    match &mut expr.term {
        Term::Concat(parts) | Term::Call(_, parts) => {
            parts.iter_mut().for_each(|part| bytes_to_characters(part, places));
        }
        Term::Text(_) | Term::Hex(_) | Term::Number(_) | Term::Field(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// Where an error is, and what it says.
    fn error(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn errors_say_where_and_what_was_expected() {
        let term = "expected a \"text\", 0x bytes, a number, a field or a function";
        assert_eq!(error(""), format!("at character 1: {term}"));
        assert_eq!(error("keccak256("), format!("at character 11: {term}"));
        assert_eq!(error("a + "), format!("at character 5: {term}"));
        assert_eq!(error("a + ?"), format!("at character 5: {term}"));
        assert_eq!(error("hex(a"), "at character 6: expected `+`, `,` or `)`");
        assert_eq!(error("hex(a b)"), "at character 7: expected `+`, `,` or `)`");
        assert_eq!(error("a b"), "at character 3: expected `+` or the end");
        assert_eq!(error("a)"), "at character 2: expected `+` or the end");
        assert_eq!(error("\"é\" b"), "at character 5: expected `+` or the end");
        assert_eq!(error("a + \"bc"), "at character 8: expected `\"` at the end of the text");
        assert!(error("\"a\\q\"").contains("expected an escape"));
        assert!(error("0xabc").starts_with("at character 1: expected 0x and hex digits, two a byte"));
        assert!(error("0x0xab").starts_with("at character 1: expected 0x and hex digits, two a byte"));
        assert!(error("0xzz").starts_with("at character 1: expected 0x and hex digits, two a byte"));
        assert!(error("a + 007").starts_with("at character 5: expected"));
        assert!(error("99999999999999999999").contains("below 2^64"));
    }

    #[test]
    fn functions_are_known_and_take_what_they_take() {
        assert_eq!(
            error("a + sha265(b)"),
            "at character 5: unknown function `sha265`; did you mean `sha256`?"
        );
        assert!(
            error("qqq(b)")
                .starts_with("at character 1: unknown function `qqq`; the known ones are keccak256, sha256")
        );
        assert_eq!(error("hex(pad_left(a))"), "at character 5: `pad_left` takes 2 arguments, found 1");
        assert_eq!(error("hex()"), "at character 1: `hex` takes 1 argument, found 0");
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nested = |depth: usize| format!("{}a{}", "hex(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(64)).is_ok());
        assert_eq!(error(&nested(65)), "at character 257: calls are nested deeper than 64");
        assert_eq!(error(&"hex(".repeat(10_000)), "at character 257: calls are nested deeper than 64");
        assert_eq!(
            error(&"a".repeat((64 << 10) + 1)),
            "at character 1: the expression is longer than 65536 bytes"
        );
    }
}
