//! `message_formats`: expressions over fields, evaluated, signed and recovered everywhere.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::format_parser::{kind, uses, wrong_with};
use super::seed::{Seed, drawn, expression_words};
use super::{FuzzCase, FuzzTarget, examine_generated, read, show};
use crate::corpus::Corpus;
use crate::format::Message;
use crate::format::{Expr, Fields, FormatError};
use crate::generate::construct::{scalar, sign};
use crate::generate::{BYTES, Generated, generate_from, named};
use crate::input::Input;
use crate::input::bytes::Word;
use crate::report::text;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "message_formats",
    about: "known formats and any expressions over any fields: evaluated, signed, recovered everywhere",
    read: read::<MessageFormats>,
    max_len: 1 + BYTES,
    seeds,
    words: expression_words,
};

/// The largest value of a field of any expression.
const MAX_VALUE: usize = 96;

/// The first byte's low bit says whether the strategy `message` makes it, or it is any expression over fields
/// of any bytes, signed where its digest has 32 bytes.
pub enum MessageFormats {
    /// A format or expression that can be evaluated, signed.
    Signed(Box<Generated>),
    /// An expression without a digest.
    NoDigest(Expr, Fields, FormatError),
}

impl<'a> Arbitrary<'a> for MessageFormats {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.arbitrary::<u8>()? & 1 == 0 {
            return Ok(Self::Signed(Box::new(generate_from(u, &[message()])?)));
        }
        let (key, nonce) = (scalar(u)?, scalar(u)?);
        let expression: Expr = u.arbitrary()?;
        let value = |name: &str, u: &mut Unstructured<'a>| {
            let length = u.int_in_range(0..=MAX_VALUE)?;
            let bytes = u.bytes(length.min(u.len()))?;
            Ok((name.to_owned(), bytes.to_vec()))
        };
        let fields =
            expression.fields().into_iter().map(|name| value(name, u)).collect::<Result<Fields>>()?;
        Ok(match expression.digest(&fields) {
            Ok(digest) => {
                let built = sign(Word(digest.digest), key, nonce).low_s();
                let message = Message { format: None, expression, fields, digest };
                let known = Some(built.answer());
                let literal = Generated::literal(built.input.into());
                Self::Signed(Box::new(Generated { known, message: Some(message), ..literal }))
            }
            Err(error) => Self::NoDigest(expression, fields, error),
        })
    }
}

fn message() -> &'static crate::generate::Strategy {
    named("message").unwrap_or_else(|| unreachable!("the strategy is there"))
}

fn seeds(_: &Corpus) -> Vec<Seed> {
    drawn(&TARGET, &[0]).chain(drawn(&TARGET, &[1])).collect()
}

impl FuzzCase for MessageFormats {
    fn examine(&self, harness: Harness<'_>) -> Vec<Finding> {
        let (expression, fields) = match self {
            Self::Signed(generated) => match &generated.message {
                Some(message) => (&message.expression, &message.fields),
                None => {
                    return vec![Finding::of_component("message_formats", "a signature without a message")];
                }
            },
            Self::NoDigest(expression, fields, _) => (expression, fields),
        };
        let mut wrong: Vec<_> = wrong_with(expression, fields)
            .map(|what| Finding::of_component("format", what))
            .into_iter()
            .collect();
        if let Self::Signed(generated) = self {
            wrong.extend(examine_generated(generated, Laws::Skip, harness));
        }
        wrong
    }

    fn classes(&self) -> BTreeSet<String> {
        match self {
            Self::Signed(generated) => {
                let Generated { strategy, message, .. } = generated.as_ref();
                match message {
                    Some(Message { format: Some(name), .. }) => [format!("format {name}")].into(),
                    Some(message) => {
                        let mut classes = uses(&message.expression.to_string());
                        classes.insert(format!("an expression, by strategy {strategy}"));
                        classes
                    }
                    None => BTreeSet::new(),
                }
            }
            Self::NoDigest(_, _, error) => [format!("no digest: {}", kind(error))].into(),
        }
    }

    fn input(&self) -> Option<&Input> {
        match self {
            Self::Signed(generated) => Some(&generated.input),
            Self::NoDigest(..) => None,
        }
    }
}

impl fmt::Debug for MessageFormats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(generated) => show(generated, Laws::Skip, f),
            Self::NoDigest(expression, fields, error) => {
                writeln!(f, "expression  {expression}")?;
                for (name, value) in fields.iter() {
                    writeln!(f, "field       {name} = {}", text::readable(value))?;
                }
                writeln!(f, "no digest   {error}")
            }
        }
    }
}
