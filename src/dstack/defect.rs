//! What can be wrong with the bytes of a proof, whatever they mean: lengths, v, high s, signatures of no key,
//! coordinates of no point. The generator's mutations and the audit's cases are both made with this.

use ark_ff::Field as _;
use ruint::aliases::U256;

use super::chain::Proof;
use crate::generate::construct::{
    Scalar, from_nonce, lift_x, next_point, next_point_by_y, public_key, reduce, times_g,
};
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::Wire;
use crate::reference::SECP256K1;

/// Bytes in the place of others, with what they are.
pub type Form = (&'static str, fn(&[u8]) -> Vec<u8>);

/// The audit's case and a defect that belongs to it.
pub type Defect<T> = (&'static str, T);

/// App ids of other lengths than 20 bytes.
pub const APP_IDS: &[Form] = &[
    ("no bytes", |_| Vec::new()),
    ("without its first byte", |id| id[1..].into()),
    ("without its last byte", |id| id[..id.len() - 1].into()),
    ("with a byte more", |id| longer(id, 1, id[0])),
    ("zeros after it", |id| longer(id, 12, 0)),
    ("zeros before it", |id| [&[0; 12], id].concat()),
    ("in hex", |id| const_hex::encode(id).into_bytes()),
];

/// The app ids that are padded to a word.
pub const PADDED: [&str; 2] = ["zeros after it", "zeros before it"];

/// Public keys (x, then y) in forms of other lengths than 64 bytes.
pub const KEYS: &[Form] = &[
    ("no bytes", |_| Vec::new()),
    ("63 bytes", |xy| xy[..63].into()),
    ("33 bytes, SEC 1", |xy| [&[2 | (xy[63] & 1)], &xy[..32]].concat()),
    ("65 bytes, SEC 1", |xy| [&[4], xy].concat()),
    ("20 bytes, its address", |xy| crate::input::hash::keccak256(xy)[12..].into()),
    ("65 bytes, a zero after y", |xy| longer(xy, 1, 0)),
    ("66 bytes, zeros after y", |xy| longer(xy, 2, 0)),
    ("96 bytes, 0xff after y", |xy| longer(xy, 32, 0xff)),
];

/// Signatures of other lengths than 65 bytes.
pub const SIGNATURES: &[Defect<Form>] = &[
    ("signature::truncated", ("no bytes", |_| Vec::new())),
    ("signature::truncated", ("1 byte", |rsv| rsv[..1].into())),
    ("signature::truncated", ("32 bytes", |rsv| rsv[..32].into())),
    ("signature::truncated", ("63 bytes", |rsv| rsv[..63].into())),
    ("signature::compact", ("without v", |rsv| rsv[..64].into())),
    ("signature::compact", ("EIP-2098", compact)),
    ("signature::trailing", ("66 bytes", |rsv| [rsv, &rsv[..1]].concat())),
    ("signature::trailing", ("96 bytes", |rsv| [rsv, &rsv[..31]].concat())),
    ("signature::trailing", ("130 bytes", |rsv| [rsv, rsv].concat())),
    ("signature::trailing", ("a zero before r", |rsv| [&[0], rsv].concat())),
    ("signature::trailing", ("in hex", |rsv| const_hex::encode(rsv).into_bytes())),
];

/// The v for recovery ids 0 and 1.
pub type FormOfV = [u8; 2];

/// Forms of v for a verifier that takes `base` + recovery id.
pub fn forms_of_v(base: u8) -> Vec<Defect<FormOfV>> {
    let from = |v: u8| [v, v + 1];
    let mut forms = vec![("v::other-form", from(27 - base)), ("v::recovery-id-2-3", from(base + 2))];
    forms.extend([35, 37, 253].map(|v| ("v::eip155", from(v))));
    forms.extend([4, 6, 25, 31, 33, 64, 128].map(|v| ("v::out-of-range", from(v))));
    forms.push(("v::out-of-range", [255, 255]));
    if base == 0 {
        // To another base these are recovery ids 2 and 3.
        forms.push(("v::out-of-range", from(29)));
    }
    forms
}

/// The same signature with n - s and the other parity. Bytes that are no signature stay as they are.
pub fn twin(signature: &[u8]) -> Vec<u8> {
    match Wire::RsRecoveryId.decode(signature, None) {
        Ok(signed) => rsv(signed.r.number(), SECP256K1.n - signed.s.number(), signed.recovery_id ^ 1),
        Err(_) => signature.into(),
    }
}

/// Signatures that recover no key for a digest, each with what it is: those with a point have the nonce `k`,
/// and the x of no point is `x` or the next.
pub fn no_key(digest: Word, k: Scalar, x: U256) -> [(&'static str, Vec<u8>); 7] {
    let (zero, one) = (U256::ZERO, U256::ONE);
    // Low values and 0xff… could be on the curve, 5 is not.
    let off_curve =
        std::iter::successors(Some(x), |x| x.checked_add(one)).find(|x| lift_x(*x, false).is_none());
    [
        ("r and s zero", rsv(zero, zero, 0)),
        ("r zero", rsv(zero, one, 0)),
        ("s zero", rsv(one, zero, 1)),
        ("r = n", rsv(SECP256K1.n, one, 0)),
        ("r of 0xff", rsv(U256::MAX, one, 1)),
        ("r off the curve", rsv(off_curve.unwrap_or(U256::from(5)), one, 0)),
        ("a key at infinity", at_infinity(digest, k)),
    ]
}

/// sR = zG for R = kG and s = z/k. s is made low.
fn at_infinity(digest: Word, k: Scalar) -> Vec<u8> {
    let r = reduce(U256::from_be_bytes(public_key(&times_g(k)).x));
    let u1 = -reduce(digest.number()) * r.inverse().unwrap_or_default();
    let input = from_nonce(k, u1, -u1 * k.inverse().unwrap_or_default()).low_s().input;
    rsv(input.r.number(), input.s.number(), input.recovery_id)
}

/// Coordinates of no point below p, each with the audit's case and what they are: another y of the key's
/// parity (`bit`, 1 or above, is flipped), and small points, the next from `from`, with p added.
pub fn off_curve(key: &PublicKey, bit: usize, from: u32) -> [Defect<(&'static str, PublicKey)>; 5] {
    let y = U256::from_be_bytes(key.y) ^ (U256::ONE << bit);
    let mut small_y = [0; 32];
    small_y[31] = key.y[31];
    let ((x, of_x), (y_low, of_y)) = (next_point(U256::from(from), false), next_point_by_y(from));
    let unreduced = |small: U256| (small + SECP256K1.p).to_be_bytes();
    let (off, not_reduced) = ("derived-key::off-curve", "derived-key::not-reduced");
    [
        (off, ("another y of the same parity", PublicKey { y: y.to_be_bytes(), ..*key })),
        (off, ("a small y of the same parity", PublicKey { y: small_y, ..*key })),
        (off, ("x = y = 0", PublicKey { x: [0; 32], y: [0; 32] })),
        (not_reduced, ("x + p", PublicKey { x: unreduced(x), ..public_key(&of_x) })),
        (not_reduced, ("y + p", PublicKey { y: unreduced(y_low), ..public_key(&of_y) })),
    ]
}

/// Each signature in the other's place.
pub fn swap_links(proof: &mut Proof) {
    std::mem::swap(&mut proof.claim_signature, &mut proof.issued_signature);
}

/// r, s and v in a row.
pub fn rsv(r: U256, s: U256, v: u8) -> Vec<u8> {
    [r.to_be_bytes::<32>().as_slice(), &s.to_be_bytes::<32>(), &[v]].concat()
}

fn longer(bytes: &[u8], more: usize, with: u8) -> Vec<u8> {
    [bytes, &vec![with; more]].concat()
}

fn compact(rsv: &[u8]) -> Vec<u8> {
    let signature = Wire::RsRecoveryId.decode(rsv, None).ok();
    signature.and_then(|signature| Wire::Eip2098.encode(&signature, None)).unwrap_or_default()
}
