//! go-ethereum's precompile tests, `core/vm/testdata/precompiles/ecRecover.json`: a list of calls. `Expected` is what
//! the call returns, an address in a word, or nothing where there is no key; `Gas` is what the call costs, and here
//! what it is given.
//!
//! A file does not say which precompile it is of, so what `ecrecover` cannot return is refused. Nimbus has the same list
//! in an object that says it, as `func`.

use serde_json::Value;

use super::node::{Node, Wrong};
use super::{Name, Reader, Said, Suite};
use crate::corpus::case::{ExpectedAnswer, ExpectedKey};
use crate::input::bytes::Bytes;
use crate::input::hash::ripemd160;
use crate::input::key::Address;
use crate::input::{CallInput, Input};
use crate::reference::answer::ECRECOVER_GAS;

pub(super) const SUITE: Suite = Suite {
    name: "geth's precompile tests",
    is: |value| {
        // With either, so that the other is missed by name.
        let is_call = |test: &Value| test.get("Input").is_some() || test.get("Expected").is_some();
        let is_named = value.get("func").is_some() && value.get("data").is_some();
        is_named || value.as_array().is_some_and(|tests| tests.iter().any(is_call))
    },
    read,
};

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    let tests = if root.is_list() {
        root.list()?
    } else {
        let func = root.field("func")?;
        if func.text()? != "ecrecover" {
            return Err(func.wrong(format!("expected ecrecover, found {}", func.text()?)));
        }
        root.field("data")?.list()?
    };
    for (number, test) in (1..).zip(tests) {
        let calldata = test.field("Input")?.bytes()?;
        let answer = answer(&test.field("Expected")?, &calldata)?;
        let name = test.field("Name")?.text()?;
        let name = Name { id: format!("{number}-{name}"), called: name.to_owned(), about: String::new() };
        let gas = test.optional("Gas")?.map(|gas| gas.number()).transpose()?;
        let said = match gas {
            // What needs no more than it costs, where a file says so.
            None | Some(ECRECOVER_GAS) => {
                let gas = gas.unwrap_or(CallInput::AMPLE_GAS);
                Ok(Said::one(Input::Call(CallInput { calldata: Bytes(calldata), gas }), answer))
            }
            Some(other) => Err(format!("a call that costs {other} gas: ecrecover costs {ECRECOVER_GAS}")),
        };
        reader.add(name, said);
    }
    Ok(())
}

/// The address that a call must return, or that it returns nothing.
fn answer(expected: &Node<'_>, calldata: &[u8]) -> Result<ExpectedAnswer, Wrong> {
    let no_address = |what: &str| expected.wrong(format!("{what}, which ecrecover does not return"));
    let word = expected.bytes()?;
    if word.is_empty() {
        return Ok(ExpectedAnswer::Rejected(None));
    }
    let address = word.strip_prefix(&[0; 12]).and_then(|address| <[u8; 20]>::try_from(address).ok());
    let address = address.ok_or_else(|| no_address("no address in a word"))?;
    if address[..19] == [0; 19] && address[19] <= 1 {
        return Err(no_address("0 or 1"));
    }
    if address == ripemd160(calldata) {
        return Err(no_address("the RIPEMD-160 of the input"));
    }
    let address = Some(Address(address).into());
    Ok(ExpectedAnswer::Recovered(ExpectedKey { address, public_key: None }))
}
