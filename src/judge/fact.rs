//! Facts: properties of an input that matter, because some implementation once got them wrong.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use ruint::aliases::U256;

pub use crate::format::UnknownFact;
use crate::format::facts;
use crate::input::bytes::Word;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::reference::answer::{Answer, ECRECOVER_GAS, Expectation, Refusal};
use crate::reference::{Point, Reason, SECP256K1, twin};

/// How small a multiple of G counts as a small nonce.
const SMALL: u64 = 8;

facts! {
    /// A property of an input. Most inputs have none of the interesting ones, and are [`Fact::Ordinary`].
    enum Fact {
        #[doc = " None of the facts below."]
        Ordinary = "ordinary",
        #[doc = " The recovery id is above 3. Other facts read 27 to 30 as 0 to 3, and any other by its two low bits."]
        RecoveryIdOutOfRange = "recovery-id-out-of-range",
        #[doc = " The recovery id is 4 to 26."]
        RecoveryId4To26 = "recovery-id-4-26",
        #[doc = " The recovery id is 27 to 30: 0 to 3 with 27 added."]
        RecoveryId27To30 = "recovery-id-27-30",
        #[doc = " The recovery id is above 30."]
        RecoveryIdAbove30 = "recovery-id-above-30",
        #[doc = " The recovery id is above 34: from 35 on, it can be read as EIP-155's v."]
        RecoveryIdAbove34 = "recovery-id-above-34",
        #[doc = " The recovery id is above 3, and its second lowest bit is set."]
        RecoveryIdSecondBit = "recovery-id-second-bit",
        #[doc = " r = 0."]
        RZero = "r-zero",
        #[doc = " r >= n."]
        RNotBelowN = "r-ge-n",
        #[doc = " r = n: 0 modulo n."]
        RModNZero = "r-mod-n-zero",
        #[doc = " r > n, and r - n is the x of a curve point."]
        RModNIsX = "r-mod-n-is-x",
        #[doc = " r > p, and r - p is the x of a curve point."]
        RModPIsX = "r-mod-p-is-x",
        #[doc = " r >= p."]
        RNotBelowP = "r-ge-p",
        #[doc = " s = 0."]
        SZero = "s-zero",
        #[doc = " s >= n."]
        SNotBelowN = "s-ge-n",
        #[doc = " s = n: 0 modulo n."]
        SModNZero = "s-mod-n-zero",
        #[doc = " The recovery id is 2 or 3, but r + n >= p: r + n is not an x of the field."]
        XNotBelowP = "x-ge-p",
        #[doc = " r is in range, but no curve point has the x that r and the recovery id give."]
        XOffCurve = "x-off-curve",
        #[doc = " The recovered key would be the point at infinity, with r and s modulo n: u1·G = -(u2·R)."]
        QInfinity = "q-infinity",
        #[doc = " The recovery id is 2 or 3, and the key would be the point at infinity if the nonce point's x were r."]
        UnreducedInfinity = "unreduced-q-infinity",
        #[doc = " The recovery id is 2 or 3, and u1·G would be u2·R if the nonce point's x were r."]
        UnreducedEqualPoints = "unreduced-equal-points",
        #[doc = " The recovery id is 2 or 3: the nonce point's x is r + n."]
        XReduced = "x-reduced",
        #[doc = " r is the x of a curve point, but not the nonce point's: the recovery id is 2 or 3, or r >= n."]
        RIsX = "r-is-x",
        #[doc = " 0 < r < p - n: r + n is below p."]
        RPlusNBelowP = "r-plus-n-below-p",
        #[doc = " r + n modulo p is the x of a curve point, but not the nonce point's: r + n >= p, or the id is above 3."]
        RPlusNIsX = "r-plus-n-is-x",
        #[doc = " n/2 < s < n: the negation of a low s."]
        HighS = "high-s",
        #[doc = " s >= 2^255: its highest bit is set."]
        STopBit = "s-top-bit",
        #[doc = " s is 1, n - 1, or one of the two integers around n/2."]
        SBoundary = "s-boundary",
        #[doc = " The digest is 0 modulo n, so that u1·G is the point at infinity."]
        DigestZero = "digest-zero",
        #[doc = " The digest is n or more: it is reduced modulo n."]
        DigestNotBelowN = "digest-ge-n",
        #[doc = " u1·G = u2·R, with r and s modulo n: the last addition doubles a point."]
        EqualPoints = "equal-points",
        #[doc = " The nonce point R is ±k·G for a k of at most 8."]
        SmallNonce = "small-nonce",
        #[doc = " The digest's first byte is zero."]
        LeadingZeroDigest = "leading-zero-digest",
        #[doc = " r's first byte is zero."]
        LeadingZeroR = "leading-zero-r",
        #[doc = " s's first byte is zero."]
        LeadingZeroS = "leading-zero-s",
        #[doc = " The first byte of the recovered key's x is zero."]
        LeadingZeroX = "leading-zero-x",
        #[doc = " The first byte of the recovered key's y is zero."]
        LeadingZeroY = "leading-zero-y",
        #[doc = " The recovered address's first byte is zero."]
        LeadingZeroAddress = "leading-zero-address",
        #[doc = " A coordinate of the recovered key is n or more."]
        KeyNotBelowN = "key-ge-n",
        #[doc = " The prehash has no byte."]
        PrehashEmpty = "prehash-empty",
        #[doc = " The prehash has fewer than 16 bytes."]
        PrehashTiny = "prehash-below-16",
        #[doc = " The prehash has 16 to 31 bytes."]
        PrehashShort = "prehash-below-32",
        #[doc = " The prehash has more than 32 bytes."]
        PrehashLong = "prehash-above-32",
        #[doc = " The call has less gas than it costs."]
        GasShort = "gas-short",
        #[doc = " The call has exactly the gas that it costs."]
        GasExact = "gas-exact",
        #[doc = " The calldata has fewer than 128 bytes."]
        CalldataShort = "calldata-short",
        #[doc = " The calldata has more than 128 bytes."]
        CalldataLong = "calldata-long",
        #[doc = " The call's v is 0 to 8: a recovery id without 27 added."]
        VRecoveryId = "v-recovery-id",
        #[doc = " The call's v is next to 27 and 28: 24 to 26, or 29 to 34."]
        VNear = "v-near",
        #[doc = " The call's v is 35 to 255: EIP-155's."]
        VEip155 = "v-eip155",
        #[doc = " The call's v is above 255 and its last byte is 27 or 28."]
        VDirty = "v-dirty",
    }
}

impl Fact {
    /// Whether inputs with this fact can recover, and whether they can be rejected.
    pub fn answers(self) -> (bool, bool) {
        match self {
            Self::RecoveryIdOutOfRange
            | Self::RecoveryId4To26
            | Self::RecoveryId27To30
            | Self::RecoveryIdAbove30
            | Self::RecoveryIdAbove34
            | Self::RecoveryIdSecondBit
            | Self::RZero
            | Self::RNotBelowN
            | Self::RModNZero
            | Self::RModNIsX
            | Self::RModPIsX
            | Self::RNotBelowP
            | Self::RPlusNIsX
            | Self::SZero
            | Self::SNotBelowN
            | Self::SModNZero
            | Self::XNotBelowP
            | Self::XOffCurve
            | Self::QInfinity
            // Both points' logarithms would have to be known for an input that recovers.
            | Self::UnreducedInfinity
            | Self::UnreducedEqualPoints
            | Self::GasShort
            | Self::VRecoveryId
            | Self::VNear
            | Self::VEip155
            | Self::VDirty => (false, true),
            Self::Ordinary
            | Self::LeadingZeroX
            | Self::LeadingZeroY
            | Self::LeadingZeroAddress
            | Self::KeyNotBelowN => (true, false),
            Self::XReduced
            | Self::RIsX
            | Self::RPlusNBelowP
            | Self::HighS
            | Self::STopBit
            | Self::SBoundary
            | Self::DigestZero
            | Self::DigestNotBelowN
            | Self::EqualPoints
            | Self::SmallNonce
            | Self::LeadingZeroDigest
            | Self::LeadingZeroR
            | Self::LeadingZeroS
            | Self::PrehashEmpty
            | Self::PrehashTiny
            | Self::PrehashShort
            | Self::PrehashLong
            | Self::GasExact
            | Self::CalldataShort
            | Self::CalldataLong => (true, true),
        }
    }
}

/// The facts of an input, given the right answer to it.
pub fn classify(input: &Input, answer: &Answer) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    match input {
        Input::Scalar(_) => {}
        Input::Prehash(prehash) => prehash_facts(prehash, &mut facts),
        Input::Call(call) => call_facts(call, &mut facts),
    }
    if let Some(scalar) = &answer.scalar {
        scalar_facts(scalar, answer, &mut facts);
    }
    if facts.is_empty() {
        facts.insert(Fact::Ordinary);
    }
    facts
}

fn prehash_facts(input: &PrehashInput, facts: &mut BTreeSet<Fact>) {
    if input.prehash.0.is_empty() {
        facts.insert(Fact::PrehashEmpty);
    }
    facts.extend(match input.prehash.0.len() {
        0..16 => Some(Fact::PrehashTiny),
        16..32 => Some(Fact::PrehashShort),
        32 => None,
        _ => Some(Fact::PrehashLong),
    });
}

fn call_facts(call: &CallInput, facts: &mut BTreeSet<Fact>) {
    facts.extend(match call.gas.cmp(&ECRECOVER_GAS) {
        Ordering::Less => Some(Fact::GasShort),
        Ordering::Equal => Some(Fact::GasExact),
        Ordering::Greater => None,
    });
    facts.extend(match call.calldata.0.len().cmp(&128) {
        Ordering::Less => Some(Fact::CalldataShort),
        Ordering::Greater => Some(Fact::CalldataLong),
        Ordering::Equal => None,
    });
    let [_, v, _, _] = call.words();
    let [high @ .., v] = v.0;
    facts.extend(match (high == [0; 31], v) {
        (true, 0..=8) => Some(Fact::VRecoveryId),
        (true, 24..=26 | 29..=34) => Some(Fact::VNear),
        (true, 35..) => Some(Fact::VEip155),
        (false, 27 | 28) => Some(Fact::VDirty),
        _ => None,
    });
}

fn scalar_facts(input: &ScalarInput, answer: &Answer, facts: &mut BTreeSet<Fact>) {
    let mut add = |fact, holds: bool| {
        if holds {
            facts.insert(fact);
        }
    };
    let n = SECP256K1.n;
    let half = n >> 1;
    let [digest, r, s] = [input.digest, input.r, input.s].map(|word| word.number());
    let recovery_id = as_read(input.recovery_id);

    add(Fact::RecoveryIdOutOfRange, input.recovery_id > 3);
    add(Fact::RecoveryId4To26, matches!(input.recovery_id, 4..=26));
    add(Fact::RecoveryId27To30, matches!(input.recovery_id, 27..=30));
    add(Fact::RecoveryIdAbove30, input.recovery_id > 30);
    add(Fact::RecoveryIdAbove34, input.recovery_id > 34);
    add(Fact::RecoveryIdSecondBit, input.recovery_id > 3 && input.recovery_id & 2 != 0);
    add(Fact::RZero, r.is_zero());
    add(Fact::RNotBelowN, r >= n);
    add(Fact::RModNZero, r == n);
    add(Fact::RModNIsX, r > n && is_x(r - n));
    add(Fact::RModPIsX, r > SECP256K1.p && is_x(r - SECP256K1.p));
    add(Fact::RNotBelowP, r >= SECP256K1.p);
    add(Fact::RPlusNBelowP, !r.is_zero() && r < SECP256K1.p - n);
    add(Fact::SZero, s.is_zero());
    add(Fact::SNotBelowN, s >= n);
    add(Fact::SModNZero, s == n);
    add(Fact::XReduced, recovery_id > 1);
    let r_is_x = (recovery_id > 1 || r >= n) && is_x(r);
    add(Fact::RIsX, r_is_x);
    if r_is_x && recovery_id > 1 {
        let unreduced = twin::recover(digest, r, s, recovery_id & 1);
        add(Fact::UnreducedInfinity, matches!(unreduced, Err(Reason::QInfinity)));
        add(Fact::UnreducedEqualPoints, unreduced.is_ok_and(|unreduced| unreduced.u1_g == unreduced.u2_r));
    }
    add(Fact::HighS, half < s && s < n);
    add(Fact::STopBit, s.bit(255));
    add(Fact::SBoundary, [U256::ONE, half, half + U256::ONE, n - U256::ONE].contains(&s));
    add(Fact::DigestZero, digest.is_zero() || digest == n);
    add(Fact::DigestNotBelowN, digest >= n);
    add(Fact::LeadingZeroDigest, input.digest.0[0] == 0);
    add(Fact::LeadingZeroR, input.r.0[0] == 0);
    add(Fact::LeadingZeroS, input.s.0[0] == 0);

    let x = nonce_x(r, recovery_id);
    add(Fact::XNotBelowP, x == NonceX::NotBelowP);
    let plus_n = || r.add_mod(n, SECP256K1.p);
    let other_than_x = input.recovery_id > 3 || (input.recovery_id > 1 && !matches!(x, NonceX::Known(_)));
    add(Fact::RPlusNIsX, other_than_x && x != NonceX::Known(plus_n()) && is_x(plus_n()));
    if let NonceX::Known(x) = x {
        // Where there is a key there is a point; a square root for nothing would cost as much as a subject.
        add(Fact::XOffCurve, answer.recovered.is_none() && !is_x(x));
        add(Fact::SmallNonce, SMALL_MULTIPLES.contains(&x));
    }
    let last_addition = last_addition(input, answer);
    add(Fact::QInfinity, last_addition == LastAddition::Infinity);
    add(Fact::EqualPoints, last_addition == LastAddition::Double);
    if let Expectation::Recovered { address, public_key } = &answer.expectation {
        add(Fact::LeadingZeroX, public_key.x[0] == 0);
        add(Fact::LeadingZeroY, public_key.y[0] == 0);
        add(Fact::LeadingZeroAddress, address.0[0] == 0);
        add(
            Fact::KeyNotBelowN,
            [public_key.x, public_key.y].iter().any(|bytes| U256::from_be_bytes(*bytes) >= n),
        );
    }
}

/// A recovery id as implementations read it that take one above 3.
fn as_read(recovery_id: u8) -> u8 {
    match recovery_id {
        27..=30 => recovery_id - 27,
        _ => recovery_id & 3,
    }
}

/// Whether a curve point has this x.
fn is_x(x: U256) -> bool {
    twin::is_x(x)
}

/// The x of the nonce point, as r and the recovery id say it.
#[derive(PartialEq)]
enum NonceX {
    /// r is out of range.
    None,
    /// r + n is p or more.
    NotBelowP,
    Known(U256),
}

fn nonce_x(r: U256, recovery_id: u8) -> NonceX {
    if r.is_zero() || r >= SECP256K1.n {
        return NonceX::None;
    }
    let x = if recovery_id > 1 { r.checked_add(SECP256K1.n) } else { Some(r) };
    x.filter(|x| *x < SECP256K1.p).map_or(NonceX::NotBelowP, NonceX::Known)
}

/// How the last addition ends: with the recovery id as it is read, r and s modulo n.
#[derive(PartialEq)]
enum LastAddition {
    /// At infinity.
    Infinity,
    /// With the double of a point.
    Double,
    /// Otherwise, or there is none.
    Other,
}

fn last_addition(input: &ScalarInput, answer: &Answer) -> LastAddition {
    let n = SECP256K1.n;
    let [digest, r, s] = [input.digest, input.r, input.s].map(|word| word.number().reduce_mod(n));
    let recovery_id = as_read(input.recovery_id);
    let as_taken = ScalarInput { r: Word::from(r), s: Word::from(s), recovery_id, ..*input };
    if s.is_zero() {
        // u2·R is the point at infinity, and so is u1·G for a digest of 0; if there is a nonce point at all.
        let infinite = digest.is_zero() && matches!(nonce_x(r, recovery_id), NonceX::Known(x) if is_x(x));
        return if infinite { LastAddition::Infinity } else { LastAddition::Other };
    }
    let added = match (as_taken == *input, answer.recovered, answer.expectation) {
        (true, Some(recovered), _) => Ok(recovered),
        (true, None, Expectation::Rejected(Refusal::Recovery(reason))) => Err(reason),
        _ => as_taken.recover_by_twin(),
    };
    match added {
        Err(Reason::QInfinity) => LastAddition::Infinity,
        Ok(recovered) if recovered.u1_g == recovered.u2_r => LastAddition::Double,
        _ => LastAddition::Other,
    }
}

/// The x of k·G for k from 1 to [`SMALL`].
static SMALL_MULTIPLES: LazyLock<Vec<U256>> = LazyLock::new(|| {
    let multiple = |k| match SECP256K1.multiply(U256::from(k), SECP256K1.g) {
        Point::Affine { x, .. } => x,
        Point::Infinity => unreachable!("k is below n"),
    };
    (1..=SMALL).map(multiple).collect()
});
