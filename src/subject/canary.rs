//! The canary: known answers that are checked before anything else.
//!
//! A build can replace the crypto: `--cfg secp256k1_fuzz`, and `--cfg fuzzing` in older versions, make
//! libsecp256k1's recovery a dummy that every implementation of the dummy agrees with. Such a build must
//! not pass, so [`crate::subject::all`] hands out subjects only after this check.

use crate::input::ScalarInput;
use crate::input::bytes::{Word, array_from_hex};
use crate::input::key::Address;
use crate::reference::Reason;
use crate::reference::answer::{Expectation, Refusal};
use crate::subject::{Outcome, Subject, ask};

/// A subject that is not of this build did not recover a known signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "subject {who} does not recover a known signature, so that nothing else it says would count: it gives {got} for {what}, expected {expected}"
)]
pub struct NotWiredUp {
    who: String,
    what: &'static str,
    got: String,
    expected: String,
}

/// A known-answer test failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "known-answer test failed: {who} gives {got} for {what}, expected {expected}; no result of this build can be trusted"
)]
pub struct CanaryError {
    who: String,
    what: &'static str,
    got: String,
    expected: String,
}

/// An input that every subject treats alike, and its answer: an address, or no key.
struct Known {
    what: &'static str,
    digest: &'static str,
    r: &'static str,
    s: &'static str,
    recovery_id: u8,
    address: Option<&'static str>,
}

/// One signature each of two keys, with either parity, and two that nobody may accept.
const KNOWN: [Known; 4] = [
    Known {
        what: "the older dstack simulator's kms-issued signature",
        digest: "0x3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba",
        r: "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d",
        s: "0x2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a6",
        recovery_id: 1,
        address: Some("0x8f2cF602C9695b23130367ed78d8F557554de7C5"),
    },
    Known {
        what: "the signature of EIP-155's example",
        digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
        r: "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276",
        s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
        recovery_id: 0,
        address: Some("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"),
    },
    Known {
        what: "r = 0",
        digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
        r: "0x0000000000000000000000000000000000000000000000000000000000000000",
        s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
        recovery_id: 0,
        address: None,
    },
    Known {
        what: "r = 5, which is no x of the curve",
        digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
        r: "0x0000000000000000000000000000000000000000000000000000000000000005",
        s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
        recovery_id: 0,
        address: None,
    },
];

/// Asks the reference and every subject for the known answers.
///
/// # Errors
/// The first that gives another.
pub fn check<'a>(subjects: impl Iterator<Item = &'a dyn Subject> + Clone) -> Result<(), CanaryError> {
    for known in &KNOWN {
        let input = known.input();
        let expected: Option<Address> = known.address.map(constant);
        let error = |who: &str, got: String| CanaryError {
            who: who.to_owned(),
            what: known.what,
            got,
            expected: expected.map_or("a rejection".to_owned(), |address| address.to_string()),
        };
        let by_reference = Expectation::from(input.recover_by_reference());
        match (by_reference, expected) {
            (Expectation::Recovered { address, .. }, Some(right)) if address == right => {}
            (Expectation::Rejected(Refusal::Recovery(Reason::RZero | Reason::XOffCurve)), None) => {}
            _ => return Err(error("the reference", by_reference.to_string())),
        }
        for subject in subjects.clone() {
            let outcome = ask(subject, &input.into());
            match (&outcome, expected) {
                (Outcome::Recovered { address, .. }, Some(right)) if *address == right => {}
                (Outcome::Rejected { .. }, None) => {}
                _ => return Err(error(subject.identity().name, outcome.to_string())),
            }
        }
    }
    Ok(())
}

/// Asks a subject that is not of this build for the two known signatures' signers: one that gives others is not
/// wired up, and everything else that it says would be noise.
///
/// # Errors
/// It gives another. One that cannot be asked gives none, which is no error.
pub fn check_outsider(subject: &dyn Subject) -> Result<(), NotWiredUp> {
    for known in &KNOWN {
        let Some(expected) = known.address.map(constant) else { continue };
        match ask(subject, &known.input().into()) {
            Outcome::Recovered { address, .. } if address == expected => {}
            Outcome::Unsupported { .. } => {}
            outcome => {
                return Err(NotWiredUp {
                    who: subject.identity().name.to_owned(),
                    what: known.what,
                    got: outcome.to_string(),
                    expected: expected.to_string(),
                });
            }
        }
    }
    Ok(())
}

impl Known {
    fn input(&self) -> ScalarInput {
        let word = |text: &str| {
            Word(array_from_hex(text).unwrap_or_else(|_| unreachable!("a constant of this file")))
        };
        ScalarInput {
            digest: word(self.digest),
            r: word(self.r),
            s: word(self.s),
            recovery_id: self.recovery_id,
        }
    }
}

fn constant(text: &str) -> Address {
    text.parse().unwrap_or_else(|_| unreachable!("a constant of this file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Identity;
    use crate::subject::libsecp256k1::Libsecp256k1;

    /// Sound, but for the answer to one known input.
    struct Mock {
        identity: Identity,
        sound: Libsecp256k1,
        wrong_about: ScalarInput,
        answer: Outcome,
    }

    impl Subject for Mock {
        fn identity(&self) -> &Identity {
            &self.identity
        }

        fn recover(&self, input: &ScalarInput) -> Outcome {
            if *input == self.wrong_about { self.answer.clone() } else { self.sound.recover(input) }
        }
    }

    fn error_of(wrong_about: &Known, answer: Outcome) -> Option<String> {
        let identity = Identity::new("mock", "1.0.0", "mock");
        let mock =
            Mock { identity, sound: Libsecp256k1::default(), wrong_about: wrong_about.input(), answer };
        check([&mock as &dyn Subject].into_iter()).err().map(|error| error.to_string())
    }

    #[test]
    fn one_wrong_answer_is_enough() {
        let root = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
        let some_address = || Outcome::Recovered { address: constant(root), public_key: None };
        let rejected = || Outcome::rejected("no");
        let nothing = || Outcome::unsupported("recovery");
        assert_eq!(error_of(&KNOWN[0], some_address()), None, "that is the right answer");
        for (known, wrong) in KNOWN.iter().zip([rejected(), some_address(), some_address(), some_address()]) {
            let error = error_of(known, wrong).expect(known.what);
            assert!(
                error.starts_with("known-answer test failed: mock gives ") && error.contains(known.what),
                "{error}"
            );
            assert!(error_of(known, nothing()).is_some(), "{}", known.what);
        }
    }
}
