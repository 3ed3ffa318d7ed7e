//! Keys recovered from another signature: what somebody had in hand who recovered from it first, over the
//! right message or a wrong one, and hashed the result.

use std::collections::HashSet;

use crate::corpus::Formats;
use crate::format::{Expr, FieldKind, Function, Term};
use crate::identify::curve::{Engine, Table};
use crate::identify::digest::Wrapping;
use crate::identify::reading::{Layout, readings};
use crate::identify::shape::{self, Part, Shape, fits};
use crate::identify::space::{MAX_PIECES, Piece};
use crate::identify::value::{Breadth, Value, ValueKind, fields, key};

/// The hashes that are tried around a nested message, besides the format's own.
const WRAPPINGS: [Wrapping; 2] = [Wrapping::Keccak256, Wrapping::Eip191];

/// The most messages: of the key that each gives, all encodings are pieces.
const MAX_MESSAGES: usize = MAX_PIECES / 13;

/// The messages that a nested signature is tried over: known formats, and each with other values of the same
/// kinds in its fields' places, in the encodings that somebody would choose. None where there are too many.
fn messages(values: &[Value], formats: &Formats) -> Option<Vec<(Expr, [u8; 32])>> {
    let fields = fields(values);
    let groups = [values.to_vec()];
    let known = shape::assigned(formats, &groups).into_iter().map(|known| known.digest);
    let mut found: Vec<Expr> = known.collect();
    for shape in formats.iter().filter_map(Shape::of) {
        let mut partial: Vec<(Vec<Expr>, Vec<&str>)> = vec![(Vec::new(), Vec::new())];
        for part in &shape.parts {
            let longer = partial.iter().flat_map(|begun| extended(begun, part, values));
            partial = longer.take(MAX_MESSAGES + 1).collect();
        }
        if partial.len() > MAX_MESSAGES {
            return None;
        }
        for (parts, used) in partial {
            if used.is_empty() {
                continue;
            }
            let preimage = Expr::concat(parts);
            found.extend(shape.hash.map(|hash| Expr::call(hash, [preimage.clone()])));
            found.extend(WRAPPINGS.map(|wrapping| wrapping.of(preimage.clone())));
        }
    }
    let mut seen = HashSet::new();
    let digest = |expr: Expr| Some((expr.digest(&fields).ok()?.digest, expr));
    let once = found.into_iter().filter_map(digest).filter(|(digest, _)| seen.insert(*digest));
    let messages: Vec<_> = once.map(|(digest, expr)| (expr, digest)).take(MAX_MESSAGES + 1).collect();
    (messages.len() <= MAX_MESSAGES).then_some(messages)
}

/// A message that is begun, with each thing that can stand in the next part's place.
fn extended<'a>(
    (parts, used): &(Vec<Expr>, Vec<&'a str>),
    part: &Part,
    values: &'a [Value],
) -> Vec<(Vec<Expr>, Vec<&'a str>)> {
    let with = |expr: &Expr| [parts.as_slice(), std::slice::from_ref(expr)].concat();
    match part {
        Part::Literal(expr) => vec![(with(expr), used.clone())],
        Part::Slot { kind, .. } => values
            .iter()
            .filter(|value| value.kind != ValueKind::Signature && !used.contains(&value.name.as_str()))
            .filter(|value| {
                fits(value.kind, *kind, true) || (*kind == FieldKind::Text && value.kind == ValueKind::Bytes)
            })
            .flat_map(|value| {
                let used = [used.as_slice(), &[value.name.as_str()]].concat();
                value.encodings(Breadth::Plain).into_iter().map(move |expr| (expr, used.clone()))
            })
            .map(|(expr, used)| (with(&expr), used))
            .collect(),
    }
}

/// Every encoding of every key that the signature recovers over the messages; none where these are too many.
pub(super) fn recovered(signature: &Value, values: &[Value], formats: &Formats) -> Option<Vec<Piece>> {
    let messages = messages(values, formats)?;
    let digests: Vec<[u8; 32]> = messages.iter().map(|(_, digest)| *digest).collect();
    let lenses = readings(&signature.bytes).unwrap_or_default();
    let table = Table::for_exponents(digests.len() as u64);
    let mut engine = Engine::new(&table);
    let mut pieces = Vec::new();
    let straight = |layout| matches!(layout, Layout::Straight);
    for lens in lenses.iter().filter(|lens| lens.pairs.iter().any(|(_, both)| straight(both[0].layout))) {
        for (first, batch) in digests.chunks(Engine::BATCH).enumerate() {
            engine.terms(&lens.nonce, batch);
            for (shift, both) in lens.pairs.iter().filter(|(_, both)| straight(both[0].layout)) {
                let (same, opposite) = engine.keys(*shift);
                for (keys, reading) in [same, opposite].into_iter().zip(both) {
                    if reading.as_v_says == Some(false) {
                        continue;
                    }
                    let as_it_stands = reading.signature.recovery_id ^ u8::from(reading.high_s);
                    let bytes = signature_of(signature, as_it_stands);
                    for (at, point) in keys.iter().enumerate() {
                        let message = &messages[first * Engine::BATCH + at].0;
                        if let Some(public_key) = point.public_key() {
                            let expr = Expr::call(Function::Recover, [message.clone(), bytes.clone()]);
                            pieces.extend(encodings(&expr, &public_key.uncompressed()));
                        }
                    }
                }
            }
        }
    }
    Some(pieces)
}

/// The signature as `recover` takes it, with this recovery id.
fn signature_of(signature: &Value, recovery_id: u8) -> Expr {
    let field = Expr::from(Term::Field(signature.name.clone()));
    let with = |rs: Expr| Expr::concat([rs, Term::Hex(vec![recovery_id]).into()]);
    match signature.bytes.get(64) {
        Some(v) if *v == recovery_id => field,
        Some(_) => with(Expr::call(Function::Take, [field, Term::Number(64).into()])),
        None => with(field),
    }
}

/// A recovered key in the encodings of a public key. The recovery itself is not made again, nor a square root.
fn encodings(recovered: &Expr, uncompressed: &[u8; 65]) -> Vec<Piece> {
    const KEY: &str = "key";
    let fields = crate::format::Fields::from_iter([(KEY, uncompressed.as_slice())]);
    let of_key = key(&Term::Field(KEY.to_owned()).into(), false);
    let piece = |encoding: Expr| {
        let bytes = vec![encoding.evaluate(&fields).ok()?];
        // The key is compressed as it comes.
        let expr = match &encoding.term {
            Term::Call(Function::Compressed, _) => recovered.clone(),
            _ => encoding.substitute(&|_| recovered.clone()),
        };
        Some(Piece { expr, bytes })
    };
    of_key.into_iter().filter_map(piece).collect()
}
