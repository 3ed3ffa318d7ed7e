//! The app id and the keys, as bytes: lengths, padding, points that are none.

use ruint::aliases::U256;

use super::chain::{Chain, Rules, refused};
use super::{Attempt, Case};
use crate::dstack::chain::{Proof, claim_digest, issued_digest};
use crate::generate::construct::{next_point, next_point_by_y, public_key};
use crate::input::key::PublicKey;
use crate::reference::SECP256K1;

pub(super) fn cases(rules: &Rules) -> Vec<Case> {
    vec![
        refused(
            "app-id::length",
            "An app id of 0, 19, 21 and 32 bytes, issued as it is.",
            "an app id has 20 bytes: with any length, formats that begin alike can be taken for one another",
            &["AppIdLength", "WrongRoot"],
            [0, 19, 21, 32].into_iter().map(|length| id_of_length(rules, length)).collect(),
        ),
        refused(
            "app-id::padded",
            "An app id of 32 bytes, padded with zeros, where the 20 bytes were issued.",
            "an id that is cut to size has many spellings, each registered apart",
            &["AppIdLength", "WrongRoot"],
            padded(rules),
        ),
        refused(
            "app-key::length",
            "An app key of 0, 63, 65 and 66 bytes.",
            "a key is x and y: its bytes are hashed for its address, and two of its words for what is issued",
            &["AppKeyLength", "AppKeyMismatch"],
            app_keys(rules),
        ),
        refused(
            "derived-key::length",
            "A derived key of 0 and 63 bytes, and of 65 and 96, whose first 64 are claimed.",
            "with bytes after y the key has an address that nobody claimed",
            &["DerivedKeyLength"],
            derived_keys(rules),
        ),
        refused(
            "derived-key::off-curve",
            "A derived key with the x and the parity of the claimed one, and another y.",
            "the claim names x and the parity of y: any such y has an address that nobody claimed",
            &["DerivedKeyOffCurve"],
            off_curve(rules),
        ),
        refused(
            "derived-key::not-reduced",
            "A derived key with x + p in place of x, or y + p in place of y.",
            "one point, two spellings, two addresses: coordinates are below p",
            &["DerivedKeyOffCurve"],
            not_reduced(rules),
        ),
    ]
}

fn id_of_length(rules: &Rules, length: usize) -> Attempt {
    let chain = rules.chain("app id");
    let app_id: Vec<u8> = chain.app_id.iter().copied().cycle().take(length).collect();
    let issued_signature = chain.root.sign(issued_digest(&app_id, &chain.app.public_key()));
    let proof = Proof { app_id, issued_signature, ..chain.proof() };
    rules.attempt(format!("{length} bytes"), &chain, proof)
}

fn padded(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("app id");
    let zeros = [0; 12];
    [
        ("zeros after it", [&chain.app_id, zeros.as_slice()].concat()),
        ("zeros before it", [zeros.as_slice(), &chain.app_id].concat()),
    ]
    .map(|(label, app_id)| rules.attempt(label, &chain, Proof { app_id, ..chain.proof() }))
    .into()
}

fn app_keys(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("app key");
    let key = chain.app.public_key();
    [
        ("no bytes", vec![]),
        ("63 bytes", key.xy()[..63].to_vec()),
        ("65 bytes, SEC 1", key.uncompressed().to_vec()),
        ("66 bytes", [key.xy().as_slice(), &[0, 0]].concat()),
    ]
    .map(|(label, app_key)| rules.attempt(label, &chain, Proof { app_key, ..chain.proof() }))
    .into()
}

fn derived_keys(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("derived key");
    let xy = chain.derived.xy();
    [
        ("no bytes", vec![]),
        ("63 bytes", xy[..63].to_vec()),
        ("65 bytes", [xy.as_slice(), &[0]].concat()),
        ("96 bytes", [xy.as_slice(), &[0xff; 32]].concat()),
    ]
    .map(|(label, derived_key)| rules.attempt(label, &chain, Proof { derived_key, ..chain.proof() }))
    .into()
}

fn off_curve(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("derived key");
    let PublicKey { x, y } = chain.derived;
    let mut another = y;
    another[0] ^= 0x40;
    let mut far = y;
    far[..31].fill(0);
    let mut attempts: Vec<_> =
        [("another y of the same parity", another), ("a small y of the same parity", far)]
            .map(|(label, y)| {
                let derived_key = [x, y].concat();
                rules.attempt(label, &chain, Proof { derived_key, ..chain.proof() })
            })
            .into();
    attempts.push(claimed(rules, "x = y = 0", PublicKey { x: [0; 32], y: [0; 32] }));
    attempts
}

fn not_reduced(rules: &Rules) -> Vec<Attempt> {
    // They have to fit 256 bits: the smallest x of the curve, and the smallest y.
    let ((x, small_x), (y, small_y)) = (next_point(U256::ONE, false), next_point_by_y(0));
    let unreduced = |small: U256| (small + SECP256K1.p).to_be_bytes();
    vec![
        claimed(rules, "x + p, and the claim says so", PublicKey { x: unreduced(x), ..public_key(&small_x) }),
        claimed(rules, "y + p, and the claim says so", PublicKey { y: unreduced(y), ..public_key(&small_y) }),
    ]
}

/// A proof whose claim is for these coordinates, whatever they are.
fn claimed(rules: &Rules, label: &str, key: PublicKey) -> Attempt {
    let chain = rules.chain(label);
    let claim_signature = chain.app.sign(claim_digest(&chain.purpose, &key));
    let proof = Proof { derived_key: key.xy().to_vec(), claim_signature, ..chain.proof() };
    rules.attempt(label, &Chain { derived: key, ..chain }, proof)
}
