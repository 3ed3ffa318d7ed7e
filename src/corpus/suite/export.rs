//! Our own export, `ecrecheck export json`: cases with all that is known of them.

use std::collections::BTreeSet;

use super::node::{Node, Wrong};
use super::{Name, Reader, Said, Suite};
use crate::corpus::case::{ExpectedAddress, ExpectedAnswer, ExpectedKey};
use crate::input::bytes::Bytes;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::answer::Refusal;

pub(super) const SUITE: Suite = Suite {
    name: "ecrecheck's export",
    is: |value| value.get("schema").is_some() && value.get("cases").is_some(),
    read,
};

/// The newest version of the form that is read.
const VERSION: u64 = 1;

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    if let Some(version) = root.optional("version")?
        && version.number()? > VERSION
    {
        return Err(version.wrong(format!("expected a version up to {VERSION}")));
    }
    for case in root.field("cases")?.list()? {
        let id = case.field("id")?.text()?.to_owned();
        let about = case.optional("comment")?.map(|comment| comment.text()).transpose()?.unwrap_or_default();
        let answer = answer(&case.field("expect")?)?;
        let facts: Result<BTreeSet<_>, _> = case.field("facts")?.list()?.iter().map(fact).collect();
        let said = Said { facts: facts?, ..Said::one(input(&case.field("input")?)?, answer) };
        reader.add(Name { id: id.clone(), called: id, about: about.to_owned() }, Ok(said));
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
    Ok(match surface.text()? {
        "scalar" => {
            ScalarInput { digest: word("digest")?, r: word("r")?, s: word("s")?, recovery_id: id()? }.into()
        }
        "prehash" => Input::Prehash(PrehashInput {
            prehash: Bytes(input.field("prehash")?.bytes()?),
            r: word("r")?,
            s: word("s")?,
            recovery_id: id()?,
        }),
        "call" => Input::Call(CallInput {
            calldata: Bytes(input.field("calldata")?.bytes()?),
            gas: input.field("gas")?.number()?,
        }),
        other => return Err(surface.wrong(format!("expected scalar, prehash or call, found {other}"))),
    })
}

fn answer(expect: &Node<'_>) -> Result<ExpectedAnswer, Wrong> {
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
