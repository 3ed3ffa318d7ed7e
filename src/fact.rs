//! Facts: properties of an input that matter, because some implementation once got them wrong.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use ruint::aliases::U256;

use crate::bytes::text_form;
use crate::case::Scalar;
use crate::key::PublicKey;
use crate::reference::{Point, Reason, Recovered, SECP256K1};

/// How small a multiple of G counts as a small nonce.
const SMALL: u64 = 8;

/// Declares the facts: documentation, which is also what `list facts` prints, and name.
macro_rules! facts {
    ($(#[doc = $doc:literal] $variant:ident = $name:literal,)+) => {
        /// A property of an input. Most inputs have none of the interesting ones, and are [`Fact::Ordinary`].
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact {
            $(#[doc = $doc] $variant,)+
        }

        impl Fact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name by which files and reports call it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it says of an input.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $doc.trim_ascii(),)+
                }
            }
        }
    };
}

facts! {
    #[doc = " None of the facts below."]
    Ordinary = "ordinary",
    #[doc = " The recovery id is above 3."]
    RecoveryIdOutOfRange = "recovery-id-out-of-range",
    #[doc = " r = 0."]
    RZero = "r-zero",
    #[doc = " r >= n."]
    RNotBelowN = "r-ge-n",
    #[doc = " s = 0."]
    SZero = "s-zero",
    #[doc = " s >= n."]
    SNotBelowN = "s-ge-n",
    #[doc = " The recovery id is 2 or 3 and r + n >= p: no x of the field reduces to r that way."]
    XNotBelowP = "x-ge-p",
    #[doc = " r is in range, and no point of the curve has the x that r and the recovery id say."]
    XOffCurve = "x-off-curve",
    #[doc = " The recovered key would be the point at infinity: u1·G = -(u2·R)."]
    QInfinity = "q-infinity",
    #[doc = " The recovery id is 2 or 3: the nonce point's x is r + n."]
    XReduced = "x-reduced",
    #[doc = " n/2 < s < n: the twin of a signature with a low s."]
    HighS = "high-s",
    #[doc = " s is 1, n - 1, or one of the two integers around n/2."]
    SBoundary = "s-boundary",
    #[doc = " The digest is 0 modulo n, so that u1·G is the point at infinity."]
    DigestZero = "digest-zero",
    #[doc = " The digest is n or more, and so reduced."]
    DigestNotBelowN = "digest-ge-n",
    #[doc = " u1·G = u2·R: the last addition doubles a point."]
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
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// There is no fact of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fact `{name}`{}", .nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
pub struct UnknownFact {
    name: String,
    nearest: Option<&'static str>,
}

impl FromStr for Fact {
    type Err = UnknownFact;

    fn from_str(name: &str) -> Result<Self, UnknownFact> {
        Self::ALL.iter().copied().find(|fact| fact.name() == name).ok_or_else(|| UnknownFact {
            name: name.to_owned(),
            nearest: crate::format::nearest(name, Self::ALL.iter().map(|fact| fact.name())),
        })
    }
}

text_form!(Fact);

/// The facts of an input, given the reference's answer to it.
pub fn classify(input: &Scalar, answer: &Result<Recovered, Reason>) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    let mut add = |fact, holds: bool| {
        if holds {
            facts.insert(fact);
        }
    };
    let n = SECP256K1.n;
    let half = n >> 1;
    let [digest, r, s] = [input.digest, input.r, input.s].map(|word| word.number());

    add(Fact::RecoveryIdOutOfRange, input.recovery_id > 3);
    add(Fact::RZero, r.is_zero());
    add(Fact::RNotBelowN, r >= n);
    add(Fact::SZero, s.is_zero());
    add(Fact::SNotBelowN, s >= n);
    add(Fact::XReduced, matches!(input.recovery_id, 2 | 3));
    add(Fact::HighS, half < s && s < n);
    add(Fact::SBoundary, [U256::ONE, half, half + U256::ONE, n - U256::ONE].contains(&s));
    add(Fact::DigestZero, digest.is_zero() || digest == n);
    add(Fact::DigestNotBelowN, digest >= n);
    add(Fact::LeadingZeroDigest, input.digest.0[0] == 0);
    add(Fact::LeadingZeroR, input.r.0[0] == 0);
    add(Fact::LeadingZeroS, input.s.0[0] == 0);

    let x = nonce_x(input);
    add(Fact::XNotBelowP, x == NonceX::NotBelowP);
    if let NonceX::Known(x) = x {
        add(Fact::XOffCurve, SECP256K1.lift_x(x, false).is_none());
        add(Fact::SmallNonce, SMALL_MULTIPLES.contains(&x));
    }
    add(Fact::QInfinity, *answer == Err(Reason::QInfinity));
    if let Ok(recovered) = answer {
        add(Fact::EqualPoints, recovered.u1_g == recovered.u2_r);
        if let Some(key) = PublicKey::from_point(recovered.q) {
            add(Fact::LeadingZeroX, key.x[0] == 0);
            add(Fact::LeadingZeroY, key.y[0] == 0);
            add(Fact::LeadingZeroAddress, key.address().0[0] == 0);
        }
    }
    if facts.is_empty() {
        facts.insert(Fact::Ordinary);
    }
    facts
}

/// The x of the nonce point, as r and the recovery id say it.
#[derive(PartialEq)]
enum NonceX {
    /// r or the recovery id is out of range.
    None,
    /// r + n is p or more.
    NotBelowP,
    Known(U256),
}

fn nonce_x(input: &Scalar) -> NonceX {
    let r = input.r.number();
    if r.is_zero() || r >= SECP256K1.n {
        return NonceX::None;
    }
    let x = match input.recovery_id {
        0 | 1 => Some(r),
        2 | 3 => r.checked_add(SECP256K1.n),
        _ => return NonceX::None,
    };
    x.filter(|x| *x < SECP256K1.p).map_or(NonceX::NotBelowP, NonceX::Known)
}

/// The x of k·G for k from 1 to [`SMALL`].
static SMALL_MULTIPLES: LazyLock<Vec<U256>> = LazyLock::new(|| {
    let multiple = |k| match SECP256K1.multiply(U256::from(k), SECP256K1.g) {
        Point::Affine { x, .. } => x,
        Point::Infinity => unreachable!("k is below n"),
    };
    (1..=SMALL).map(multiple).collect()
});
