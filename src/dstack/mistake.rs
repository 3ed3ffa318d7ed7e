//! The catalogue of mistakes: for each part of the two messages, what has been hashed in its place.
//! [`explain`](super::explain) tries them, [`generate`](super::generate) makes them, and the
//! [`audit`](super::audit) asks a contract about them. What a mistake is, in words, is for
//! [`format::explain`](mod@crate::format::explain) to say; the catalogue adds how it comes about.
//!
//! The parts are [format expressions](mod@crate::format) over [the fields of a proof](super::Proof::fields);
//! `{}` stands for the message in a hash, and for the expression of a digest in a key. What uses a field that
//! nobody gave (`instance_id`, `pem_key`) is left out.

use super::chain::{Link, ProofFault};

/// What may stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// The format expression; empty where the part is left out.
    pub expression: &'static str,
    /// How it comes about, where there is something to say beyond the expression.
    pub cause: Option<&'static str>,
    /// The name of the audit's case, where it has one.
    pub case: Option<&'static str>,
}

const fn of(expression: &'static str) -> Choice {
    Choice { expression, cause: None, case: None }
}

impl Choice {
    const fn by(self, cause: &'static str) -> Self {
        Self { cause: Some(cause), ..self }
    }

    const fn case(self, name: &'static str) -> Self {
        Self { case: Some(name), ..self }
    }
}

const STRIPPED: &str = "a 0x was stripped that was not there";
const BAD_HEX: &str = "bad hex was silently read as no bytes";

/// What a kms-issued message begins with. The first choice of each part is what belongs there.
pub const PREFIX: &[Choice] = &[
    of(r#""dstack-kms-issued:""#),
    of("").case("no-prefix"),
    of(r#""dstack-kms-issued""#),
    of(r#""phala-kms-issued:""#).by("the prefix of 2024"),
];

/// Its app id.
pub const APP_ID: &[Choice] = &[
    of("app_id"),
    of("").by("dstack signed so before 0.4.0, or bad hex was silently read as no bytes").case("no-app-id"),
    of("drop(app_id, 1)").by(STRIPPED).case("app-id-cut"),
    of("pad_right(app_id, 32)").case("app-id-padded"),
    of("pad_left(app_id, 32)").case("app-id-padded-left"),
    of("pad_right(drop(app_id, 1), 32)").by(STRIPPED),
    of("pad_left(drop(app_id, 1), 32)").by(STRIPPED),
    of("hex(app_id)"),
    of("hex0x(app_id)"),
    of("instance_id"),
];

/// Its app key.
pub const APP_KEY: &[Choice] = &[
    of("compressed(app_key)"),
    of(""),
    of("address(app_key)").case("address"),
    of("uncompressed(app_key)").case("uncompressed"),
    of("xy(app_key)"),
    of("hex(compressed(app_key))"),
    of("hex0x(compressed(app_key))"),
    of("hex(address(app_key))"),
    of("hex0x(address(app_key))"),
    of("compressed(derived_key)"),
];

/// Its app key, where that is recovered from the claim over a wrong message.
pub const APP_KEY_BY_CLAIM: &[Choice] =
    &[of("address(recover({}, claim_signature))"), of("compressed(recover({}, claim_signature))")];

/// What a claim begins with.
pub const PURPOSE: &[Choice] = &[
    of(r#"purpose + ":""#),
    of("purpose"),
    of("").case("no-purpose"),
    of(r#"":""#).by("the purpose was empty when the key was made"),
    of(r#""ethereum:""#),
    of(r#""signing:""#),
    of(r#"hex(app_id) + ":""#),
    of(r#"instance_id + ":""#),
    of(r#"hex(instance_id) + ":""#),
];

/// Its derived key.
pub const DERIVED_KEY: &[Choice] = &[
    of("hex(compressed(derived_key))"),
    of("hex0x(compressed(derived_key))").case("hex-0x"),
    of("hex_upper(compressed(derived_key))").case("hex-upper"),
    of("compressed(derived_key)").case("raw-key"),
    of("hex(address(derived_key))").case("address"),
    of("hex0x(address(derived_key))").case("address-0x"),
    of("checksum_address(address(derived_key))"),
    of("address(derived_key)"),
    of("hex(uncompressed(derived_key))").case("uncompressed"),
    of("hex0x(uncompressed(derived_key))"),
    of("hex(xy(derived_key))"),
    of("hex(compressed(app_key))"),
];

/// The parts of a claim of version 0 for an ed25519 key, but for the purpose.
const ED25519_KEY: &[Choice] = &[
    of("hex(derived_key)"),
    of("hex0x(derived_key)"),
    of("hex_upper(derived_key)"),
    of("derived_key"),
    of("hex(compressed(app_key))"),
];

/// The parts of a claim of version 1, each with its length in front.
const CLAIM_V1: &[&[Choice]] = &[
    &[
        of(r#"len_prefixed("dstack-guest-v1-key-claim")"#),
        of(""),
        of(r#""dstack-guest-v1-key-claim""#),
        of(r#"len_prefixed("dstack-guest-v1-key")"#).by("the tag of the key's derivation, which is another"),
    ],
    &[of("len_prefixed(algorithm)"), of(""), of("algorithm"), of(r#"len_prefixed("k256")"#)],
    &[of("len_prefixed(domain)"), of(""), of("domain")],
    &[
        of("len_prefixed(derived_key)"),
        of("derived_key"),
        of("len_prefixed(hex(derived_key))"),
        of("len_prefixed(hex0x(derived_key))"),
        of("len_prefixed(uncompressed(derived_key))"),
        of("len_prefixed(xy(derived_key))"),
        of("len_prefixed(address(derived_key))"),
    ],
];

/// A claim of version 0 that is made of what version 1 has.
const V0_OF_V1: &[&[Choice]] = &[
    &[of(r#"domain + ":""#), of(r#"":""#)],
    &[of("hex(derived_key)"), of("hex0x(derived_key)"), of("derived_key"), of("hex0x(address(derived_key))")],
];

/// What a claim is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimForm {
    /// Version 0, of a secp256k1 key.
    V0,
    /// Version 0, of an ed25519 key.
    V0Ed25519,
    /// Version 1, of a key of either algorithm.
    V1,
}

impl ClaimForm {
    /// The parts of the message: what may stand in the place of each.
    pub const fn parts(self) -> &'static [&'static [Choice]] {
        match self {
            Self::V0 => &[PURPOSE, DERIVED_KEY],
            Self::V0Ed25519 => &[PURPOSE, ED25519_KEY],
            Self::V1 => CLAIM_V1,
        }
    }

    /// The parts of the other version's message, where it can be made.
    pub(super) const fn taken_for(self) -> Option<&'static [&'static [Choice]]> {
        match self {
            Self::V0 | Self::V0Ed25519 => None,
            Self::V1 => Some(V0_OF_V1),
        }
    }
}

/// How a digest is made of a message.
pub const HASH: &[Choice] = &[
    of("keccak256({})"),
    of("eip191({})"),
    of("eip191(keccak256({}))").case("eip191"),
    of("eip191(hex0x(keccak256({})))"),
    of("keccak256(keccak256({}))").case("hashed-twice"),
    of("sha3_256({})").case("sha3"),
    of("sha256({})"),
];

/// Addresses that were not recovered, each with what was done. `{root}` is the key that signed.
pub const ADDRESS: &[Choice] = &[
    of("address(app_key)").by("the app key (k256_key) taken for the KMS root"),
    of("address(derived_key)").by("the derived key taken for the KMS root"),
    of("address(pem_key)").by("the PEM key of key_provider, which is of P-256, taken for a secp256k1 key"),
    of("drop(xy(app_key), 44)").by("the last 20 bytes of the app key (k256_key) taken for the KMS root"),
    of("drop(xy(derived_key), 44)").by("the last 20 bytes of the derived key taken for the KMS root"),
    of("drop(compressed({root}), 13)").by(LAST_OF_KEY),
    of("drop(xy({root}), 44)").by(LAST_OF_KEY),
    of("take(keccak256(xy({root})), 20)")
        .by("the first 20 bytes of a public key's hash taken for its address"),
    of("drop(keccak256(compressed({root})), 12)").by("the compressed public key hashed for an address"),
    of("drop(keccak256(uncompressed({root})), 12)")
        .by("the public key hashed with its tag 04 for an address"),
    of("drop(sha3_256(xy({root})), 12)").by("the public key hashed with sha3_256 instead of keccak256"),
    of("0x0000000000000000000000000000000000000000")
        .by("ecrecover gave nothing: it takes v 27 or 28, and 0 or 1 was given unadjusted"),
];

const LAST_OF_KEY: &str = "the last 20 bytes of a public key taken for its address";

/// Where a signature of the other link was given.
pub const OTHER_SIGNATURE: &str = "the signature of the other link";
/// Where the last byte of a signature was not heeded.
pub const OTHER_PARITY: &str =
    "the recovery id is not heeded, or v adjusted wrongly: the other point is recovered";
/// Where a claim was read as one of the other version.
pub const OTHER_VERSION: &str = "a claim of version 1 was read as one of version 0";
/// Where a contract is taken for a signer.
pub const CREATED: &str = "a contract's address taken for a signer's: no key has it";

impl Link {
    /// What is signed, as an expression: see [`issued_digest`](super::chain::issued_digest) and
    /// [`claim_digest`](super::chain::claim_digest).
    pub const fn expression(self) -> &'static str {
        match self {
            Self::Claim => r#"keccak256(purpose + ":" + hex(compressed(derived_key)))"#,
            Self::Issued => r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#,
        }
    }

    /// The parts of the message: what may stand in the place of each.
    pub const fn parts(self) -> &'static [&'static [Choice]] {
        match self {
            Self::Claim => ClaimForm::V0.parts(),
            Self::Issued => &[PREFIX, APP_ID, APP_KEY],
        }
    }
}

/// The digest's expression of a message's parts and its hash.
pub fn digest(parts: &[&str], hash: &str) -> String {
    let parts: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    let message = if parts.is_empty() { "\"\"".to_owned() } else { parts.join(" + ") };
    hash.replace("{}", &message)
}

/// The mistake that a fault of a proof is known for, where there is one.
pub fn of_fault(fault: &ProofFault) -> Option<&'static str> {
    use ProofFault as FormatFault;
    Some(match fault {
        FormatFault::ZeroRoot => {
            "the root is not set, or is what ecrecover gave for a signature that it refuses"
        }
        FormatFault::AppIdLength { length: 0 }
        | FormatFault::AppKeyLength { length: 0 }
        | FormatFault::DerivedKeyLength { length: 0 } => BAD_HEX,
        FormatFault::AppIdLength { length: 19 } => STRIPPED,
        FormatFault::AppIdLength { length: 32 } => "app_id is padded to 32 bytes",
        FormatFault::AppIdLength { length: 40 | 42 }
        | FormatFault::SignatureLength { length: 130 | 132, .. } => "hex text instead of raw bytes",
        FormatFault::AppKeyLength { length: 20 } | FormatFault::DerivedKeyLength { length: 20 } => {
            "an address instead of a public key"
        }
        FormatFault::AppKeyLength { length: 33 | 65 } | FormatFault::DerivedKeyLength { length: 33 | 65 } => {
            "a key in SEC 1's form instead of x and y"
        }
        FormatFault::SignatureLength { length: 0, .. } => {
            "no signature: there is no KMS, or bad hex was silently read as no bytes"
        }
        FormatFault::SignatureLength { length: 64, .. } => {
            "r and s without the recovery id, or EIP-2098's form"
        }
        FormatFault::SignatureV { v: 27 | 28, .. } => "v of 27 or 28 instead of 0 or 1",
        FormatFault::PurposeMismatch { .. } => {
            "the claim is for another purpose: purpose, path and instance id are easily confused"
        }
        FormatFault::AppKeyMismatch { .. } => {
            "the claim does not belong to this app key: a verifier that does not bind them takes any"
        }
        FormatFault::SignatureHighS { .. } => "the twin of a signature: n - s and the other recovery id",
        _ => return None,
    })
}
