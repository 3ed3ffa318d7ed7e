//! The functions of format expressions: names, parameters, values.

use base64::Engine as _;
use ruint::aliases::U256;

use super::encoding::{compact_size, rlp, rlp_payload, varint};
use super::{FormatFault, MAX_VALUE, MAX_WORK, typed_data};
use crate::input::ScalarInput;
use crate::input::hash;
use crate::input::key::{Address, PublicKey};

/// The largest number of a protobuf field.
pub(super) const MAX_PROTO_FIELD: u64 = (1 << 29) - 1;

/// What a function takes in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Any bytes.
    Bytes,
    /// Exactly this many bytes.
    Exactly(usize),
    /// A public key in SEC 1's compressed (33 bytes) or uncompressed (65 bytes) form.
    PublicKey,
    /// A number: decimal digits.
    Number,
    /// Any number of byte strings; only in the last place.
    Rest,
}

/// Declares the functions: documentation with an example, name in expressions, parameters.
macro_rules! functions {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal ($($parameter:expr),*);)+) => {
        /// A function of format expressions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Function {
            $($(#[doc = $doc])* $variant,)+
        }

        impl Function {
            /// Every function.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in expressions.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it takes.
            pub const fn parameters(self) -> &'static [Parameter] {
                use Parameter::*;
                match self {
                    $(Self::$variant => &[$($parameter),*],)+
                }
            }
        }
    };
}

functions! {
    /// Keccak-256 with the original padding, as Ethereum uses it: 32 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let empty = value(r#"hex(keccak256(""))"#)?;
    /// assert_eq!(empty, b"c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Keccak256 = "keccak256" (Bytes);
    /// SHA-256: 32 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let abc = value(r#"hex(sha256("abc"))"#)?;
    /// assert_eq!(abc, b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Sha256 = "sha256" (Bytes);
    /// SHA-256 of SHA-256, as Bitcoin uses it: 32 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"sha256d("abc")"#), value(r#"sha256(sha256("abc"))"#));
    /// ```
    Sha256d = "sha256d" (Bytes);
    /// SHA3-256 of FIPS 202: 32 bytes. Often taken for Keccak-256, which pads otherwise.
    /// ```
    /// # use ecrecheck::format::value;
    /// let empty = value(r#"hex(sha3_256(""))"#)?;
    /// assert_eq!(empty, b"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Sha3_256 = "sha3_256" (Bytes);
    /// RIPEMD-160: 20 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"hex(ripemd160("abc"))"#)?, b"8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Ripemd160 = "ripemd160" (Bytes);
    /// BLAKE2b of RFC 7693 with a digest of 32 bytes, as Substrate and Filecoin use it.
    /// ```
    /// # use ecrecheck::format::value;
    /// let abc = value(r#"hex(blake2b_256("abc"))"#)?;
    /// assert_eq!(abc, b"bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Blake2b256 = "blake2b_256" (Bytes);
    /// Lowercase hex digits, without 0x.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("hex(0xABCD)")?, b"abcd");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Hex = "hex" (Bytes);
    /// `0x` and lowercase hex digits.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("hex0x(0xABCD)")?, b"0xabcd");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Hex0x = "hex0x" (Bytes);
    /// Uppercase hex digits, without 0x.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("hex_upper(0xabcd)")?, b"ABCD");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    HexUpper = "hex_upper" (Bytes);
    /// The same bytes, which must be UTF-8.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("text(0x616263)")?, b"abc");
    /// assert!(value("text(0xff)").is_err());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Text = "text" (Bytes);
    /// Base64 of RFC 4648, section 4, with padding.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"base64("foob")"#)?, b"Zm9vYg==");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Base64 = "base64" (Bytes);
    /// A public key in SEC 1's compressed form: 33 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let key = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
    /// assert_eq!(value(&format!("hex0x(compressed(uncompressed({key})))"))?, key.as_bytes());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Compressed = "compressed" (PublicKey);
    /// A public key in SEC 1's uncompressed form: 65 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let g = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    /// let y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
    /// assert_eq!(value(&format!("hex(drop(uncompressed({g}), 33))"))?, y.as_bytes());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Uncompressed = "uncompressed" (PublicKey);
    /// A public key's coordinates, x then y: 64 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let key = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
    /// assert_eq!(value(&format!("xy({key})")), value(&format!("drop(uncompressed({key}), 1)")));
    /// ```
    Xy = "xy" (PublicKey);
    /// A public key's Ethereum address: 20 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let key = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
    /// let address = value(&format!("hex0x(address({key}))"))?;
    /// assert_eq!(address, b"0x5e5132f15a9aa4aa91a6bcae35adf34e27a13516");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Address = "address" (PublicKey);
    /// An address as text with EIP-55's checksum: 42 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let text = value("checksum_address(0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed)")?;
    /// assert_eq!(text, b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    ChecksumAddress = "checksum_address" (Exactly(20));
    /// Zeros before the bytes, up to a length; longer bytes are an error.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("pad_left(0xabcd, 4)")?, [0, 0, 0xab, 0xcd]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    PadLeft = "pad_left" (Bytes, Number);
    /// Zeros after the bytes, up to a length; longer bytes are an error.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("pad_right(0xabcd, 4)")?, [0xab, 0xcd, 0, 0]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    PadRight = "pad_right" (Bytes, Number);
    /// All but the first bytes; there must be that many.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"drop("0xabcd", 2)"#)?, b"abcd");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Drop = "drop" (Bytes, Number);
    /// The first bytes; there must be that many.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"take("0xabcd", 2)"#)?, b"0x");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Take = "take" (Bytes, Number);
    /// The bytes in reverse order: `reverse(u64be(n))` is little-endian.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("reverse(0xabcdef)")?, [0xef, 0xcd, 0xab]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Reverse = "reverse" (Bytes);
    /// A number as 4 bytes, big-endian.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("u32be(258)")?, [0, 0, 1, 2]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    U32be = "u32be" (Number);
    /// A number as 8 bytes, big-endian.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("u64be(258)")?, [0, 0, 0, 0, 0, 0, 1, 2]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    U64be = "u64be" (Number);
    /// A number as 32 bytes, big-endian: a word of Ethereum's ABI.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("u256be(258)"), value("pad_left(0x0102, 32)"));
    /// ```
    U256be = "u256be" (Number);
    /// A number of up to 256 bits, big-endian, in as few bytes as it needs: none for 0. RLP's integers.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value("uint(258)")?, [1, 2]);
    /// assert!(value("uint(0)")?.is_empty());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Uint = "uint" (Number);
    /// Bitcoin's compact size of the bytes, then the bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"varstr("abc")"#)?, b"\x03abc");
    /// assert_eq!(value(r#"take(varstr(pad_left("", 253)), 3)"#)?, [0xfd, 253, 0]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Varstr = "varstr" (Bytes);
    /// The bytes' length as 4 bytes, big-endian, then the bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"len_prefixed("abc")"#)?, b"\0\0\0\x03abc");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    LenPrefixed = "len_prefixed" (Bytes);
    /// The bytes' length in decimal digits.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"decimal_length("Hello World")"#)?, b"11");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    DecimalLength = "decimal_length" (Bytes);
    /// RLP of a list of byte strings.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"rlp_list("cat", "dog")"#)?, b"\xc8\x83cat\x83dog");
    /// assert_eq!(value("rlp_list(0x7f, 0x80, 0x)")?, [0xc4, 0x7f, 0x81, 0x80, 0x80]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    RlpList = "rlp_list" (Rest);
    /// RLP of a byte string. An address, a word or calldata is one; a list that is nested in another is RLP already.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"rlp("dog")"#)?, b"\x83dog");
    /// assert_eq!(value("rlp(0x0f) + rlp(0x)")?, [0x0f, 0x80]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Rlp = "rlp" (Bytes);
    /// RLP of a list whose payload is these bytes: its items, each in RLP already, one after the other.
    /// ```
    /// # use ecrecheck::format::value;
    /// assert_eq!(value(r#"rlp_payload(rlp("cat") + rlp("dog"))"#), value(r#"rlp_list("cat", "dog")"#));
    /// // The Yellow Paper's example of nested lists, [ [], [[]], [ [], [[]] ] ].
    /// let nested = value("rlp_payload(0xc0 + rlp_payload(0xc0) + rlp_payload(0xc0 + rlp_payload(0xc0)))")?;
    /// assert_eq!(nested, [0xc7, 0xc0, 0xc1, 0xc0, 0xc3, 0xc0, 0xc1, 0xc0]);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    RlpPayload = "rlp_payload" (Bytes);
    /// A protobuf field of bytes, text or a message, with its number: tag, length, bytes; nothing where there are
    /// no bytes, as proto3 leaves it out.
    /// ```
    /// # use ecrecheck::format::value;
    /// // The encoding guide's `message Test2 { string b = 2; }` with "testing".
    /// assert_eq!(value(r#"proto_bytes("testing", 2)"#)?, b"\x12\x07testing");
    /// assert!(value("proto_bytes(0x, 2)")?.is_empty());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    ProtoBytes = "proto_bytes" (Bytes, Number);
    /// A protobuf field of an unsigned number of up to 64 bits, with its number: tag, varint; nothing for 0.
    /// ```
    /// # use ecrecheck::format::value;
    /// // The encoding guide's `message Test1 { int32 a = 1; }` with 150.
    /// assert_eq!(value("proto_uint(150, 1)")?, [0x08, 0x96, 0x01]);
    /// assert!(value("proto_uint(0, 1)")?.is_empty());
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    ProtoUint = "proto_uint" (Number, Number);
    /// The digest of EIP-712's typed data, given in JSON as `eth_signTypedData_v4` takes it: 32 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let types = r#"{\"EIP712Domain\": [], \"Message\": [{\"name\": \"element\", \"type\": \"Element[]\"}], \"Element\": [{\"name\": \"foo\", \"type\": \"int8\"}]}"#;
    /// let data = r#"\"primaryType\": \"Message\", \"domain\": {}, \"message\": {\"element\": [{\"foo\": 1}, {\"foo\": 2}]}"#;
    /// let digest = value(&format!(r#"typed_data("{{\"types\": {types}, {data}}}")"#))?;
    /// // trezor-firmware's fixture array_of_structs: the hashes of the domain and of the message.
    /// let domain = "0x6192106f129ce05c9075d319c1fa6ea9b3ae37cbd0c1ef92e2be7137bb07baa1";
    /// let message = "0x7be2cca6dd2e37cf3e8ab76ab19df174e369ad48e3fd0088c7f99137cbf6a2d8";
    /// assert_eq!(digest, value(&format!("keccak256(0x1901 + {domain} + {message})"))?);
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    TypedData = "typed_data" (Bytes);
    /// The digest that EIP-191's `personal_sign` signs for a message: 32 bytes.
    /// ```
    /// # use ecrecheck::format::value;
    /// let long = r#"keccak256("\x19Ethereum Signed Message:\n" + decimal_length("Hi") + "Hi")"#;
    /// assert_eq!(value(r#"eip191("Hi")"#), value(long));
    /// ```
    Eip191 = "eip191" (Bytes);
    /// The public key, compressed, that a digest and a signature (r, s, recovery id 0 to 3: 65 bytes)
    /// recover; an error where there is none.
    /// ```
    /// # use ecrecheck::format::value;
    /// let digest = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53";
    /// let r = "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
    /// let s = "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
    /// let address = value(&format!("hex0x(address(recover({digest}, {r} + {s} + 0x00)))"))?;
    /// assert_eq!(address, b"0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    /// # Ok::<(), ecrecheck::format::FormatError>(())
    /// ```
    Recover = "recover" (Exactly(32), Exactly(65));
}

impl Function {
    /// The function of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }

    /// Whether it takes that many arguments.
    pub fn takes(self, arguments: usize) -> bool {
        match self.parameters() {
            [.., Parameter::Rest] => true,
            parameters => parameters.len() == arguments,
        }
    }

    /// Whether it is a hash of 32 bytes, and so can make the digest that is signed.
    pub const fn is_digest(self) -> bool {
        matches!(
            self,
            Self::Keccak256
                | Self::Sha256
                | Self::Sha256d
                | Self::Sha3_256
                | Self::Blake2b256
                | Self::Eip191
                | Self::TypedData
        )
    }

    /// What it takes in the place `index`.
    pub fn parameter(self, index: usize) -> Parameter {
        self.parameters().get(index).copied().unwrap_or(Parameter::Rest)
    }

    /// Its value. The arguments are what [`Function::parameters`] asks for: see [`Parameter::check`].
    pub(super) fn apply(self, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FormatFault> {
        let argument = |index: usize| arguments[index].as_slice();
        let first = || argument(0);
        let key = || PublicKey::from_sec1(first()).map_err(FormatFault::PublicKey);
        Ok(match self {
            Self::Keccak256 => hash::keccak256(first()).into(),
            Self::Sha256 => hash::sha256(first()).into(),
            Self::Sha256d => hash::sha256(&hash::sha256(first())).into(),
            Self::Sha3_256 => hash::sha3_256(first()).into(),
            Self::Ripemd160 => hash::ripemd160(first()).into(),
            Self::Blake2b256 => hash::blake2b_256(first()).into(),
            Self::Hex => const_hex::encode(first()).into(),
            Self::Hex0x => const_hex::encode_prefixed(first()).into(),
            Self::HexUpper => const_hex::encode_upper(first()).into(),
            Self::Text => str::from_utf8(first())
                .map_err(|error| FormatFault::NotUtf8 { at: error.valid_up_to() })?
                .into(),
            Self::Base64 => base64::engine::general_purpose::STANDARD.encode(first()).into(),
            Self::Compressed => key()?.compressed().into(),
            Self::Uncompressed => key()?.uncompressed().into(),
            Self::Xy => key()?.xy().into(),
            Self::Address => key()?.address().0.into(),
            Self::ChecksumAddress => {
                let address = first()
                    .try_into()
                    .map_err(|_| FormatFault::Length { expected: 20, found: first().len() })?;
                Address(address).to_string().into()
            }
            Self::PadLeft => {
                let mut padded = vec![0; padding(first(), argument(1))?];
                padded.extend(first());
                padded
            }
            Self::PadRight => {
                let mut padded = first().to_vec();
                padded.extend(vec![0; padding(first(), argument(1))?]);
                padded
            }
            Self::Drop => split(first(), argument(1))?.1.to_vec(),
            Self::Take => split(first(), argument(1))?.0.to_vec(),
            Self::Reverse => first().iter().rev().copied().collect(),
            Self::U32be => u32::try_from(number(first())?).map_err(|_| too_large(32))?.to_be_bytes().into(),
            Self::U64be => u64::try_from(number(first())?).map_err(|_| too_large(64))?.to_be_bytes().into(),
            Self::U256be => number(first())?.to_be_bytes_vec(),
            Self::Uint => number(first())?.to_be_bytes_trimmed_vec(),
            Self::Varstr => [compact_size(first().len()), first().to_vec()].concat(),
            Self::LenPrefixed => {
                let length = u32::try_from(first().len()).map_err(|_| FormatFault::TooLong)?;
                [&length.to_be_bytes(), first()].concat()
            }
            Self::DecimalLength => first().len().to_string().into(),
            Self::RlpList => rlp_payload(&arguments.iter().flat_map(|item| rlp(item)).collect::<Vec<_>>()),
            Self::Rlp => rlp(first()),
            Self::RlpPayload => rlp_payload(first()),
            Self::ProtoBytes => {
                let tag = proto_tag(argument(1), 2)?;
                let field = [tag, varint(first().len() as u64), first().to_vec()];
                if first().is_empty() { Vec::new() } else { field.concat() }
            }
            Self::ProtoUint => {
                let (tag, number) = (proto_tag(argument(1), 0)?, number(first())?);
                let number = u64::try_from(number).map_err(|_| too_large(64))?;
                if number == 0 { Vec::new() } else { [tag, varint(number)].concat() }
            }
            Self::Eip191 => hash::keccak256(&eip191_preimage(first())).into(),
            Self::TypedData => hash::keccak256(&typed_data::preimage(first())?).into(),
            Self::Recover => recover(first(), argument(1))?.compressed().into(),
        })
    }

    /// What its value costs beside its bytes, in bytes hashed: a recovery takes milliseconds.
    pub(super) fn work(self) -> usize {
        match self {
            Self::Recover => MAX_WORK / 256,
            Self::Compressed | Self::Uncompressed | Self::Xy | Self::Address => MAX_WORK / 8192,
            _ => 0,
        }
    }

    /// The bytes that it hashes, if it is a hash.
    pub(super) fn preimage(self, argument: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Keccak256
            | Self::Sha256
            | Self::Sha256d
            | Self::Sha3_256
            | Self::Ripemd160
            | Self::Blake2b256 => Some(argument.into()),
            Self::Eip191 => Some(eip191_preimage(argument)),
            Self::TypedData => typed_data::preimage(argument).ok(),
            _ => None,
        }
    }
}

impl Parameter {
    /// Whether the bytes are what is asked for.
    pub(super) fn check(self, bytes: &[u8]) -> Result<(), FormatFault> {
        match self {
            Self::Bytes | Self::Rest => Ok(()),
            Self::Exactly(expected) if bytes.len() == expected => Ok(()),
            Self::Exactly(expected) => Err(FormatFault::Length { expected, found: bytes.len() }),
            Self::PublicKey => PublicKey::from_sec1(bytes).map(|_| ()).map_err(FormatFault::PublicKey),
            Self::Number => number(bytes).map(|_| ()),
        }
    }
}

/// The number that decimal digits say.
pub(super) fn number(digits: &[u8]) -> Result<U256, FormatFault> {
    let text = str::from_utf8(digits)
        .ok()
        .filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let text = text.ok_or(FormatFault::NotANumber)?;
    text.parse().map_err(|_| too_large(256))
}

fn too_large(bits: u32) -> FormatFault {
    FormatFault::NumberTooLarge { bits }
}

fn length(digits: &[u8]) -> Result<usize, FormatFault> {
    usize::try_from(number(digits)?).ok().filter(|length| *length <= MAX_VALUE).ok_or(FormatFault::TooLong)
}

/// How many bytes are missing to the length that the digits say.
fn padding(bytes: &[u8], digits: &[u8]) -> Result<usize, FormatFault> {
    let length = length(digits)?;
    length.checked_sub(bytes.len()).ok_or(FormatFault::LongerThan { length, found: bytes.len() })
}

fn split<'a>(bytes: &'a [u8], digits: &[u8]) -> Result<(&'a [u8], &'a [u8]), FormatFault> {
    let length = usize::try_from(number(digits)?).unwrap_or(usize::MAX);
    bytes.split_at_checked(length).ok_or(FormatFault::ShorterThan { length, found: bytes.len() })
}

/// A protobuf field's number and wire type: 0 for a varint, 2 for bytes with their length.
fn proto_tag(field: &[u8], wire_type: u64) -> Result<Vec<u8>, FormatFault> {
    let field = u64::try_from(number(field)?).ok().filter(|field| (1..=MAX_PROTO_FIELD).contains(field));
    Ok(varint(field.ok_or(FormatFault::NotAProtoField)? << 3 | wire_type))
}

fn eip191_preimage(message: &[u8]) -> Vec<u8> {
    [b"\x19Ethereum Signed Message:\n", message.len().to_string().as_bytes(), message].concat()
}

fn recover(digest: &[u8], signature: &[u8]) -> Result<PublicKey, FormatFault> {
    let word = |bytes: &[u8]| U256::from_be_slice(bytes).into();
    let [rs @ .., recovery_id] = signature else {
        return Err(FormatFault::Length { expected: 65, found: 0 });
    };
    let (r, s) = rs.split_at(32);
    let input = ScalarInput { digest: word(digest), r: word(r), s: word(s), recovery_id: *recovery_id };
    let recovered = input.recover_by_reference().map_err(FormatFault::NoKey)?;
    PublicKey::from_point(recovered.q).ok_or(FormatFault::NoKey(crate::reference::Reason::QInfinity))
}
