//! State tests of Ethereum's execution layer for `ecrecover`: what the call is given, and the storage that must be
//! there afterwards. No EVM runs here. Two contracts are understood: the straight code of `execution-specs`' tests,
//! which stores whether the call succeeded and the words of its window in memory, and the proxy of
//! `ecrecheck export statetest`, which is given the calldata by the transaction.
//!
//! A file that holds the state's root alone, as those of ethereum/tests do, says nothing that can be read.

mod code;

use std::collections::BTreeMap;

use ruint::aliases::U256;
use serde_json::Value;

use self::code::{Stored, Trace, trace};
use super::node::{Node, Wrong};
use super::{Name, Reader, Said, Suite};
use crate::corpus::case::{ExpectedAnswer, ExpectedKey};
use crate::corpus::proxy::{self, GAS_SLOT, WINDOW_SLOTS};
use crate::input::bytes::{Bytes, Word};
use crate::input::key::Address;
use crate::input::{CallInput, Input};
use crate::reference::answer::Refusal;

pub(super) const SUITE: Suite = Suite {
    name: "state tests",
    is: |value| {
        let is_test =
            |test: &Value| ["pre", "post", "transaction"].iter().all(|part| test.get(part).is_some());
        value.as_object().is_some_and(|tests| !tests.is_empty() && tests.values().all(is_test))
    },
    read,
};

/// Slots that are not 0.
type Storage = BTreeMap<U256, U256>;

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    for (number, (name, test)) in (1..).zip(root.fields()?) {
        // A test has a result for each fork, and for each choice of data, gas and value.
        let mut said: BTreeMap<Indexes, Result<Said, String>> = BTreeMap::new();
        for (_, results) in test.field("post")?.fields()? {
            for result in results.list()? {
                let indexes = indexes(&result)?;
                let of_fork = answer(&test, &result, &indexes)?;
                let same = said.entry(indexes).or_insert_with(|| of_fork.clone());
                if *same != of_fork {
                    *same = Err(match (&*same, of_fork) {
                        // What one of them does not say is the reason for both.
                        (Err(why), _) => why.clone(),
                        (_, Err(why)) => why,
                        _ => "forks differ in what they expect".to_owned(),
                    });
                }
            }
        }
        let several = said.len() > 1;
        for (Indexes { data, gas, value }, said) in said {
            let (id, called) = if several {
                let which = format!("data {data}, gas {gas}, value {value}");
                (format!("{number}-{which}"), format!("{name}, {which}"))
            } else {
                (format!("{number}"), name.to_owned())
            };
            reader.add(Name { id, called, about: String::new() }, said);
        }
    }
    Ok(())
}

/// Which of the transaction's data, gas limits and values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Indexes {
    data: u64,
    gas: u64,
    value: u64,
}

fn indexes(result: &Node<'_>) -> Result<Indexes, Wrong> {
    let indexes = result.field("indexes")?;
    let of = |list: &str| indexes.field(list)?.number();
    Ok(Indexes { data: of("data")?, gas: of("gas")?, value: of("value")? })
}

/// What a result says of the call of `ecrecover`.
fn answer(test: &Node<'_>, result: &Node<'_>, indexes: &Indexes) -> Result<Result<Said, String>, Wrong> {
    let Some(state) = result.optional("state")? else {
        return Ok(Err("the file has the state's root alone, not the storage".to_owned()));
    };
    let transaction = test.field("transaction")?;
    let to = transaction.field("to")?.text()?;
    let data = transaction.field("data")?;
    let at = usize::try_from(indexes.data).unwrap_or(usize::MAX);
    let calldata =
        data.list()?.into_iter().nth(at).ok_or_else(|| data.wrong("expected the data of `indexes`"))?;
    let Some(before) = test.field("pre")?.optional(to)? else {
        return Ok(Err("the transaction calls no contract of the test".to_owned()));
    };
    let after = storage(&state.field(to)?)?;
    if before.field("code")?.bytes()? == proxy::code() {
        let gas = storage(&before)?.get(&U256::from(GAS_SLOT)).copied().unwrap_or_default();
        let call = CallInput { calldata: Bytes(calldata.bytes()?), gas: gas.saturating_to() };
        return of_proxy(call.gas, &after)
            .map(|answer| Ok(said(call, answer)))
            .ok_or_else(|| state.wrong("the slots of the proxy say nothing that a call can do"));
    }
    Ok(trace(&before.field("code")?.bytes()?).and_then(|trace| of_trace(&trace, &after)))
}

fn said(call: CallInput, answer: ExpectedAnswer) -> Said {
    Said::one(Input::Call(call), answer)
}

fn storage(account: &Node<'_>) -> Result<Storage, Wrong> {
    let number = |node: &Node<'_>, text: &str| {
        let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty() && !digits.starts_with('+'));
        digits
            .and_then(|digits| U256::from_str_radix(digits, 16).ok())
            .ok_or_else(|| node.wrong("expected 0x…"))
    };
    let mut storage = Storage::new();
    for (slot, value) in account.field("storage")?.fields()? {
        storage.insert(number(&value, slot)?, number(&value, value.text()?)?);
    }
    Ok(storage)
}

/// What the storage of our proxy says, if it is all that a call with this gas leaves there.
fn of_proxy(gas: u64, after: &Storage) -> Option<ExpectedAnswer> {
    let leaves = |output, fails| {
        let stored =
            proxy::stored(gas, output, fails).into_iter().map(|(slot, value)| (U256::from(slot), value));
        let is_stored = |(_, value): &(U256, U256)| !value.is_zero();
        stored.filter(is_stored).eq(after.iter().map(|(slot, value)| (*slot, *value)).filter(is_stored))
    };
    let word = after.get(&U256::from(WINDOW_SLOTS[0])).copied().unwrap_or_default();
    if leaves(None, true) {
        Some(ExpectedAnswer::Rejected(Some(Refusal::OutOfGas)))
    } else if leaves(None, false) {
        Some(ExpectedAnswer::Rejected(None))
    } else if leaves(Some(word.to_be_bytes()), false) {
        address(word)
    } else {
        None
    }
}

fn address(word: U256) -> Option<ExpectedAnswer> {
    let address = Word::from(word).0.strip_prefix(&[0; 12]).and_then(|address| address.try_into().ok())?;
    let address = Some(Address(address).into());
    Some(ExpectedAnswer::Recovered(ExpectedKey { address, public_key: None }))
}

/// What the storage says that straight code leaves.
fn of_trace(trace: &Trace, after: &Storage) -> Result<Said, String> {
    let (mut success, mut output) = (None, None);
    for (slot, stored) in &trace.stored {
        let value = after.get(slot).copied().unwrap_or_default();
        match stored {
            Stored::Success => success = Some(!value.is_zero()),
            Stored::Memory(at) if *at == trace.window => output = Some(value),
            Stored::Memory(at) if value != trace.word(*at) => {
                return Err("more than a word is expected in the call's window".to_owned());
            }
            Stored::Memory(_) => {}
            Stored::Number(number) if *number != value => {
                return Err("the code stores a number, and another is expected".to_owned());
            }
            Stored::Number(_) => {}
        }
    }
    let output = output.ok_or("the code does not store what the call returns")?;
    let answer = match success {
        Some(false) => ExpectedAnswer::Rejected(Some(Refusal::OutOfGas)),
        _ if output == trace.word(trace.window) => ExpectedAnswer::Rejected(None),
        _ => address(output).ok_or("what the call returns is no address")?,
    };
    Ok(said(trace.call.clone(), answer))
}
