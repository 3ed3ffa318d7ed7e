//! dstack's keys: the files that hold them, their derivation, which of them are test keys.

use ecrecheck::corpus::Corpus;
use ecrecheck::dstack::chain::{Proof, verify};
use ecrecheck::dstack::{AppKeys, KeyResponse, PrivateKey, derivation, test_key};
use ecrecheck::input::Input;
use ecrecheck::input::bytes::to_hex;
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

const OLD_APP_KEY: &str = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const NEW_APP_KEY: &str = "d6e88992cdeeee35fe70b5db61ab66cdb191fb9b6ec9313757ef162dd7214d5d";

fn private(digits: &str) -> PrivateKey {
    PrivateKey::from_hex(digits).unwrap()
}

#[test]
fn keys_are_derived_at_paths_as_the_guest_agent_does() {
    for (app_key, path, key, public, instance) in [
        (
            OLD_APP_KEY,
            "test/node",
            "0x4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b",
            "0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08",
            "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B",
        ),
        (
            OLD_APP_KEY,
            "test/path",
            "0x75f7f16a30822517579c7fb97b7bd0a03d308eac8e8475d43f435732a705b467",
            "0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7",
            "0xdD589cA0150E05eA8BB672B2fE068017325fe490",
        ),
        (
            NEW_APP_KEY,
            "test/node",
            "0x0d270862d162edea8876a1b8c4796fbd4fa717f732aaf3bc9cff610430605170",
            "0x03f6e1c0a861ff1e4d5ad1838fdf296009e31e6e35015b65473c72f70607a9a523",
            "0x2Fd6dbf9F83002cBaEFd286f0D8f455DBa133BC7",
        ),
    ] {
        let derived = derivation::derived_key(&private(app_key), path).unwrap();
        assert_eq!(to_hex(*derived.expose()), key);
        assert_eq!(derived.public_key().to_string(), public);
        assert_eq!(derived.public_key().address(), address(instance));
    }
}

#[test]
fn keys_are_derived_for_domains_as_the_guest_api_v1_does() {
    let app_key = private("1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b");
    for (domain, key, public) in [
        (
            "",
            "0x59f60584ce6fd2a3a31997256db9d77322463fc8a6b1520110401bcb1ee92387",
            "0x0377c7fb050db181d392266a3cee9adb2901c6d665f11bac68be5457f577ba4908",
        ),
        (
            "storage-encryption",
            "0x5510330f86902ddae38c6d89c93a8408019332c17a429e1abd01c4a28d1544a6",
            "0x03d962450a41748021c8b02787ac36ce642ff0ae25f4c55019eb527e1112cfd764",
        ),
    ] {
        let seed = derivation::seed_v1(&app_key, "secp256k1", domain);
        assert_eq!(to_hex(seed.expose()), key);
        assert_eq!(PrivateKey::from_bytes(seed.expose()).unwrap().public_key().to_string(), public);
    }
}

/// HKDF of root 0x0707…07 and app id 0x1111…11, computed with node's `crypto.hkdfSync`.
#[test]
fn a_root_derives_an_app_key_from_app_id_and_a_suffix() {
    let root = private(&"07".repeat(32));
    let app_key = derivation::app_key(&root, &[0x11; 20]).unwrap();
    assert_eq!(
        to_hex(*app_key.expose()),
        "0xc563781138573e1e2ca832f94212b60a967d0688ed86fb27542523395e8eb66c"
    );
}

fn simulator(name: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/dstack").join(name);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn get_key_answers_as_the_simulators_do() {
    let corpus = Corpus::load(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    let signature =
        |id: &str| corpus.cases.iter().find(|case| case.id == id).unwrap().asked().next().cloned();
    for (file, name) in [("simulator-old.json", "simulator-old"), ("simulator-new.json", "simulator-new")] {
        let response = AppKeys::parse(&simulator(file)).unwrap().get_key("test/node", b"ethereum").unwrap();
        for (bytes, link) in
            [(&response.claim_signature, "claim-test-node"), (&response.issued_signature, "kms-issued")]
        {
            let Some(Input::Scalar(known)) = signature(&format!("{name}::{link}")) else { panic!("{name}") };
            assert_eq!(bytes.0, [known.rs().as_slice(), &[known.recovery_id]].concat(), "{name}::{link}");
        }
        let again = KeyResponse::parse(&response.to_json()).unwrap();
        assert_eq!(again.to_json(), response.to_json());
    }
}

#[test]
fn an_issued_file_reads_as_it_was_written_and_its_chain_verifies() {
    let root = test_key::of_label("round trip").unwrap();
    for purpose in [b"".as_slice(), b"ethereum", b"\xff\x00:"] {
        let keys = AppKeys::issue(&root, &[0xa5; 20]).unwrap();
        let again = AppKeys::parse(&keys.to_json()).unwrap();
        assert_eq!(again.to_json(), keys.to_json());
        let proof = again.get_key("a/b", purpose).unwrap().proof(&[0xa5; 20], purpose).unwrap();
        let read = Proof::parse(&proof.to_json().to_string()).unwrap();
        assert_eq!(read, proof);
        let verdict = verify(&proof, root.public_key().address(), purpose);
        assert_eq!(
            verdict.outcome.unwrap(),
            keys.get_key("a/b", purpose).unwrap().key.public_key().address()
        );
    }
}

#[test]
fn each_key_provider_is_read() {
    let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (kind, provider) in [
        ("None", json!({"key": pem})),
        ("Local", json!({"key": pem, "mr": "aabb"})),
        ("Tpm", json!({"key": pem, "pubkey": "aabb"})),
        (
            "Kms",
            json!({"url": "https://kms.example", "pubkey": "aabb", "tmp_ca_key": pem, "tmp_ca_cert": "x"}),
        ),
    ] {
        let text = edited(|file| file["key_provider"] = json!({kind: provider}));
        let keys = AppKeys::parse(&text).unwrap();
        assert!(format!("{:?}", keys.key_provider).starts_with(kind));
        assert_eq!(keys.key_provider.key().expose(), pem);
        assert_eq!(AppKeys::parse(&keys.to_json()).unwrap().to_json(), keys.to_json());
    }
}

/// The older simulator's file, changed.
fn edited(edit: impl FnOnce(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(&simulator("simulator-old.json")).unwrap();
    edit(&mut file);
    file.to_string()
}

fn remove(file: &mut Value, name: &str) {
    file.as_object_mut().unwrap().shift_remove(name).unwrap();
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    let says = |text: &str| AppKeys::parse(text).unwrap_err().to_string();
    assert_eq!(says(&edited(|file| remove(file, "k256_signature"))), "the field `k256_signature` is missing");
    assert_eq!(
        says(&edited(|file| {
            remove(file, "k256_signature");
            file["k256_signatur"] = "00".into();
        })),
        "the field `k256_signature` is missing; found the unknown field `k256_signatur`"
    );
    assert_eq!(
        says(&edited(|file| remove(&mut file["key_provider"]["None"], "key"))),
        "the field `key_provider.None.key` is missing"
    );
    let twice = simulator("simulator-old.json").replacen("{", "{\"k256_key\": \"00\",", 1);
    assert_eq!(
        says(&twice),
        "not the expected JSON: the field `k256_key` is given twice at line 4 column 12"
    );
    assert_eq!(
        says(&edited(|file| file["k256_key"] = 5.into())),
        "`k256_key`: expected text, found a number"
    );
    assert_eq!(
        says(&edited(|file| file["k256_key"] = "e0e5d".into())),
        "`k256_key`: expected two hex digits a byte, found 5 digits, an odd number"
    );
    assert_eq!(
        says(&edited(|file| file["k256_key"] = "e0e5".into())),
        "`k256_key`: a private key of secp256k1 has 32 bytes (64 hex digits), found 2"
    );
    assert_eq!(
        says(&edited(|file| file["k256_key"] = "00".repeat(32).into())),
        "`k256_key`: not a private key of secp256k1: expected a number from 1 to n - 1"
    );
    assert_eq!(
        says(&edited(|file| file["k256_key"] = file["key_provider"]["None"]["key"].clone())),
        "`k256_key`: this is a PEM key of the curve P-256 (secp256r1), not a secp256k1 key: expected 64 hex digits"
    );
    assert_eq!(
        says(&edited(|file| file["tproxy_app_id"] = "any".into())),
        "`tproxy_app_id` is the old name of `gateway_app_id`: give one of them, not both"
    );
    assert_eq!(
        says(&edited(|file| file["key_provider"] = json!({"Cloud": {}}))),
        "`key_provider`: expected an object with one of `None`, `Local`, `Tpm` and `Kms`"
    );
    assert!(says("{").starts_with("not the expected JSON: EOF while parsing"));
    assert_eq!(says("[]"), "the file: expected an object, found a list");
}

#[test]
fn fields_of_other_versions_of_dstack_are_read() {
    let old = edited(|file| {
        remove(file, "gateway_app_id");
        remove(file, "env_crypt_key");
        file["tproxy_app_id"] = "any".into();
    });
    assert_eq!(AppKeys::parse(&old).unwrap().gateway_app_id, "any");
    let new = edited(|file| {
        file["measurements"] = json!({"a": [1, null, true, 1.5, -1]});
        file["key_provider"]["None"]["kind"] = "x".into();
    });
    assert_eq!(AppKeys::parse(&new).unwrap().unknown, ["key_provider.None.kind", "measurements"]);
}

#[test]
fn a_chain_has_two_links() {
    let says = |links: &[&str]| {
        let text = json!({"key": OLD_APP_KEY, "signature_chain": links}).to_string();
        KeyResponse::parse(&text).unwrap_err().to_string()
    };
    let expected = "expected two, the app key's claim and then the KMS root's kms-issued signature";
    assert_eq!(says(&["00"]), format!("`signature_chain` has 1 link: {expected}"));
    assert_eq!(
        says(&["00", "00", "00"]),
        format!(
            "`signature_chain` has 3 links (a Sign response has three, a GetKey response two): {expected}"
        )
    );
    assert_eq!(says(&[]), format!("`signature_chain` has 0 links: {expected}"));
    assert_eq!(
        says(&["00", "0"]),
        "`signature_chain[1]`: expected two hex digits a byte, found 1 digits, an odd number"
    );
}

#[test]
fn no_text_makes_a_parser_panic() {
    arbtest::arbtest(|u| {
        let mut text = simulator("simulator-old.json").into_bytes();
        for _ in 0..u.int_in_range(0..=8)? {
            let at = u.choose_index(text.len())?;
            match u.int_in_range(0..=2)? {
                0 => text[at] = u.arbitrary()?,
                1 => drop(text.drain(at..(at + 20).min(text.len()))),
                _ => text.insert(at, *u.choose(b"{}[]\",:0ne\\")?),
            }
            if text.is_empty() {
                break;
            }
        }
        let text = String::from_utf8_lossy(&text);
        let _ = (AppKeys::parse(&text), KeyResponse::parse(&text), Proof::parse(&text));
        Ok(())
    });
}

/// The first and the last key of the well-known mnemonic.
#[test]
fn only_keys_that_everybody_has_are_test_keys() {
    for known in [
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
        OLD_APP_KEY,
        NEW_APP_KEY,
        "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b",
        &"07".repeat(32),
        &format!("{:064x}", 1),
        &format!("{:064x}", u32::MAX),
    ] {
        assert!(test_key::is_known(&private(known)), "{known}");
    }
    for unknown in [
        &format!("{:064x}", u64::from(u32::MAX) + 1),
        "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b",
    ] {
        assert!(!test_key::is_known(&private(unknown)), "{unknown}");
    }
    assert_eq!(test_key::development_accounts().count(), 10);
}

/// The public key is that of the PEM's number on secp256k1, by node's crypto.
#[test]
fn the_number_of_a_pem_key_can_be_read_as_a_key_of_secp256k1() {
    let keys = AppKeys::parse(&simulator("simulator-old.json")).unwrap();
    let pem = keys.key_provider.key();
    assert_eq!(pem.curve(), Some("P-256 (secp256r1)"));
    let key = pem.as_secp256k1().unwrap().public_key();
    assert_eq!(key.to_string(), "0x03aa62adb6efa0c3014fec7b487e3d8172a022b18b28d592ecccda4d49c7b4f6f8");
}
