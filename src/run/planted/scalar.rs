//! Planted bugs of the scalar surface, and of signing.

use ruint::{aliases::U256, uint};

use super::{OnScalar, OnSign, Plant, libsecp256k1, plant, sound};
use crate::generate::construct::{Scalar, coordinates, lift_x, plus, public_key, reduce, times, times_g};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::hash::{keccak256, sha3_256};
use crate::input::key::{Address, PublicKey};
use crate::input::signature::Signature;
use crate::reference::{Point, SECP256K1};
use crate::subject::{Outcome, Subject as _};

pub(super) static BUGS: &[Plant<OnScalar>] = &[
    plant(
        "high-s-rejected",
        "rejects a high s",
        "RustCrypto/elliptic-curves#988, bluealloy/revm#870",
        |input| {
            if is_high(input.s) { Outcome::rejected("high s") } else { sound(input) }
        },
    ),
    plant(
        "high-s-parity-kept",
        "normalises a high s and keeps the recovery id",
        "bluealloy/revm#886",
        |input| {
            let s = if is_high(input.s) { Word::from(SECP256K1.n - input.s.number()) } else { input.s };
            sound(&ScalarInput { s, ..*input })
        },
    ),
    plant(
        "infinity-gives-address",
        "gives the address of 64 zero bytes for the point at infinity",
        "bitcoin-core/secp256k1#109, ethereum/aleth#2544",
        |input| match summands(input) {
            Some((u1_g, u2_r)) if plus(u1_g, u2_r) == Point::Infinity => address(&[0; 64]),
            _ => sound(input),
        },
    ),
    plant("r-reduced", "reduces an r of n or more", "RUSTSEC-2021-0076, kkrt-labs/kakarot#1565", |input| {
        sound(&ScalarInput { r: Word::from(input.r.number() % SECP256K1.n), ..*input })
    }),
    plant("s-reduced", "reduces an s of n or more", "randombit/botan#2698, kkrt-labs/keth#940", |input| {
        sound(&ScalarInput { s: Word::from(input.s.number() % SECP256K1.n), ..*input })
    }),
    plant("s-zero-accepted", "recovers with s = 0", "randombit/botan#2698", |input| {
        match input.s.number().is_zero().then(|| summands(input)).flatten() {
            Some((u1_g, _)) if u1_g != Point::Infinity => Outcome::key(public_key(&u1_g)),
            _ => sound(input),
        }
    }),
    plant(
        "recovery-id-masked",
        "looks at the low two bits of the recovery id only",
        "indutny/elliptic#301",
        |input| sound(&ScalarInput { recovery_id: input.recovery_id & 3, ..*input }),
    ),
    plant("recovery-id-4-accepted", "takes recovery id 4 for 0", "indutny/elliptic#301", |input| {
        sound(&ScalarInput {
            recovery_id: if input.recovery_id == 4 { 0 } else { input.recovery_id },
            ..*input
        })
    }),
    plant(
        "recovery-id-panics",
        "panics on a recovery id above 3",
        "ACINQ/secp256k1-kmp#91, succinctlabs/sp1#1797",
        |input| {
            assert!(input.recovery_id <= 3, "recovery id {}", input.recovery_id);
            sound(input)
        },
    ),
    plant(
        "x-reduced-as-unreduced",
        "takes recovery ids 2 and 3 for 0 and 1",
        "RustCrypto/signatures#680",
        |input| {
            let recovery_id = if input.recovery_id <= 3 { input.recovery_id & 1 } else { input.recovery_id };
            sound(&ScalarInput { recovery_id, ..*input })
        },
    ),
    plant("x-reduced-rejected", "rejects recovery ids 2 and 3", "richardkiss/pycoin#315", |input| {
        if input.recovery_id > 1 { Outcome::rejected("recovery id") } else { sound(input) }
    }),
    plant(
        "x-wraps",
        "takes r + n modulo p instead of rejecting it",
        "RustCrypto/elliptic-curves#584",
        |input| {
            let wrapped = input.r.number().add_mod(SECP256K1.n, SECP256K1.p);
            let wraps = matches!(input.recovery_id, 2 | 3) && in_range(input) && !fits(input);
            match wraps.then(|| lift_x(wrapped, input.recovery_id & 1 == 1)).flatten() {
                Some(nonce) => key(recover_from(nonce, input)),
                None => sound(input),
            }
        },
    ),
    plant("parity-ignored", "always takes the even y", "the recovery id's low bit", |input| {
        let recovery_id = if input.recovery_id <= 3 { input.recovery_id & 2 } else { input.recovery_id };
        sound(&ScalarInput { recovery_id, ..*input })
    }),
    plant(
        "off-curve-gives-key",
        "gives a key, and no error, for an x off the curve",
        "openvm-org/openvm#3147",
        |input| {
            if in_range(input) && fits(input) && nonce(input).is_none() {
                return key(times_g(Scalar::from(1)));
            }
            sound(input)
        },
    ),
    plant(
        "equal-points-added",
        "adds equal points with the formula for different ones: infinity",
        "succinctlabs/sp1#1680",
        |input| match summands(input) {
            Some((u1_g, u2_r)) if u1_g == u2_r => Outcome::rejected("infinity"),
            _ => sound(input),
        },
    ),
    plant(
        "equal-points-unnoticed",
        "compares points in Jacobian coordinates, and so adds equal ones: zeros",
        "0xPolygonHermez/zkevm-prover#527",
        |input| match summands(input) {
            Some((u1_g, u2_r)) if u1_g == u2_r => address(&[0; 64]),
            _ => sound(input),
        },
    ),
    plant(
        "nonce-is-generator",
        "fails where the nonce point is ±G, which its table holds",
        "ethereum/execution-specs#3458",
        |input| {
            let g = times_g(Scalar::from(1));
            if nonce(input).is_some_and(|nonce| coordinates(&nonce).0 == coordinates(&g).0) {
                Outcome::rejected("table")
            } else {
                sound(input)
            }
        },
    ),
    plant(
        "digest-zero-rejected",
        "rejects a digest of 0 modulo n: a summand at infinity",
        "Verified-zkEVM/evm-asm#9659, lambdaclass/cairo_native#817",
        |input| {
            if reduce(input.digest.number()) == Scalar::from(0) {
                Outcome::rejected("infinity")
            } else {
                sound(input)
            }
        },
    ),
    plant("digest-above-n-rejected", "rejects a digest of n or more", "digest as a scalar", |input| {
        if input.digest.number() >= SECP256K1.n { Outcome::rejected("digest") } else { sound(input) }
    }),
    plant(
        "digest-leading-zeros-dropped",
        "drops the digest's leading zeros",
        "indutny/elliptic#322 (CVE-2024-48948)",
        |input| sound(&ScalarInput { digest: left_aligned(input.digest), ..*input }),
    ),
    plant("r-leading-zeros-dropped", "drops r's leading zeros", "CVE-2024-42461", |input| {
        sound(&ScalarInput { r: left_aligned(input.r), ..*input })
    }),
    plant("s-leading-zeros-dropped", "drops s's leading zeros", "CVE-2024-42461", |input| {
        sound(&ScalarInput { s: left_aligned(input.s), ..*input })
    }),
    plant(
        "x-leading-zeros-dropped",
        "hashes the key without the leading zeros of its x",
        "indutny/elliptic#322",
        |input| hashed(input, |key| address(&[trimmed(&key.x), &key.y].concat())),
    ),
    plant(
        "y-leading-zeros-dropped",
        "hashes the key without the leading zeros of its y",
        "indutny/elliptic#322",
        |input| hashed(input, |key| address(&[&key.x, trimmed(&key.y)].concat())),
    ),
    plant(
        "address-leading-zeros-dropped",
        "drops the address's leading zeros",
        "leading zeros of an integer address",
        |input| {
            hashed(input, |key| {
                let mut shifted = [0; 20];
                let address = key.address();
                let digits = trimmed(&address.0);
                shifted[..digits.len()].copy_from_slice(digits);
                Outcome::Recovered { address: Address(shifted), public_key: None }
            })
        },
    ),
    plant("address-by-sha3", "hashes the key with SHA3-256", "sha3-256 for keccak256", |input| {
        hashed(input, |key| last_20(sha3_256(&key.xy())))
    }),
    plant("address-of-tagged-key", "hashes the key with its 04", "uncompressed key with its tag", |input| {
        hashed(input, |key| address(&key.uncompressed()))
    }),
    plant(
        "address-is-key-end",
        "takes the key's last 20 bytes for its address",
        "the last 20 bytes of a public key taken for its address",
        |input| {
            hashed(input, |key| {
                let mut end = [0; 20];
                end.copy_from_slice(&key.y[12..]);
                Outcome::Recovered { address: Address(end), public_key: None }
            })
        },
    ),
    plant("glv-lambda", "splits u2 = ±λ wrongly", "scalar decomposition at its edge", |input| {
        const LAMBDA: U256 = uint!(0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72_U256);
        let lambda = reduce(LAMBDA);
        match scalars(input) {
            Some((_, u2)) if u2 == lambda || u2 == -lambda => Outcome::rejected("split"),
            _ => sound(input),
        }
    }),
    plant(
        "wnaf-carry",
        "loses the carry of a u1 that is a power of two minus one",
        "scalar recoding at its edge",
        |input| {
            let is_mask = |number: U256| number.count_ones() == number.bit_len() && number.bit_len() > 8;
            match scalars(input) {
                Some((u1, _)) if is_mask(crate::generate::construct::word(u1).number()) => {
                    Outcome::rejected("carry")
                }
                _ => sound(input),
            }
        },
    ),
    plant("zero-panics", "panics on r = 0 or s = 0", "succinctlabs/sp1#1799", |input| {
        assert!(!input.r.number().is_zero() && !input.s.number().is_zero(), "no inverse of zero");
        sound(input)
    }),
];

pub(super) static SIGNING_BUGS: &[Plant<OnSign>] = &[plant(
    "signing-parity-kept",
    "normalises s when it signs and keeps the recovery id",
    "RustCrypto/elliptic-curves#702",
    |key, digest| {
        // Half of all signatures are normalised; which cannot be seen from outside, so half are bent.
        let signature = libsecp256k1().sign(key, digest)?;
        Ok(Signature { recovery_id: signature.recovery_id ^ (digest.0[31] & 1), ..signature })
    },
)];

pub(super) fn is_high(s: Word) -> bool {
    let s = s.number();
    s > SECP256K1.n >> 1 && s < SECP256K1.n
}

/// Whether r, s and the recovery id are in range; s = 0 counts as in range.
fn in_range(input: &ScalarInput) -> bool {
    let (r, s) = (input.r.number(), input.s.number());
    !r.is_zero() && r < SECP256K1.n && s < SECP256K1.n && input.recovery_id <= 3
}

/// Whether the nonce point's x is below p.
fn fits(input: &ScalarInput) -> bool {
    input.recovery_id < 2 || input.r.number() < SECP256K1.p - SECP256K1.n
}

/// The nonce point, if r and the recovery id say one.
fn nonce(input: &ScalarInput) -> Option<Point> {
    let r = input.r.number();
    let x = if input.recovery_id < 2 { Some(r) } else { r.checked_add(SECP256K1.n) };
    in_range(input).then_some(x).flatten().and_then(|x| lift_x(x, input.recovery_id & 1 == 1))
}

/// u1 and u2, where r and s are in range.
fn scalars(input: &ScalarInput) -> Option<(Scalar, Scalar)> {
    let [z, r, s] = [input.digest, input.r, input.s].map(|word| reduce(word.number()));
    in_range(input).then(|| (-z / r, s / r))
}

/// u1·G and u2·R, where there is a nonce point.
fn summands(input: &ScalarInput) -> Option<(Point, Point)> {
    let ((u1, u2), nonce) = (scalars(input)?, nonce(input)?);
    Some((times_g(u1), times(nonce, u2)))
}

/// The key with a nonce point of one's choice.
fn recover_from(nonce: Point, input: &ScalarInput) -> Point {
    let (u1, u2) = scalars(input).unwrap_or_default();
    plus(times_g(u1), times(nonce, u2))
}

fn key(point: Point) -> Outcome {
    if point == Point::Infinity { Outcome::rejected("infinity") } else { Outcome::key(public_key(&point)) }
}

/// A sound recovery, with the address of its key made otherwise.
pub(super) fn hashed(input: &ScalarInput, address: impl Fn(&PublicKey) -> Outcome) -> Outcome {
    match sound(input) {
        Outcome::Recovered { public_key: Some(key), .. } => address(&key),
        other => other,
    }
}

pub(super) fn address(hashed: &[u8]) -> Outcome {
    last_20(keccak256(hashed))
}

fn last_20(hash: [u8; 32]) -> Outcome {
    let mut address = [0; 20];
    address.copy_from_slice(&hash[12..]);
    Outcome::Recovered { address: Address(address), public_key: None }
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..]
}

fn left_aligned(word: Word) -> Word {
    let mut aligned = [0; 32];
    let digits = trimmed(&word.0);
    aligned[..digits.len()].copy_from_slice(digits);
    Word(aligned)
}
