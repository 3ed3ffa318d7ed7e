//! The catalogue of mistakes: for each part of the two messages, what has been hashed in its place, with the
//! mistake that this is. [`explain`](super::explain) tries them, and [`generate`](super::generate) makes them.
//!
//! The parts are [format expressions](mod@crate::format) over `app_id`, `app_key`, `purpose`, `derived_key`,
//! `claim_signature` and `issued_signature`; `{}` stands for the message in a hash, and for the expression of
//! a digest in a key. What uses a field that nobody gave (`instance_id`, `pem_key`) is left out.

/// What may stand in a place, and the mistakes that it is: none for what belongs there.
pub type Choice = (&'static str, &'static [&'static str]);

const FIRST_BYTE: &str = "app_id without its first byte: a 0x was stripped that was not there";
const PADDED_RIGHT: &str = "app_id zero-padded to 32 bytes on the right: it is hashed as its 20 bytes";
const PADDED_LEFT: &str =
    "app_id zero-padded to 32 bytes on the left, as a word: it is hashed as its 20 bytes";
const HEX_TEXT: &str = "hex text where the raw bytes are hashed";
const PREFIXED_HEX: &str = "0x inside hashed hex";
const ADDRESS_FOR_KEY: &str = "an address where a public key belongs";
const UNCOMPRESSED: &str = "the public key uncompressed: it is hashed in its 33 compressed bytes";
const RAW_FOR_HEX: &str = "raw bytes where their hex text is hashed";

/// What a kms-issued message begins with.
pub const PREFIX: &[Choice] = &[
    (r#""dstack-kms-issued:""#, &[]),
    ("", &["the prefix dstack-kms-issued: is left out"]),
    (r#""dstack-kms-issued""#, &["the colon of the prefix is left out"]),
    (r#""phala-kms-issued:""#, &["the prefix of 2024: it is dstack-kms-issued: since"]),
];

/// Its app id.
pub const APP_ID: &[Choice] = &[
    ("app_id", &[]),
    ("", &["app_id is left out, or was bad hex that was read as no bytes"]),
    ("drop(app_id, 1)", &[FIRST_BYTE]),
    ("pad_right(app_id, 32)", &[PADDED_RIGHT]),
    ("pad_left(app_id, 32)", &[PADDED_LEFT]),
    ("pad_right(drop(app_id, 1), 32)", &[FIRST_BYTE, PADDED_RIGHT]),
    ("pad_left(drop(app_id, 1), 32)", &[FIRST_BYTE, PADDED_LEFT]),
    ("hex(app_id)", &[HEX_TEXT]),
    ("hex0x(app_id)", &[HEX_TEXT, PREFIXED_HEX]),
    ("instance_id", &["the instance id taken for the app id"]),
];

/// Its app key.
pub const APP_KEY: &[Choice] = &[
    ("compressed(app_key)", &[]),
    ("", &["the app key is left out"]),
    ("address(app_key)", &[ADDRESS_FOR_KEY]),
    ("uncompressed(app_key)", &[UNCOMPRESSED]),
    ("xy(app_key)", &[UNCOMPRESSED]),
    ("hex(compressed(app_key))", &[HEX_TEXT]),
    ("hex0x(compressed(app_key))", &[HEX_TEXT, PREFIXED_HEX]),
    ("hex(address(app_key))", &[ADDRESS_FOR_KEY, HEX_TEXT]),
    ("hex0x(address(app_key))", &[ADDRESS_FOR_KEY, HEX_TEXT, PREFIXED_HEX]),
    ("compressed(derived_key)", &["the derived key taken for the app key"]),
];

/// Its app key, where that is recovered from the claim over a wrong message.
pub const APP_KEY_BY_CLAIM: &[Choice] = &[
    (
        "address(recover({}, claim_signature))",
        &["the app key is recovered from the claim over a wrong message", ADDRESS_FOR_KEY],
    ),
    (
        "compressed(recover({}, claim_signature))",
        &["the app key is recovered from the claim over a wrong message"],
    ),
];

/// What a claim begins with.
pub const PURPOSE: &[Choice] = &[
    (r#"purpose + ":""#, &[]),
    ("purpose", &["the colon after the purpose is left out"]),
    ("", &["the purpose is left out"]),
    (r#"":""#, &["the purpose is left out, or was empty when the key was made"]),
    (r#""ethereum:""#, &["the purpose ethereum, which is not this claim's"]),
    (r#""signing:""#, &["the purpose signing, which is not this claim's"]),
    (r#"hex(app_id) + ":""#, &["app_id where the purpose belongs"]),
    (r#"instance_id + ":""#, &["the instance id where the purpose belongs"]),
    (r#"hex(instance_id) + ":""#, &["the instance id where the purpose belongs"]),
];

/// Its derived key.
pub const DERIVED_KEY: &[Choice] = &[
    ("hex(compressed(derived_key))", &[]),
    ("hex0x(compressed(derived_key))", &[PREFIXED_HEX]),
    ("hex_upper(compressed(derived_key))", &["upper-case hex: the hashed hex is lower-case"]),
    ("compressed(derived_key)", &[RAW_FOR_HEX]),
    ("hex(address(derived_key))", &[ADDRESS_FOR_KEY]),
    ("hex0x(address(derived_key))", &[ADDRESS_FOR_KEY, PREFIXED_HEX]),
    ("checksum_address(address(derived_key))", &[ADDRESS_FOR_KEY, PREFIXED_HEX]),
    ("address(derived_key)", &[ADDRESS_FOR_KEY, RAW_FOR_HEX]),
    ("hex(uncompressed(derived_key))", &[UNCOMPRESSED]),
    ("hex0x(uncompressed(derived_key))", &[UNCOMPRESSED, PREFIXED_HEX]),
    ("hex(xy(derived_key))", &[UNCOMPRESSED]),
    ("hex(compressed(app_key))", &["the app key taken for the derived key"]),
];

/// How a digest is made of a message.
pub const HASH: &[Choice] = &[
    ("keccak256({})", &[]),
    ("eip191({})", &["EIP-191 around the message: the chain signs its plain keccak256"]),
    ("eip191(keccak256({}))", &["EIP-191 wrapped around a raw keccak digest"]),
    ("eip191(hex0x(keccak256({})))", &["EIP-191 wrapped around a digest in hex"]),
    ("keccak256(keccak256({}))", &["the digest is hashed again"]),
    ("sha3_256({})", &["sha3-256 for keccak256"]),
    ("sha256({})", &["SHA-256 for keccak256"]),
];

/// Addresses that were not recovered at all.
pub const ADDRESS: &[Choice] = &[
    ("address(app_key)", &["the app key (k256_key) taken for the KMS root"]),
    ("address(derived_key)", &["the derived key taken for the KMS root"]),
    ("address(pem_key)", &["the PEM key of key_provider, which is of P-256, taken for a secp256k1 key"]),
    ("drop(xy(app_key), 44)", &[LAST_OF_KEY, "the app key (k256_key) taken for the KMS root"]),
    ("drop(xy(derived_key), 44)", &[LAST_OF_KEY]),
    ("drop(compressed({root}), 13)", &[LAST_OF_KEY]),
    ("drop(xy({root}), 44)", &[LAST_OF_KEY]),
    ("take(keccak256(xy({root})), 20)", &["the first 20 bytes of a public key's hash taken for its address"]),
    ("drop(keccak256(compressed({root})), 12)", &["the compressed public key hashed for an address"]),
    ("drop(keccak256(uncompressed({root})), 12)", &["the public key hashed with its tag 04 for an address"]),
    ("drop(sha3_256(xy({root})), 12)", &["sha3-256 for keccak256"]),
    (
        "0x0000000000000000000000000000000000000000",
        &["ecrecover gave nothing: it takes v 27 or 28, and 0 or 1 was given unadjusted"],
    ),
];

/// Where a signature of the other link was given.
pub const OTHER_SIGNATURE: &str = "the signature of the other link";
/// Where the last byte of a signature was not heeded.
pub const OTHER_PARITY: &str =
    "the recovery id is not heeded, or v adjusted wrongly: the other point is recovered";
/// Where a contract is taken for a signer.
pub const CREATED: &str = "a contract's address taken for a signer's: no key has it";

const LAST_OF_KEY: &str = "the last 20 bytes of a public key taken for its address";

/// The mistake that a fault of a proof is known for, where there is one.
pub fn of_fault(fault: &super::chain::Fault) -> Option<&'static str> {
    use super::chain::Fault;
    Some(match fault {
        Fault::ZeroRoot => "the root is not set, or is what ecrecover gave for a signature that it refuses",
        Fault::AppIdLength { length: 0 } => "bad hex was silently read as no bytes",
        Fault::AppIdLength { length: 19 } => FIRST_BYTE,
        Fault::AppIdLength { length: 32 } => "app_id is padded to 32 bytes",
        Fault::AppIdLength { length: 40 | 42 } => HEX_TEXT,
        Fault::AppKeyLength { length: 20 } | Fault::DerivedKeyLength { length: 20 } => ADDRESS_FOR_KEY,
        Fault::AppKeyLength { length: 0 } | Fault::DerivedKeyLength { length: 0 } => {
            "bad hex was silently read as no bytes"
        }
        Fault::AppKeyLength { length: 33 | 65 } | Fault::DerivedKeyLength { length: 33 | 65 } => {
            "a key in SEC 1's form where x and y are taken"
        }
        Fault::SignatureLength { length: 0, .. } => {
            "no signature: there is no KMS, or bad hex was silently read as no bytes"
        }
        Fault::SignatureLength { length: 64, .. } => "r and s without the recovery id, or EIP-2098's form",
        Fault::SignatureLength { length: 130 | 132, .. } => HEX_TEXT,
        Fault::SignatureV { v: 27 | 28, .. } => "v of 27 or 28 is given where 0 or 1 is meant",
        Fault::PurposeMismatch { .. } => {
            "the claim is for another purpose: purpose, path and instance id are easily confused"
        }
        Fault::AppKeyMismatch { .. } => {
            "the claim does not belong to this app key: a verifier that does not bind them takes any"
        }
        Fault::SignatureHighS { .. } => "the twin of a signature: n - s and the other recovery id",
        _ => return None,
    })
}
