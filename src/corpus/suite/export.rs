//! Our own export, `ecrecheck export json`: cases with all that is known of them.

use std::collections::BTreeSet;

use semver::VersionReq;

use super::node::{Node, Wrong};
use super::{Name, Reader, Said, Suite};
use crate::corpus::case::{ExpectedAddress, ExpectedAnswer, ExpectedKey, ID_FORM, is_id};
use crate::corpus::vector::{VECTOR_SCHEMA, VECTOR_VERSION, VectorMessage, VectorOrigin, VectorSignature};
use crate::input::bytes::Bytes;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::answer::Refusal;
use crate::subject::OutcomeKind;

pub(super) const SUITE: Suite = Suite {
    name: "ecrecheck's export",
    is: |value| value.get("schema").is_some() && value.get("cases").is_some(),
    read,
};

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    let (schema, version) = (root.field("schema")?, root.field("version")?);
    if schema.text()? != VECTOR_SCHEMA {
        return Err(schema.wrong(format!("expected {VECTOR_SCHEMA}")));
    }
    if version.number()? != u64::from(VECTOR_VERSION) {
        return Err(version.wrong(format!("expected {VECTOR_VERSION}, found {}", version.number()?)));
    }
    root.has_only(&["schema", "version", "ecrecheck", "divergences", "cases"])?;
    root.field("ecrecheck")?.words()?;
    let mut divergences = BTreeSet::new();
    for (id, divergence) in root.field("divergences")?.fields()? {
        divergence.has_only(&["versions", "why", "link"])?;
        let versions = divergence.field("versions")?;
        VersionReq::parse(versions.text()?)
            .map_err(|error| versions.wrong(format!("expected a range of versions: {error}")))?;
        divergence.field("why")?.words()?;
        divergence.field("link")?.words()?;
        divergences.insert(id);
    }
    for case in root.field("cases")?.list()? {
        hold_form(&case, &divergences)?;
        let id = case.field("id")?;
        if !is_id(id.text()?) {
            return Err(id.wrong(format!("expected {ID_FORM}, found `{}`", id.text()?)));
        }
        let id = id.text()?.to_owned();
        let about = case.field("comment")?.text()?.to_owned();
        let answer = answer(&case.field("expect")?)?;
        let facts = facts(&case.field("facts")?)?;
        let said = Said { facts, ..Said::one(input(&case.field("input")?)?, answer) };
        reader.add(Name { id: id.clone(), called: id, about }, Ok(said));
    }
    Ok(())
}

/// Holds to the form what is no part of a question or its answer.
fn hold_form(case: &Node<'_>, divergences: &BTreeSet<&str>) -> Result<(), Wrong> {
    let asked = ["id", "comment", "input", "expect", "facts"];
    let known = ["origin", "source", "deviations", "message", "signature"];
    case.has_only(&[asked.as_slice(), &known].concat())?;
    case.field("origin")?.typed::<VectorOrigin>()?;
    case.field("source")?.text()?;
    if let Some(message) = case.optional("message")? {
        message.typed::<VectorMessage>()?;
    }
    if let Some(signature) = case.optional("signature")? {
        signature.typed::<VectorSignature>()?;
    }
    let Some(deviations) = case.optional("deviations")? else { return Ok(()) };
    for deviation in deviations.some()? {
        deviation.has_only(&["subject", "outcome", "divergence"])?;
        deviation.field("subject")?.words()?;
        let outcome = deviation.field("outcome")?;
        if !outcome.typed().is_ok_and(|kind: OutcomeKind| kind != OutcomeKind::OtherDigest) {
            return Err(
                outcome.wrong("expected what an implementation does with an input, such as wrong-key")
            );
        }
        let divergence = deviation.field("divergence")?;
        if !divergences.contains(divergence.words()?) {
            return Err(divergence.wrong(format!("`divergences` has no {}", divergence.text()?)));
        }
    }
    Ok(())
}

fn input(input: &Node<'_>) -> Result<Input, Wrong> {
    let word = |name: &str| input.field(name)?.typed();
    let bytes = |name: &str| input.field(name)?.typed::<Bytes>();
    let id = || {
        let id = input.field("recovery_id")?;
        u8::try_from(id.number()?).map_err(|_| id.wrong("expected at most 255"))
    };
    let surface = input.field("surface")?;
    let has_only = |fields: &[&str]| input.has_only(&[&["surface"], fields].concat());
    Ok(match surface.text()? {
        "scalar" => {
            has_only(&["digest", "r", "s", "recovery_id"])?;
            ScalarInput { digest: word("digest")?, r: word("r")?, s: word("s")?, recovery_id: id()? }.into()
        }
        "prehash" => {
            has_only(&["prehash", "r", "s", "recovery_id"])?;
            let (prehash, r, s) = (bytes("prehash")?, word("r")?, word("s")?);
            Input::Prehash(PrehashInput { prehash, r, s, recovery_id: id()? })
        }
        "call" => {
            has_only(&["calldata", "gas"])?;
            Input::Call(CallInput { calldata: bytes("calldata")?, gas: input.field("gas")?.number()? })
        }
        other => return Err(surface.wrong(format!("expected scalar, prehash or call, found {other}"))),
    })
}

fn answer(expect: &Node<'_>) -> Result<ExpectedAnswer, Wrong> {
    expect.has_only(&["rejected", "address", "public_key"])?;
    if let Some(reason) = expect.optional("rejected")? {
        let name = reason.text()?;
        let refusal = Refusal::all().find(|refusal| refusal.name() == name);
        let refusal = refusal.ok_or_else(|| reason.wrong(format!("unknown reason {name}")))?;
        if let Some(key) = expect.optional("address")?.or(expect.optional("public_key")?) {
            return Err(key.wrong("expected a rejection, or an address and a key, and not both"));
        }
        return Ok(ExpectedAnswer::Rejected(Some(refusal)));
    }
    let (address, key) = (expect.field("address")?, expect.field("public_key")?);
    let typed: ExpectedAddress = address.typed()?;
    // Whether it is on the curve is a matter of the check, as is the address's checksum.
    let public_key = match <[u8; 33]>::try_from(key.typed::<Bytes>()?.0) {
        Ok(bytes @ [2 | 3, ..]) => Some(bytes),
        _ => return Err(key.wrong("expected a compressed key: 02 or 03, and 32 bytes")),
    };
    Ok(ExpectedAnswer::Recovered(ExpectedKey { address: Some(typed), public_key }))
}

fn facts(list: &Node<'_>) -> Result<BTreeSet<Fact>, Wrong> {
    let mut facts = BTreeSet::new();
    for node in list.some()? {
        let name = node.text()?;
        let fact = Fact::ALL.iter().find(|fact| fact.name() == name).copied();
        if !facts.insert(fact.ok_or_else(|| node.wrong(format!("unknown fact {name}")))?) {
            return Err(node.wrong(format!("the fact {name} for the second time")));
        }
    }
    Ok(facts)
}
