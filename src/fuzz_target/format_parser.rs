//! `format_parser`: any text as a format expression.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, expression_words};
use super::text::Text;
use super::{FuzzCase, FuzzTarget, read};
use crate::corpus::Corpus;
use crate::format::{Expr, Fields, FormatError, Function, parse};
use crate::subject::panic::catch;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "format_parser",
    about: "any text as a format expression: printed and parsed back it is the same",
    read: read::<FormatParser>,
    max_len: 4 << 10,
    seeds,
    words: expression_words,
};

/// The text itself.
pub struct FormatParser(Text);

impl<'a> Arbitrary<'a> for FormatParser {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Text::arbitrary(u).map(Self)
    }
}

impl FormatParser {
    fn text(&self) -> &str {
        &self.0.0
    }
}

impl FuzzCase for FormatParser {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let what = match parse(self.text()) {
            Ok(expression) => {
                let fields = expression.fields().into_iter().map(|name| (name, name));
                wrong_with(&expression, &fields.collect())
            }
            Err(error) => wrong_place(self.text(), &error),
        };
        what.map(|what| Finding::of_component("format", what)).into_iter().collect()
    }

    fn classes(&self) -> BTreeSet<String> {
        match parse(self.text()) {
            Ok(expression) => {
                let mut classes = uses(&expression.to_string());
                classes.insert("parsed".to_owned());
                classes
            }
            Err(error) => [format!("refused: {}", kind(&error))].into(),
        }
    }
}

/// What is wrong with how an expression is printed and evaluated.
pub(super) fn wrong_with(expression: &Expr, fields: &Fields) -> Option<String> {
    let printed = expression.to_string();
    let back = match parse(&printed) {
        Ok(back) => back,
        Err(error) => {
            return Some(format!("{expression:?} is printed as {printed}, which is refused: {error}"));
        }
    };
    if back != *expression {
        return Some(format!("{expression:?} is printed as {printed}, which is read as {back:?}"));
    }
    let (value, again) = (expression.evaluate(fields), back.evaluate(fields));
    // Places differ: an expression that was never a text has none.
    let same = match (&value, &again) {
        (Ok(value), Ok(again)) => value == again,
        (Err(error), Err(again)) => error.fault == again.fault,
        _ => false,
    };
    if !same {
        return Some(format!("{printed} has the value {value:?}, and {again:?} when it is read back"));
    }
    let digest = expression.digest(fields);
    let agrees = match (&value, &digest) {
        (Ok(value), Ok(digest)) => *value == digest.digest,
        (Ok(value), Err(_)) => value.len() != 32,
        (Err(_), digest) => digest.is_err(),
    };
    (!agrees).then(|| format!("{printed} has the value {value:?}, and the digest {digest:?}"))
}

/// The functions that a printed expression uses.
pub(super) fn uses(printed: &str) -> BTreeSet<String> {
    let calls = |function: &&Function| {
        let begins = |at: usize| !printed[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        printed.match_indices(&format!("{}(", function.name())).any(|(at, _)| begins(at))
    };
    Function::ALL.iter().filter(calls).map(|function| format!("uses {}", function.name())).collect()
}

/// The kind of an error, without its details.
pub(super) fn kind(error: &FormatError) -> String {
    let debug = format!("{:?}", error.fault);
    debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// Whether an error points outside of the text, or takes more than a line.
fn wrong_place(text: &str, error: &FormatError) -> Option<String> {
    let inside = error.at <= text.chars().count();
    let one_line = !error.to_string().contains('\n');
    (!inside || !one_line).then(|| format!("{error:?} is no place in {text:?}, or no line"))
}

fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let known = corpus.formats.iter().map(|format| {
        Seed::new(&format.name, &format!("the format {}", format.name), format.digest.to_string().into())
    });
    let functions = Function::ALL.iter().map(|function| {
        let arguments: Vec<_> = (0..function.parameters().len().max(1)).map(|_| "a").collect();
        let text = format!("{}({})", function.name(), arguments.join(", "));
        Seed::new(&format!("function-{}", function.name()), "a call of the function", text.into())
    });
    let refused = [
        ("refused-blank", " "),
        ("refused-unclosed", "keccak256(a"),
        ("refused-function", "kecak256(a)"),
        ("refused-arguments", "keccak256()"),
        ("refused-hex", "0x123"),
        ("refused-text", "\"a"),
        ("refused-escape", "\"\\q\""),
        ("refused-number", "pad_left(a, 99999999999999999999)"),
        ("refused-rest", "a b"),
        ("escapes", "\"\\n\\t\\\\\\\"\\x00é\" + a"),
        ("nested", "keccak256((\"a\" + (b + 0x00)) + sha256(\"\"))"),
    ];
    let refused = refused.map(|(name, text)| Seed::new(name, "made up", text.into()));
    known.chain(functions).chain(refused).collect()
}

impl fmt::Debug for FormatParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)?;
        match catch(|| parse(self.text())) {
            Ok(Ok(expression)) => writeln!(f, "expression  {expression}"),
            Ok(Err(error)) => writeln!(f, "refused     {error}"),
            Err(panic) => writeln!(f, "parsing     {panic}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatFault;

    #[test]
    fn an_error_that_points_outside_of_the_text_is_told() {
        let error = |at| FormatError { fault: FormatFault::TooDeep, at };
        assert_eq!(wrong_place("é)", &error(2)), None);
        assert!(wrong_place("é)", &error(3)).is_some());
    }

    #[test]
    fn an_expression_that_is_not_read_back_is_told() {
        // No text prints as a field of this name.
        let odd = Expr::from(crate::format::Term::Field("no name".into()));
        assert!(wrong_with(&odd, &Fields::default()).unwrap().contains("which is refused"));
        let other = Expr::from(crate::format::Term::Field("\"a\"".into()));
        assert!(wrong_with(&other, &Fields::default()).unwrap().contains("is read as"));
    }
}
