//! EIP-712: from typed data in JSON, as wallets take it, to the bytes that are hashed for a signature.
//!
//! `{"types": {"Name": [{"name", "type"}, …]}, "primaryType", "domain", "message"}`. Without `EIP712Domain` among
//! the types it has the members that the domain has. Numbers are JSON integers of up to 64 bits, or texts of
//! decimal digits or of 0x and hex digits. Data that no type names is not hashed, and so not looked at.

use std::collections::{BTreeMap, BTreeSet};

use ruint::aliases::U256;
use serde_json::{Map, Value};

use super::{MAX_DEPTH, MAX_WORK};
use crate::input::bytes::from_hex;
use crate::input::hash::keccak256;

const DOMAIN: &str = "EIP712Domain";
/// The members that a domain may have, in their order, each with its type.
const DOMAIN_MEMBERS: [(&str, &str); 5] = [
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
];
/// How much of a name an error shows, in characters.
const SHOWN: usize = 40;

/// Why a text is no typed data of EIP-712.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypedDataError {
    /// Not JSON.
    #[error("typed data is JSON: {0}")]
    Json(String),
    /// Something else than what belongs in a place.
    #[error("typed data: expected {expected} at `{place}`")]
    Expected {
        /// What belongs there.
        expected: String,
        /// Where: names and indices.
        place: String,
    },
    /// A type that is neither one of the EIP's nor defined.
    #[error("typed data: unknown type `{found}` at `{place}`")]
    UnknownType {
        /// Its name.
        found: String,
        /// The member that has it.
        place: String,
    },
    /// A type that is defined by itself: the EIP leaves its data undefined.
    #[error("typed data: the type `{0}` contains itself")]
    Cycle(String),
    /// A number that its type does not hold.
    #[error("typed data: the number at `{place}` does not fit {kind}")]
    NumberTooLarge {
        /// The member.
        place: String,
        /// Its type.
        kind: String,
    },
    /// Types inside one another.
    #[error("typed data: types are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Types that make too many bytes to hash.
    #[error("typed data takes too much work: its types have more than {MAX_WORK} bytes together")]
    TooMuchWork,
}

/// 0x1901, the domain's hash and the message's; no message where the domain itself is signed.
pub(super) fn preimage(json: &[u8]) -> Result<Vec<u8>, TypedDataError> {
    let json: Value =
        serde_json::from_slice(json).map_err(|error| TypedDataError::Json(error.to_string()))?;
    let data = object(&json, &Place::Root("typed data"))?;
    let part = |name: &'static str| data.get(name).unwrap_or(&Value::Null);
    let domain = object(part("domain"), &Place::Root("domain"))?;
    let mut types = Types::read(part("types"), domain)?;
    let primary = text(part("primaryType"), &Place::Root("primaryType"))?;

    let mut preimage = vec![0x19, 0x01];
    preimage.extend(types.hash_struct(DOMAIN, part("domain"), &Place::Root("domain"))?);
    if primary != DOMAIN {
        if !types.members.contains_key(primary) {
            let place = "primaryType".to_owned();
            return Err(TypedDataError::UnknownType { found: shown(primary), place });
        }
        preimage.extend(types.hash_struct(primary, part("message"), &Place::Root("message"))?);
    }
    Ok(preimage)
}

/// Where something stands, for errors.
enum Place<'a> {
    Root(&'static str),
    Member(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn text(&self) -> String {
        match self {
            Self::Root(name) => (*name).to_owned(),
            Self::Member(place, name) => format!("{}.{}", place.text(), shown(name)),
            Self::Index(place, index) => format!("{}[{index}]", place.text()),
        }
    }

    fn expects(&self, expected: impl Into<String>) -> TypedDataError {
        TypedDataError::Expected { expected: expected.into(), place: self.text() }
    }
}

/// A name on one line, and not too much of it.
fn shown(name: &str) -> String {
    name.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

fn object<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v Map<String, Value>, TypedDataError> {
    value.as_object().ok_or_else(|| place.expects("an object"))
}

fn array<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v [Value], TypedDataError> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| place.expects("an array"))
}

fn text<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v str, TypedDataError> {
    value.as_str().ok_or_else(|| place.expects("a text"))
}

/// A member's type.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Bool,
    Address,
    Text,
    Bytes,
    /// `bytes1` to `bytes32`.
    Fixed(usize),
    /// `uint8` to `uint256`, in bits.
    Uint(usize),
    /// `int8` to `int256`, in bits.
    Int(usize),
    /// A type that is defined.
    Struct(String),
    /// An array, of a length or of any.
    Array(Box<Kind>, Option<usize>),
}

impl Kind {
    /// The type of this name; none if it is no name of a type that is built in, and `is_defined` denies it.
    fn read(name: &str, depth: usize, is_defined: &impl Fn(&str) -> bool) -> Option<Self> {
        if let Some((inner, length)) = name.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
            let length = if length.is_empty() { None } else { Some(decimal(length)?) };
            let inner = Self::read(inner, depth.checked_sub(1)?, is_defined)?;
            return Some(Self::Array(Box::new(inner), length));
        }
        let bits = |digits: &str| if digits.is_empty() { Some(256) } else { decimal(digits) };
        let number = |digits| bits(digits).filter(|bits| (8..=256).contains(bits) && bits % 8 == 0);
        match name {
            _ if is_defined(name) => Some(Self::Struct(name.to_owned())),
            "bool" => Some(Self::Bool),
            "address" => Some(Self::Address),
            "string" => Some(Self::Text),
            "bytes" => Some(Self::Bytes),
            _ => {
                let fixed =
                    || decimal(name.strip_prefix("bytes")?).filter(|length| (1..=32).contains(length));
                let uint = || number(name.strip_prefix("uint")?).map(Self::Uint);
                let int = || number(name.strip_prefix("int")?).map(Self::Int);
                fixed().map(Self::Fixed).or_else(uint).or_else(int)
            }
        }
    }

    /// The type that is defined and of which this one, or its elements, are.
    fn defined(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            Self::Array(inner, _) => inner.defined(),
            _ => None,
        }
    }
}

/// Decimal digits without a leading zero.
fn decimal(digits: &str) -> Option<usize> {
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_number)
}

struct Member {
    name: String,
    /// As it is written: it is hashed so.
    written: String,
    kind: Kind,
}

/// The types that are defined, and those of their hashes that have been asked for.
struct Types {
    members: BTreeMap<String, Vec<Member>>,
    hashes: BTreeMap<String, [u8; 32]>,
    /// How many bytes of types may still be hashed.
    left: usize,
}

impl Types {
    fn read(json: &Value, domain: &Map<String, Value>) -> Result<Self, TypedDataError> {
        let place = Place::Root("types");
        let defined = object(json, &place)?;
        let is_defined = |name: &str| defined.contains_key(name);
        let mut members: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for (name, list) in defined {
            let place = Place::Member(&place, name);
            let mut read = Vec::new();
            for (index, member) in array(list, &place)?.iter().enumerate() {
                let place = Place::Index(&place, index);
                let member = object(member, &place)?;
                let part = |name: &'static str| {
                    text(member.get(name).unwrap_or(&Value::Null), &Place::Member(&place, name))
                };
                let (name, written) = (part("name")?, part("type")?);
                let kind = Kind::read(written, MAX_DEPTH, &is_defined).ok_or_else(|| {
                    TypedDataError::UnknownType { found: shown(written), place: place.text() }
                })?;
                read.push(Member { name: name.to_owned(), written: written.to_owned(), kind });
            }
            members.insert(name.clone(), read);
        }
        members.entry(DOMAIN.to_owned()).or_insert_with(|| {
            let there = DOMAIN_MEMBERS.iter().filter(|(name, _)| domain.contains_key(*name));
            let member = |(name, written): &(&str, &str)| {
                let kind = Kind::read(written, 0, &|_| false)?;
                Some(Member { name: (*name).to_owned(), written: (*written).to_owned(), kind })
            };
            there.filter_map(member).collect()
        });
        let types = Self { members, hashes: BTreeMap::new(), left: MAX_WORK };
        let mut heights = BTreeMap::new();
        for name in types.members.keys() {
            types.height(name, &mut Vec::new(), &mut heights)?;
        }
        Ok(types)
    }

    /// How many types are inside one another, from this one on.
    fn height<'t>(
        &'t self,
        name: &'t str,
        open: &mut Vec<&'t str>,
        known: &mut BTreeMap<&'t str, usize>,
    ) -> Result<usize, TypedDataError> {
        if open.contains(&name) {
            return Err(TypedDataError::Cycle(shown(name)));
        }
        if let Some(height) = known.get(name).filter(|height| open.len() + **height <= MAX_DEPTH) {
            return Ok(*height);
        }
        if open.len() >= MAX_DEPTH {
            return Err(TypedDataError::TooDeep);
        }
        open.push(name);
        let mut height = 1;
        for inner in self.inner(name) {
            height = height.max(1 + self.height(inner, open, known)?);
        }
        open.pop();
        known.insert(name, height);
        Ok(height)
    }

    /// The types of a type's members that are defined.
    fn inner(&self, name: &str) -> impl Iterator<Item = &str> {
        self.members.get(name).into_iter().flatten().filter_map(|member| member.kind.defined())
    }

    /// keccak256(encodeType): the type, then those that it contains by their names.
    fn hash_type(&mut self, name: &str) -> Result<[u8; 32], TypedDataError> {
        if let Some(hash) = self.hashes.get(name) {
            return Ok(*hash);
        }
        let mut contained = BTreeSet::new();
        let mut next: Vec<&str> = self.inner(name).collect();
        while let Some(inner) = next.pop() {
            if contained.insert(inner) {
                next.extend(self.inner(inner));
            }
        }
        let mut encoded = String::new();
        for name in std::iter::once(name).chain(contained) {
            let members = self.members.get(name).into_iter().flatten();
            let members: Vec<_> =
                members.map(|member| format!("{} {}", member.written, member.name)).collect();
            encoded += &format!("{name}({})", members.join(","));
            if encoded.len() > self.left {
                return Err(TypedDataError::TooMuchWork);
            }
        }
        self.left -= encoded.len();
        let hash = keccak256(encoded.as_bytes());
        self.hashes.insert(name.to_owned(), hash);
        Ok(hash)
    }

    /// hashStruct: keccak256(typeHash + encodeData).
    fn hash_struct(
        &mut self,
        name: &str,
        data: &Value,
        place: &Place<'_>,
    ) -> Result<[u8; 32], TypedDataError> {
        let data = object(data, place)?;
        let mut encoded = self.hash_type(name)?.to_vec();
        let members = self.members.get(name).into_iter().flatten();
        let members: Vec<_> = members.map(|member| (member.name.clone(), member.kind.clone())).collect();
        for (name, kind) in members {
            let value = data.get(&name).unwrap_or(&Value::Null);
            encoded.extend(self.encode(&kind, value, &Place::Member(place, &name))?);
        }
        Ok(keccak256(&encoded))
    }

    /// A member's 32 bytes.
    fn encode(&mut self, kind: &Kind, value: &Value, place: &Place<'_>) -> Result<[u8; 32], TypedDataError> {
        let bytes = |expected: &str| {
            let hex = value.as_str().filter(|text| text.starts_with("0x"));
            hex.and_then(|text| from_hex(text).ok()).ok_or_else(|| place.expects(expected))
        };
        let mut word = [0; 32];
        match kind {
            Kind::Bool => word[31] = value.as_bool().ok_or_else(|| place.expects("true or false"))?.into(),
            Kind::Text => word = keccak256(text(value, place)?.as_bytes()),
            Kind::Bytes => word = keccak256(&bytes("bytes, as 0x and hex digits")?),
            Kind::Address => {
                let expected = "an address, as 0x and 40 hex digits";
                let bytes = bytes(expected)?;
                let bytes: [u8; 20] = bytes.try_into().map_err(|_| place.expects(expected))?;
                word[12..].copy_from_slice(&bytes);
            }
            Kind::Fixed(length) => {
                let expected = format!("{length} bytes, as 0x and hex digits");
                let bytes = bytes(&expected)?;
                if bytes.len() != *length {
                    return Err(place.expects(expected));
                }
                word[..*length].copy_from_slice(&bytes);
            }
            Kind::Uint(bits) => {
                let too_large =
                    || TypedDataError::NumberTooLarge { place: place.text(), kind: format!("uint{bits}") };
                let (is_negative, number) = integer(value, place)?;
                let number = number.filter(|number| !is_negative && number.bit_len() <= *bits);
                word = number.ok_or_else(too_large)?.to_be_bytes();
            }
            Kind::Int(bits) => {
                let too_large =
                    || TypedDataError::NumberTooLarge { place: place.text(), kind: format!("int{bits}") };
                let (is_negative, number) = integer(value, place)?;
                let limit = U256::from(1) << (bits - 1);
                let fits = |number: &U256| *number < limit || (is_negative && *number == limit);
                let number = number.filter(fits).ok_or_else(too_large)?;
                word = if is_negative { number.wrapping_neg() } else { number }.to_be_bytes();
            }
            Kind::Struct(name) => word = self.hash_struct(name, value, place)?,
            Kind::Array(inner, length) => {
                let items = array(value, place)?;
                if let Some(length) = length.filter(|length| *length != items.len()) {
                    return Err(place.expects(format!("an array of {length}")));
                }
                let mut encoded = Vec::with_capacity(32 * items.len());
                for (index, item) in items.iter().enumerate() {
                    encoded.extend(self.encode(inner, item, &Place::Index(place, index))?);
                }
                word = keccak256(&encoded);
            }
        }
        Ok(word)
    }
}

/// A number: whether it is negative, and its amount, if that fits 256 bits.
fn integer(value: &Value, place: &Place<'_>) -> Result<(bool, Option<U256>), TypedDataError> {
    let expected = || place.expects("an integer, as a text if it has more than 64 bits");
    let text = match value {
        // A JSON number beyond 64 bits has been rounded; so has one with a point.
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(expected()),
    };
    let (is_negative, amount) = match text.strip_prefix('-') {
        Some(amount) => (true, amount),
        None => (false, text.as_str()),
    };
    let (digits, radix) = match amount.strip_prefix("0x") {
        Some(digits) if !is_negative => (digits, 16),
        _ => (amount, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(expected());
    }
    Ok((is_negative, U256::from_str_radix(digits, radix.into()).ok()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Types, preimage};

    /// The EIP's example.
    fn mail() -> Value {
        json!({
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"}
                ],
                "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
                "Mail": [
                    {"name": "from", "type": "Person"},
                    {"name": "to", "type": "Person"},
                    {"name": "contents", "type": "string"}
                ]
            },
            "primaryType": "Mail",
            "domain": {
                "name": "Ether Mail",
                "version": "1",
                "chainId": 1,
                "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
            },
            "message": {
                "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
                "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
                "contents": "Hello, Bob!"
            }
        })
    }

    fn hex(json: &Value) -> String {
        const_hex::encode(preimage(json.to_string().as_bytes()).unwrap())
    }

    fn error(json: &Value) -> String {
        preimage(json.to_string().as_bytes()).unwrap_err().to_string()
    }

    /// Typed data of one member.
    fn one(kind: &str, value: Value) -> Value {
        json!({
            "types": {"EIP712Domain": [], "M": [{"name": "x", "type": kind}]},
            "primaryType": "M",
            "domain": {},
            "message": {"x": value}
        })
    }

    /// The hashes are those of the EIP's Example.js.
    #[test]
    fn the_eips_example_has_the_eips_hashes() {
        const DOMAIN: &str = "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f";
        const MESSAGE: &str = "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e";
        assert_eq!(hex(&mail()), format!("1901{DOMAIN}{MESSAGE}"));

        let mut types = Types::read(&mail()["types"], mail()["domain"].as_object().unwrap()).unwrap();
        assert_eq!(
            const_hex::encode(types.hash_type("Mail").unwrap()),
            "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2"
        );

        // A domain's type that is left out, and data beyond the types, change nothing; the domain alone is short.
        let mut other = mail();
        other["types"].as_object_mut().unwrap().remove("EIP712Domain");
        other["message"]["attachment"] = json!(4.2);
        assert_eq!(hex(&other), hex(&mail()));
        other["primaryType"] = json!("EIP712Domain");
        assert_eq!(hex(&other), format!("1901{DOMAIN}"));
    }

    #[test]
    fn types_must_be_defined_and_none_contains_itself() {
        let mut data = mail();
        data["types"]["Person"][1]["type"] = json!("Wallet[2]");
        assert_eq!(error(&data), "typed data: unknown type `Wallet[2]` at `types.Person[1]`");
        for unknown in [
            "bytes0",
            "bytes33",
            "uint7",
            "uint264",
            "int0",
            "Address",
            "bytes032",
            "string[",
            "string[0]",
            "",
        ] {
            let says = format!("typed data: unknown type `{unknown}` at `types.M[0]`");
            assert_eq!(error(&one(unknown, json!(1))), says);
        }
        data = mail();
        data["primaryType"] = json!("Letter");
        assert_eq!(error(&data), "typed data: unknown type `Letter` at `primaryType`");

        data = mail();
        data["types"]["Person"][1]["type"] = json!("Mail[]");
        assert_eq!(error(&data), "typed data: the type `Mail` contains itself");
        data["types"]["Person"][1]["type"] = json!("Person");
        assert_eq!(error(&data), "typed data: the type `Person` contains itself");
    }

    #[test]
    fn numbers_fit_their_types() {
        let word = |kind: &str, value: Value| hex(&one(kind, value));
        let too_large = |kind: &str| format!("typed data: the number at `message.x` does not fit {kind}");
        for (kind, most, more) in [
            ("uint8", json!(255), json!(256)),
            ("uint8", json!("0xff"), json!("0x100")),
            ("uint64", json!(u64::MAX), json!("18446744073709551616")),
            ("uint256", json!(format!("0x{}", "f".repeat(64))), json!(format!("0x1{}", "0".repeat(64)))),
            ("uint8", json!(0), json!(-1)),
            ("int8", json!(127), json!(128)),
            ("int8", json!(-128), json!(-129)),
            ("int256", json!(format!("0x7{}", "f".repeat(63))), json!(format!("0x8{}", "0".repeat(63)))),
        ] {
            assert_eq!(preimage(one(kind, most.clone()).to_string().as_bytes()).unwrap().len(), 66, "{most}");
            assert_eq!(error(&one(kind, more)), too_large(kind));
        }
        assert_eq!(word("uint8", json!(255)), word("uint8", json!("0xff")));
        assert_eq!(word("int16", json!(-4)), word("int16", json!("-4")));
        let integer = "typed data: expected an integer, as a text if it has more than 64 bits at `message.x`";
        let rounded: Value = serde_json::from_str("18446744073709551616").unwrap();
        for bad in [
            rounded,
            json!(1.5),
            json!(""),
            json!("1e3"),
            json!("+1"),
            json!("-0x1"),
            json!("0x"),
            json!(true),
            json!(null),
        ] {
            assert_eq!(error(&one("uint256", bad)), integer);
        }
    }

    #[test]
    fn values_are_of_their_types() {
        for (kind, value, expected) in [
            ("bool", json!("true"), "true or false"),
            ("string", json!(1), "a text"),
            ("bytes", json!("abcd"), "bytes, as 0x and hex digits"),
            ("bytes2", json!("0xabcdef"), "2 bytes, as 0x and hex digits"),
            ("address", json!("0xabcd"), "an address, as 0x and 40 hex digits"),
            ("bool[]", json!({}), "an array"),
            ("bool[2]", json!([true]), "an array of 2"),
        ] {
            assert_eq!(error(&one(kind, value)), format!("typed data: expected {expected} at `message.x`"));
        }
        assert_eq!(
            error(&one("bool[][]", json!([[true], [true, 1]]))),
            "typed data: expected true or false at `message.x[1][1]`"
        );
        let mut data = mail();
        data["message"]["to"] = json!(null);
        assert_eq!(error(&data), "typed data: expected an object at `message.to`");
        data["types"] = json!(["Mail"]);
        assert_eq!(error(&data), "typed data: expected an object at `types`");
        assert_eq!(error(&json!([])), "typed data: expected an object at `typed data`");
        let json = preimage(b"{").unwrap_err().to_string();
        assert_eq!(json, "typed data is JSON: EOF while parsing an object at line 1 column 1");
        let name = "line\nfeed".repeat(20);
        let long = error(&json!({
            "types": {"M": [{"name": name, "type": "bool"}]},
            "primaryType": "M", "domain": {}, "message": {}
        }));
        assert!(long.len() < 200 && !long.contains('\n'), "{long}");
    }

    #[test]
    fn depth_and_work_are_bounded() {
        // A chain of types, each of the next.
        let chain = |length: usize| {
            let mut data = one("bool", json!(true));
            for at in 0..length {
                let inner = if at + 1 == length { "bool".to_owned() } else { format!("T{}", at + 1) };
                data["types"][format!("T{at}")] = json!([{"name": "x", "type": inner}]);
            }
            data
        };
        assert_eq!(hex(&chain(64)).len(), 132);
        assert_eq!(error(&chain(65)), "typed data: types are nested deeper than 64");
        // The same where the inner ones are known first.
        let mut data = chain(64);
        data["types"]["Z"] = json!([{"name": "x", "type": "T0"}]);
        assert_eq!(error(&data), "typed data: types are nested deeper than 64");
        let nested = format!("bool{}", "[]".repeat(65));
        assert_eq!(
            error(&one(&nested, json!(true))),
            format!("typed data: unknown type `{}` at `types.M[0]`", &nested[..40])
        );

        // Each of many types contains a long one.
        let long: Vec<_> =
            (0..4000).map(|at| json!({"name": format!("member{at}"), "type": "uint256"})).collect();
        let mut data = json!({"types": {"Long": long}, "primaryType": "M", "domain": {}, "message": {}});
        let mut members = Vec::new();
        for at in 0..300 {
            data["types"][format!("T{at}")] = json!([{"name": "x", "type": "Long[]"}]);
            data["message"][format!("t{at}")] = json!({"x": []});
            members.push(json!({"name": format!("t{at}"), "type": format!("T{at}")}));
        }
        data["types"]["M"] = json!(members);
        assert!(error(&data).starts_with("typed data takes too much work"), "{}", error(&data));
    }
}
