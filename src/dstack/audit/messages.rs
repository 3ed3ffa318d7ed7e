//! What is signed: a verifier that takes a signature over other bytes takes signatures that were made for
//! something else. Each is a mistake that was made.

use super::Case;
use super::chain::{Chain, Rules, refused};
use crate::input::hash::{keccak256, sha3_256};
use crate::input::key::PublicKey;

const CLAIM: &[&str] = &["AppKeyMismatch"];
const ISSUED: &[&str] = &["WrongRoot"];
const FOREIGN: &str = "a signature over other bytes was made for something else, or would be made by nobody";

/// Id, what is signed in its place, and the preimage.
type Mistake = (&'static str, &'static str, fn(&Chain) -> Vec<u8>);

/// What claims were made over by mistake.
const CLAIMS: [Mistake; 7] = [
    ("claim-message::hex-0x", "The claim has 0x before the key's hex.", |chain| {
        claim(chain, format!("0x{}", const_hex::encode(chain.derived.compressed())).as_bytes())
    }),
    ("claim-message::hex-upper", "The claim has the key in uppercase hex.", |chain| {
        claim(chain, const_hex::encode_upper(chain.derived.compressed()).as_bytes())
    }),
    ("claim-message::address", "The claim has an address where the key belongs.", |chain| {
        claim(chain, const_hex::encode(chain.derived.address().0).as_bytes())
    }),
    ("claim-message::address-0x", "The claim has an address with 0x where the key belongs.", |chain| {
        claim(chain, format!("0x{}", const_hex::encode(chain.derived.address().0)).as_bytes())
    }),
    ("claim-message::uncompressed", "The claim has the uncompressed key.", |chain| {
        claim(chain, const_hex::encode(chain.derived.uncompressed()).as_bytes())
    }),
    ("claim-message::raw-key", "The claim has the key's bytes, not its hex.", |chain| {
        claim(chain, &chain.derived.compressed())
    }),
    ("claim-message::no-purpose", "The claim names no purpose.", |chain| {
        const_hex::encode(chain.derived.compressed()).into_bytes()
    }),
];

/// What app keys were issued over by mistake.
const ISSUES: [Mistake; 8] = [
    (
        "issued-message::no-app-id",
        "The app key is issued without its app, as dstack did before 0.4.0.",
        |chain| issued(b"dstack-kms-issued:", b"", &app(chain)),
    ),
    ("issued-message::phala", "The app key is issued in the first format, of phala.", |chain| {
        issued(b"phala-kms-issued:", b"", &app(chain))
    }),
    ("issued-message::app-id-cut", "The app id lost its first byte before it was signed.", |chain| {
        issued(b"dstack-kms-issued:", &chain.app_id[1..], &app(chain))
    }),
    ("issued-message::app-id-padded", "The app id had zeros after it when it was signed.", |chain| {
        issued(b"dstack-kms-issued:", &[&chain.app_id, [0; 12].as_slice()].concat(), &app(chain))
    }),
    ("issued-message::app-id-padded-left", "The app id had zeros before it when it was signed.", |chain| {
        issued(b"dstack-kms-issued:", &[[0; 12].as_slice(), &chain.app_id].concat(), &app(chain))
    }),
    ("issued-message::address", "An address is issued where the app key belongs.", |chain| {
        issued(b"dstack-kms-issued:", &chain.app_id, &chain.app.public_key().address().0)
    }),
    ("issued-message::uncompressed", "The uncompressed app key is issued.", |chain| {
        issued(b"dstack-kms-issued:", &chain.app_id, &chain.app.public_key().uncompressed())
    }),
    ("issued-message::no-prefix", "What is issued has no prefix.", |chain| {
        issued(b"", &chain.app_id, &app(chain))
    }),
];

/// Id for each link, what is done to the digest in its place.
type Wrapping = (&'static str, &'static str, &'static str, fn(&[u8]) -> [u8; 32]);

/// What digests were wrapped in by mistake.
const WRAPPINGS: [Wrapping; 3] = [
    (
        "claim-message::eip191",
        "issued-message::eip191",
        "The digest is wrapped as EIP-191's message and hashed again.",
        |preimage| {
            keccak256(&[b"\x19Ethereum Signed Message:\n32".as_slice(), &keccak256(preimage)].concat())
        },
    ),
    (
        "claim-message::hashed-twice",
        "issued-message::hashed-twice",
        "The digest is hashed again.",
        |preimage| keccak256(&keccak256(preimage)),
    ),
    ("claim-message::sha3", "issued-message::sha3", "The digest is SHA3-256, not Keccak-256.", sha3_256),
];

pub(super) fn cases(rules: &Rules) -> Vec<Case> {
    let chain = rules.chain("message");
    let claims = CLAIMS.iter().map(|(id, about, preimage)| {
        let proof = chain.claiming(&preimage(&chain));
        let attempts = vec![rules.attempt("the claim", &chain, proof)];
        refused(id, about, FOREIGN, CLAIM, attempts).following("binding::app-key")
    });
    let issues = ISSUES.iter().map(|(id, about, preimage)| {
        let proof = chain.issuing(&preimage(&chain));
        let attempts = vec![rules.attempt("what is issued", &chain, proof)];
        refused(id, about, FOREIGN, ISSUED, attempts).following("root::another")
    });
    let right_claim = claim(&chain, const_hex::encode(chain.derived.compressed()).as_bytes());
    let right_issue = issued(b"dstack-kms-issued:", &chain.app_id, &app(&chain));
    let wrapped = WRAPPINGS.iter().flat_map(|(claim_id, issued_id, about, digest)| {
        let claim = rules.attempt("the claim", &chain, chain.claiming_digest(digest(&right_claim)));
        let issue = rules.attempt("what is issued", &chain, chain.issuing_digest(digest(&right_issue)));
        [
            refused(claim_id, about, FOREIGN, CLAIM, vec![claim]).following("binding::app-key"),
            refused(issued_id, about, FOREIGN, ISSUED, vec![issue]).following("root::another"),
        ]
    });
    claims.chain(issues).chain(wrapped).collect()
}

fn claim(chain: &Chain, key: &[u8]) -> Vec<u8> {
    [&chain.purpose, b":".as_slice(), key].concat()
}

fn app(chain: &Chain) -> [u8; 33] {
    PublicKey::compressed(&chain.app.public_key())
}

fn issued(prefix: &[u8], app_id: &[u8], key: &[u8]) -> Vec<u8> {
    [prefix, app_id, key].concat()
}
