//! A found format as code: a snippet that makes the digest, recovers the signer with the ecosystem's own
//! libraries and compares it, with the given values as its example.
//!
//! A language is a template, `src/identify/emit/verifier.*.j2`. Each function of the expression language is a function
//! there, from bytes to bytes, and a snippet has those that it calls. This file writes expressions, literals and
//! names.

use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::str::FromStr;

use askama::Template;

use crate::format::{Expr, Function, Parameter, Term};
use crate::identify::value::Value;
use crate::input::key::Address;

/// A language to emit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// A contract, without libraries.
    Solidity,
    /// k256, hex, sha3 and, as needed, sha2, ripemd, blake2 and base64.
    Rust,
    /// eth_keys, eth_utils and rlp, which eth_account brings along.
    Python,
    /// viem, and @noble/curves and @noble/hashes, which it brings along.
    Typescript,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::Solidity, Self::Rust, Self::Python, Self::Typescript];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Solidity => "solidity",
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Typescript => "typescript",
        }
    }

    /// Whether its libraries recover with ids 2 and 3, of an r that was reduced. The EVM, eth-keys and viem do not.
    const fn takes_reduced(self) -> bool {
        matches!(self, Self::Rust)
    }

    /// Why it has no counterpart to a function; `None` if it has one.
    const fn lacks(self, function: Function) -> Option<&'static str> {
        match (self, function) {
            (Self::Solidity, Function::Recover) => Some("ecrecover returns an address, never a key"),
            (Self::Solidity, Function::Sha3_256) => Some("the EVM has no SHA3-256 of FIPS 202"),
            (Self::Solidity, Function::Text) => Some("check outside that the bytes are UTF-8"),
            (Self::Solidity, Function::Blake2b256) => Some("the EVM has the compression of BLAKE2b alone"),
            (Self::Solidity, Function::TypedData) => Some("a contract reads no JSON: hash its structs"),
            (Self::Rust, Function::TypedData) => Some("alloy-dyn-abi's TypedData reads and hashes it"),
            _ => None,
        }
    }

    /// Words that cannot name a parameter: keywords, and identifiers that the template uses.
    const fn reserved(self) -> &'static str {
        match self {
            Self::Solidity => {
                "abi abstract addmod address after alias anonymous apply as assembly assert at auto blobhash \
                 block blockhash bool break byte bytes calldata case catch constant constructor continue \
                 contract copyof days default define delete digest do ecrecover else emit enum erc7201 error \
                 ether event external fallback false final fixed for from function gasleft global gwei hex \
                 hours if immutable implements import in indexed inline int interface internal is keccak256 \
                 layout leave let library macro mapping match memory minutes modifier msg mulmod mutable new \
                 now null of override partial payable pragma private promise public pure receive \
                 recoveredSigner reference relocatable require return returns revert ripemd160 sealed seconds \
                 selfdestruct sha256 sha3 signature signer sizeof static storage string struct suicide super \
                 supports switch this throw transient true try tx type typedef typeof ufixed uint unchecked \
                 unicode using var verify view virtual weeks wei while years"
            }
            Self::Rust => {
                "abstract address as async await base64 become blake2 box break const continue crate digest do dyn \
                 else enum extern false final fn for gen hex if impl in k256 let loop macro main match mod \
                 move mut override priv pub recovered_key recovered_signer ref return ripemd self sha2 sha3 \
                 signature signer static struct super trait true try type typeof unsafe unsized use verify \
                 virtual where while yield"
            }
            Self::Python => {
                "and as assert async await base64 break bytes class continue def del digest elif else encode_typed_data except \
                 finally for from global hashlib if import in int is json keccak keys lambda len nonlocal not or \
                 pass print raise recovered_signer return rlp signature signature_parts signer str \
                 to_canonical_address to_checksum_address try verify while with yield"
            }
            Self::Typescript => {
                "TextDecoder arguments async await blake2b break btoa bytesToHex case catch class concat console const continue \
                 debugger default delete digest do else enum eval export extends false finally for function \
                 getAddress hashTypedData hexToBytes if implements import in instanceof interface isAddressEqual keccak256 \
                 let main new null package private process protected public recoverAddress recoveredSigner \
                 return ripemd160 secp256k1 sha256 sha3 signature signer static stringToBytes super switch \
                 this throw toRlp true try typeof undefined var verified verify void while with yield"
            }
        }
    }

    /// Whether no parameter can have the name: `_of` ends the names of helpers.
    fn reserves(self, name: &str) -> bool {
        // Types with a size in their names, such as `bytes32`, `uint256` or `fixed128x18`.
        let size =
            ["bytes", "int", "uint", "fixed", "ufixed"].iter().find_map(|kind| name.strip_prefix(kind));
        let is_sized =
            size.is_some_and(|size| size.bytes().all(|byte| byte == b'x' || byte.is_ascii_digit()));
        (self == Self::Solidity && is_sized)
            || name.ends_with("_of")
            || name.ends_with("Of")
            || self.reserved().split(' ').any(|word| word == name)
    }

    /// A name as the language writes it: in camelCase or, as it is, in snake_case.
    fn cased(self, name: &str) -> String {
        if matches!(self, Self::Rust | Self::Python) {
            return name.to_owned();
        }
        let mut words = name.split('_').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (first, rest) = word.split_at(1);
            name + &first.to_ascii_uppercase() + rest
        })
    }

    /// Each field's name, with a suffix if it is reserved or another field has it.
    fn names<'e>(self, fields: &[&'e str]) -> BTreeMap<&'e str, String> {
        let mut names = BTreeMap::new();
        for field in fields {
            let valued = format!("{field}_value");
            let base = if self.reserves(&self.cased(field)) { valued.as_str() } else { field };
            let numbered = (2_u64..).map(|number| self.cased(&format!("{base}_{number}")));
            let is_free = |name: &String| !self.reserves(name) && !names.values().any(|taken| taken == name);
            if let Some(name) = iter::once(self.cased(base)).chain(numbered).find(is_free) {
                names.insert(*field, name);
            }
        }
        names
    }

    fn expression(self, expr: &Expr, names: &BTreeMap<&str, String>) -> Result<String, EmitError> {
        let all = |parts: &[Expr]| {
            parts.iter().map(|part| self.expression(part, names)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match &expr.term {
            Term::Text(text) => self.literal(text.as_bytes()),
            Term::Hex(bytes) => self.literal(bytes),
            Term::Number(number) => self.literal(number.to_string().as_bytes()),
            Term::Field(name) => names.get(name.as_str()).unwrap_or(name).clone(),
            Term::Concat(parts) => self.concat(&all(parts)?),
            Term::Call(Function::RlpList, items) => self.rlp_list(&all(items)?),
            Term::Call(function, arguments) => {
                // ecrecover returns an address, never a key.
                if let (
                    Self::Solidity,
                    Function::Address,
                    [Expr { term: Term::Call(Function::Recover, inner), .. }],
                ) = (self, function, arguments.as_slice())
                {
                    return Ok(format!("recoveredAddressOf({})", all(inner)?.join(", ")));
                }
                if let Some(why) = self.lacks(*function) {
                    return Err(EmitError::Unsupported { language: self, function: function.name(), why });
                }
                let argument = |(at, argument): (usize, &Expr)| match &argument.term {
                    // A length is a number in the language too.
                    Term::Number(number) if at > 0 && function.parameter(at) == Parameter::Number => {
                        Ok(number.to_string())
                    }
                    _ => Ok(self.argument(&self.expression(argument, names)?)),
                };
                let arguments = arguments.iter().enumerate().map(argument).collect::<Result<Vec<_>, _>>()?;
                format!("{}({})", self.cased(&format!("{}_of", function.name())), arguments.join(", "))
            }
        })
    }

    /// A literal: text if the bytes are text, hex otherwise.
    fn literal(self, bytes: &[u8]) -> String {
        match (self, quoted(bytes)) {
            (Self::Solidity, Some(text)) => format!("bytes({text})"),
            (Self::Solidity, None) => format!("bytes(hex\"{}\")", const_hex::encode(bytes)),
            (Self::Rust | Self::Python, Some(text)) => format!("b{text}"),
            (Self::Rust, None) => {
                let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                format!("b\"{escaped}\"")
            }
            (Self::Python, None) => format!("bytes.fromhex(\"{}\")", const_hex::encode(bytes)),
            (Self::Typescript, Some(text)) => format!("stringToBytes({text})"),
            (Self::Typescript, None) => format!("hexToBytes(\"0x{}\")", const_hex::encode(bytes)),
        }
    }

    fn concat(self, parts: &[String]) -> String {
        match self {
            Self::Solidity => {
                /// More arguments do not fit on the EVM's stack, beside parameters and outer calls.
                const ARGUMENTS: usize = 4;
                let (first, rest) = parts.split_at(parts.len().min(ARGUMENTS));
                let begin = format!("bytes.concat({})", first.join(", "));
                rest.chunks(ARGUMENTS - 1)
                    .fold(begin, |sum, chunk| format!("bytes.concat({sum}, {})", chunk.join(", ")))
            }
            Self::Rust => format!("[{}].concat()", self.arguments(parts)),
            Self::Python => parts.join(" + "),
            Self::Typescript => format!("concat([{}])", self.arguments(parts)),
        }
    }

    fn rlp_list(self, items: &[String]) -> String {
        match self {
            Self::Solidity => {
                let items: Vec<_> = items.iter().map(|item| format!("rlpOf({item})")).collect();
                format!("rlpPayloadOf({})", self.concat(&items))
            }
            Self::Rust => format!("rlp_list_of(&[{}])", self.arguments(items)),
            Self::Python => format!("rlp_list_of({})", self.arguments(items)),
            Self::Typescript => format!("rlpListOf({})", self.arguments(items)),
        }
    }

    fn arguments(self, arguments: &[String]) -> String {
        arguments.iter().map(|argument| self.argument(argument)).collect::<Vec<_>>().join(", ")
    }

    /// The argument as a call takes it. In Rust a slice: of an array, a vector or a slice.
    fn argument(self, argument: &str) -> String {
        if self == Self::Rust { format!("&{argument}[..]") } else { argument.to_owned() }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|language| language.name() == name);
        named.ok_or_else(|| {
            format!("there is no language `{name}`; there are {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// Bytes as a string literal that all four languages read alike; `None` if they are not text.
fn quoted(bytes: &[u8]) -> Option<String> {
    let escaped = bytes.iter().map(|byte| match byte {
        b'"' => Some("\\\"".to_owned()),
        b'\\' => Some("\\\\".to_owned()),
        b'\n' => Some("\\n".to_owned()),
        b'\t' => Some("\\t".to_owned()),
        0x19 => Some("\\x19".to_owned()),
        b' '..=b'~' => Some(char::from(*byte).to_string()),
        _ => None,
    });
    Some(format!("\"{}\"", escaped.collect::<Option<String>>()?))
}

/// Why there is no snippet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// The language has nothing for a function.
    #[error("{language} has no `{function}` here: {why}")]
    Unsupported {
        /// The language.
        language: Language,
        /// The function.
        function: &'static str,
        /// What could be done.
        why: &'static str,
    },
    /// The signature's r was reduced, which the language's recovery does not take.
    #[error("{language} recovers no key for the recovery ids 2 and 3, and this signature has {recovery_id}")]
    RecoveryId {
        /// The language.
        language: Language,
        /// The recovery id.
        recovery_id: u8,
    },
}

/// A language's template.
#[derive(Template)]
#[template(escape = "none", config = "src/identify/emit/askama.toml")]
enum Verifier<'a> {
    #[template(path = "verifier.sol.j2")]
    Solidity { code: &'a Code<'a> },
    #[template(path = "verifier.rs.j2")]
    Rust { code: &'a Code<'a> },
    #[template(path = "verifier.py.j2")]
    Python { code: &'a Code<'a> },
    #[template(path = "verifier.ts.j2")]
    Typescript { code: &'a Code<'a> },
}

/// What a template is filled with.
struct Code<'a> {
    language: Language,
    /// The format's expression, in one line.
    format: String,
    fields: Vec<Field<'a>>,
    /// The digest in the language.
    digest: String,
    signer: Address,
    /// r, s, recovery id.
    signature: &'a [u8],
    /// The code so far: the helpers that it calls may be missing.
    before: String,
}

struct Field<'a> {
    /// Its name in the language.
    name: String,
    value: &'a [u8],
}

impl Code<'_> {
    /// Whether the code so far contains the identifier: then the template defines or imports it.
    fn uses(&self, name: &str) -> bool {
        self.before.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
    }

    fn arguments(&self) -> String {
        self.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn literal(&self, bytes: &[u8]) -> String {
        self.language.literal(bytes)
    }

    fn hex(&self, bytes: impl AsRef<[u8]>) -> String {
        const_hex::encode(bytes)
    }

    fn filled(&self) -> String {
        let code = self;
        let verifier = match self.language {
            Language::Solidity => Verifier::Solidity { code },
            Language::Rust => Verifier::Rust { code },
            Language::Python => Verifier::Python { code },
            Language::Typescript => Verifier::Typescript { code },
        };
        // askama leaves out a template's last line end.
        format!("{verifier}\n")
    }
}

/// A snippet that verifies, with this format, that the signature is by the signer.
///
/// `signature` is r, s and the recovery id, 65 bytes; the snippet takes v 27 and 28 too.
///
/// # Errors
/// A function, or a recovery id, that the language has no counterpart for.
pub fn emit(
    language: Language,
    expression: &Expr,
    values: &[Value],
    signature: &[u8],
    signer: Address,
) -> Result<String, EmitError> {
    let recovery_id = signature.get(64).map(|v| v.checked_sub(27).unwrap_or(*v)).unwrap_or_default();
    if matches!(recovery_id, 2 | 3) && !language.takes_reduced() {
        return Err(EmitError::RecoveryId { language, recovery_id });
    }
    let names = language.names(&expression.fields());
    let mut code = Code {
        language,
        format: expression.to_string(),
        digest: language.expression(expression, &names)?,
        fields: values
            .iter()
            .filter_map(|Value { name, bytes, .. }| {
                Some(Field { name: names.get(name.as_str())?.clone(), value: bytes })
            })
            .collect(),
        signer,
        signature,
        before: String::new(),
    };
    // A helper may call others, which the next round adds, until nothing changes.
    loop {
        let filled = code.filled();
        if filled == code.before {
            return Ok(filled);
        }
        code.before = filled;
    }
}
