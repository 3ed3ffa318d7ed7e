//! What is found, as code: a snippet that makes the digest, recovers the signer with the ecosystem's own
//! libraries and compares it, with the values at hand as its example.
//!
//! Each function of the expression language is a small function in the target language, of bytes to bytes,
//! and a snippet holds those that it needs: what the language's compiler or interpreter runs can be read
//! beside the format.

mod go;
mod python;
mod rust;
mod solidity;
mod typescript;

use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::str::FromStr;

use crate::format::{Expr, Function, Parameter, Term};
use crate::identify::value::Value;
use crate::input::key::Address;

/// A language to emit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// A contract, without libraries.
    Solidity,
    /// k256, sha3, sha2.
    Rust,
    /// eth_keys and eth_utils, which eth_account brings along.
    Python,
    /// viem, and @noble/curves and @noble/hashes, which it brings along.
    Typescript,
    /// go-ethereum.
    Go,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] = [Self::Solidity, Self::Rust, Self::Python, Self::Typescript, Self::Go];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Solidity => "solidity",
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Typescript => "typescript",
            Self::Go => "go",
        }
    }

    /// Whether its libraries recover with ids 2 and 3, of an r that was reduced. The EVM, eth-keys and viem do not.
    const fn takes_reduced(self) -> bool {
        matches!(self, Self::Rust | Self::Go)
    }

    fn dialect(self) -> &'static Dialect {
        match self {
            Self::Solidity => &solidity::DIALECT,
            Self::Rust => &rust::DIALECT,
            Self::Python => &python::DIALECT,
            Self::Typescript => &typescript::DIALECT,
            Self::Go => &go::DIALECT,
        }
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

/// How a language writes things.
struct Dialect {
    language: Language,
    /// Whether names are in camelCase, and not in snake_case.
    camel: bool,
    /// Words that no parameter can be called: keywords, and what stands around parameters and in literals.
    reserved: &'static str,
    helpers: &'static [Helper],
    literal: fn(&[u8]) -> String,
    concat: fn(&[String]) -> String,
    frame: fn(&Frame) -> String,
}

/// A function of the expression language in another language.
struct Helper {
    /// The function's name in expressions, or the helper's own.
    name: &'static str,
    /// Helpers that it uses.
    uses: &'static [&'static str],
    /// What must be imported for it, where imports that are not used are errors.
    imports: &'static [&'static str],
    source: &'static str,
}

/// What a snippet is made of.
struct Frame {
    /// The format's expression, in one line.
    format: String,
    /// Each field's name in the language, and its value.
    fields: Vec<(String, Vec<u8>)>,
    /// The digest in the language.
    digest: String,
    /// The helpers' sources.
    helpers: String,
    imports: Vec<&'static str>,
    signer: Address,
    /// r, s, recovery id.
    signature: Vec<u8>,
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
    let dialect = language.dialect();
    let names = dialect.names(&expression.fields());
    let mut used = Vec::new();
    let digest = dialect.render(expression, &names, &mut used)?;
    let fields = values
        .iter()
        .filter_map(|value| Some((names.get(value.name.as_str())?.clone(), value.bytes.clone())))
        .collect();
    let mut needed = Vec::new();
    for name in used.into_iter().chain(["recovered_signer"]) {
        dialect.need(name, &mut needed);
    }
    let in_order: Vec<_> = dialect.helpers.iter().filter(|helper| needed.contains(&helper.name)).collect();
    let mut imports: Vec<_> = in_order.iter().flat_map(|helper| helper.imports).copied().collect();
    imports.sort_unstable();
    imports.dedup();
    let helpers = in_order.iter().map(|helper| helper.source).collect::<Vec<_>>().join("\n");
    let format = expression.to_string();
    let signature = signature.to_vec();
    Ok((dialect.frame)(&Frame { format, fields, digest, helpers, imports, signer, signature }))
}

impl Dialect {
    fn render(
        &self,
        expr: &Expr,
        names: &BTreeMap<&str, String>,
        used: &mut Vec<&'static str>,
    ) -> Result<String, EmitError> {
        Ok(match &expr.term {
            Term::Text(text) => (self.literal)(text.as_bytes()),
            Term::Hex(bytes) => (self.literal)(bytes),
            Term::Number(number) => (self.literal)(number.to_string().as_bytes()),
            Term::Field(name) => names.get(name.as_str()).unwrap_or(name).clone(),
            Term::Concat(parts) => {
                used.push("concat");
                let parts = parts.iter().map(|part| self.render(part, names, used));
                (self.concat)(&parts.collect::<Result<Vec<_>, _>>()?)
            }
            Term::Call(function, arguments) => {
                let (name, arguments) = self.counterpart(*function, arguments)?;
                used.push(name);
                let render = |(at, argument): (usize, &Expr)| match &argument.term {
                    // How much is padded or cut is a number in the language too.
                    Term::Number(number) if at > 0 && function.parameter(at) == Parameter::Number => {
                        Ok(number.to_string())
                    }
                    _ => Ok(self.argument(self.render(argument, names, used)?)),
                };
                let arguments = arguments.iter().enumerate().map(render).collect::<Result<Vec<_>, _>>()?;
                format!("{}({})", self.name(name), arguments.join(", "))
            }
        })
    }

    /// The helper for a call, and what it is given.
    fn counterpart<'e>(
        &self,
        function: Function,
        arguments: &'e [Expr],
    ) -> Result<(&'static str, &'e [Expr]), EmitError> {
        // ecrecover gives an address, and never a key.
        if let (Language::Solidity, Function::Address, Some(Term::Call(Function::Recover, inner))) =
            (self.language, function, arguments.first().map(|argument| &argument.term))
        {
            return Ok(("recovered_address", inner));
        }
        if self.helpers.iter().any(|helper| helper.name == function.name()) {
            return Ok((function.name(), arguments));
        }
        let why = match function {
            Function::Recover => "ecrecover gives an address, and never a key",
            Function::RlpList => "use a library that encodes transactions",
            Function::Sha3_256 => "the EVM has no SHA3-256 of FIPS 202",
            _ => "make these bytes outside, and hand them in",
        };
        Err(EmitError::Unsupported { language: self.language, function: function.name(), why })
    }

    /// A helper's name in the language: `pad_left` is `pad_left_of` or `padLeftOf`.
    fn name(&self, helper: &str) -> String {
        self.cased(&format!("{helper}_of"))
    }

    /// Each field's name in the language, with a suffix where it is reserved or would be another's too.
    fn names<'e>(&self, fields: &[&'e str]) -> BTreeMap<&'e str, String> {
        let mut names = BTreeMap::new();
        for field in fields {
            let valued = format!("{field}_value");
            let base = if self.is_reserved(&self.cased(field)) { valued.as_str() } else { field };
            let numbered = (2_u64..).map(|number| self.cased(&format!("{base}_{number}")));
            let is_free =
                |name: &String| !self.is_reserved(name) && !names.values().any(|taken| taken == name);
            if let Some(name) = iter::once(self.cased(base)).chain(numbered).find(is_free) {
                names.insert(*field, name);
            }
        }
        names
    }

    fn is_reserved(&self, name: &str) -> bool {
        self.reserved.split(' ').any(|word| word == name)
            || (self.language == Language::Solidity && solidity::is_sized_type(name))
            || self.helpers.iter().any(|helper| self.name(helper.name) == name)
    }

    fn cased(&self, name: &str) -> String {
        if !self.camel {
            return name.to_owned();
        }
        let mut words = name.split('_').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (first, rest) = word.split_at(1);
            name + &first.to_ascii_uppercase() + rest
        })
    }

    fn argument(&self, argument: String) -> String {
        if self.language == Language::Rust { rust::slice(&argument) } else { argument }
    }

    fn need(&self, name: &'static str, needed: &mut Vec<&'static str>) {
        let helper = self.helpers.iter().find(|helper| helper.name == name);
        if let Some(helper) = helper.filter(|_| !needed.contains(&name)) {
            needed.push(name);
            helper.uses.iter().for_each(|name| self.need(name, needed));
        }
    }
}

/// Bytes as a string literal with `\x` escapes, as Python, Rust and Go read it; hex where they are no text.
fn quoted(bytes: &[u8]) -> Option<String> {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t' | 0x19);
    if !bytes.iter().all(printable) {
        return None;
    }
    let escaped: String = bytes
        .iter()
        .map(|byte| match byte {
            b'"' => "\\\"".to_owned(),
            b'\\' => "\\\\".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\t' => "\\t".to_owned(),
            0x19 => "\\x19".to_owned(),
            other => char::from(*other).to_string(),
        })
        .collect();
    Some(format!("\"{escaped}\""))
}
