//! `fixtures/**/*.toml`, `cases/**/*.toml` and `regressions/**/*.toml`: signatures and inputs with what must
//! come out.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use toml::Spanned;

use super::Source;
use super::field_value::{FieldTable, fields};
use crate::corpus::VERSION;
use crate::corpus::case::{
    Case, CaseKind, Expect, ExpectedAddress, ExpectedAnswer, ExpectedKey, ID_FORM, is_id,
};
use crate::corpus::read::{CorpusError, Lines};
use crate::corpus::{Formats, Resolved};
use crate::format::Message;
use crate::input::bytes::{Bytes, Word, array_from_hex};
use crate::input::signature::{Signature, Wire};
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::answer::Refusal;

/// `fixtures/**/*.toml` and `cases/**/*.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct CaseFile {
    /// The version of this schema that the file was written for.
    version: Option<Spanned<u32>>,
    #[serde(default)]
    fixture: Vec<FixtureTable>,
    #[serde(default)]
    case: Vec<CaseTable>,
}

impl CaseFile {
    pub(in crate::corpus) fn lower(self, lines: &Lines, formats: &Formats) -> Result<Vec<Case>, CorpusError> {
        if let Some(version) = self.version.filter(|version| *version.get_ref() > VERSION) {
            let message =
                format!("is of version {}: this ecrecheck reads versions up to {VERSION}", version.get_ref());
            return Err(lines.error(version.span(), message));
        }
        let fixtures = self.fixture.into_iter().map(|table| table.lower(lines, formats));
        fixtures.chain(self.case.into_iter().map(|table| table.lower(lines, formats))).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixtureTable {
    pub(super) id: Spanned<String>,
    pub(super) about: String,
    pub(super) origin: Origin,
    pub(super) source: Source,
    pub(super) format: Spanned<String>,
    pub(super) wire: Option<Wire>,
    pub(super) signature: Bytes,
    pub(super) recovery_id: Option<u8>,
    #[serde(default)]
    pub(super) fields: FieldTable,
    pub(super) expect: FixtureExpect,
}

/// Where a fixture's signature comes from.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Origin {
    /// It stands in a public source.
    Published,
    /// It was made with a published key.
    Computed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixtureExpect {
    pub(super) mark: Option<u64>,
    pub(super) preimage: Option<Bytes>,
    pub(super) digest: Word,
    pub(super) address: ExpectedAddress,
    pub(super) public_key: KeyBytes,
}

/// 33 bytes that ought to be a compressed public key.
#[derive(Clone, Copy)]
pub(super) struct KeyBytes([u8; 33]);

impl<'de> Deserialize<'de> for KeyBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        array_from_hex(&String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

impl FixtureTable {
    pub(super) fn lower(self, lines: &Lines, formats: &Formats) -> Result<Case, CorpusError> {
        let place = lines.place(self.id.span());
        let id = id(self.id, lines)?;
        let message = message(&self.format, self.fields, &id, lines, formats)?;
        let known = message.format.as_deref().and_then(|name| formats.named(name)).map(|format| format.wire);
        let span = self.format.span();
        let wire = match (known, self.wire) {
            (Some(wire), None) | (None, Some(wire)) => wire,
            (None, None) => {
                return Err(lines.error(span, format!("`{id}`: an expression needs `wire` beside it")));
            }
            (Some(_), Some(_)) => {
                return Err(lines
                    .error(span, format!("`{id}`: a known format has its wire layout: leave `wire` out")));
            }
        };
        let digest = Word(message.digest.digest);
        let signature = wire.decode(&self.signature.0, self.recovery_id);
        Ok(Case {
            id,
            about: self.about,
            kind: match self.origin {
                Origin::Published => CaseKind::Published,
                Origin::Computed => CaseKind::Computed,
            },
            source: self.source.to_string(),
            place,
            message: Some(message),
            wire: Some((wire, self.signature.0)),
            inputs: signature.map(|signature| vec![scalar(digest, signature).into()]),
            facts: BTreeSet::new(),
            expect: Expect {
                mark: self.expect.mark,
                preimage: self.expect.preimage.map(|bytes| bytes.0),
                digest: Some(self.expect.digest),
                answer: ExpectedAnswer::Recovered(ExpectedKey {
                    address: Some(self.expect.address),
                    public_key: Some(self.expect.public_key.0),
                }),
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseTable {
    id: Spanned<String>,
    about: String,
    source: String,
    #[serde(default)]
    facts: BTreeSet<Fact>,
    digest: Option<Word>,
    format: Option<Spanned<String>>,
    #[serde(default)]
    fields: FieldTable,
    prehash: Option<Bytes>,
    calldata: Option<Bytes>,
    gas: Option<u64>,
    r: Option<Word>,
    s: Option<Word>,
    recovery_id: Option<u8>,
    signature: Option<Bytes>,
    wire: Option<Wire>,
    expect: CaseExpect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseExpect {
    address: Option<ExpectedAddress>,
    public_key: Option<KeyBytes>,
    rejected: Option<ReasonName>,
    not_address: Option<ExpectedAddress>,
    not_public_key: Option<KeyBytes>,
    #[serde(default)]
    no_signature: bool,
}

impl CaseExpect {
    fn lower(self) -> Option<ExpectedAnswer> {
        let key = |address, public_key: Option<KeyBytes>| ExpectedKey {
            address,
            public_key: public_key.map(|KeyBytes(bytes)| bytes),
        };
        let Self { address, public_key, rejected, not_address, not_public_key, no_signature } = self;
        match (key(address, public_key), rejected, key(not_address, not_public_key), no_signature) {
            (ANY_KEY, None, ANY_KEY, true) => Some(ExpectedAnswer::NoSignature),
            (ANY_KEY, Some(ReasonName(reason)), ANY_KEY, false) => Some(ExpectedAnswer::Rejected(reason)),
            (ANY_KEY, None, ANY_KEY, false) => None,
            (expected, None, ANY_KEY, false) => Some(ExpectedAnswer::Recovered(expected)),
            (ANY_KEY, None, not, false) => Some(ExpectedAnswer::Not(not)),
            _ => None,
        }
    }
}

/// A key of which nothing was typed.
const ANY_KEY: ExpectedKey = ExpectedKey { address: None, public_key: None };

/// A reason's name, or `any`.
struct ReasonName(Option<Refusal>);

impl<'de> Deserialize<'de> for ReasonName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "any" {
            return Ok(Self(None));
        }
        let reason = Refusal::all().find(|reason| reason.name() == name);
        let names = || Refusal::all().map(Refusal::name).collect::<Vec<_>>().join(", ");
        reason.map(|reason| Self(Some(reason))).ok_or_else(|| {
            de::Error::custom(format!("unknown reason `{name}`; the reasons are any, {}", names()))
        })
    }
}

impl CaseTable {
    fn lower(self, lines: &Lines, formats: &Formats) -> Result<Case, CorpusError> {
        let span = self.id.span();
        let place = lines.place(span.clone());
        let id = id(self.id, lines)?;
        let error = |message: &str| lines.error(span.clone(), format!("`{id}`: {message}"));

        let Self { digest, format, prehash, calldata, gas, r, s, recovery_id, signature, wire, .. } = self;
        let (has_bytes, has_layout) = (signature.is_some(), wire.is_some());
        let (message, signed) = match (digest, format, prehash, calldata) {
            (Some(digest), None, None, None) if self.fields.is_empty() => (None, Signed::Digest(digest)),
            (None, Some(format), None, None) => {
                let message = message(&format, self.fields, &id, lines, formats)?;
                let digest = Word(message.digest.digest);
                (Some(message), Signed::Digest(digest))
            }
            (None, None, Some(prehash), None) if self.fields.is_empty() => (None, Signed::Prehash(prehash)),
            (None, None, None, Some(calldata)) if self.fields.is_empty() => (None, Signed::InCall(calldata)),
            _ => {
                let what = "expected one of `digest`, `format` with its `fields`, `prehash` and `calldata`";
                return Err(error(what));
            }
        };
        let parts = match (r, s, signature, wire) {
            (Some(r), Some(s), None, None) => Parts::Numbers(r, s, recovery_id),
            (None, None, Some(signature), Some(wire)) => Parts::OnTheWire(wire, signature.0, recovery_id),
            (None, None, Some(signature), None) if recovery_id.is_none() => Parts::Bytes(signature.0),
            (None, None, None, None) if recovery_id.is_none() => Parts::None,
            _ => {
                let what = "expected either `r`, `s` and `recovery_id`, or `signature` and `wire`";
                return Err(error(what));
            }
        };
        let (wire, inputs) = match (signed, gas, parts) {
            (Signed::Digest(digest), None, Parts::Numbers(r, s, recovery_id)) => {
                (None, Ok(with_each_id(ScalarInput { digest, r, s, recovery_id: 0 }, recovery_id)))
            }
            (Signed::Digest(digest), None, Parts::OnTheWire(wire, bytes, recovery_id)) => {
                // Without one, the layout that has no place for it is asked with each.
                let decoded = wire.decode(&bytes, recovery_id.or(wire.apart(0)));
                let inputs = decoded.map(|signature| {
                    let held = wire.apart(0).is_none().then_some(signature.recovery_id);
                    with_each_id(scalar(digest, signature), recovery_id.or(held))
                });
                (Some((wire, bytes)), inputs)
            }
            (Signed::Digest(digest), None, Parts::Bytes(bytes)) => match Wire::decode_any(&bytes) {
                Ok((wire, signature)) => (Some((wire, bytes)), Ok(vec![scalar(digest, signature).into()])),
                Err(error) => (None, Err(error)),
            },
            (Signed::Prehash(prehash), None, Parts::Numbers(r, s, Some(recovery_id))) => {
                (None, Ok(vec![Input::Prehash(PrehashInput { prehash, r, s, recovery_id })]))
            }
            (Signed::InCall(calldata), Some(gas), Parts::None) => {
                (None, Ok(vec![Input::Call(CallInput { calldata, gas })]))
            }
            (Signed::InCall(_), _, _) => {
                return Err(error("expected `gas`, and no signature, beside `calldata`"));
            }
            (Signed::Prehash(_), _, _) => {
                return Err(error("expected `r`, `s` and `recovery_id` beside `prehash`"));
            }
            (Signed::Digest(_), _, _) => {
                return Err(error("expected either `r`, `s` and `recovery_id`, or `signature` and `wire`"));
            }
        };
        let answer = self.expect.lower().ok_or_else(|| {
            error(
                "expected `address` or `public_key` or both, or `not_address` or `not_public_key` or both, or \
                 `rejected`, or `no_signature`, in `expect`",
            )
        })?;
        if !has_bytes && answer == ExpectedAnswer::NoSignature {
            return Err(error("expected `signature` where `expect` has `no_signature`"));
        }
        if has_bytes && !has_layout && answer != ExpectedAnswer::NoSignature {
            return Err(error("expected `wire` beside `signature`, unless `expect` has `no_signature`"));
        }
        Ok(Case {
            id,
            about: self.about,
            kind: CaseKind::Made,
            source: self.source,
            place,
            message,
            wire,
            inputs,
            facts: self.facts,
            expect: Expect { preimage: None, digest: None, mark: None, answer },
        })
    }
}

/// What a case says was signed.
enum Signed {
    Digest(Word),
    Prehash(Bytes),
    InCall(Bytes),
}

/// How a case gives its signature, and its recovery id if it does.
enum Parts {
    Numbers(Word, Word, Option<u8>),
    OnTheWire(Wire, Vec<u8>, Option<u8>),
    /// Bytes that ought to be no signature in any layout.
    Bytes(Vec<u8>),
    None,
}

/// The input with its recovery id, or with each if none is given.
fn with_each_id(input: ScalarInput, recovery_id: Option<u8>) -> Vec<Input> {
    let ids = recovery_id.map_or(0..=3, |id| id..=id);
    ids.map(|recovery_id| ScalarInput { recovery_id, ..input }.into()).collect()
}

fn scalar(digest: Word, Signature { r, s, recovery_id }: Signature) -> ScalarInput {
    ScalarInput { digest, r, s, recovery_id }
}

/// The text, if it is an id.
fn id(id: Spanned<String>, lines: &Lines) -> Result<String, CorpusError> {
    if is_id(id.get_ref()) {
        return Ok(id.into_inner());
    }
    Err(lines.error(id.span(), format!("expected {ID_FORM}, found `{}`", id.get_ref())))
}

/// Evaluates a known format, held to its fields' lengths and kinds, or an expression.
fn message(
    format: &Spanned<String>,
    table: FieldTable,
    id: &str,
    lines: &Lines,
    formats: &Formats,
) -> Result<Message, CorpusError> {
    let fields = fields(table);
    let error = |error: &dyn fmt::Display| lines.error(format.span(), format!("`{id}`: {error}"));
    let resolved = formats.resolve(format.get_ref()).map_err(|e| error(&e))?;
    if let Resolved::Known(known) = &resolved {
        known.check(&fields).map_err(|e| error(&e))?;
    }
    let used = resolved.expression().fields();
    if let Some(unused) = fields.names().find(|name| !used.contains(name)) {
        return Err(error(&format!("the expression does not use the field `{unused}`")));
    }
    let digest = resolved.expression().digest(&fields).map_err(|e| error(&e))?;
    Ok(match resolved {
        Resolved::Known(known) => {
            Message { format: Some(known.name.clone()), expression: known.digest.clone(), fields, digest }
        }
        Resolved::Expression(expression) => Message { format: None, expression, fields, digest },
    })
}
