//! `ecrecheck recover`: one signature, every subject.

use crate::cli::tables;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::corpus::{self, Corpus, FieldValue, Resolved};
use ecrecheck::format::Fields;
use ecrecheck::format::Message;
use ecrecheck::input::bytes::{Bytes, Word};
use ecrecheck::input::key::Address;
use ecrecheck::input::signature::{Signature, Wire};
use ecrecheck::input::{CallInput, Input, PrehashInput, ScalarInput};
use ecrecheck::judge::{Harness, Judged, Verdict, judge};
use ecrecheck::reference::answer::Expectation;
use ecrecheck::report::{self, reproducer};
use ecrecheck::subject::Subject;

use super::outsiders::Outsiders;
use super::place::CorpusPlace;
use super::signer::signer;
use super::{Exit, print, print_json};

/// Shows what is signed, what the input is, and what every subject recovers.
///
/// Hex may be given with or without 0x, but in --set, where it may be text. Exit status: 0 all agreed, 1 findings or an unmet --expect, 2 bad
/// input or another error.
#[derive(Debug, Args)]
pub(super) struct Recover {
    #[command(flatten)]
    signed: Signed,
    /// The value of a field of --format: bytes as 0x…, text as text:…; repeatable
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    fields: Vec<(String, FieldValue)>,
    /// The signature: 65 bytes (v 27 or 28 means recovery id 0 or 1, any other v is used as it is), 64 bytes
    /// with --recovery-id or --compact, or the wire layout of the known format
    #[arg(long, value_name = "HEX", required_unless_present = "calldata", conflicts_with = "calldata")]
    signature: Option<Bytes>,
    /// The recovery id of a 64-byte signature, 0 to 255
    #[arg(long, value_name = "N", conflicts_with = "compact")]
    recovery_id: Option<u8>,
    /// The gas of the call of --calldata [default: 100000]
    #[arg(long, value_name = "GAS")]
    gas: Option<u64>,
    /// The signature is in EIP-2098's compact form, 64 bytes
    #[arg(long)]
    compact: bool,
    /// The expected address or public key; exit status 1 on a mismatch
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = signer)]
    expect: Option<Address>,
    /// Print a fixture of this id for a corpus instead: what was recovered, ready to paste
    #[arg(long, value_name = "GROUP::NAME", requires = "format", conflicts_with = "json")]
    fixture: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    outsiders: Outsiders,
    #[command(flatten)]
    place: CorpusPlace,
}

/// What was signed: exactly one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Signed {
    /// The 32-byte digest that was signed
    #[arg(long, value_name = "HEX")]
    digest: Option<Word>,
    /// How the digest is made: a known format's name (`list formats`) or an expression
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// A prehash of any length, for the subjects that take one
    #[arg(long, value_name = "HEX")]
    prehash: Option<Bytes>,
    /// The calldata of a call of EVM ecrecover, signature included, for the subjects that are an EVM
    #[arg(long, value_name = "HEX")]
    calldata: Option<Bytes>,
}

fn assignment(text: &str) -> Result<(String, FieldValue), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.parse::<FieldValue>().map_err(|error| error.to_string())?))
}

impl Recover {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        self.refuse_what_does_not_belong()?;
        let corpus = self.place.load()?;
        let message = self.message(&corpus)?;
        let input = self.input(&corpus, message.as_ref())?;
        let subjects = self.outsiders.open()?;
        let divergences = self.outsiders.divergences(&corpus, &subjects)?;
        let judged = judge(&input, Harness::new(&subjects, &divergences).by_reference());
        if let (Some(id), Some(message)) = (&self.fixture, &message) {
            return self.print_fixture(id, message, &corpus, &input, &judged.reference);
        }
        let met = self.expect.is_none_or(|expected| {
            matches!(judged.reference, Expectation::Recovered { address, .. } if address == expected)
        });
        let findings =
            judged.subjects.iter().any(|(_, _, verdict)| matches!(verdict, Verdict::Finding { .. }));
        self.report(&input, message.as_ref(), &judged, &subjects, met)?;
        Ok(if met && !findings { Exit::Agreed } else { Exit::Findings })
    }

    /// Prints a fixture, which the corpus's own code must be able to read.
    fn print_fixture(
        &self,
        id: &str,
        message: &Message,
        corpus: &Corpus,
        input: &Input,
        reference: &Expectation,
    ) -> anyhow::Result<Exit> {
        let (Input::Scalar(input), Expectation::Recovered { address, public_key }) = (input, reference)
        else {
            bail!("--fixture: no key is recovered, so there is nothing to expect ({reference})");
        };
        if let Some(expected) = self.expect.filter(|expected| expected != address) {
            bail!("--fixture: {address} is recovered, expected {expected}");
        }
        let Bytes(signature) = self.signature.as_ref().context("--fixture needs --signature")?;
        let as_given = match (signature.len(), signature.last()) {
            (64, _) if self.compact => Wire::Eip2098,
            (64, _) => Wire::Rs,
            (_, Some(27 | 28)) => Wire::RsV27,
            _ => Wire::RsRecoveryId,
        };
        let known = message.format.as_deref().and_then(|name| corpus.formats.named(name));
        let wire = known.map_or(as_given, |known| known.wire);
        // A signature may have been pasted in another layout than its format's.
        let ScalarInput { r, s, recovery_id, .. } = *input;
        let apart = wire.apart(recovery_id);
        let bytes = if wire.decode(signature, apart).is_ok() {
            signature.clone()
        } else {
            let written = wire.encode(&Signature { r, s, recovery_id }, Some(0));
            written.with_context(|| format!("--fixture: expected a signature of the form {}", wire.form()))?
        };
        let fixture = reproducer::fixture(id, message, (wire, &bytes), recovery_id, *public_key);
        corpus::parse_cases(Path::new("--fixture"), &fixture, &corpus.formats)?;
        print(&fixture)?;
        Ok(Exit::Agreed)
    }

    /// clap waives `requires` where what is required conflicts with something that is there.
    fn refuse_what_does_not_belong(&self) -> anyhow::Result<()> {
        let Signed { format, calldata, .. } = &self.signed;
        if format.is_none() && !self.fields.is_empty() {
            bail!("--set needs --format");
        }
        if format.is_none() && self.fixture.is_some() {
            bail!("--fixture needs --format");
        }
        if calldata.is_none() && self.gas.is_some() {
            bail!("--gas needs --calldata");
        }
        if calldata.is_some() && (self.recovery_id.is_some() || self.compact) {
            bail!("--calldata holds the signature: remove --recovery-id and --compact");
        }
        Ok(())
    }

    fn input(&self, corpus: &Corpus, message: Option<&Message>) -> anyhow::Result<Input> {
        if let Some(calldata) = &self.signed.calldata {
            return Ok(Input::Call(CallInput {
                calldata: calldata.clone(),
                gas: self.gas.unwrap_or(CallInput::AMPLE_GAS),
            }));
        }
        let Signature { r, s, recovery_id } = self.signature(corpus, message).context("--signature")?;
        if let Some(prehash) = &self.signed.prehash {
            return Ok(Input::Prehash(PrehashInput { prehash: prehash.clone(), r, s, recovery_id }));
        }
        let digest = message.map(|message| Word(message.digest.digest)).or(self.signed.digest);
        let digest = digest.context("expected --digest or --format")?;
        Ok(ScalarInput { digest, r, s, recovery_id }.into())
    }

    fn message(&self, corpus: &Corpus) -> anyhow::Result<Option<Message>> {
        let Some(format) = &self.signed.format else { return Ok(None) };
        let mut fields = Fields::default();
        for (name, value) in &self.fields {
            if fields.set(name, value.0.clone()).is_some() {
                bail!("--set: the field `{name}` is given twice");
            }
        }
        let resolved = corpus.formats.resolve(format).context("--format")?;
        let expression = resolved.expression().clone();
        let name = match &resolved {
            Resolved::Known(known) => {
                known.check(&fields).with_context(|| format!("--set, for {}", known.name))?;
                Some(known.name.clone())
            }
            Resolved::Expression(expression) => {
                let used = expression.fields();
                if let Some(unused) = fields.names().find(|name| !used.contains(name)) {
                    bail!("--set: the expression does not use the field `{unused}`");
                }
                None
            }
        };
        let digest = expression.digest(&fields).context("--format")?;
        Ok(Some(Message { format: name, expression, fields, digest }))
    }

    /// Takes the signature apart: by the known format's layout where that says more than `r || s || v`,
    /// otherwise as people paste it.
    fn signature(&self, corpus: &Corpus, message: Option<&Message>) -> anyhow::Result<Signature> {
        let bytes = &self.signature.as_ref().context("expected a signature")?.0;
        let known =
            message.and_then(|message| message.format.as_deref()).and_then(|name| corpus.formats.named(name));
        let wire = known.map(|format| format.wire);
        Ok(match (wire, bytes.len(), self.recovery_id) {
            _ if self.compact => Wire::Eip2098.decode(bytes, None)?,
            (Some(Wire::Der), _, apart) => Wire::Der.decode(bytes, apart)?,
            (_, 64, Some(recovery_id)) => Wire::Rs.decode(bytes, Some(recovery_id))?,
            (
                Some(wire @ (Wire::RsV31 | Wire::RsEip155 | Wire::Eip155Rs | Wire::HeaderRs | Wire::Eip2098)),
                _,
                None,
            ) => wire.decode(bytes, None)?,
            (_, 64, None) => {
                bail!("64 bytes have no recovery id: give --recovery-id, or --compact for EIP-2098")
            }
            (_, 65, Some(_)) => bail!("65 bytes hold their recovery id: leave --recovery-id out"),
            (_, 65, None) => Signature::from_65_bytes(bytes)?,
            (_, found, _) => bail!("expected 65 bytes, or 64 with --recovery-id or --compact, found {found}"),
        })
    }

    fn report(
        &self,
        input: &Input,
        message: Option<&Message>,
        judged: &Judged,
        subjects: &[Box<dyn Subject>],
        met: bool,
    ) -> anyhow::Result<()> {
        if self.json {
            let mut report = report::json::judged(input, message, judged, subjects);
            if let Some(expected) = self.expect {
                report["expected"] = serde_json::json!({"address": expected, "met": met});
            }
            return print_json(&report);
        }
        let mut text = match message {
            Some(message) => report::text::message(message),
            None => String::new(),
        };
        text += &report::text::input(input);
        text += &report::text::facts(judged);
        text.push('\n');
        text += &tables::outcomes(judged, subjects);
        if let Some(expected) = self.expect {
            text += &format!("\nexpected    {expected}: {}\n", if met { "met" } else { "NOT MET" });
        }
        print(&text)
    }
}
