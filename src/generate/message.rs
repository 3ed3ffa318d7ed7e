//! Messages: known formats with random fields, and random expressions over random fields, signed, so that
//! digests come from real preimages.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;
use serde_json::{Map, Value as Json, json};

use super::construct::{public_key, scalar, sign, times_g};
use super::{Made, Strategy};
use crate::corpus::Formats;
use crate::format::Message;
use crate::format::{
    Expr, FieldKind, FieldSpec, Fields, Function, KnownFormat, MessageFact, Parameter, Term,
};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::signature::{Signature, Wire};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "message",
    about: "known formats and random expressions over random fields, signed",
    reaches: &[],
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
        let mut message = format.message(ordinary.clone());
        // A value of 64 KiB tells nobody more here than one of 300 bytes.
        let fact = *u.choose(MessageFact::ALL)?;
        if fact != MessageFact::Over65535
            && let Some(changed) = with_fact(u, format, &ordinary, fact)?
        {
            message = format.message(changed).or(message);
        }
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
    let beside = (wire == Wire::Rs).then_some(signature.recovery_id);
    let read = wire.encode(&signature, chain_id).map(|bytes| wire.decode(&bytes, beside));
    read.map_or(signature, |read| read.unwrap_or_else(|error| unreachable!("{error}: it was written so")))
}

/// Ordinary values of a format's fields. They have a digest.
pub fn fields(u: &mut Unstructured<'_>, format: &KnownFormat) -> Result<Fields> {
    let mut fields = Fields::default();
    for (name, spec) in &format.fields {
        fields.set(name, value(u, spec)?);
    }
    Ok(fields)
}

/// The same fields, one of which has the fact; none where no field can. Some formats have no digest over them: a
/// number may be too large.
pub fn with_fact(
    u: &mut Unstructured<'_>,
    format: &KnownFormat,
    fields: &Fields,
    fact: MessageFact,
) -> Result<Option<Fields>> {
    let mut changed = fields.clone();
    // Two facts are of two fields.
    let together: &[(&str, &str)] = match fact {
        MessageFact::TipAboveCap => &[("max_fee_per_gas", "5"), ("max_priority_fee_per_gas", "6")],
        MessageFact::CostOver256Bits if format.fields.contains_key("gas_price") => {
            &[("gas", "4"), ("gas_price", HIGH)]
        }
        MessageFact::CostOver256Bits => &[("gas", "4"), ("max_fee_per_gas", HIGH)],
        _ => &[],
    };
    if !together.is_empty() {
        let there = together.iter().all(|(name, value)| changed.set(*name, *value).is_some());
        return Ok(there.then_some(changed));
    }
    let value = value_with(u, fact)?;
    let admits = |(name, spec): &(&String, &FieldSpec)| spec.admits(&value) && fact.holds(name, spec, &value);
    let able: Vec<_> = format.fields.iter().filter(admits).map(|(name, _)| name).collect();
    if able.is_empty() {
        return Ok(None);
    }
    changed.set(*u.choose(&able)?, value);
    Ok(Some(changed))
}

/// 2^255.
const HIGH: &str = "57896044618658097711785492504343953926634992332820282019728792003956564819968";

/// A value that has a fact, in a field that can.
fn value_with(u: &mut Unstructured<'_>, fact: MessageFact) -> Result<Vec<u8>> {
    let (before, after) = (text(u)?, text(u)?);
    let between = |middle: &str| format!("{before}{middle}{after}");
    let digits = const_hex::encode(bytes(u, None)?);
    Ok(match fact {
        MessageFact::Empty => String::new(),
        MessageFact::NotUtf8 => {
            return Ok([before.as_bytes(), &[0xff, u.arbitrary()?], after.as_bytes()].concat());
        }
        MessageFact::NonAscii => between("ß"),
        MessageFact::Astral => between("😀"),
        MessageFact::ByteOrderMark => format!("\u{feff}{after}"),
        MessageFact::Nul => between("\0"),
        MessageFact::Control => between(u.choose(&["\n", "\r\n", "\t", "\u{1b}", "\u{7f}", "\u{85}"])?),
        MessageFact::Markup => between(u.choose(&["<", ">", "&", "</"])?),
        MessageFact::Quote => between(u.choose(&["\"", "\\", "\\u0041"])?),
        MessageFact::Spaced => format!(" {before}{}", u.choose(&["", " ", "\n"])?),
        MessageFact::Hex => format!("0x{digits}5a"),
        MessageFact::OddHex => format!("0x{digits}5"),
        MessageFact::BareHexPrefix => "0x".to_owned(),
        MessageFact::BareHex => format!("{digits}5a"),
        MessageFact::Over252 => between(&"a".repeat(u.int_in_range(253..=300)?)),
        MessageFact::Over65535 => between(&"a".repeat(u.int_in_range(65_536..=65_600)?)),
        MessageFact::Zero | MessageFact::ChainIdZero | MessageFact::FeeCapZero => "0".to_owned(),
        MessageFact::LeadingZero => format!("0{}", u.arbitrary::<u32>()?),
        MessageFact::Over31Bits => u.int_in_range(1_u64 << 31..=u64::from(u32::MAX))?.to_string(),
        MessageFact::Over32Bits => u.int_in_range(1_u64 << 32..=(1 << 53) - 1)?.to_string(),
        MessageFact::Over53Bits => u.int_in_range(1_u64 << 53..=u64::MAX)?.to_string(),
        MessageFact::Over64Bits => {
            let above = U256::from(1) << u.int_in_range(64_usize..=255)?;
            (above + U256::from(u.arbitrary::<u64>()?)).to_string()
        }
        MessageFact::NoDomainType | MessageFact::DomainIsPrimary | MessageFact::EmptyStruct => {
            typed_data(u, Some(fact))?
        }
        MessageFact::TipAboveCap | MessageFact::CostOver256Bits => unreachable!("they are of two fields"),
    }
    .into_bytes())
}

fn value(u: &mut Unstructured<'_>, spec: &FieldSpec) -> Result<Vec<u8>> {
    if !spec.examples.is_empty() {
        return Ok(u.choose(&spec.examples)?.clone());
    }
    if spec.optional && u.ratio(1, 4)? {
        return Ok(Vec::new());
    }
    Ok(match spec.kind {
        FieldKind::Bytes => bytes(u, spec.length)?,
        FieldKind::Text => text(u)?.into_bytes(),
        FieldKind::Number => {
            let bits = spec.bits.unwrap_or(32).min(32);
            (u.arbitrary::<u64>()? % (1 << bits)).to_string().into_bytes()
        }
        FieldKind::PublicKey => public_key(&times_g(scalar(u)?)).uncompressed().to_vec(),
        FieldKind::TypedData => typed_data(u, None)?.into_bytes(),
    })
}

/// Typed data of up to four members, and one of a type of its own in an array; with the fact, if one is given.
fn typed_data(u: &mut Unstructured<'_>, fact: Option<MessageFact>) -> Result<String> {
    let (mut members, mut message) = (Vec::new(), Map::new());
    for at in 0..u.int_in_range(0..=4)? {
        let (kind, value) = match at {
            0 => ("string", Json::from(text(u)?)),
            1 => ("address", Json::from(const_hex::encode_prefixed(bytes(u, Some(20))?))),
            2 => ("bytes", Json::from(const_hex::encode_prefixed(bytes(u, None)?))),
            _ => ("int64", Json::from(u.arbitrary::<i64>()?)),
        };
        members.push(json!({ "name": format!("member{at}"), "type": kind }));
        message.insert(format!("member{at}"), value);
    }
    let counts: Vec<u16> = (0..u.int_in_range(0..=2)?).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    members.push(json!({ "name": "items", "type": "Item[]" }));
    message.insert("items".to_owned(), counts.iter().map(|count| json!({ "count": count })).collect());
    let mut types = json!({ "Message": members, "Item": [{ "name": "count", "type": "uint16" }] });
    if fact != Some(MessageFact::NoDomainType) {
        types["EIP712Domain"] =
            json!([{ "name": "name", "type": "string" }, { "name": "chainId", "type": "uint256" }]);
    }
    if fact == Some(MessageFact::EmptyStruct) {
        types["Nothing"] = json!([]);
        types["Item"] =
            json!([{ "name": "count", "type": "uint16" }, { "name": "nothing", "type": "Nothing" }]);
        message.insert("items".to_owned(), json!([{ "count": 1, "nothing": {} }]));
    }
    let primary = if fact == Some(MessageFact::DomainIsPrimary) { "EIP712Domain" } else { "Message" };
    let data = json!({
        "types": types,
        "primaryType": primary,
        "domain": { "name": text(u)?, "chainId": u.arbitrary::<u32>()? },
        "message": message,
    });
    Ok(data.to_string())
}

fn bytes(u: &mut Unstructured<'_>, length: Option<usize>) -> Result<Vec<u8>> {
    let length = length.map_or_else(|| u.int_in_range(0..=70), Ok)?;
    (0..length).map(|_| u.arbitrary()).collect()
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let length = u.int_in_range(0..=24)?;
    (0..length).map(|_| u.choose(&['a', 'e', 'z', '0', ':', ' ', '\n', '"', 'é', '語']).copied()).collect()
}

/// How deep the calls of a random expression nest below its hash.
const DEPTH: u32 = 3;

/// A hash of up to five pieces over random fields. It has a digest.
fn random(u: &mut Unstructured<'_>) -> Result<(Expr, Fields)> {
    let mut fields = Fields::default();
    fields.set("key", public_key(&times_g(scalar(u)?)).uncompressed());
    fields.set("id", bytes(u, Some(20))?);
    fields.set("blob", bytes(u, None)?);
    fields.set("note", text(u)?);
    fields.set("count", u.arbitrary::<u32>()?.to_string());
    fields.set("typed", typed_data(u, None)?);
    let signed = sign(Word(SIGNED), scalar(u)?, scalar(u)?).input;
    let parity = signed.recovery_id & 1;
    fields.set("signature", [&signed.r.0[..], &signed.s.0, &[parity]].concat());
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
    Ok((digest, fields))
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

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;

    fn bytes_of(number: u64) -> Vec<u8> {
        let mut bytes = vec![0; crate::generate::BYTES];
        ChaCha8Rng::seed_from_u64(number).fill_bytes(&mut bytes);
        bytes
    }

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

    #[test]
    fn a_field_gets_the_fact_that_is_asked_for() {
        let mut made = BTreeSet::new();
        for (number, format) in Formats::built_in().iter().enumerate() {
            for fact in MessageFact::ALL {
                let bytes = bytes_of(number as u64);
                let mut u = Unstructured::new(&bytes);
                let ordinary = fields(&mut u, format).unwrap();
                format.check(&ordinary).unwrap();
                if let Some(changed) = with_fact(&mut u, format, &ordinary, *fact).unwrap() {
                    format.check(&changed).unwrap();
                    assert!(MessageFact::of(format, &changed).contains(fact), "{}: {fact}", format.name);
                    made.insert(*fact);
                }
            }
        }
        assert_eq!(made.len(), MessageFact::ALL.len(), "{made:?}");
    }
}
