//! What a library hashed instead: the ways in which a field is misread, each tried.

use crate::format::{Expr, FieldKind, Fields, Function, KnownFormat, Term};
use crate::input::bytes::Word;
use crate::judge::digest::MessageCase;

/// A way to misread a value: what it is called, and what is read; none where it makes no difference.
type Misreading = (&'static str, fn(FieldKind, &[u8]) -> Option<Vec<u8>>);

const MISREADINGS: [Misreading; 10] = [
    ("its hex digits after 0x are taken as bytes", |_, value| decoded(text(value)?.strip_prefix("0x")?)),
    ("its hex digits are taken as bytes, though there is no 0x", |_, value| decoded(text(value)?)),
    ("it is hashed as hex digits", |_, value| Some(const_hex::encode(value).into())),
    ("it is hashed as 0x and hex digits", |_, value| Some(const_hex::encode_prefixed(value).into())),
    ("bytes that are not UTF-8 are replaced by U+FFFD", |_, value| {
        Some(String::from_utf8_lossy(value).into_owned().into())
    }),
    ("the byte order mark is dropped", |_, value| Some(text(value)?.strip_prefix('\u{feff}')?.into())),
    ("white space at its ends is dropped", |_, value| Some(text(value)?.trim().into())),
    ("it ends at its first zero byte", |_, value| Some(value.split(|byte| *byte == 0).next()?.to_vec())),
    ("it is empty", |kind, _| (kind != FieldKind::Number).then(Vec::new)),
    ("it is rounded to a double of 53 bits", |kind, value| {
        let number = (kind == FieldKind::Number).then_some(text(value)?)?.parse::<f64>().ok()?;
        Some(format!("{number:.0}").into())
    }),
];

/// A way to measure a text: what it is called, and how long a text is.
type Measure = (&'static str, fn(&str) -> usize);

const MEASURES: [Measure; 2] = [
    ("its length is counted in characters, not in bytes", |text| text.chars().count()),
    ("its length is counted in units of UTF-16, not in bytes", |text| text.encode_utf16().count()),
];

/// Which misreading gives this digest, in words.
pub(super) fn misread(case: &MessageCase<'_>, digest: Word) -> Option<String> {
    let MessageCase { format, message, .. } = case;
    let gives = |fields: &Fields| format.digest.digest(fields).is_ok_and(|found| found.digest == digest.0);
    for (name, spec) in &format.fields {
        let value = message.fields.value(name)?;
        for (words, read) in MISREADINGS {
            let Some(other) = read(spec.kind, value).filter(|other| other != value) else { continue };
            let mut fields = message.fields.clone();
            fields.set(name, other);
            if gives(&fields) {
                return Some(format!("field `{name}`: {words}"));
            }
        }
    }
    let measured = MEASURES.iter().find(|(_, measure)| {
        let other = measured(&format.digest, &message.fields, *measure);
        other.digest(&message.fields).is_ok_and(|found| found.digest == digest.0)
    });
    measured
        .map(|(words, _)| (*words).to_owned())
        .or_else(|| hashed_once_more(format, &message.fields, digest))
}

/// Whether the digest is that of another hash around the same.
fn hashed_once_more(format: &KnownFormat, fields: &Fields, digest: Word) -> Option<String> {
    let hashes = Function::ALL.iter().filter(|function| function.is_digest());
    let other = hashes.copied().find(|function| {
        let again = Expr::call(*function, [format.digest.clone()]);
        again.digest(fields).is_ok_and(|found| found.digest == digest.0)
    });
    other.map(|function| format!("the digest is hashed again, with {}", function.name()))
}

/// The expression with every length that it writes down measured otherwise.
fn measured(expression: &Expr, fields: &Fields, measure: fn(&str) -> usize) -> Expr {
    let of = |argument: &Expr| {
        let value = argument.evaluate(fields).ok()?;
        Some(Expr::from(Term::Text(measure(str::from_utf8(&value).ok()?).to_string())))
    };
    match &expression.term {
        Term::Call(Function::DecimalLength, arguments) => {
            of(&arguments[0]).unwrap_or_else(|| expression.clone())
        }
        Term::Call(Function::Eip191, arguments) => {
            let prefix = Expr::from(Term::Text("\x19Ethereum Signed Message:\n".into()));
            let length = of(&arguments[0]);
            let parts = [Some(prefix), length, Some(arguments[0].clone())];
            Expr::call(Function::Keccak256, [Expr::concat(parts.into_iter().flatten())])
        }
        Term::Call(function, arguments) => {
            Expr::call(*function, arguments.iter().map(|argument| measured(argument, fields, measure)))
        }
        Term::Concat(parts) => Expr::concat(parts.iter().map(|part| measured(part, fields, measure))),
        _ => expression.clone(),
    }
}

fn text(value: &[u8]) -> Option<&str> {
    str::from_utf8(value).ok()
}

/// The bytes of hex digits, with a zero before an odd number of them.
fn decoded(digits: &str) -> Option<Vec<u8>> {
    let zero = if digits.len().is_multiple_of(2) { "" } else { "0" };
    const_hex::decode(format!("{zero}{digits}")).ok()
}
