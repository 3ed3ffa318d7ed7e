//! Chains that hold: a verifier that refuses everything is no verifier.

use ruint::aliases::U256;

use super::chain::{Rules, SoundChain};
use super::signatures::of_s;
use super::{Attempt, AuditCase, Requirement};
use crate::dstack::PrivateKey;
use crate::dstack::chain::{Link, Proof};
use crate::generate::construct::{next_point, public_key};
use crate::input::bytes::from_hex;
use crate::input::key::Address;
use crate::reference::SECP256K1;

/// The case that says whether the contract takes anything.
pub(super) const FIRST: &str = "sound::chains";

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    let accepted = |id: &'static str, about: &'static str, why, attempts| AuditCase {
        id: id.into(),
        about: about.into(),
        why,
        expect: Requirement::Accept,
        follows: None,
        attempts,
    };
    vec![
        accepted(
            FIRST,
            "Chains of several roots, apps and paths.",
            "a verifier that refuses everything protects nothing that runs",
            chains(rules),
        ),
        accepted(
            "sound::purposes",
            "Chains for other purposes, each at a contract that asks for it: none, long, with colons, not text.",
            "a purpose is any bytes",
            purposes(rules),
        ),
        accepted(
            "sound::simulators",
            "The published simulators' own signatures of their app keys.",
            "these were made by dstack, not by us",
            simulators(rules),
        ),
        accepted(
            "sound::leading-zeros",
            "App ids and derived keys that begin with zeros.",
            "leading zeros that are lost change what is hashed",
            leading_zeros(rules),
        ),
        accepted(
            "sound::s-limit",
            "s = 1, and s = (n - 1) / 2, the largest that is low.",
            "a comparison that is off by one refuses a signature that some key makes",
            s_limit(rules),
        ),
    ]
}

fn chains(rules: &Rules<'_>) -> Vec<Attempt> {
    let labels = ["one", "two", "three", "four", "five", "six"];
    let chains = labels.map(|label| (label, rules.chain(label)));
    chains.into_iter().map(|(label, chain)| rules.attempt(label, &chain, chain.proof())).collect()
}

fn purposes(rules: &Rules<'_>) -> Vec<Attempt> {
    if !rules.any_purpose {
        // The contract cannot be told another: what it knows is in the other cases.
        let chain = rules.chain("its purpose");
        return vec![rules.attempt("its purpose", &chain, chain.proof())];
    }
    let long = "x".repeat(300);
    let purposes: [(&str, &[u8]); 5] = [
        ("no purpose", b""),
        ("colons", b":a:b:"),
        ("300 bytes", long.as_bytes()),
        ("two words", b"storage encryption"),
        ("not text", &[0x00, 0xff, 0xfe]),
    ];
    let chains = purposes.map(|(label, purpose)| (label, rules.chain_for(label, purpose)));
    chains.into_iter().map(|(label, chain)| rules.attempt(label, &chain, chain.proof())).collect()
}

/// Name, root, app id, app key (published test keys) and the root's signature of it: corpus/fixtures.
const SIMULATORS: [(&str, &str, &str, &str, &str); 2] = [
    (
        "the older simulator",
        "0x8f2cF602C9695b23130367ed78d8F557554de7C5",
        "0xea549f02e1a25fabd1cb788380e033ec5461b2ff",
        "0xe0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9",
        "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601",
    ),
    (
        "the newer simulator",
        "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf",
        "0x5bb4ff9a3837357f19dc176407a5709c62eb6c56",
        "0xd6e88992cdeeee35fe70b5db61ab66cdb191fb9b6ec9313757ef162dd7214d5d",
        "0x9e618603e72d01fedb82deff6daf2d62a572becf0059eec3f89c1ab40e1f2e594d2a283f843f34e8f39e4cc49a612496ce67223a12ac923f8efe330346dfc6c500",
    ),
];

fn simulators(rules: &Rules<'_>) -> Vec<Attempt> {
    let attempt = |(label, root, app_id, app_key, issued_signature): &(&str, &str, &str, &str, &str)| {
        let app_id = from_hex(app_id).ok()?.try_into().ok()?;
        let app = PrivateKey::from_hex(app_key).ok()?;
        let root: Address = root.parse().ok()?;
        // Its root's key is nobody's here: the chain's own root does not sign.
        let derived = crate::dstack::derivation::derived_key(&app, "test/node").ok()?.public_key();
        let purpose = rules.purpose.clone();
        let chain = SoundChain { root: super::chain::test_key("unused"), app_id, app, derived, purpose };
        let proof = Proof { issued_signature: from_hex(issued_signature).ok()?, ..chain.proof() };
        Some(Attempt { root, ..rules.attempt(*label, &chain, proof) })
    };
    let typed = |simulator| attempt(simulator).unwrap_or_else(|| unreachable!("the constants are sound"));
    SIMULATORS.iter().map(typed).collect()
}

fn leading_zeros(rules: &Rules<'_>) -> Vec<Attempt> {
    let mut first_zero = [0x11; 20];
    first_zero[0] = 0;
    let mut attempts: Vec<Attempt> = [
        ("app id of zeros", [0; 20]),
        ("app id of 0xff", [0xff; 20]),
        ("app id from a zero byte", first_zero),
    ]
    .map(|(label, app_id)| {
        let chain = SoundChain::under(rules.root_of(label), app_id, label, &rules.purpose);
        rules.attempt(label, &chain, chain.proof())
    })
    .into();
    for (label, y_is_odd) in [("x = 1, y even", false), ("x = 1, y odd", true)] {
        let (_, point) = next_point(U256::ONE, y_is_odd);
        // A key that nobody derived.
        let chain = SoundChain { derived: public_key(&point), ..rules.chain(label) };
        attempts.push(rules.attempt(label, &chain, chain.proof()));
    }
    attempts
}

fn s_limit(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("s limit");
    let limits = [(U256::ONE, "s = 1"), (SECP256K1.n >> 1, "s = (n - 1) / 2")];
    let of = |link| limits.map(|(s, label)| of_s(rules, &chain, link, s, label));
    Link::BOTH.into_iter().flat_map(of).collect()
}
