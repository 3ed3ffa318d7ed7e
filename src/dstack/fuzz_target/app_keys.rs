//! `app_keys`: any text as a file of dstack.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::corpus::Corpus;
use crate::dstack::chain::{Link, Proof, ProofFault, verify};
use crate::dstack::{AppKeys, KeyFileError, KeyProvider, KeyResponse, PrivateKey, test_key};
use crate::fuzz_target::seed::Seed;
use crate::fuzz_target::text::{Text, error_words};
use crate::fuzz_target::{FuzzCase, FuzzTarget, read};
use crate::subject::panic::catch;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "app_keys",
    about: "any text as an appkeys.json, a response to GetKey, or a proof: read, written, read again",
    read: read::<AppKeysFile>,
    max_len: 8 << 10,
    seeds,
    words: key_file_words,
};

/// What the claim of a response is read as a claim for.
const PURPOSE: &[u8] = b"ethereum";

/// The text itself; every kind of file is tried.
pub struct AppKeysFile(Text);

impl<'a> Arbitrary<'a> for AppKeysFile {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Text::arbitrary(u).map(Self)
    }
}

/// A file of one kind: written again as it was read, or why it is none.
type Read = std::result::Result<String, KeyFileError>;
/// Reads a file of one kind and writes it again.
type Reader = fn(&str) -> Read;

const KINDS: [(&str, Reader); 3] = [
    ("appkeys.json", |text| AppKeys::parse(text).map(|keys| keys.to_json().to_string())),
    ("response", |text| KeyResponse::parse(text).map(|response| response.to_json().to_string())),
    ("proof", |text| Proof::parse(text).map(|proof| format!("{:#}", proof.to_json()))),
];

impl AppKeysFile {
    /// Each kind's name with what comes of the text as such a file.
    fn kinds(&self) -> [(&'static str, Read); 3] {
        KINDS.map(|(kind, read)| (kind, read(&self.0.0)))
    }
}

impl FuzzCase for AppKeysFile {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let mut wrong = Vec::new();
        for (kind, read) in KINDS {
            wrong.extend(wrong_file(&read(&self.0.0), read).map(|what| Finding::of_component(kind, what)));
        }
        // Whatever a proof holds, the verifier has an answer.
        if let Ok(proof) = Proof::parse(&self.0.0) {
            let root = crate::input::key::Address([0x11; 20]);
            if verify(&proof, root, &proof.purpose).outcome.is_ok() {
                wrong.push(Finding::of_component("verifier", "accepts a proof under a root that nobody has"));
            }
        }
        // Whoever a claim is by, a proof of it says so.
        if let Ok(response) = KeyResponse::parse(&self.0.0)
            && let Ok(proof) = response.proof(&[0x11; 20], PURPOSE)
        {
            let outcome = verify(&proof, crate::input::key::Address([0x11; 20]), PURPOSE).outcome;
            // Only the root is another.
            if outcome.as_ref().err().and_then(ProofFault::link) != Some(Link::Issued) {
                wrong
                    .push(Finding::of_component("response", format!("its proof is answered by {outcome:?}")));
            }
        }
        wrong
    }

    fn classes(&self) -> BTreeSet<String> {
        let class = |(kind, written): (&str, Read)| match written {
            Ok(_) => format!("{kind} understood"),
            Err(error) => format!("{kind}: {}", error_words(&error.to_string())),
        };
        let mut classes: BTreeSet<String> = self.kinds().map(class).into();
        if let Ok(keys) = AppKeys::parse(&self.0.0) {
            let holder = match keys.key_provider {
                KeyProvider::None { .. } => "nobody",
                KeyProvider::Local { .. } => "a local provider",
                KeyProvider::Tpm { .. } => "a TPM",
                KeyProvider::Kms { .. } => "a KMS",
            };
            classes.insert(format!("keys held by {holder}"));
        }
        classes
    }
}

/// What is put in another text's place in a sound file, by the seed's name.
const BENT: [(&str, &str, &str); 22] = [
    ("bent-misspelt", "\"k256_key\"", "\"k256_keys\""),
    ("bent-missing", "\"ca_cert\"", "\"other\""),
    ("bent-old-name", "gateway_app_id", "tproxy_app_id"),
    ("bent-both-names", "{\n", "{\"tproxy_app_id\": \"any\", "),
    ("bent-no-env", "\"env_crypt_key\"", "\"other\""),
    ("bent-number", "{\n", "{\"a\": 1, \"b\": -1, \"c\": 0.5, \"d\": true, \"e\": null, \"f\": [\"g\"],"),
    ("bent-number-for-text", "\"any\"", "1"),
    ("bent-null-for-text", "\"any\"", "null"),
    ("bent-flag-for-text", "\"any\"", "true"),
    ("bent-list-for-text", "\"any\"", "[\"a\", {\"b\": []}, -1, 0.5, 1, null, true]"),
    ("bent-text-for-object", "\"key_provider\": {", "\"key_provider\": \"a\", \"x\": {"),
    ("bent-provider-kind", "\"None\"", "\"Other\""),
    ("bent-local", "\"None\": {", "\"Local\": {\"mr\": \"00\","),
    ("bent-tpm", "\"None\": {", "\"Tpm\": {\"pubkey\": \"00\","),
    (
        "bent-kms",
        "\"None\": {",
        "\"Kms\": {\"url\": \"a\", \"pubkey\": \"00\", \"tmp_ca_key\": \"a\", \"tmp_ca_cert\": \"b\",",
    ),
    (
        "bent-twice",
        "{\n",
        "{\"key\": \"00\", \"key\": \"00\", \"k256_key\": \"00\", \"k256_key\": \"01\", \"app_id\": \"\",",
    ),
    ("bent-one-link", "],", "]"),
    ("bent-pem", "\"key\": \"", "\"key\": \"-----BEGIN EC PRIVATE KEY-----"),
    ("bent-not-hex", "\"key\": \"", "\"key\": \"xy"),
    ("bent-odd-hex", "\"key\": \"", "\"key\": \"0"),
    ("bent-long-key", "\"key\": \"", "\"key\": \"00"),
    ("bent-prefixed-key", "\"key\": \"", "\"key\": \"0x"),
];

/// What is wrong with how a file is read, or refused.
fn wrong_file(written: &Read, read: Reader) -> Option<String> {
    match written {
        Ok(written) => match read(written) {
            Ok(again) if again == *written => None,
            other => Some(format!("it is written as {written}, and read again as {other:?}")),
        },
        Err(error) => error.to_string().contains('\n').then(|| format!("{error:?} is said in two lines")),
    }
}

/// Files that our KMS makes, and what is none.
fn seeds(_: &Corpus) -> Vec<Seed> {
    let mut seeds = Vec::new();
    let app_id = [0x11; 20];
    let issued = test_key::of_label("seed").and_then(|root: PrivateKey| AppKeys::issue(&root, &app_id));
    if let Ok(keys) = issued {
        seeds.push(Seed::new(
            "appkeys.json",
            "issued by the test root `seed`",
            keys.to_json().as_bytes().into(),
        ));
        if let Ok(response) = keys.get_key("wallet/0", b"ethereum") {
            let text = response.to_json();
            seeds.push(Seed::new("response.json", "what these keys answer", text.as_bytes().into()));
            if let Ok(proof) = response.proof(&app_id, b"ethereum") {
                let text = format!("{:#}\n", proof.to_json());
                seeds.push(Seed::new("proof.json", "what a registry is handed of it", text.into()));
            }
        }
    }
    let sound: Vec<_> = seeds.iter().map(|seed: &Seed| (seed.name.clone(), seed.bytes.clone())).collect();
    for ((file, bytes), (name, from, to)) in sound.iter().flat_map(|file| BENT.map(|bent| (file, bent))) {
        let text = String::from_utf8_lossy(bytes);
        if text.contains(from) {
            let made_of = format!("{file} with one text in another's place");
            seeds.push(Seed::new(&format!("{name}-{file}"), &made_of, text.replacen(from, to, 1).into()));
        }
    }
    let response = |key: String, links: &str| format!(r#"{{"key": "{key}", "signature_chain": {links}}}"#);
    let (zero, one, above_n) = ("0".repeat(64), format!("{:064}", 1), "f".repeat(64));
    let made = [
        ("three-links", response(one.clone(), r#"["00", "00", "00"]"#)),
        ("one-link", response(one.clone(), r#"["00"]"#)),
        ("no-list", response(one, r#""00""#)),
        ("key-zero", response(zero, "[]")),
        ("key-above-n", response(above_n, "[]")),
    ];
    let others = [
        (
            "unknown-in-proof",
            r#"{"app_id": "", "purpose": "", "app_key": "", "derived_key": "", "claim_signature": "", "issued_signature": "", "more": ""}"#,
        ),
        ("text", r#""a""#),
        ("number", "1"),
        ("no-object", "[]"),
        ("no-json", "{"),
        ("twice", r#"{"key": "00", "key": "00"}"#),
        ("odd-hex", r#"{"k256_key": "0"}"#),
        ("renamed", r#"{"gateway_app_id": "any", "tproxy_app_id": "any"}"#),
    ];
    let made = made.into_iter().chain(others.map(|(name, text)| (name, text.to_owned())));
    seeds.extend(made.map(|(name, text)| Seed::new(name, "made up", text.into())));
    seeds
}

impl fmt::Debug for AppKeysFile {
    /// The text itself: what a fuzzer makes up is nobody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)?;
        let kinds = match catch(|| self.kinds()) {
            Ok(kinds) => kinds,
            Err(panic) => return writeln!(f, "reading it {panic}"),
        };
        for (kind, written) in kinds {
            let said = written.map_or_else(|error| error.to_string(), |_| "understood".to_owned());
            writeln!(f, "as {kind}: {said}")?;
        }
        Ok(())
    }
}

/// What dstack's files are written with.
fn key_file_words() -> Vec<(String, Vec<u8>)> {
    let names = "disk_crypt_key env_crypt_key k256_key k256_signature gateway_app_id tproxy_app_id ca_cert \
        key_provider None Local Tpm Kms key mr pubkey url tmp_ca_key tmp_ca_cert signature_chain app_id \
        purpose app_key derived_key claim_signature issued_signature";
    let names = names.split(' ').map(|name| format!("\"{name}\": "));
    let signs = ["{", "}", "[", "]", "\"", ", ", "null", "0x", "\\u0000", "\\n"].map(str::to_owned);
    names.chain(signs).map(|word| (word.clone(), word.into_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_read_back_as_it_is_written_is_told() {
        let loses: Reader = |text| Ok(text.replacen('a', "", 1));
        assert_eq!(wrong_file(&Ok("b".into()), loses), None);
        assert!(wrong_file(&Ok("ab".into()), loses).is_some());
        let refuses: Reader = |_| Err(KeyFileError::Links(1));
        assert!(wrong_file(&Ok("b".into()), refuses).is_some());
    }
}
