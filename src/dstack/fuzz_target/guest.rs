//! `guest`: any bytes as a request to the simulated guest agent.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::Value;

use crate::corpus::Corpus;
use crate::dstack::claim::{ClaimedKey, KeyAlgorithm, verify_claim};
use crate::dstack::guest::{GuestAgent, GuestApi, GuestRequest, GuestResponse, LogLine, METHODS, ServedKey};
use crate::dstack::{AppKeys, test_key};
use crate::fuzz_target::seed::Seed;
use crate::fuzz_target::text::error_words;
use crate::fuzz_target::{FuzzCase, FuzzTarget, read};
use crate::judge::Harness;
use crate::judge::finding::Finding;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "guest",
    about: "any bytes as a request to the simulated guest agent: answered in its shape, logged without secrets",
    read: read::<GuestTarget>,
    max_len: 8 << 10,
    seeds,
    words: request_words,
};

/// The app that is asked.
const APP_ID: [u8; 20] = [0x11; 20];

/// The agent of a test root; none if its key could not be derived, which is one in 2¹²⁸.
static AGENT: LazyLock<Option<GuestAgent>> = LazyLock::new(|| {
    let keys = AppKeys::issue(&test_key::of_label("fuzz").ok()?, &APP_ID).ok()?;
    Some(GuestAgent::new(APP_ID, keys))
});

/// A request: in its first line verb, target and media type, with one space between them; its body follows.
pub struct GuestTarget(Vec<u8>);

impl<'a> Arbitrary<'a> for GuestTarget {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self(u.bytes(u.len())?.to_vec()))
    }
}

impl GuestTarget {
    fn answer(&self) -> Option<(GuestResponse, LogLine)> {
        let (head, body) = match self.0.iter().position(|byte| *byte == b'\n') {
            Some(at) => (&self.0[..at], &self.0[at + 1..]),
            None => (self.0.as_slice(), &[][..]),
        };
        let head = String::from_utf8_lossy(head);
        let mut words = head.splitn(3, ' ');
        let verb = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = GuestRequest { verb, path, query, content_type: words.next(), body };
        AGENT.as_ref().map(|agent| agent.respond(&request))
    }
}

impl FuzzCase for GuestTarget {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let Some((response, line)) = self.answer() else { return Vec::new() };
        wrong_answer(&response, &line).map(|what| Finding::of_component("guest", what)).into_iter().collect()
    }

    fn classes(&self) -> BTreeSet<String> {
        let Some((_, line)) = self.answer() else { return BTreeSet::new() };
        let known = METHODS.iter().any(|(_, name, _)| line.method.ends_with(name));
        let method = if known { line.method.as_str() } else { "unknown" };
        let said = line.error.as_deref().map(error_words).unwrap_or_default();
        [format!("{method} {} {said}", line.status)].into()
    }
}

/// What is wrong with an answer, whatever the question was.
fn wrong_answer(response: &GuestResponse, line: &LogLine) -> Option<String> {
    let logged = line.to_json().to_string();
    let ascii = response.body.is_ascii() && response.reason.chars().all(|c| (' '..='~').contains(&c));
    if !ascii {
        return Some(format!("{response:?} is not ASCII in one line"));
    }
    let Ok(body) = serde_json::from_str::<Value>(&response.body) else {
        return Some(format!("the body {:?} is not JSON", response.body));
    };
    let is_error = body.get("error").is_some_and(Value::is_string);
    if (response.status == 200) == is_error || (line.error.is_some()) != is_error {
        return Some(format!("status {} with {body}", response.status));
    }
    if logged.contains('\n') {
        return Some(format!("logged in two lines: {logged}"));
    }
    let key = ["key", "k256_key"].into_iter().find_map(|name| body.get(name)?.as_str());
    // A part of it would do.
    if key.is_some_and(|key| logged.contains(key.get(..24).unwrap_or(key))) {
        return Some(format!("the log has the key: {logged}"));
    }
    match (LogLine::served(&logged), &line.key) {
        (Err(error), _) => Some(format!("{logged} is not read back: {error}")),
        (Ok(None), Some(ServedKey { proof: Some(_), .. })) => Some(format!("{logged} has lost its key")),
        (Ok(Some(served)), _) => wrong_key(&served, &response.body),
        (Ok(None), _) => None,
    }
}

/// What is wrong with a key that was served: by its proof alone, and by the response.
fn wrong_key(served: &ServedKey, body: &str) -> Option<String> {
    let (proof, root) = (served.proof.as_ref()?, served.root?);
    let outcome = verify_claim(proof, root, proof.algorithm, &proof.claim).outcome;
    if let Err(fault) = outcome {
        return Some(format!("its proof is refused: {fault}"));
    }
    let key = ClaimedKey::parse(body, proof.algorithm, proof.claim.clone()).ok()?;
    (key.proof(&APP_ID).as_ref() != Ok(proof)).then(|| "the response is another proof's".to_owned())
}

/// Requests for every method, sound and bent.
fn seeds(_: &Corpus) -> Vec<Seed> {
    const JSON: &str = "application/json";
    let mut seeds = Vec::new();
    let mut add = |name: String, about: &str, text: String| {
        seeds.push(Seed::new(&name, about, text.into_bytes()));
    };
    let bodies = |api: GuestApi, name: &str| -> Vec<String> {
        let hash = "11".repeat(32);
        match (api, name) {
            (GuestApi::V1, "GetKey") => KeyAlgorithm::ALL
                .map(|algorithm| format!(r#"{{"domain": "wallet", "algorithm": "{algorithm}"}}"#))
                .into(),
            (_, "GetKey" | "DeriveK256Key") => ["", "k256", "secp256k1", "ed25519"]
                .map(|algorithm| {
                    format!(r#"{{"path": "a/b", "purpose": "p", "algorithm": "{algorithm}"}}"#)
                })
                .into(),
            (_, "Sign") => ["secp256k1", "secp256k1_prehashed", "ed25519"]
                .map(|algorithm| format!(r#"{{"algorithm": "{algorithm}", "data": "{hash}"}}"#))
                .into(),
            (_, "Verify") => [("secp256k1", 33, "02"), ("secp256k1_prehashed", 33, "02"), ("ed25519", 32, "11")]
                .map(|(algorithm, length, tag)| {
                    let key = format!("{tag}{}", "11".repeat(length - 1));
                    let signature = "11".repeat(64);
                    format!(r#"{{"algorithm": "{algorithm}", "data": "{hash}", "signature": "{signature}", "public_key": "{key}"}}"#)
                })
                .into(),
            (_, "EmitEvent") => vec![r#"{"event": "started", "payload": "00"}"#.to_owned()],
            (_, "GetQuote" | "Attest" | "RawQuote" | "TdxQuote") => {
                vec![r#"{"report_data": "00"}"#.to_owned()]
            }
            _ => vec!["{}".to_owned()],
        }
    };
    for (api, name, _) in METHODS {
        let before = match api {
            GuestApi::V0 => "/",
            GuestApi::V1 => "/v1/",
            GuestApi::Tappd => "/prpc/Tappd.",
        };
        for (at, body) in bodies(*api, name).iter().enumerate() {
            let text = format!("POST {before}{name} {JSON}\n{body}");
            add(format!("{api:?}-{name}-{at}"), "as an SDK asks", text);
        }
    }
    let long = "a".repeat(5000);
    let bent = [
        ("get", "GET /GetKey?path=a%2Fb&purpose=p".to_owned()),
        ("get-twice", "GET /GetKey?path=a&path=b".to_owned()),
        ("get-info", "GET /v0/Info".to_owned()),
        ("empty-info", "POST /Info".to_owned()),
        ("no-type", "POST /GetKey\n{}".to_owned()),
        ("protobuf", "POST /GetKey application/octet-stream\n\n".to_owned()),
        ("put", "PUT /GetKey\n".to_owned()),
        ("nothing", String::new()),
        ("nowhere", format!("POST /v9/GetKey {JSON}\n{{}}")),
        ("unknown", format!("POST /Nope {JSON}\n{{}}")),
        ("no-json", format!("POST /GetKey {JSON}\n{{")),
        ("no-object", format!("POST /GetKey {JSON}\n[]")),
        ("deep", format!("POST /GetKey {JSON}\n{}", "[".repeat(200))),
        ("twice", format!("POST /GetKey {JSON}\n{{\"path\": \"a\", \"path\": \"b\"}}")),
        ("number", format!("POST /GetKey {JSON}\n{{\"path\": 1}}")),
        ("null", format!("POST /GetKey {JSON}; charset=utf-8\n{{\"path\": null}}")),
        ("unknown-field", format!("POST /GetKey {JSON}\n{{\"purpos\": \"p\"}}")),
        ("algorithm", format!("POST /GetKey {JSON}\n{{\"algorithm\": \"rsa\"}}")),
        ("v1-algorithm", format!("POST /v1/GetKey {JSON}\n{{\"algorithm\": \"k256\"}}")),
        ("long-path", format!("POST /GetKey {JSON}\n{{\"path\": \"{long}\"}}")),
        (
            "long-domain",
            format!("POST /v1/GetKey {JSON}\n{{\"algorithm\": \"ed25519\", \"domain\": \"{long}\"}}"),
        ),
        ("secret-purpose", format!("POST /GetKey {JSON}\n{{\"purpose\": \"{}\"}}", "ab".repeat(32))),
        (
            "not-ascii",
            format!("POST /GetKey {JSON}\n{{\"path\": \"\u{e4}\\u0000\u{1f511}\", \"purpose\": \"\\n\"}}"),
        ),
        ("sign-mode", format!("POST /Sign {JSON}\n{{\"algorithm\": \"rsa\"}}")),
        ("sign-digest", format!("POST /Sign {JSON}\n{{\"algorithm\": \"secp256k1_prehashed\"}}")),
        ("sign-hex", format!("POST /Sign {JSON}\n{{\"algorithm\": \"k256\", \"data\": \"x\"}}")),
        ("sign-odd", format!("POST /Sign {JSON}\n{{\"algorithm\": \"k256\", \"data\": \"000\"}}")),
        ("verify-key", format!("POST /Verify {JSON}\n{{\"algorithm\": \"secp256k1\"}}")),
        ("verify-ed25519-key", format!("POST /Verify {JSON}\n{{\"algorithm\": \"ed25519\"}}")),
        ("event", format!("POST /EmitEvent {JSON}\n{{}}")),
    ];
    for (name, text) in bent {
        add(format!("bent-{name}"), "made up", text);
    }
    let not_utf8 = [format!("POST /GetKey {JSON}\n").as_bytes(), b"{\"path\": \"\xff\"}"].concat();
    seeds.push(Seed::new("bent-not-utf8", "made up", not_utf8));
    seeds
}

impl fmt::Debug for GuestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "request     {:?}", String::from_utf8_lossy(&self.0))?;
        match self.answer() {
            // The key of a test root.
            Some((response, line)) => {
                let GuestResponse { status, reason, body } = response;
                writeln!(
                    f,
                    "response    {status} {reason}\n{}\nlogged      {}",
                    body.trim_end(),
                    line.to_json()
                )
            }
            None => writeln!(f, "no agent"),
        }
    }
}

/// What requests are written with.
fn request_words() -> Vec<(String, Vec<u8>)> {
    let names = "path purpose domain algorithm data signature public_key event payload report_data";
    let names = names.split(' ').map(|name| format!("\"{name}\": "));
    let methods = METHODS.iter().map(|(_, name, _)| (*name).to_owned());
    let others = [
        "POST /",
        "GET /",
        "/v0/",
        "/v1/",
        "/prpc/Tappd.",
        " application/json\n",
        "secp256k1",
        "k256",
        "ed25519",
        "secp256k1_prehashed",
        "{",
        "}",
        "\"",
        ", ",
        "null",
        "?path=",
        "&purpose=",
        "%00",
        "\\u0000",
    ];
    let others = others.map(str::to_owned);
    names.chain(methods).chain(others).map(|word| (word.clone(), word.into_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> (GuestResponse, LogLine) {
        GuestTarget(text.into()).answer().unwrap()
    }

    const ASKED: &str = "POST /GetKey application/json\n{\"path\": \"a\"}";

    #[test]
    fn an_answer_that_is_not_what_clients_and_people_need_is_told() {
        let (response, line) = answered(ASKED);
        assert_eq!(wrong_answer(&response, &line), None);
        let key = response.body.split('"').nth(3).unwrap().to_owned();
        let leaks = LogLine { method: key, ..line.clone() };
        assert!(wrong_answer(&response, &leaks).unwrap().contains("the log has the key"));
        let lost = LogLine { error: Some("a".to_owned()), ..line.clone() };
        assert!(wrong_answer(&response, &lost).unwrap().contains("status 200 with"));
        let mut forged = line.clone();
        let proof = forged.key.as_mut().unwrap().proof.as_mut().unwrap();
        proof.claim_signature[0] ^= 1;
        assert!(wrong_answer(&response, &forged).unwrap().contains("refused"));
        let other = answered("POST /GetKey application/json\n{\"path\": \"b\"}").0;
        assert!(wrong_answer(&other, &line).unwrap().contains("another proof"));
        let body = zeroize::Zeroizing::new("\u{e4}".to_owned());
        assert!(wrong_answer(&GuestResponse { body, ..response }, &line).unwrap().contains("not ASCII"));
    }
}
