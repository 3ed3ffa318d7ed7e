//! Fields of known formats: ordinary values, and values with a fact.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;
use serde_json::{Map, Value as Json, json};

use super::construct::{public_key, scalar, times_g};
use crate::format::{FieldKind, FieldSpec, Fields, KnownFormat, MessageFact};

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
pub(super) fn typed_data(u: &mut Unstructured<'_>, fact: Option<MessageFact>) -> Result<String> {
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

pub(super) fn bytes(u: &mut Unstructured<'_>, length: Option<usize>) -> Result<Vec<u8>> {
    let length = length.map_or_else(|| u.int_in_range(0..=70), Ok)?;
    (0..length).map(|_| u.arbitrary()).collect()
}

pub(super) fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let length = u.int_in_range(0..=24)?;
    (0..length).map(|_| u.choose(&['a', 'e', 'z', '0', ':', ' ', '\n', '"', 'é', '語']).copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::corpus::Formats;
    use crate::generate::tests::bytes_of;

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
