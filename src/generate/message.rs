//! Messages: known formats with random fields, and random expressions over random fields, signed, so that
//! digests come from real preimages.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value as Json, json};

use super::construct::{public_key, scalar, sign, times_g};
use super::{Made, Strategy};
use crate::corpus::Formats;
use crate::format::Message;
use crate::format::{Expr, FieldKind, FieldSpec, Fields, Function, KnownFormat, Term};
use crate::input::bytes::Word;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "message",
    about: "known formats and random expressions over random fields, signed",
    reaches: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    static FORMATS: LazyLock<Vec<KnownFormat>> =
        LazyLock::new(|| Formats::built_in().iter().cloned().collect());

    let (format, expression, fields) = if u.arbitrary()? {
        let format = u.choose(&FORMATS)?;
        let mut fields = Fields::default();
        for (name, spec) in &format.fields {
            fields.set(name, value(u, spec)?);
        }
        (Some(format.name.clone()), format.digest.clone(), fields)
    } else {
        let (expression, fields) = random(u)?;
        (None, expression, fields)
    };
    let digest = expression.digest(&fields).unwrap_or_else(|error| {
        unreachable!("{expression} over {fields:?}: {error}: fields are of their kinds")
    });
    let built = sign(Word(digest.digest), scalar(u)?, scalar(u)?).low_s();
    let message = Message { format, expression, fields, digest };
    Ok(Made { input: built.input.into(), known: Some(built.answer()), message: Some(message) })
}

fn value(u: &mut Unstructured<'_>, spec: &FieldSpec) -> Result<Vec<u8>> {
    Ok(match spec.kind {
        FieldKind::Bytes => bytes(u, spec.length)?,
        FieldKind::Text => text(u)?.into_bytes(),
        FieldKind::Number => u.arbitrary::<u32>()?.to_string().into_bytes(),
        FieldKind::PublicKey => public_key(&times_g(scalar(u)?)).uncompressed().to_vec(),
        FieldKind::TypedData => typed_data(u)?.into_bytes(),
    })
}

/// Typed data of up to four members, and one of a type of its own in an array.
fn typed_data(u: &mut Unstructured<'_>) -> Result<String> {
    let (mut types, mut message) = (Vec::new(), Map::new());
    for at in 0..u.int_in_range(0..=4)? {
        let (kind, value) = match at {
            0 => ("string", Json::from(text(u)?)),
            1 => ("address", Json::from(const_hex::encode_prefixed(bytes(u, Some(20))?))),
            2 => ("bytes", Json::from(const_hex::encode_prefixed(bytes(u, None)?))),
            _ => ("int64", Json::from(u.arbitrary::<i64>()?)),
        };
        types.push(json!({ "name": format!("member{at}"), "type": kind }));
        message.insert(format!("member{at}"), value);
    }
    let counts: Vec<u16> = (0..u.int_in_range(0..=2)?).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    types.push(json!({ "name": "items", "type": "Item[]" }));
    message.insert("items".to_owned(), counts.iter().map(|count| json!({ "count": count })).collect());
    let data = json!({
        "types": { "Message": types, "Item": [{ "name": "count", "type": "uint16" }] },
        "primaryType": "Message",
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

/// A hash of up to five pieces, each of which can be evaluated.
fn random(u: &mut Unstructured<'_>) -> Result<(Expr, Fields)> {
    let mut fields = Fields::default();
    fields.set("key", public_key(&times_g(scalar(u)?)).uncompressed());
    fields.set("id", bytes(u, Some(20))?);
    fields.set("blob", bytes(u, None)?);
    fields.set("note", text(u)?);
    fields.set("count", u.arbitrary::<u32>()?.to_string());
    fields.set("typed", typed_data(u)?);
    let mut pieces = (0..u.int_in_range(1..=5)?).map(|_| piece(u)).collect::<Result<Vec<_>>>()?;
    let whole = if pieces.len() == 1 { pieces.remove(0) } else { Term::Concat(pieces).into() };
    let hashes = [
        Function::Keccak256,
        Function::Sha256,
        Function::Sha256d,
        Function::Sha3_256,
        Function::Blake2b256,
        Function::Eip191,
    ];
    let mut digest = call(*u.choose(&hashes)?, [whole]);
    if u.ratio(1, 5)? {
        digest = call(*u.choose(&hashes)?, [digest]);
    }
    Ok((digest, fields))
}

fn piece(u: &mut Unstructured<'_>) -> Result<Expr> {
    let field = |name: &str| Expr::from(Term::Field(name.to_owned()));
    let number = |number: u64| Expr::from(Term::Number(number));
    let encodings =
        [Function::Hex, Function::Hex0x, Function::HexUpper, Function::Base64, Function::Ripemd160];
    let framings = [
        Function::Varstr,
        Function::LenPrefixed,
        Function::DecimalLength,
        Function::RlpList,
        Function::Rlp,
        Function::RlpPayload,
    ];
    let keys = [Function::Compressed, Function::Uncompressed, Function::Xy, Function::Address];
    let numbers = [Function::U32be, Function::U64be, Function::U256be, Function::Uint];
    Ok(match u.int_in_range(0..=12)? {
        0 => Term::Text(text(u)?).into(),
        1 => Term::Hex(bytes(u, None)?).into(),
        2 => field(u.choose(&["id", "blob", "note", "count"])?),
        3 => call(*u.choose(&encodings)?, [field(u.choose(&["id", "blob", "key"])?)]),
        4 => call(*u.choose(&framings)?, [field(u.choose(&["id", "blob", "note"])?)]),
        5 => call(*u.choose(&keys)?, [field("key")]),
        6 => call(*u.choose(&numbers)?, [field("count")]),
        7 => call(
            *u.choose(&[Function::PadLeft, Function::PadRight])?,
            [field("id"), number(u.int_in_range(20..=40)?)],
        ),
        8 => call(
            *u.choose(&[Function::Drop, Function::Take])?,
            [field("id"), number(u.int_in_range(0..=20)?)],
        ),
        9 => call(Function::ProtoBytes, [field("blob"), number(u.int_in_range(1..=20)?)]),
        10 => call(Function::ProtoUint, [field("count"), number(u.int_in_range(1..=20)?)]),
        11 => call(Function::TypedData, [field("typed")]),
        _ => call(Function::ChecksumAddress, [call(Function::Address, [field("key")])]),
    })
}

fn call<const N: usize>(function: Function, arguments: [Expr; N]) -> Expr {
    Term::Call(function, arguments.into()).into()
}
