//! Facts of messages: properties of fields' values for which libraries hash something else.

use std::collections::BTreeSet;

use ruint::aliases::U256;
use serde_json::Value;

use super::function::number;
use super::{FieldKind, FieldSpec, Fields, KnownFormat};

/// A name that no fact has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fact `{name}`{}", .nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
pub struct UnknownFact {
    pub(crate) name: String,
    pub(crate) nearest: Option<&'static str>,
}

/// Declares an enum of facts: documentation, which is also what `list` prints, and name of each.
macro_rules! facts {
    (
        $(#[$of_all:meta])*
        enum $facts:ident {
            $(#[doc = $doc:literal] $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$of_all])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $facts {
            $(#[doc = $doc] $variant,)+
        }

        impl $facts {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name by which files and reports call it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What is true of what has it.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $doc.trim_ascii(),)+
                }
            }
        }

        impl std::fmt::Display for $facts {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $facts {
            type Err = crate::format::UnknownFact;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|fact| fact.name() == name).ok_or_else(|| {
                    let nearest = crate::format::nearest(name, Self::ALL.iter().map(|fact| fact.name()));
                    crate::format::UnknownFact { name: name.to_owned(), nearest }
                })
            }
        }

        crate::input::bytes::text_form!($facts);
    };
}

pub(crate) use facts;

facts! {
    /// A property of a message: one of its fields has it.
    ///
    /// The first ones are of texts, and of bytes of any length, which are texts where they are UTF-8; the next ones of
    /// numbers; the last ones of transactions and of typed data. A field for which the format has examples has none.
    enum MessageFact {
        #[doc = " No bytes."]
        Empty = "empty",
        #[doc = " Bytes that are not UTF-8."]
        NotUtf8 = "not-utf8",
        #[doc = " A text with a character that is not ASCII: it has more bytes than characters."]
        NonAscii = "non-ascii",
        #[doc = " A text with a character above U+FFFF, which UTF-16 writes as two units."]
        Astral = "astral",
        #[doc = " A text that begins with U+FEFF, the byte order mark."]
        ByteOrderMark = "bom",
        #[doc = " A text with a character of number 0."]
        Nul = "nul",
        #[doc = " A text with another control character, such as a line feed."]
        Control = "control",
        #[doc = " A text with <, > or &."]
        Markup = "markup",
        #[doc = " A text with a double quote or a backslash."]
        Quote = "quote",
        #[doc = " A text that begins or ends with white space."]
        Spaced = "spaced",
        #[doc = " A text that is 0x and an even number of hex digits, at least two."]
        Hex = "hex",
        #[doc = " A text that is 0x and an odd number of hex digits."]
        OddHex = "odd-hex",
        #[doc = " The text 0x."]
        BareHexPrefix = "bare-0x",
        #[doc = " A text that is an even number of hex digits, at least two."]
        BareHex = "bare-hex",
        #[doc = " More than 252 bytes."]
        Over252 = "over-252",
        #[doc = " More than 65,535 bytes."]
        Over65535 = "over-65535",
        #[doc = " The number 0."]
        Zero = "zero",
        #[doc = " A number with a zero before its first digit."]
        LeadingZero = "leading-zero",
        #[doc = " A number above 2^31 - 1, the largest of 32 bits with a sign."]
        Over31Bits = "over-31-bits",
        #[doc = " A number above 2^32 - 1."]
        Over32Bits = "over-32-bits",
        #[doc = " A number above 2^53 - 1, which JavaScript's numbers do not all hold."]
        Over53Bits = "over-53-bits",
        #[doc = " A number above 2^64 - 1."]
        Over64Bits = "over-64-bits",
        #[doc = " The field `chain_id` is 0."]
        ChainIdZero = "chain-id-zero",
        #[doc = " The field `max_fee_per_gas` is 0."]
        FeeCapZero = "fee-cap-zero",
        #[doc = " The field `max_priority_fee_per_gas` is above `max_fee_per_gas`: no chain takes such a transaction."]
        TipAboveCap = "tip-above-cap",
        #[doc = " The field `gas` times `gas_price` or `max_fee_per_gas` is above 2^256 - 1: nobody can pay it."]
        CostOver256Bits = "cost-over-256-bits",
        #[doc = " Typed data whose types have no EIP712Domain."]
        NoDomainType = "no-domain-type",
        #[doc = " Typed data whose primary type is EIP712Domain: the domain alone is hashed."]
        DomainIsPrimary = "domain-is-primary",
        #[doc = " Typed data with a type that has no members."]
        EmptyStruct = "empty-struct",
    }
}

impl MessageFact {
    /// The facts of a message: those of each of its fields.
    pub fn of(format: &KnownFormat, fields: &Fields) -> BTreeSet<Self> {
        let values = format.fields.iter().filter_map(|(name, spec)| Some((name, spec, fields.value(name)?)));
        let field = |name| fields.value(name).and_then(|digits| number(digits).ok());
        let holds = |fact: &Self| match fact {
            Self::TipAboveCap => field("max_priority_fee_per_gas") > field("max_fee_per_gas"),
            Self::CostOver256Bits => {
                let price = field("gas_price").or(field("max_fee_per_gas"));
                let cost = field("gas").zip(price).map(|(gas, price)| gas.checked_mul(price));
                cost == Some(None)
            }
            _ => values.clone().any(|(name, spec, value)| fact.holds(name, spec, value)),
        };
        Self::ALL.iter().copied().filter(holds).collect()
    }

    /// Whether a field of this name with this value has it.
    pub fn holds(self, name: &str, spec: &FieldSpec, value: &[u8]) -> bool {
        if !spec.examples.is_empty() {
            return false;
        }
        match spec.kind {
            FieldKind::Number => number(value).is_ok_and(|number| self.holds_of_number(name, value, number)),
            FieldKind::Text => self.holds_of_bytes(value),
            FieldKind::Bytes => spec.length.is_none() && self.holds_of_bytes(value),
            FieldKind::TypedData => {
                serde_json::from_slice(value).is_ok_and(|data| self.holds_of_typed_data(&data))
            }
            FieldKind::PublicKey => false,
        }
    }

    fn holds_of_bytes(self, value: &[u8]) -> bool {
        match self {
            Self::Empty => value.is_empty(),
            Self::Over252 => value.len() > 252,
            Self::Over65535 => value.len() > 65_535,
            Self::NotUtf8 => str::from_utf8(value).is_err(),
            _ => str::from_utf8(value).is_ok_and(|text| self.holds_of_text(text)),
        }
    }

    fn holds_of_text(self, text: &str) -> bool {
        let all_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let after_0x = text.strip_prefix("0x").filter(|digits| !digits.is_empty() && all_hex(digits));
        match self {
            Self::NonAscii => !text.is_ascii(),
            Self::Astral => text.chars().any(|c| c > '\u{ffff}'),
            Self::ByteOrderMark => text.starts_with('\u{feff}'),
            Self::Nul => text.contains('\0'),
            Self::Control => text.chars().any(|c| c.is_control() && c != '\0'),
            Self::Markup => text.contains(['<', '>', '&']),
            Self::Quote => text.contains(['"', '\\']),
            Self::Spaced => text.trim() != text,
            Self::Hex => after_0x.is_some_and(|digits| digits.len().is_multiple_of(2)),
            Self::OddHex => after_0x.is_some_and(|digits| !digits.len().is_multiple_of(2)),
            Self::BareHexPrefix => text == "0x",
            Self::BareHex => !text.is_empty() && text.len().is_multiple_of(2) && all_hex(text),
            _ => false,
        }
    }

    fn holds_of_number(self, name: &str, digits: &[u8], number: U256) -> bool {
        match self {
            Self::ChainIdZero => name == "chain_id" && number.is_zero(),
            Self::FeeCapZero => name == "max_fee_per_gas" && number.is_zero(),
            Self::Zero => number.is_zero(),
            Self::LeadingZero => digits.len() > 1 && digits[0] == b'0',
            Self::Over31Bits => number.bit_len() > 31,
            Self::Over32Bits => number.bit_len() > 32,
            Self::Over53Bits => number.bit_len() > 53,
            Self::Over64Bits => number.bit_len() > 64,
            _ => false,
        }
    }

    fn holds_of_typed_data(self, data: &Value) -> bool {
        let types = data["types"].as_object();
        match self {
            Self::NoDomainType => types.is_some_and(|types| !types.contains_key("EIP712Domain")),
            Self::DomainIsPrimary => data["primaryType"] == "EIP712Domain",
            Self::EmptyStruct => {
                let empty = |members: &Value| members.as_array().is_some_and(Vec::is_empty);
                types.is_some_and(|types| types.values().any(empty))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(kind: FieldKind, value: impl AsRef<[u8]>) -> Vec<&'static str> {
        let spec = FieldSpec::any(kind);
        let holding = MessageFact::ALL.iter().filter(|fact| fact.holds("x", &spec, value.as_ref()));
        holding.map(|fact| fact.name()).collect()
    }

    #[test]
    fn a_field_has_the_facts_of_its_value() {
        for (value, expected) in [
            ("", &["empty"][..]),
            ("hello", &[]),
            ("é", &["non-ascii"]),
            ("😀", &["non-ascii", "astral"]),
            ("\u{feff}a", &["non-ascii", "bom"]),
            ("a\0", &["nul"]),
            ("a\nb", &["control"]),
            ("a<b", &["markup"]),
            ("\\", &["quote"]),
            (" a", &["spaced"]),
            ("0x1F", &["hex"]),
            ("0x1", &["odd-hex"]),
            ("0x", &["bare-0x"]),
            ("dead", &["bare-hex"]),
            ("0X12", &[]),
        ] {
            assert_eq!(facts(FieldKind::Text, value), expected, "{value:?}");
            assert_eq!(facts(FieldKind::Bytes, value), expected, "{value:?}");
            assert_eq!(facts(FieldKind::PublicKey, value), [""; 0], "{value:?}");
        }
        assert_eq!(facts(FieldKind::Bytes, [0xff]), ["not-utf8"]);
        assert_eq!(facts(FieldKind::Bytes, [b'g'; 252]), [""; 0]);
        assert_eq!(facts(FieldKind::Bytes, [b'g'; 253]), ["over-252"]);
        assert_eq!(facts(FieldKind::Bytes, vec![b'g'; 65_536]), ["over-252", "over-65535"]);
        for (digits, expected) in [
            ("0", &["zero"][..]),
            ("7", &[]),
            ("07", &["leading-zero"]),
            ("00", &["zero", "leading-zero"]),
            ("2147483647", &[]),
            ("4294967295", &["over-31-bits"]),
            ("9007199254740991", &["over-31-bits", "over-32-bits"]),
            ("18446744073709551615", &["over-31-bits", "over-32-bits", "over-53-bits"]),
            ("18446744073709551616", &["over-31-bits", "over-32-bits", "over-53-bits", "over-64-bits"]),
        ] {
            assert_eq!(facts(FieldKind::Number, digits), expected, "{digits}");
        }
    }

    #[test]
    fn some_facts_are_of_transactions_and_of_typed_data() {
        let spec = FieldSpec::any(FieldKind::Number);
        assert!(MessageFact::ChainIdZero.holds("chain_id", &spec, b"0"));
        assert!(!MessageFact::ChainIdZero.holds("nonce", &spec, b"0"));
        assert!(MessageFact::FeeCapZero.holds("max_fee_per_gas", &spec, b"0"));
        assert_eq!(
            facts(FieldKind::TypedData, r#"{"types":{"A":[]},"primaryType":"EIP712Domain"}"#),
            ["no-domain-type", "domain-is-primary", "empty-struct"]
        );
        assert_eq!(
            facts(FieldKind::TypedData, r#"{"types":{"EIP712Domain":[1]},"primaryType":"A"}"#),
            [""; 0]
        );
    }

    #[test]
    fn bytes_of_one_length_and_fields_with_examples_have_none() {
        let spec = FieldSpec { length: Some(4), ..FieldSpec::any(FieldKind::Bytes) };
        assert!(MessageFact::ALL.iter().all(|fact| !fact.holds("x", &spec, b"dead")));
        let spec = FieldSpec { examples: vec![b"dead".into()], ..FieldSpec::any(FieldKind::Text) };
        assert!(MessageFact::ALL.iter().all(|fact| !fact.holds("x", &spec, b"dead")));
    }
}
