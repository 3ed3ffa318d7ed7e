//! Wycheproof's ECDSA files: verification over secp256k1, in DER and in P1363, and the group of recovery that
//! `ecrecheck export wycheproof` writes.
//!
//! `valid` says that the signature verifies with the group's key, so that exactly one recovery id gives that key.
//! `invalid` says that it does not: either the bytes are no signature, or no recovery id gives the key. Files for Bitcoin
//! have signatures too that verify and are invalid for their high s alone: those whose flag is
//! `SignatureMalleabilityBitcoin`, or whose comment names the malleability. `acceptable` leaves it open.

use std::collections::BTreeSet;

use serde_json::Value;

use super::node::{Node, Wrong};
use super::{Meaning, Name, Reader, Said, Suite, only, sha};
use crate::corpus::case::ExpectedAnswer;
use crate::input::ScalarInput;
use crate::input::key::PublicKey;
use crate::input::signature::Wire;
use crate::judge::fact::Fact;

pub(super) const SUITE: Suite = Suite {
    name: "Wycheproof",
    is: |value| value.get("testGroups").is_some() && value.get("algorithm").is_some_and(Value::is_string),
    read,
};

/// Where a signature verifies and is invalid for its high s, which Bitcoin refuses: its flag says so, or its comment.
const HIGH_S: (&str, &str) = ("SignatureMalleabilityBitcoin", "edge case for signature malleability");

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    let algorithm = root.field("algorithm")?;
    if algorithm.text()? != "ECDSA" {
        return Err(algorithm.wrong(format!("expected ECDSA, found {}", algorithm.text()?)));
    }
    let notes: BTreeSet<_> = match root.optional("notes")? {
        Some(notes) => notes.fields()?.into_iter().map(|(flag, _)| flag).collect(),
        None => BTreeSet::new(),
    };
    let mut found = 0;
    for group in root.field("testGroups")?.list()? {
        let tests = group.field("tests")?.list()?;
        found += tests.len();
        let kind = group.field("type")?;
        let wire = match kind.text()? {
            "EcdsaVerify" => (Wire::Der, false),
            "EcdsaBitcoinVerify" => (Wire::Der, true),
            "EcdsaP1363Verify" => (Wire::Rs, false),
            "EcdsaRecover" => {
                let other = another_curve(&group)?;
                for test in tests {
                    let (name, flags) = name(&test)?;
                    let said = match &other {
                        Some(why) => Err(why.clone()),
                        None => recovery(&test, &flags, &notes)?,
                    };
                    reader.add(name, said);
                }
                continue;
            }
            other => return Err(kind.wrong(format!("expected verification or recovery, found {other}"))),
        };
        let key = match group.optional("publicKey")? {
            Some(key) => key,
            // Files of before 2023.
            None => group.optional("key")?.ok_or_else(|| group.wrong("expected the field `publicKey`"))?,
        };
        let key = match another_curve(&key)? {
            Some(why) => Err(why),
            None => Ok(point(&key.field("uncompressed")?)?),
        };
        let sha = group.field("sha")?.text()?;
        for test in tests {
            let (name, flags) = name(&test)?;
            let said = match &key {
                Ok(key) => verification(&test, sha, wire, key, &flags)?,
                Err(why) => Err(why.clone()),
            };
            reader.add(name, said);
        }
    }
    root.holds_number("numberOfTests", found)
}

/// Why nothing is said of vectors over another curve: a file may have several.
fn another_curve(node: &Node<'_>) -> Result<Option<String>, Wrong> {
    let curve = node.field("curve")?.text()?;
    Ok((curve != "secp256k1").then(|| format!("the curve is {curve}")))
}

fn point(key: &Node<'_>) -> Result<PublicKey, Wrong> {
    PublicKey::from_sec1(&key.bytes()?).map_err(|error| key.wrong(error.to_string()))
}

fn name<'a>(test: &Node<'a>) -> Result<(Name, Vec<&'a str>), Wrong> {
    let number = test.field("tcId")?.number()?;
    let flags = test.field("flags")?.texts()?;
    let comment = test.field("comment")?.text()?;
    let about =
        if flags.is_empty() { comment.to_owned() } else { format!("{comment}; {}", flags.join(", ")) };
    Ok((Name { id: format!("tc{number}"), called: format!("tcId {number}"), about }, flags))
}

fn verification(
    test: &Node<'_>,
    sha: &str,
    (wire, for_bitcoin): (Wire, bool),
    key: &PublicKey,
    flags: &[&str],
) -> Result<Result<Said, String>, Wrong> {
    let (message, signature) = (test.field("msg")?.bytes()?, test.field("sig")?.bytes()?);
    let result = test.field("result")?;
    let meaning = match result.text()? {
        "valid" => Meaning::Valid,
        "invalid" if flags.contains(&HIGH_S.0) => Meaning::HighS,
        "invalid" if for_bitcoin && test.field("comment")?.text()? == HIGH_S.1 => Meaning::HighS,
        "invalid" => Meaning::Invalid,
        "acceptable" => return Ok(Err(acceptable())),
        other => return Err(unknown_result(&result, other)),
    };
    let Some(digest) = sha::digest(sha, &message) else {
        return Ok(Err(format!("the hash {sha} is not known")));
    };
    Ok(Ok(Said::verification(digest, wire, signature, key, meaning)))
}

fn acceptable() -> String {
    "the result `acceptable` is none".to_owned()
}

fn unknown_result(result: &Node<'_>, found: &str) -> Wrong {
    result.wrong(format!("expected valid, invalid or acceptable, found {found}"))
}

/// A test of recovery: the key, or none, and the facts that its flags name. Other flags have a note.
fn recovery(test: &Node<'_>, flags: &[&str], notes: &BTreeSet<&str>) -> Result<Result<Said, String>, Wrong> {
    let id = test.field("recoveryId")?;
    let recovery_id = id.number()?;
    let recovery_id = u8::try_from(recovery_id).map_err(|_| id.wrong("expected at most 255"))?;
    let (digest, r, s) = (test.field("digest")?.word()?, test.field("r")?.word()?, test.field("s")?.word()?);
    let (result, key) = (test.field("result")?, test.field("publicKey")?);
    let answer = match (result.text()?, key.bytes()?.as_slice()) {
        ("valid", _) => ExpectedAnswer::Recovered(only(&point(&key)?)),
        ("invalid", []) => ExpectedAnswer::Rejected(None),
        ("invalid", _) => return Err(key.wrong("expected no key where the result is invalid")),
        ("acceptable", _) => return Ok(Err(acceptable())),
        (other, _) => return Err(unknown_result(&result, other)),
    };
    if let Some(flag) = flags.iter().find(|flag| fact(flag).is_none() && !notes.contains(**flag)) {
        return Err(test.wrong(format!("the flag {flag} is no fact and has no note")));
    }
    let facts: BTreeSet<_> = flags.iter().filter_map(|flag| fact(flag)).collect();
    let said = Said::one(ScalarInput { digest, r, s, recovery_id }, answer);
    Ok(Ok(Said { facts, ..said }))
}

/// The fact that a flag of our export names: `high-s` for `HighS`.
fn fact(flag: &str) -> Option<Fact> {
    let same = |name: &str| name.replace('-', "").eq_ignore_ascii_case(flag);
    Fact::ALL.iter().find(|fact| same(fact.name())).copied()
}
