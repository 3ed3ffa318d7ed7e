//! The right answer to an input: what the reference says, whatever the surface.

use std::fmt;
use std::str::FromStr;

use crate::input::bytes::{Word, text_form};
use crate::input::key::{Address, PublicKey};
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::reference::{self, Reason, Recovered, SECP256K1};

/// The gas that a call of `ecrecover` costs (Yellow Paper, appendix E.1).
pub const ECRECOVER_GAS: u64 = 3_000;

/// What must come out of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// This key, and so its address.
    Recovered {
        /// The signer's address.
        address: Address,
        /// The signer's public key.
        public_key: PublicKey,
    },
    /// No key, for this reason.
    Rejected(Refusal),
}

/// Why there is no key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// Recovery gives none.
    Recovery(Reason),
    /// The call has less gas than it costs. Then, and only then, the call itself fails.
    OutOfGas,
    /// The call's v is neither 27 nor 28. The call succeeds and returns nothing.
    VNot27Or28,
}

impl Refusal {
    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        Reason::ALL.into_iter().map(Self::Recovery).chain([Self::OutOfGas, Self::VNot27Or28])
    }

    /// The name by which case files call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recovery(reason) => reason.name(),
            Self::OutOfGas => "out-of-gas",
            Self::VNot27Or28 => "v-not-27-28",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no reason has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason `{name}`; the reasons are {}", Refusal::all().map(Refusal::name).collect::<Vec<_>>().join(", "))]
pub struct UnknownReason {
    name: String,
}

impl FromStr for Refusal {
    type Err = UnknownReason;

    fn from_str(name: &str) -> Result<Self, UnknownReason> {
        Self::all()
            .find(|reason| reason.name() == name)
            .ok_or_else(|| UnknownReason { name: name.to_owned() })
    }
}

text_form!(Refusal);

impl Expectation {
    /// Why there is no key, if there is none.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Recovered { .. } => None,
            Self::Rejected(refusal) => Some(*refusal),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recovered { address, public_key } => write!(f, "{address} (key {public_key})"),
            Self::Rejected(reason) => write!(f, "rejected ({reason})"),
        }
    }
}

/// The right answer, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What must come out.
    pub expectation: Expectation,
    /// What recovery is asked, unless the input is refused before.
    pub scalar: Option<ScalarInput>,
    /// The points of the recovery, where there is a key.
    pub recovered: Option<Recovered>,
}

/// What recovers a key: the reference, its twin, or a twin that is wrong on purpose.
pub type Recovery = fn(&ScalarInput) -> Result<Recovered, Reason>;

impl Answer {
    /// The right answer to an input: the reference's.
    pub fn to(input: &Input) -> Self {
        Self::by(ScalarInput::recover_by_reference, input)
    }

    /// The answer to an input, where recovery is the given one's.
    pub fn by(recovery: Recovery, input: &Input) -> Self {
        match scalar(input) {
            Err(refusal) => {
                Self { expectation: Expectation::Rejected(refusal), scalar: None, recovered: None }
            }
            Ok(scalar) => {
                let recovered = recovery(&scalar);
                Self { expectation: recovered.into(), scalar: Some(scalar), recovered: recovered.ok() }
            }
        }
    }
}

/// What an input asks recovery.
fn scalar(input: &Input) -> Result<ScalarInput, Refusal> {
    match input {
        Input::Scalar(scalar) => Ok(*scalar),
        Input::Prehash(prehash) => Ok(prehash.leftmost()),
        Input::Call(call) => call.scalar(),
    }
}

impl ScalarInput {
    /// The reference's answer.
    ///
    /// # Errors
    /// The reason for which there is no key.
    pub fn recover_by_reference(&self) -> Result<Recovered, Reason> {
        let [z, r, s] = [self.digest, self.r, self.s].map(|word| word.number());
        reference::recover(&SECP256K1, z, r, s, self.recovery_id)
    }

    /// The answer of the reference's twin.
    ///
    /// # Errors
    /// The reason for which there is no key.
    pub fn recover_by_twin(&self) -> Result<Recovered, Reason> {
        let [z, r, s] = [self.digest, self.r, self.s].map(|word| word.number());
        reference::twin::recover(z, r, s, self.recovery_id)
    }
}

impl PrehashInput {
    /// The same input with a digest of 32 bytes: the leftmost of a longer prehash (SEC 1 4.1.3, step 5),
    /// a shorter one as the number that it is.
    pub fn leftmost(&self) -> ScalarInput {
        let mut digest = [0; 32];
        match self.prehash.0.split_at_checked(32) {
            Some((leftmost, _)) => digest.copy_from_slice(leftmost),
            None => digest[32 - self.prehash.0.len()..].copy_from_slice(&self.prehash.0),
        }
        ScalarInput { digest: Word(digest), r: self.r, s: self.s, recovery_id: self.recovery_id }
    }
}

impl CallInput {
    /// The four words that are read: digest, v, r, s.
    pub fn words(&self) -> [Word; 4] {
        let mut calldata = [0; 128];
        let read = self.calldata.0.len().min(calldata.len());
        calldata[..read].copy_from_slice(&self.calldata.0[..read]);
        std::array::from_fn(|word| {
            let mut bytes = [0; 32];
            bytes.copy_from_slice(&calldata[32 * word..32 * (word + 1)]);
            Word(bytes)
        })
    }

    fn scalar(&self) -> Result<ScalarInput, Refusal> {
        if self.gas < ECRECOVER_GAS {
            return Err(Refusal::OutOfGas);
        }
        let [digest, v, r, s] = self.words();
        match v.0 {
            [high @ .., v @ (27 | 28)] if high == [0; 31] => {
                Ok(ScalarInput { digest, r, s, recovery_id: v - 27 })
            }
            _ => Err(Refusal::VNot27Or28),
        }
    }
}

impl From<Result<Recovered, Reason>> for Expectation {
    fn from(answer: Result<Recovered, Reason>) -> Self {
        match answer.map(|recovered| PublicKey::from_point(recovered.q)) {
            Ok(Some(public_key)) => Self::Recovered { address: public_key.address(), public_key },
            Ok(None) => Self::Rejected(Refusal::Recovery(Reason::QInfinity)),
            Err(reason) => Self::Rejected(Refusal::Recovery(reason)),
        }
    }
}
