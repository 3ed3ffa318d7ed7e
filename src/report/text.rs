//! Reports for people: plain text, the same on a terminal and in a log.

use std::fmt::Write as _;

use crate::corpus::investigation::{Evidence, ExaminedClaim, NoAddress};
use crate::format::Message;
use crate::input::bytes::to_hex;
use crate::input::key::Address;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::Judged;

/// What was signed: format, expression, fields, preimage. The digest is the input's.
pub fn message(message: &Message) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<11} {value}");
    };
    if let Some(name) = &message.format {
        line("format", name);
    }
    line("expression", &message.expression.to_string());
    for (name, value) in message.fields.iter() {
        line("field", &format!("{name} = {}", readable(value)));
    }
    if let Some(preimage) = &message.digest.preimage {
        line("preimage", &readable(preimage));
    }
    text
}

/// Bytes in hex with their number, and as text where they are printable.
pub fn readable(bytes: &[u8]) -> String {
    let hex = to_hex(bytes);
    let printable = |text: &&str| !text.is_empty() && !text.chars().any(char::is_control);
    match str::from_utf8(bytes).ok().filter(printable) {
        Some(text) => format!("{hex} ({} bytes, {text:?})", bytes.len()),
        None => format!("{hex} ({} bytes)", bytes.len()),
    }
}

/// An input, part by part.
pub fn input(input: &Input) -> String {
    let signature =
        |r, s, recovery_id| format!("r           {r}\ns           {s}\nrecovery id {recovery_id}\n");
    match input {
        Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
            format!("digest      {digest}\n{}", signature(r, s, recovery_id))
        }
        Input::Prehash(PrehashInput { prehash, r, s, recovery_id }) => {
            format!("prehash     {}\n{}", readable(&prehash.0), signature(r, s, recovery_id))
        }
        Input::Call(call @ CallInput { calldata, gas }) => {
            let [digest, v, r, s] = call.words();
            let read = format!("  digest    {digest}\n  v         {v}\n  r         {r}\n  s         {s}\n");
            format!("calldata    {calldata} ({} bytes), read as\n{read}gas         {gas}\n", calldata.0.len())
        }
    }
}

/// What the input is, and the right answer.
pub fn facts(judged: &Judged) -> String {
    let facts: Vec<_> = judged.facts.iter().map(|fact| fact.name()).collect();
    format!("facts       {}\nreference   {}\n", facts.join(", "), judged.reference)
}

/// The investigation's claims: what was written, what was computed, and what each gives.
pub fn investigation(examined: &[ExaminedClaim<'_>]) -> String {
    let gives = |got: &Result<Address, NoAddress>| match got {
        Ok(address) => address.to_string(),
        Err(error) => error.to_string(),
    };
    let mut text = String::new();
    for ExaminedClaim { claim, written, computed } in examined {
        let _ = writeln!(text, "{}\n  reported     {}", claim.name, claim.address);
        if let (Some(as_written), Some(got)) = (&claim.written, written) {
            let _ = writeln!(text, "  as written   {}", as_written.words);
            let _ = writeln!(text, "               {}\n               -> {}", as_written.digest, gives(got));
        }
        match (&claim.computed, computed) {
            (Some(Evidence::RecoveredOver(expression)), Some(got)) => {
                let _ = writeln!(text, "  as computed  {expression}\n               -> {}", gives(got));
            }
            (Some(Evidence::AddressIs(expression)), Some(got)) => {
                let _ = writeln!(text, "  not a signer {expression}\n               =  {}", gives(got));
            }
            _ => text.push_str("  unexplained\n"),
        }
        let _ = writeln!(text, "  {}\n", claim.why);
    }
    text
}
