//! `ecrecover_call`: calls of the precompile.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, drawn, field_words, hunting, with_laws};
use super::{FuzzCase, FuzzTarget, classes_of, examine_generated, laws, read, show};
use crate::corpus::Corpus;
use crate::generate::{BYTES, Generated, Strategy, generate_from, named};
use crate::input::bytes::Bytes;
use crate::input::{CallInput, Input};
use crate::run::evm_call::Situation;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "ecrecover_call",
    about: "calldata and gas of a call of ecrecover, literally or by a strategy for calls; and calls by a contract",
    read: read::<EcrecoverCall>,
    max_len: 1 + BYTES,
    seeds,
    words: field_words,
};

/// The most calldata that is read literally: twice what the precompile reads.
const MAX_CALLDATA: usize = 256;

/// The first byte's two low bits say which: 0 a literal call, 1 and 3 one that the strategy makes, both on their
/// own; 2 any call with all that surrounds it in a contract. A literal call is: gas in four bytes, little-endian,
/// and calldata to the end.
pub enum EcrecoverCall {
    /// A call through the subjects.
    Alone {
        /// The call.
        generated: Box<Generated>,
        /// The laws that are tried.
        laws: Laws,
    },
    /// A call by a contract, down to its gas and memory.
    InContract(Situation),
}

impl<'a> Arbitrary<'a> for EcrecoverCall {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let laws = laws(u);
        let generated = match u.arbitrary::<u8>()? & 3 {
            0 => {
                let gas = u.arbitrary::<u32>()?.into();
                let calldata = Bytes(u.bytes(u.len().min(MAX_CALLDATA))?.to_vec());
                Generated::literal(Input::Call(CallInput { calldata, gas }))
            }
            2 => return Ok(Self::InContract(u.arbitrary()?)),
            _ => generate_from(u, &strategies())?,
        };
        Ok(Self::Alone { generated: Box::new(generated), laws })
    }
}

/// The bytes that a literal call is read from.
fn bytes_of(input: &Input) -> Option<Vec<u8>> {
    let Input::Call(CallInput { calldata, gas }) = input else { return None };
    let gas = u32::try_from(*gas).ok()?;
    (calldata.0.len() <= MAX_CALLDATA).then(|| [&[0], gas.to_le_bytes().as_slice(), &calldata.0].concat())
}

fn strategies() -> Vec<&'static Strategy> {
    ["call", "call-reading"].into_iter().filter_map(named).collect()
}

fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let drawn = drawn(&TARGET, &[1]).chain(drawn(&TARGET, &[2])).chain(with_laws(&[1])).chain(hunting(
        &TARGET,
        &[1],
        1_000,
    ));
    Seed::of_cases(corpus, bytes_of).into_iter().chain(drawn).collect()
}

impl FuzzCase for EcrecoverCall {
    fn examine(&self, harness: Harness<'_>) -> Vec<Finding> {
        match self {
            Self::Alone { generated, laws } => examine_generated(generated, *laws, harness),
            Self::InContract(situation) => situation.examine(),
        }
    }

    fn classes(&self) -> BTreeSet<String> {
        match self {
            Self::Alone { generated, laws } => classes_of(generated, *laws),
            Self::InContract(situation) => {
                let Situation { call, kind, input, output, output_size, .. } = situation;
                let effect = situation.expected();
                let opcode = kind.to_string().split(' ').next().unwrap_or_default().to_owned();
                let value = if kind.value() > 0 { "with value" } else { "without value" };
                let ended = match (effect.success, effect.returndata.len()) {
                    (false, _) => "fails",
                    (true, 0) => "returns nothing",
                    (true, _) => "returns an address",
                };
                let area = match output_size {
                    0 => "no output area",
                    1..32 => "a short output area",
                    32 => "an output area of a word",
                    _ => "a long output area",
                };
                let overlaps = *output < input + call.calldata.0.len() && *input < output + output_size;
                let mut classes: BTreeSet<_> = [format!("{opcode} {value} {ended}"), area.to_owned()].into();
                classes.extend(overlaps.then(|| "the output area overlaps the input".to_owned()));
                classes
            }
        }
    }

    /// None for a call in a contract: a case file has no place for what surrounds it.
    fn input(&self) -> Option<&Input> {
        match self {
            Self::Alone { generated, .. } => Some(&generated.input),
            Self::InContract(_) => None,
        }
    }
}

impl fmt::Debug for EcrecoverCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone { generated, laws } => show(generated, *laws, f),
            Self::InContract(situation) => writeln!(f, "in a contract: {situation}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_call_is_read_back_from_its_bytes() {
        let input = Input::Call(CallInput { calldata: Bytes(vec![7; 129]), gas: 3_000 });
        let bytes = bytes_of(&input).unwrap();
        let case = EcrecoverCall::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(case.input(), Some(&input));
    }
}
