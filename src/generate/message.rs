//! Messages: known formats with random fields, and random expressions over random fields, signed, so that
//! digests come from real preimages.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};

use super::construct::{public_key, scalar, sign, times_g};
use super::fields::{bytes, fields, text, typed_data, with_fact};
use super::{Made, Strategy};
use crate::corpus::Formats;
use crate::format::{Expr, Fields, Function, KnownFormat, Message, MessageFact, Parameter, Term};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::signature::{Signature, Wire};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "message",
    about: "known formats and random expressions over random fields, signed",
    reaches: &[],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (message, wire) = message(u)?;
    let mut built = sign(Word(message.digest.digest), scalar(u)?, scalar(u)?).low_s();
    // As its signature came over the wire.
    let ScalarInput { r, s, recovery_id, .. } = built.input;
    let Signature { r, s, recovery_id } = through(wire, Signature { r, s, recovery_id }, u.arbitrary()?);
    built.input = ScalarInput { r, s, recovery_id, ..built.input };
    Ok(Made { input: built.input.into(), known: Some(built.answer()), message: Some(message) })
}

/// A message, and a layout of its signature: a known format's own, or any.
fn message(u: &mut Unstructured<'_>) -> Result<(Message, Wire)> {
    static FORMATS: LazyLock<Vec<&KnownFormat>> = LazyLock::new(|| Formats::built_in().iter().collect());

    if u.arbitrary()? {
        let format = *u.choose(&FORMATS)?;
        let ordinary = fields(u, format)?;
        // A value of 64 KiB tells nobody more here than one of 300 bytes.
        let fact = *u.choose(MessageFact::ALL)?;
        let changed = match fact {
            MessageFact::Over65535 => None,
            fact => with_fact(u, format, &ordinary, fact)?,
        };
        let changed = changed.and_then(|fields| format.message(fields).ok());
        let message = changed.map_or_else(|| format.message(ordinary), Ok);
        let message = message
            .unwrap_or_else(|error| unreachable!("{}: {error}: fields are of their kinds", format.name));
        // Any signature can come in 64 bytes, with its recovery id beside it or in s.
        let wire = if u.ratio(1, 4)? { *u.choose(&[Wire::Eip2098, Wire::Rs])? } else { format.wire };
        return Ok((message, wire));
    }
    let (expression, fields) = random(u)?;
    let digest = expression.digest(&fields).unwrap_or_else(|error| {
        unreachable!("{expression} over {fields:?}: {error}: fields are of their kinds")
    });
    Ok((Message { format: None, expression, fields, digest }, *u.choose(&Wire::ALL)?))
}

/// The signature, written in a layout and read again; itself where the layout cannot hold it.
fn through(wire: Wire, signature: Signature, chain_id: u64) -> Signature {
    let beside = wire.apart(signature.recovery_id);
    let read = wire.encode(&signature, Some(chain_id)).map(|bytes| wire.decode(&bytes, beside));
    read.map_or(signature, |read| read.unwrap_or_else(|error| unreachable!("{error}: it was written so")))
}

/// How deep the calls of a random expression nest below its hash.
const DEPTH: u32 = 3;

/// A hash of up to five pieces over random fields. It has a digest.
fn random(u: &mut Unstructured<'_>) -> Result<(Expr, Fields)> {
    let pieces = (0..u.int_in_range(1..=5)?).map(|_| piece(u, DEPTH)).collect::<Result<Vec<_>>>()?;
    let hashes: Vec<_> = Function::ALL.iter().copied().filter(|function| function.is_digest()).collect();
    let hash = *u.choose(&hashes)?;
    let mut digest = if hash == Function::TypedData {
        Expr::call(hash, [field("typed")])
    } else {
        Expr::call(hash, [Expr::concat(pieces)])
    };
    if u.ratio(1, 5)? {
        digest = Expr::call(*u.choose(&[Function::Keccak256, Function::Sha256, Function::Eip191])?, [digest]);
    }
    let mut fields = Fields::default();
    for name in digest.fields() {
        fields.set(name, value(u, name)?);
    }
    Ok((digest, fields))
}

/// A value of a field that a random expression may have.
fn value(u: &mut Unstructured<'_>, name: &str) -> Result<Vec<u8>> {
    Ok(match name {
        "key" => public_key(&times_g(scalar(u)?)).uncompressed().into(),
        "id" => bytes(u, Some(20))?,
        "blob" => bytes(u, None)?,
        "note" => text(u)?.into_bytes(),
        "count" => u.arbitrary::<u32>()?.to_string().into_bytes(),
        "typed" => typed_data(u, None)?.into_bytes(),
        "signature" => {
            let ScalarInput { r, s, recovery_id, .. } = sign(Word(SIGNED), scalar(u)?, scalar(u)?).input;
            [&r.0[..], &s.0, &[recovery_id & 1]].concat()
        }
        _ => unreachable!("no expression has a field {name}"),
    })
}

/// What the field `signature` is over.
const SIGNED: [u8; 32] = [7; 32];

/// Bytes: a literal, a field, or any function's value.
fn piece(u: &mut Unstructured<'_>, depth: u32) -> Result<Expr> {
    Ok(match u.int_in_range(0..=if depth == 0 { 2 } else { 7 })? {
        0 => Term::Text(text(u)?).into(),
        1 => Term::Hex(bytes(u, None)?).into(),
        2 => field(u.choose(&["id", "blob", "note", "count", "key", "signature"])?),
        _ => {
            let function = *u.choose(Function::ALL)?;
            // A recovery takes as long as all the rest.
            let rare = function == Function::Recover && !u.ratio(1, 8)?;
            call(u, if rare { Function::Keccak256 } else { function }, depth - 1)?
        }
    })
}

/// A function's call with arguments that it takes.
fn call(u: &mut Unstructured<'_>, function: Function, depth: u32) -> Result<Expr> {
    let literal = |number: u64| Expr::from(Term::Number(number));
    let arguments = match function {
        Function::PadLeft | Function::PadRight => {
            vec![Expr::call(Function::Ripemd160, [piece(u, depth)?]), literal(u.int_in_range(20..=40)?)]
        }
        Function::Drop | Function::Take => {
            vec![Expr::call(Function::Sha256, [piece(u, depth)?]), literal(u.int_in_range(0..=32)?)]
        }
        Function::Text => {
            vec![Expr::call(*u.choose(&[Function::Hex, Function::Base64])?, [piece(u, depth)?])]
        }
        Function::ProtoBytes => vec![piece(u, depth)?, literal(u.int_in_range(1..=20)?)],
        Function::ProtoUint => vec![number(u, depth)?, literal(u.int_in_range(1..=20)?)],
        Function::TypedData => vec![field("typed")],
        Function::ChecksumAddress => vec![Expr::call(Function::Address, [field("key")])],
        Function::Recover => vec![Term::Hex(SIGNED.into()).into(), field("signature")],
        _ => {
            let mut arguments = Vec::new();
            for parameter in function.parameters() {
                match parameter {
                    Parameter::PublicKey => arguments.push(key(u)?),
                    Parameter::Number => arguments.push(number(u, depth)?),
                    Parameter::Bytes | Parameter::Exactly(_) => arguments.push(piece(u, depth)?),
                    Parameter::Rest => {
                        for _ in 0..u.int_in_range(0..=3)? {
                            arguments.push(piece(u, depth)?);
                        }
                    }
                }
            }
            arguments
        }
    };
    Ok(Expr::call(function, arguments))
}

/// Decimal digits of at most 32 bits.
fn number(u: &mut Unstructured<'_>, depth: u32) -> Result<Expr> {
    Ok(match u.int_in_range(0..=2)? {
        0 => field("count"),
        1 => Term::Number(u.arbitrary::<u32>()?.into()).into(),
        _ => Expr::call(Function::DecimalLength, [piece(u, depth)?]),
    })
}

/// A public key.
fn key(u: &mut Unstructured<'_>) -> Result<Expr> {
    let form = [None, Some(Function::Compressed), Some(Function::Uncompressed)];
    Ok(match u.choose(&form)? {
        None => field("key"),
        Some(form) => Expr::call(*form, [field("key")]),
    })
}

fn field(name: &str) -> Expr {
    Term::Field(name.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::generate::tests::bytes_of;

    fn functions(expression: &Expr, found: &mut BTreeSet<Function>, depth: usize) -> usize {
        match &expression.term {
            Term::Call(function, arguments) => {
                found.insert(*function);
                arguments
                    .iter()
                    .map(|argument| functions(argument, found, depth + 1))
                    .max()
                    .unwrap_or(depth + 1)
            }
            Term::Concat(parts) => {
                parts.iter().map(|part| functions(part, found, depth)).max().unwrap_or(depth)
            }
            _ => depth,
        }
    }

    #[test]
    fn random_expressions_use_every_function_and_nest() {
        let (mut found, mut deepest) = (BTreeSet::new(), 0);
        for number in 0..2_000 {
            let bytes = bytes_of(number);
            let (expression, fields) = random(&mut Unstructured::new(&bytes)).unwrap();
            expression.digest(&fields).unwrap_or_else(|error| panic!("{expression}: {error}"));
            deepest = deepest.max(functions(&expression, &mut found, 0));
        }
        let missing: Vec<_> = Function::ALL.iter().filter(|function| !found.contains(function)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(deepest > 3, "{deepest}");
    }

    #[test]
    fn every_known_format_is_reached_with_each_of_its_layouts() {
        let mut found = BTreeSet::new();
        for number in 0..20_000 {
            let bytes = bytes_of(number);
            let (message, wire) = message(&mut Unstructured::new(&bytes)).unwrap();
            found.insert((message.format, wire));
        }
        let own = Formats::built_in().iter().flat_map(|format| {
            [format.wire, Wire::Eip2098, Wire::Rs].map(|wire| (Some(format.name.clone()), wire))
        });
        let expected: BTreeSet<_> = own.chain(Wire::ALL.map(|wire| (None, wire))).collect();
        assert_eq!(found, expected);
    }
}
