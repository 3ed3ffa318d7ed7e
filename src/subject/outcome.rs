//! Outcomes: what a subject did with an input, without a judgement.

use std::fmt;

use serde::Serialize;

use crate::input::ScalarInput;
use crate::input::bytes::to_hex;
use crate::input::key::{Address, PublicKey};
use crate::reference::answer::Expectation;

/// What a subject did with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It gave an address, and a public key if its interface has one.
    Recovered {
        /// The address that it gave, or that of the key that it gave.
        address: Address,
        /// The key that it gave.
        public_key: Option<PublicKey>,
    },
    /// Rejected, or not representable in its types: no `RecoveryId` is 4. The words are for people and are never compared: some libraries have one error for all.
    Rejected {
        /// The subject's words, if it has any.
        words: String,
    },
    /// The call itself failed, and not only what it computes.
    CallFailed {
        /// How.
        how: String,
    },
    /// It answered with bytes that are no answer, such as an address word with dirty upper bytes.
    Malformed {
        /// What is wrong with them.
        how: String,
    },
    /// Its interface cannot express the input.
    Unsupported {
        /// What it cannot express.
        what: String,
    },
    /// It panicked.
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// Its process ended, or went silent for good, while it was asked this.
    Died {
        /// How: an exit status, a signal.
        how: String,
    },
    /// It did not answer in time.
    Hung {
        /// How long it was given.
        how: String,
    },
}

impl Outcome {
    /// It gave this key.
    pub fn key(public_key: PublicKey) -> Self {
        Self::Recovered { address: public_key.address(), public_key: Some(public_key) }
    }

    /// It gave a key in SEC 1's uncompressed form, 65 bytes from 04; other bytes are malformed.
    pub fn sec1(bytes: &[u8]) -> Self {
        match <&[u8; 65]>::try_from(bytes) {
            Ok(bytes @ [4, ..]) => Self::key(PublicKey::from_uncompressed_unchecked(bytes)),
            _ => Self::Malformed { how: format!("key {}", to_hex(bytes)) },
        }
    }

    /// What a call of `ecrecover` came back with: no returndata is a rejection.
    pub fn returned(success: bool, returndata: &[u8]) -> Self {
        match (success, returndata) {
            (false, _) => Self::CallFailed { how: format!("returndata {}", to_hex(returndata)) },
            (true, []) => Self::rejected("no returndata"),
            (true, _) => match returndata.try_into() {
                Ok(word) => super::revm::address_word(word),
                Err(_) => Self::Malformed { how: format!("returndata {}", to_hex(returndata)) },
            },
        }
    }

    /// What an interface without a recovery id gives: a key for each recovery id that has one.
    ///
    /// It is right for one recovery id if the key for that id is among them, and every one of them is right for
    /// some id. A wrong one is what it recovered.
    pub fn candidates(keys: &[PublicKey], input: &ScalarInput) -> Self {
        if input.recovery_id > 3 {
            return Self::unsupported("a recovery id above 3, as candidates have none");
        }
        let right = |recovery_id| match Expectation::from(
            ScalarInput { recovery_id, ..*input }.recover_by_reference(),
        ) {
            Expectation::Recovered { public_key, .. } => Some(public_key),
            Expectation::Rejected(_) => None,
        };
        let of_ids: Vec<_> = (0..=3).map(right).collect();
        let asked = of_ids.get(usize::from(input.recovery_id)).copied().flatten();
        match keys.iter().find(|key| !of_ids.contains(&Some(**key))) {
            Some(wrong) => Self::key(*wrong),
            None => match asked.filter(|key| keys.contains(key)) {
                Some(key) => Self::key(key),
                None => Self::rejected(format!("no such key among {} candidates", keys.len())),
            },
        }
    }

    /// It said no, in these words.
    pub fn rejected(words: impl fmt::Display) -> Self {
        Self::Rejected { words: words.to_string() }
    }

    /// Its interface cannot express that.
    pub fn unsupported(what: &str) -> Self {
        Self::Unsupported { what: what.to_owned() }
    }

    /// Whether it gave this key, or its address where it gave no key.
    pub fn gave(&self, key: &PublicKey) -> bool {
        match self {
            Self::Recovered { address, public_key } => {
                *address == key.address() && public_key.is_none_or(|given| given == *key)
            }
            _ => false,
        }
    }

    /// Which of the kinds it is, where this is the right answer.
    pub fn kind_beside(&self, right: &Expectation) -> OutcomeKind {
        match (self, right) {
            (Self::Recovered { .. }, Expectation::Recovered { public_key, .. }) if !self.gave(public_key) => {
                OutcomeKind::WrongKey
            }
            _ => self.kind(),
        }
    }

    /// Which of the kinds it is, whatever is right: never [`OutcomeKind::WrongKey`] or [`OutcomeKind::OtherDigest`].
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Recovered { .. } => OutcomeKind::Recovered,
            Self::Rejected { .. } => OutcomeKind::Rejected,
            Self::CallFailed { .. } => OutcomeKind::CallFailed,
            Self::Malformed { .. } => OutcomeKind::Malformed,
            Self::Unsupported { .. } => OutcomeKind::Unsupported,
            Self::Panicked { .. } => OutcomeKind::Panicked,
            Self::Died { .. } => OutcomeKind::Died,
            Self::Hung { .. } => OutcomeKind::Hung,
        }
    }
}

impl fmt::Display for Outcome {
    /// What happened, without a subject's words for a rejection.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recovered { address, public_key: None } => write!(f, "{address}"),
            Self::Recovered { address, public_key: Some(key) } => write!(f, "{address} (key {key})"),
            Self::Rejected { .. } => f.write_str("rejected"),
            Self::CallFailed { how } => write!(f, "call failed: {how}"),
            Self::Malformed { how } => write!(f, "malformed: {how}"),
            Self::Unsupported { what } => write!(f, "unsupported: {what}"),
            Self::Panicked { message } => write!(f, "panicked: {message}"),
            Self::Died { how } => write!(f, "died: {how}"),
            Self::Hung { how } => write!(f, "hung: {how}"),
        }
    }
}

/// An outcome without its details: what a divergence documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// See [`Outcome::Recovered`].
    Recovered,
    /// It recovered a key where the right answer is another key.
    WrongKey,
    /// It hashed something else: of digests alone.
    OtherDigest,
    /// See [`Outcome::Rejected`].
    Rejected,
    /// See [`Outcome::CallFailed`].
    CallFailed,
    /// See [`Outcome::Malformed`].
    Malformed,
    /// See [`Outcome::Unsupported`].
    Unsupported,
    /// See [`Outcome::Panicked`].
    Panicked,
    /// See [`Outcome::Died`].
    Died,
    /// See [`Outcome::Hung`].
    Hung,
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recovered => "recovered",
            Self::WrongKey => "wrong-key",
            Self::OtherDigest => "other-digest",
            Self::Rejected => "rejected",
            Self::CallFailed => "call-failed",
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::Panicked => "panicked",
            Self::Died => "died",
            Self::Hung => "hung",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature of EIP-155's example, and what it recovers to.
    fn example() -> (ScalarInput, PublicKey) {
        let word = |text: &str| text.parse().unwrap();
        let input = ScalarInput {
            digest: word("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"),
            r: word("0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
            s: word("0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"),
            recovery_id: 0,
        };
        (input, "0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382".parse().unwrap())
    }

    #[test]
    fn candidates_hold_the_key_that_is_asked_for_and_no_wrong_one() {
        let (input, key) = example();
        let other = ScalarInput { recovery_id: 1, ..input };
        let Expectation::Recovered { public_key: of_other, .. } = other.recover_by_reference().into() else {
            panic!("either parity has a key")
        };
        let both = [of_other, key];
        assert_eq!(Outcome::candidates(&both, &input), Outcome::key(key));
        assert_eq!(Outcome::candidates(&both, &other), Outcome::key(of_other));
        // Right for another id, and the one that is asked for is missing.
        let missing = Outcome::candidates(&[of_other], &input);
        assert_eq!(missing, Outcome::rejected("no such key among 1 candidates"));
        assert_eq!(Outcome::candidates(&[], &input), Outcome::rejected("no such key among 0 candidates"));
        // Right for no id: that is what it recovered, whatever else is there.
        let wrong = PublicKey { x: key.y, y: key.x };
        assert_eq!(Outcome::candidates(&[key, wrong], &input), Outcome::key(wrong));
        // r + n is no x of the field: ids 2 and 3 have no key, and the others' keys are no fault.
        let reduced = ScalarInput { recovery_id: 2, ..input };
        assert_eq!(Outcome::candidates(&both, &reduced).kind(), OutcomeKind::Rejected);
        let none = ScalarInput { recovery_id: 4, ..input };
        assert_eq!(Outcome::candidates(&both, &none).kind(), OutcomeKind::Unsupported);
    }
}
