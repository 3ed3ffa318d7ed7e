//! The investigation that this project comes from, as data: addresses that somebody reported, each with the
//! format as it was written down, what was in fact computed, and so why the address came out.

use crate::corpus::case::{ExpectedAddress, Place};
use crate::format::{Expr, Fields, FormatError};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::Address;
use crate::input::signature::Signature;
use crate::reference::answer::{Expectation, Refusal};

/// One signature, the fields that were around, and what was claimed of it.
#[derive(Debug, Clone)]
pub struct Investigation {
    /// What was asked.
    pub about: String,
    /// Where it was written down.
    pub source: String,
    /// The signature that everything was recovered from.
    pub signature: Signature,
    /// The values that expressions may use.
    pub fields: Fields,
    /// What was reported.
    pub claims: Vec<Claim>,
}

/// An address that was reported.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What it was reported as.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The address.
    pub address: ExpectedAddress,
    /// The format as it was written down, if one was.
    pub written: Option<Written>,
    /// What gives the address; none where nothing does.
    pub computed: Option<Evidence>,
    /// The explanation, in a sentence.
    pub why: String,
}

impl Claim {
    /// The fields that its expressions use.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let computed = self.computed.iter().map(|evidence| match evidence {
            Evidence::RecoveredOver(expression) | Evidence::AddressIs(expression) => expression,
        });
        computed.chain(self.written.iter().map(|written| &written.digest)).flat_map(Expr::fields)
    }
}

/// A format as it was written down.
#[derive(Debug, Clone)]
pub struct Written {
    /// The author's words.
    pub words: String,
    /// What they mean.
    pub digest: Expr,
    /// The address that this recovers, where another source says so.
    pub address: Option<ExpectedAddress>,
}

/// How an address comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// It is recovered from the signature over this digest.
    RecoveredOver(Expr),
    /// It is the value of this expression.
    AddressIs(Expr),
}

/// Why an expression gives no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It cannot be evaluated.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Nothing is recovered.
    #[error("no key is recovered: {0}")]
    Rejected(Refusal),
    /// An address has another length.
    #[error("expected an address of 20 bytes, found {0}")]
    Length(usize),
}

/// A claim with what its expressions give.
#[derive(Debug, Clone)]
pub struct ExaminedClaim<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// What the format recovers as it was written.
    pub written: Option<Result<Address, NoAddress>>,
    /// What comes of what was in fact computed.
    pub computed: Option<Result<Address, NoAddress>>,
}

impl Investigation {
    /// Evaluates every claim. The reference recovers.
    pub fn examine(&self) -> Vec<ExaminedClaim<'_>> {
        self.claims
            .iter()
            .map(|claim| ExaminedClaim {
                claim,
                written: claim.written.as_ref().map(|written| self.recover(&written.digest)),
                computed: claim.computed.as_ref().map(|evidence| match evidence {
                    Evidence::RecoveredOver(digest) => self.recover(digest),
                    Evidence::AddressIs(expression) => {
                        let value = expression.evaluate(&self.fields)?;
                        let found = value.len();
                        value.try_into().map(Address).map_err(|_| NoAddress::Length(found))
                    }
                }),
            })
            .collect()
    }

    fn recover(&self, digest: &Expr) -> Result<Address, NoAddress> {
        let digest = Word(digest.digest(&self.fields)?.digest);
        let Signature { r, s, recovery_id } = self.signature;
        let input = ScalarInput { digest, r, s, recovery_id };
        match input.recover_by_reference().into() {
            Expectation::Recovered { address, .. } => Ok(address),
            Expectation::Rejected(reason) => Err(NoAddress::Rejected(reason)),
        }
    }
}

impl ExaminedClaim<'_> {
    /// Whether an expression is given that yields the address. A claim without one is unexplained, which is
    /// not a failure.
    pub fn is_explained(&self) -> bool {
        self.computed.is_some() && self.failures().is_empty()
    }

    /// What does not come out as the claim says.
    pub fn failures(&self) -> Vec<String> {
        let compare = |what: &str, got: &Result<Address, NoAddress>, expected: &ExpectedAddress| match got {
            Ok(address) if *address != expected.address => {
                Some(format!("{what} gives {address}, not {expected}"))
            }
            Ok(address) if !expected.checksum_holds() => {
                Some(format!("the address should be typed {address} (EIP-55)"))
            }
            Ok(_) => None,
            Err(error) => Some(format!("{what}: {error}")),
        };
        let computed =
            self.computed.as_ref().and_then(|got| compare("what was computed", got, &self.claim.address));
        let written =
            self.claim.written.as_ref().zip(self.written.as_ref()).and_then(|(written, got)| {
                match (&written.address, got) {
                    (Some(expected), got) => compare("what was written", got, expected),
                    (None, Err(error)) => Some(format!("what was written: {error}")),
                    (None, Ok(_)) => None,
                }
            });
        computed.into_iter().chain(written).collect()
    }
}
