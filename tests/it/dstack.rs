//! dstack's chain, as the library has it: proofs and their faults, mistakes, generated chains.

use std::collections::{BTreeMap, BTreeSet};

use ecrecheck::corpus::investigation::Evidence;
use ecrecheck::corpus::{Corpus, Formats};
use ecrecheck::dstack::chain::{Link, Proof, ProofFault, claim_digest, issued_digest, verify};
use ecrecheck::dstack::explain::{Deployments, Scene, explain};
use ecrecheck::dstack::generate::{self, CHAIN_BYTES, MUTATIONS, examine};
use ecrecheck::dstack::{AppKeys, mistake, test_key};
use ecrecheck::format::{Fields, parse};
use ecrecheck::input::bytes::from_hex;
use ecrecheck::input::key::{Address, PublicKey};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

fn bytes(digits: &str) -> Vec<u8> {
    from_hex(&format!("0x{digits}")).unwrap()
}

/// x and y of a compressed key.
fn key(compressed: &str) -> Vec<u8> {
    compressed.parse::<PublicKey>().unwrap().xy().into()
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A published chain: its root, its instance, and the proof.
fn chains() -> [(&'static str, &'static str, Proof); 3] {
    let old = Proof {
        app_id: bytes("ea549f02e1a25fabd1cb788380e033ec5461b2ff"),
        purpose: b"ethereum".into(),
        app_key: key("0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810"),
        derived_key: key("0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08"),
        claim_signature: bytes(
            "cd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01",
        ),
        issued_signature: bytes(
            "2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601",
        ),
    };
    let new = Proof {
        app_id: bytes("5bb4ff9a3837357f19dc176407a5709c62eb6c56"),
        purpose: b"ethereum".into(),
        app_key: key("0x02818494263695e8839122dbd88e281d7380622999df4e60a14befa0f2d096fc7c"),
        derived_key: key("0x03f6e1c0a861ff1e4d5ad1838fdf296009e31e6e35015b65473c72f70607a9a523"),
        claim_signature: bytes(
            "4f0dc7d219056fa41fb8ddaf69643450a34157b027601e32bfccf548c49e12964a840b0db518758069896078272f63f921e2f96cb927a882b3a308646ef626f700",
        ),
        issued_signature: bytes(
            "9e618603e72d01fedb82deff6daf2d62a572becf0059eec3f89c1ab40e1f2e594d2a283f843f34e8f39e4cc49a612496ce67223a12ac923f8efe330346dfc6c500",
        ),
    };
    let production = Proof {
        app_id: bytes("25e9a28b7c0cdad98c25c0ea226b1a94809e55c7"),
        purpose: b"mainnet".into(),
        app_key: key("0x02605c9587ae3c9c622a3f8478d773ea150256aa1d2888a8d395a3a2553f8f48e2"),
        derived_key: key("0x036d4d81a04af9c85a6be7b4756eed6746a558a64fb5b7946c678c493fcc0e55af"),
        claim_signature: bytes(
            "38ff7ff5c251ff814eb56f8ec3ef3c58687d3ba04828c619c607e7f429f5cf8c5f226402e4e06f7d7f5205853893278e7fff3769516120573f03b531cf1e438700",
        ),
        issued_signature: bytes(
            "8166a59735c458253ba6012d1d671ff51eefe0931226c1a7baef5a375eeb205f20e1d7783980ecdf3c7f749ab96cf1ede1c90600190ea6000b33ed9b15720dcb00",
        ),
    };
    [
        ("0x8f2cF602C9695b23130367ed78d8F557554de7C5", "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B", old),
        ("0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf", "0x2Fd6dbf9F83002cBaEFd286f0D8f455DBa133BC7", new),
        (
            "0x52d3CF51c8A37A2CCfC79bBb98c7810d7Dd4CE51",
            "0xeC71dd9000346E766C44F4f9988521DA75Bf09Ec",
            production,
        ),
    ]
}

#[test]
fn the_published_chains_verify_under_their_roots() {
    for (root, instance, proof) in chains() {
        let verdict = verify(&proof, address(root), &proof.purpose);
        assert_eq!(verdict.outcome, Ok(address(instance)));
        assert_eq!(verdict.issuer, Some(address(root)));
        assert_eq!(verdict.claim_signer, verdict.app_key);
    }
}

/// The old simulator's proof, spoilt, and the fault that must come first.
#[track_caller]
fn spoilt(spoil: impl FnOnce(&mut Proof), fault: ProofFault) {
    let (root, _, mut proof) = chains().into_iter().next().unwrap();
    spoil(&mut proof);
    assert_eq!(verify(&proof, address(root), b"ethereum").outcome, Err(fault));
}

#[test]
fn each_part_of_a_proof_has_its_fault() {
    spoilt(|proof| proof.app_id.truncate(19), ProofFault::AppIdLength { length: 19 });
    let purpose = ProofFault::PurposeMismatch { found: b"Ethereum".into(), expected: b"ethereum".into() };
    spoilt(|proof| proof.purpose = b"Ethereum".into(), purpose);
    spoilt(|proof| proof.app_key.insert(0, 4), ProofFault::AppKeyLength { length: 65 });
    spoilt(|proof| proof.derived_key.clear(), ProofFault::DerivedKeyLength { length: 0 });
    spoilt(|proof| proof.derived_key[63] ^= 2, ProofFault::DerivedKeyOffCurve);
    for (link, signature) in [
        (Link::Claim, (|proof| &mut proof.claim_signature) as fn(&mut Proof) -> &mut Vec<u8>),
        (Link::Issued, |proof| &mut proof.issued_signature),
    ] {
        spoilt(|proof| signature(proof).truncate(64), ProofFault::SignatureLength { link, length: 64 });
        spoilt(|proof| signature(proof)[64] += 27, ProofFault::SignatureV { link, v: 28 });
        spoilt(|proof| signature(proof)[64] = 2, ProofFault::SignatureV { link, v: 2 });
        spoilt(|proof| signature(proof)[32] = 0x80, ProofFault::SignatureHighS { link });
        spoilt(|proof| signature(proof)[..32].fill(0), ProofFault::SignatureRejected { link });
    }
}

#[test]
fn the_zero_root_is_refused_whatever_the_proof() {
    let (_, _, mut proof) = chains().into_iter().next().unwrap();
    proof.app_id.clear();
    assert_eq!(verify(&proof, Address([0; 20]), b"").outcome, Err(ProofFault::ZeroRoot));
}

#[test]
fn another_root_and_an_unbound_app_key_are_named_with_both_addresses() {
    let [(old_root, _, old), (new_root, _, new), _] = chains();
    let verdict = verify(&old, address(new_root), b"ethereum");
    let wrong = ProofFault::WrongRoot { recovered: address(old_root), expected: address(new_root) };
    assert_eq!(verdict.outcome, Err(wrong));

    let unbound = Proof { derived_key: new.derived_key, claim_signature: new.claim_signature, ..old };
    let verdict = verify(&unbound, address(old_root), b"ethereum");
    let mismatch = ProofFault::AppKeyMismatch {
        recovered: address("0xD508660Da170d8b162779698A64E6707d5Aa217A"),
        claimed: address("0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516"),
    };
    assert_eq!(verdict.outcome, Err(mismatch));
    assert_eq!(verdict.issuer, Some(address(old_root)), "the other link is looked at all the same");
}

#[test]
fn the_digests_are_those_of_the_known_formats() {
    let [(_, _, proof), ..] = chains();
    let sec1 = |xy: &[u8]| [&[4], xy].concat();
    let fields = Fields::from_iter([
        ("app_id", proof.app_id.clone()),
        ("app_key", sec1(&proof.app_key)),
        ("purpose", proof.purpose.clone()),
        ("derived_key", sec1(&proof.derived_key)),
    ]);
    let public = |xy: &[u8]| PublicKey::from_sec1(&sec1(xy)).unwrap();
    for (name, link, digest) in [
        ("dstack.kms-issued.current", Link::Issued, issued_digest(&proof.app_id, &public(&proof.app_key))),
        ("dstack.key-claim.v0", Link::Claim, claim_digest(&proof.purpose, &public(&proof.derived_key))),
    ] {
        let known = Formats::built_in().named(name).unwrap();
        assert_eq!(known.digest, parse(link.expression()).unwrap());
        let right: Vec<_> = link.parts().iter().map(|choices| choices[0].expression).collect();
        assert_eq!(mistake::digest(&right, mistake::HASH[0].expression), link.expression());
        assert_eq!(known.digest.evaluate(&fields).unwrap(), digest.0);
    }
}

fn simulator(name: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/dstack").join(name);
    std::fs::read_to_string(file).unwrap()
}

/// The scenes of the investigation: the keys at two paths.
fn scenes() -> Vec<Scene> {
    let keys = AppKeys::parse(&simulator("simulator-old.json")).unwrap();
    let [(_, _, proof), ..] = chains();
    let scene = |path: &str| Scene {
        path: Some(path.to_owned()),
        pem_key: keys.key_provider.key().as_secp256k1().map(|key| key.public_key()),
        ..Scene::of(&keys.get_key(path, b"ethereum").unwrap().proof(&proof.app_id, b"ethereum").unwrap())
    };
    vec![scene("test/node"), scene("test/path")]
}

fn deployments(nonces: u64) -> Deployments {
    Deployments { accounts: test_key::development_accounts().collect(), nonces }
}

#[test]
fn the_investigations_table_is_found_again_expression_by_expression() {
    let corpus = Corpus::load(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    let claims = &corpus.investigation.as_ref().unwrap().claims;
    let wanted: BTreeSet<_> = claims.iter().map(|claim| claim.address.address).collect();
    assert_eq!(wanted.len(), 8);
    let found = explain(&wanted, &scenes(), &deployments(20));
    for claim in claims {
        let explanation = found.get(&claim.address.address);
        let text = |evidence: &Evidence| match evidence {
            Evidence::RecoveredOver(digest) => format!("over {digest}"),
            Evidence::AddressIs(expression) => format!("is {expression}"),
        };
        // What the corpus calls earlier_… is here the other path's.
        let typed = claim.computed.as_ref().map(text).map(|text| text.replace("earlier_", ""));
        assert_eq!(explanation.map(|found| text(&found.evidence)), typed, "{}", claim.name);
        let earlier = claim.fields().any(|field| field.starts_with("earlier_"));
        let path = explanation.and_then(|found| found.path.as_deref());
        match claim.fields().any(|field| field.ends_with("derived_key")) {
            false => assert_eq!(path, None),
            true => assert_eq!(path, Some(if earlier { "test/path" } else { "test/node" })),
        }
    }
    let unexplained = address("0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4");
    assert_eq!(found.len(), 7);
    assert!(!found.contains_key(&unexplained), "nothing explains it");
}

#[test]
fn the_fewest_mistakes_are_named() {
    let mistakes = |text: &str| {
        let found = explain(&BTreeSet::from([address(text)]), &scenes(), &deployments(0));
        found.into_values().next().unwrap().mistakes
    };
    assert!(mistakes("0x8f2cF602C9695b23130367ed78d8F557554de7C5").is_empty(), "the root itself");
    assert_eq!(
        mistakes("0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516"),
        ["the app key (k256_key) taken for the KMS root"]
    );
    assert_eq!(
        mistakes("0x0000000000000000000000000000000000000000"),
        ["ecrecover gave nothing: it takes v 27 or 28, and 0 or 1 was given unadjusted"]
    );
    // The last 20 bytes of 0x02cad3a8…1b9b, the root's public key.
    let keys = AppKeys::parse(&simulator("simulator-old.json")).unwrap();
    let pem_key = keys.key_provider.key().as_secp256k1().unwrap().public_key();
    assert_eq!(
        mistakes(&pem_key.address().to_string()),
        ["the PEM key of key_provider, which is of P-256, taken for a secp256k1 key"]
    );
    assert_eq!(
        mistakes("0x048b5137457039d577986daade678ed4b4ab1b9b"),
        ["the last 20 bytes of a public key taken for its address"]
    );
}

fn generated(cases: u64) -> impl Iterator<Item = generate::GeneratedChain> {
    (0..cases).map(|case| {
        let mut bytes = [0; CHAIN_BYTES];
        ChaCha8Rng::seed_from_u64(case).fill_bytes(&mut bytes);
        generate::chain(&bytes)
    })
}

#[test]
fn the_verifier_says_of_each_generated_chain_what_is_so_by_construction() {
    let mut mutations: BTreeMap<_, u32> = MUTATIONS.iter().map(|mutation| (mutation.name, 0)).collect();
    let mut faults = BTreeMap::new();
    let mut mistakes = BTreeSet::new();
    for chain in generated(3000) {
        assert_eq!(examine(&chain), None, "{chain:?}");
        assert_eq!(verify(&chain.proof, chain.root, &chain.purpose).outcome, chain.expected, "{chain:?}");
        *mutations.get_mut(chain.what).unwrap() += 1;
        *faults
            .entry(
                chain.expected.as_ref().map_or_else(|fault| (fault.name(), fault.link()), |_| ("none", None)),
            )
            .or_insert(0) += 1;
        mistakes.extend(chain.mistakes);
    }
    let unreached: Vec<_> = mutations.iter().filter(|(_, count)| **count == 0).collect();
    assert!(unreached.is_empty(), "{unreached:?}");
    // Each fault, those of signatures for each link, and no fault at all.
    let of_signatures = ["SignatureLength", "SignatureV", "SignatureHighS", "SignatureRejected"];
    for name in ProofFault::NAMES {
        let links: &[Option<Link>] = match name {
            "AppKeyMismatch" => &[Some(Link::Claim)],
            "WrongRoot" => &[Some(Link::Issued)],
            _ if of_signatures.contains(&name) => &[Some(Link::Claim), Some(Link::Issued)],
            _ => &[None],
        };
        for link in links {
            assert!(faults.contains_key(&(name, *link)), "{name} {link:?} is not reached: {faults:?}");
        }
    }
    assert!(faults.contains_key(&("none", None)));
    assert_eq!(faults.len(), ProofFault::NAMES.len() + 4 + 1);
    let tables = [
        mistake::PREFIX,
        mistake::APP_ID,
        mistake::APP_KEY,
        mistake::PURPOSE,
        mistake::DERIVED_KEY,
        mistake::HASH,
        mistake::ADDRESS,
        mistake::APP_KEY_BY_CLAIM,
    ];
    for (table, right) in tables.map(|table| (table, table[0])) {
        // The first choice of a part is what belongs there; each address is a mistake.
        let is_part = table != mistake::ADDRESS && table != mistake::APP_KEY_BY_CLAIM;
        for mistake in table.iter().filter(|choice| !is_part || **choice != right) {
            assert!(mistakes.contains(mistake), "no chain has the mistake: {mistake:?}");
        }
    }
}

#[test]
fn chains_are_made_of_any_bytes() {
    arbtest::arbtest(|u| {
        let bytes: Vec<u8> = u.arbitrary()?;
        assert_eq!(examine(&generate::chain(&bytes)), None);
        Ok(())
    });
    assert_eq!(generate::chain(&[]).what, "none");
}

#[test]
fn what_the_generator_does_wrong_is_explained() {
    let mut explained = 0;
    for chain in generated(400).filter(|chain| chain.what == "issued-mistake").take(6) {
        // The root signed a mistaken message: over that it is recovered.
        let Err(ProofFault::WrongRoot { expected, .. }) = chain.expected else { continue };
        let scene = Scene { instance_id: Some(generate::INSTANCE_ID.into()), ..Scene::of(&chain.proof) };
        let found = explain(&BTreeSet::from([expected]), &[scene], &deployments(0));
        let explanation = found.get(&expected).unwrap_or_else(|| panic!("{:?}", chain.mistakes));
        assert!(!explanation.mistakes.is_empty());
        assert!(explanation.replaced <= chain.mistakes.len(), "{explanation:?} {:?}", chain.mistakes);
        assert!(explanation.replaced > 0);
        explained += 1;
    }
    assert!(explained >= 4, "{explained}");
}
