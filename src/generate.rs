//! Generators: from bytes to inputs that reach the places where implementations can differ.
//!
//! Uniform bytes reach nothing here: a call's v is right with probability 2^-255, and no random nonce point has
//! an x above n. So a [`Strategy`] constructs: it chooses the nonce point, the key, u1 and u2, and solves for
//! the rest. The bytes are its only source of choice, so that libFuzzer, the stable runner and a replay make
//! the same case from the same bytes. Where the construction implies the answer, the reference is compared
//! with it.

mod alias;
mod boundary;
mod call;
pub(crate) mod call_reading;
mod chosen_key;
pub mod class;
pub mod construct;
pub(crate) mod coordinates;
mod encoding;
pub mod fields;
mod final_addition;
pub(crate) mod halves;
mod high_s;
mod infinity;
mod leading_zeros;
mod limbs;
mod message;
pub(crate) mod middle;
mod neighbour;
mod off_curve;
pub(crate) mod pattern;
mod prehash;
mod recovery_id;
mod reduced;
mod relations;
mod scalars;
pub(crate) mod steps;
mod valid;

use std::fmt;

use arbitrary::{Result, Unstructured};

pub(crate) use self::call::any_call;
use self::class::Family;
use crate::format::Message;
use crate::input::{Input, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::answer::Expectation;

/// How many bytes a case is made from at most: what the runner gives, and more than any strategy asks for.
pub const BYTES: usize = 768;

/// A way to make inputs.
pub struct Strategy {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it makes, in a line.
    pub about: &'static str,
    /// The facts that it must reach in every run.
    pub reaches: &'static [Fact],
    /// The classes that it must reach in every selftest.
    pub classes: &'static [Family],
    make: fn(&mut Unstructured<'_>) -> Result<Made>,
}

/// What a strategy made.
pub(crate) struct Made {
    input: Input,
    known: Option<Expectation>,
    message: Option<Message>,
}

/// An input that was generated.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The strategy's name.
    pub strategy: &'static str,
    /// The input.
    pub input: Input,
    /// The right answer, where the strategy knows it by construction.
    pub known: Option<Expectation>,
    /// What was signed, where it is more than a digest.
    pub message: Option<Message>,
}

impl Generated {
    /// An input that no strategy made: its author says what it is.
    pub fn literal(input: Input) -> Self {
        Self { strategy: "literal", input, known: None, message: None }
    }
}

impl Made {
    /// An input whose answer only the reference knows.
    fn unknown(input: impl Into<Input>) -> Self {
        Self { input: input.into(), known: None, message: None }
    }

    /// An input with its answer.
    fn known(input: impl Into<Input>, answer: impl Into<Expectation>) -> Self {
        Self { input: input.into(), known: Some(answer.into()), message: None }
    }
}

/// Every strategy.
pub static STRATEGIES: &[Strategy] = &[
    valid::STRATEGY,
    high_s::STRATEGY,
    boundary::STRATEGY,
    alias::STRATEGY,
    reduced::STRATEGY,
    off_curve::STRATEGY,
    infinity::STRATEGY,
    final_addition::STRATEGY,
    chosen_key::STRATEGY,
    leading_zeros::STRATEGY,
    scalars::STRATEGY,
    coordinates::NONCE,
    coordinates::KEY,
    coordinates::PRODUCT,
    limbs::STRATEGY,
    relations::STRATEGY,
    middle::STRATEGY,
    recovery_id::STRATEGY,
    neighbour::STRATEGY,
    prehash::STRATEGY,
    call::STRATEGY,
    call_reading::STRATEGY,
    encoding::STRATEGY,
    message::STRATEGY,
];

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The strategy of this name.
pub fn named(name: &str) -> Option<&'static Strategy> {
    STRATEGIES.iter().find(|strategy| strategy.name == name)
}

/// Makes a case from bytes: the first choice is the strategy, of those given.
///
/// Bytes that end early read as zeros; no bytes are refused.
pub fn generate(bytes: &[u8], strategies: &[&'static Strategy]) -> Generated {
    match generate_from(&mut Unstructured::new(bytes), strategies) {
        Ok(generated) => generated,
        Err(error) => unreachable!("{error}: strategies read zeros where bytes end"),
    }
}

/// As [`generate`], from what another choice left of the bytes.
///
/// # Errors
/// None, as long as strategies read zeros where bytes end.
pub fn generate_from(u: &mut Unstructured<'_>, strategies: &[&'static Strategy]) -> Result<Generated> {
    let strategy = u.choose(strategies).copied().unwrap_or(&valid::STRATEGY);
    let Made { input, known, message } = (strategy.make)(u)?;
    Ok(Generated { strategy: strategy.name, input, known, message })
}

/// An input that differs from this one in one bit of one field, or has a bound in the place of a field, as the bytes
/// choose.
pub fn neighbour(input: &Input, bytes: &[u8]) -> Generated {
    let made = neighbour::of(input, &mut Unstructured::new(bytes));
    let input = made.unwrap_or_else(|error| unreachable!("{error}: bytes that end early read as zeros"));
    Generated { strategy: "neighbour of a seed", ..Generated::literal(input) }
}

/// What another strategy makes for the scalar surface.
fn scalar_of_another(u: &mut Unstructured<'_>) -> Result<(ScalarInput, Option<Expectation>)> {
    let scalar = [
        "high-s",
        "boundary",
        "alias",
        "reduced",
        "off-curve",
        "infinity",
        "final-addition",
        "chosen-key",
        "leading-zeros",
        "limbs",
        "nonce-coordinates",
        "key-coordinates",
        "product-coordinates",
        "relations",
        "middle",
        "scalars",
    ];
    let name = u.choose(&scalar)?;
    let strategy = STRATEGIES.iter().find(|strategy| strategy.name == *name);
    match strategy.map(|strategy| (strategy.make)(u)).transpose()? {
        Some(Made { input: Input::Scalar(scalar), known, .. }) => Ok((scalar, known)),
        _ => unreachable!("{name} makes scalars"),
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    /// The bytes of a case.
    pub(super) fn bytes_of(number: u64) -> Vec<u8> {
        let mut bytes = vec![0; super::BYTES];
        ChaCha8Rng::seed_from_u64(number).fill_bytes(&mut bytes);
        bytes
    }
}
