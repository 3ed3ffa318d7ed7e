//! Rooterberg's ECDSA files: the suite with recovery. Its three encodings with a recovery id are `RAW` (an object of
//! numbers), `ETHEREUM_MAIN` (v, r, s with EIP-155's v, or 27 and 28) and `BITCOIN` (header, r, s); `DER` and `P1363`
//! have none. Tests of signing are read as signatures of the private key's public key.
//!
//! `ETHEREUM_MAIN` is of chain 1 alone, so that v = 37 + recovery id says 2 and 3 too, as 39 and 40: EIP-155 itself
//! knows two recovery ids, and would read chain 2.
//!
//! `valid: false` says that the signature does not verify with the key under the file's rules. One rule is not
//! recovery's: where the file says `normalize`, a signature with a high s is invalid, flagged
//! `SignatureNotNormalized`, and still recovers.

use ruint::aliases::U256;
use serde_json::Value;

use super::node::{Node, Wrong};
use super::{Meaning, Name, Reader, Said, Suite, inputs, sha};
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::{Signature, Wire};
use crate::reference::SECP256K1;

pub(super) const SUITE: Suite = Suite {
    name: "Rooterberg",
    is: |value| value.get("testType").is_some() && value.get("algorithm").is_some_and(Value::is_object),
    read,
};

/// The flag of a signature that is invalid for its high s alone.
const NOT_NORMALIZED: &str = "SignatureNotNormalized";

/// What holds for all tests of a file.
struct Rules<'a> {
    sha: &'a str,
    /// The layout; none for numbers in an object.
    wire: Option<Wire>,
    normalize: bool,
    signs: bool,
}

fn read(root: &Node<'_>, reader: &mut Reader) -> Result<(), Wrong> {
    let algorithm = root.field("algorithm")?;
    let must_be = |name: &str, right: &str| {
        let node = algorithm.field(name)?;
        match node.text()? {
            found if found == right => Ok(()),
            found => Err(node.wrong(format!("expected {right}, found {found}"))),
        }
    };
    must_be("algorithmType", "Ecdsa")?;
    must_be("curve", "secp256k1")?;
    let kind = root.field("testType")?;
    let signs = match kind.text()? {
        "EcdsaVerify" => false,
        "EcdsaSign" => true,
        other => return Err(kind.wrong(format!("expected EcdsaVerify or EcdsaSign, found {other}"))),
    };
    let encoding = algorithm.field("encoding")?;
    let wire = match encoding.text()? {
        "RAW" => None,
        "ETHEREUM_MAIN" => Some(Wire::Eip155Rs),
        "BITCOIN" => Some(Wire::HeaderRs),
        "DER" => Some(Wire::Der),
        "P1363" => Some(Wire::Rs),
        other => return Err(encoding.wrong(format!("no encoding that is known here: {other}"))),
    };
    let normalize = algorithm.field("normalize")?.truth()?;
    let rules = Rules { sha: algorithm.field("sha")?.text()?, wire, normalize, signs };
    let tests = root.field("tests")?.list()?;
    root.holds_number("numTests", tests.len())?;
    for test in tests {
        let number = test.field("tcId")?.number()?;
        let (flags, comment) = (test.field("flags")?.texts()?, test.field("comment")?.text()?);
        let about = format!("{comment}; {}", flags.join(", "));
        let name = Name { id: format!("tc{number}"), called: format!("tcId {number}"), about };
        reader.add(name, rules.said(&test, &flags)?);
    }
    Ok(())
}

impl Rules<'_> {
    fn said(&self, test: &Node<'_>, flags: &[&str]) -> Result<Result<Said, String>, Wrong> {
        let (key, meaning) = if self.signs {
            (signer(&test.field("privateKey")?)?, Meaning::Valid)
        } else {
            let key = test.field("publicKeyUncompressed")?;
            let point = PublicKey::from_sec1(&key.bytes()?).map_err(|error| key.wrong(error.to_string()))?;
            let high_s = self.normalize && flags.contains(&NOT_NORMALIZED);
            let invalid = if high_s { Meaning::HighS } else { Meaning::Invalid };
            (point, if test.field("valid")?.truth()? { Meaning::Valid } else { invalid })
        };
        let (message, signature) = (test.field("msg")?.bytes()?, test.field("sig")?);
        let Some(digest) = sha::digest(self.sha, &message) else {
            return Ok(Err(format!("the hash {} is not known", self.sha)));
        };
        let Some(wire) = self.wire else {
            let numbers = numbers(&signature)?;
            return Ok(numbers.map(|signature| {
                let (answer, facts) = meaning.expected(&key);
                Said { inputs: Ok(inputs(digest, signature, true)), wire: None, facts, answer }
            }));
        };
        let bytes = signature.bytes()?;
        let (wire, bytes) = match (wire, &bytes[..]) {
            (Wire::Eip155Rs, [v @ 39..=40, rs @ ..]) if rs.len() == 64 => {
                (Wire::RsRecoveryId, [rs, &[v - 37]].concat())
            }
            _ => (wire, bytes),
        };
        let chain = if wire == Wire::Eip155Rs { wire.mark(&bytes) } else { None };
        if let Some(other) = chain.filter(|chain| *chain != 1) {
            return Ok(Err(format!("v is of chain {other}, where ETHEREUM_MAIN is of chain 1")));
        }
        Ok(Ok(Said::verification(digest, wire, bytes, &key, meaning)))
    }
}

/// The public key of a private key.
fn signer(private: &Node<'_>) -> Result<PublicKey, Wrong> {
    let bytes = private.bytes()?;
    let number = U256::try_from_be_slice(&bytes).filter(|number| *number < SECP256K1.n);
    let point = number.map(|number| SECP256K1.multiply(number, SECP256K1.g));
    point.and_then(PublicKey::from_point).ok_or_else(|| private.wrong("expected a number from 1 to n - 1"))
}

/// r, s and the recovery id of an object, or why no surface takes them.
fn numbers(signature: &Node<'_>) -> Result<Result<Signature, String>, Wrong> {
    let number =
        |name: &str| Ok(unsigned(&signature.field(name)?.bytes()?).map_err(|why| format!("{name} {why}")));
    let id = signature.field("id")?;
    let recovery_id = u8::try_from(id.number()?).map_err(|_| id.wrong("expected at most 255"))?;
    Ok(match (number("r")?, number("s")?) {
        (Ok(r), Ok(s)) => Ok(Signature { r, s, recovery_id }),
        (Err(why), _) | (_, Err(why)) => Err(why),
    })
}

/// A signed number of as few bytes as it needs, as a word.
fn unsigned(bytes: &[u8]) -> Result<Word, &'static str> {
    let digits = match bytes {
        [] => return Err("has no digits"),
        [0x80..=0xff, ..] => return Err("is negative"),
        [0, rest @ ..] => rest,
        all => all,
    };
    let mut word = Word([0; 32]);
    let start = 32usize.checked_sub(digits.len()).ok_or("has more than 32 bytes")?;
    word.0[start..].copy_from_slice(digits);
    Ok(word)
}
