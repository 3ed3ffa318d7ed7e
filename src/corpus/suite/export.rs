//! Our own export, `ecrecheck export json`: cases with all that is known of them.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Wrong};
use super::{Name, Reader, Said, Suite};
use crate::corpus::case::{ExpectedAddress, ExpectedAnswer, ExpectedKey};
use crate::corpus::vector::{
    VECTOR_SCHEMA, VECTOR_VERSION, VectorDeviation, VectorDivergence, VectorMessage, VectorOrigin,
    VectorSignature,
};
use crate::input::bytes::Bytes;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::answer::Refusal;

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
    root.field("ecrecheck")?.text()?;
    let divergences: BTreeMap<String, VectorDivergence> = root.field("divergences")?.typed()?;
    for case in root.field("cases")?.list()? {
        hold_form(&case, &divergences)?;
        let id = case.field("id")?.text()?.to_owned();
        let about = case.field("comment")?.text()?.to_owned();
        let answer = answer(&case.field("expect")?)?;
        let facts: Result<BTreeSet<_>, _> = case.field("facts")?.list()?.iter().map(fact).collect();
        let said = Said { facts: facts?, ..Said::one(input(&case.field("input")?)?, answer) };
        reader.add(Name { id: id.clone(), called: id, about }, Ok(said));
    }
    Ok(())
}

/// Holds to the form what is no part of a question or its answer.
fn hold_form(case: &Node<'_>, divergences: &BTreeMap<String, VectorDivergence>) -> Result<(), Wrong> {
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
    for node in deviations.list()? {
        let deviation: VectorDeviation = node.typed()?;
        if !divergences.contains_key(&deviation.divergence) {
            return Err(node.wrong(format!("`divergences` has no {}", deviation.divergence)));
        }
    }
    Ok(())
}

fn input(input: &Node<'_>) -> Result<Input, Wrong> {
    let word = |name: &str| input.field(name)?.word();
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
            let prehash = Bytes(input.field("prehash")?.bytes()?);
            Input::Prehash(PrehashInput { prehash, r: word("r")?, s: word("s")?, recovery_id: id()? })
        }
        "call" => {
            has_only(&["calldata", "gas"])?;
            let calldata = Bytes(input.field("calldata")?.bytes()?);
            Input::Call(CallInput { calldata, gas: input.field("gas")?.number()? })
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
    let typed: ExpectedAddress =
        address.text()?.parse().map_err(|error| address.wrong(format!("{error}")))?;
    let bytes = key.bytes()?.try_into().map_err(|_| key.wrong("expected a compressed key, 33 bytes"))?;
    Ok(ExpectedAnswer::Recovered(ExpectedKey { address: Some(typed), public_key: Some(bytes) }))
}

fn fact(node: &Node<'_>) -> Result<Fact, Wrong> {
    let name = node.text()?;
    let fact = Fact::ALL.iter().find(|fact| fact.name() == name).copied();
    fact.ok_or_else(|| node.wrong(format!("unknown fact {name}")))
}
