//! `ecrecover_call`: calls of the precompile.

use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, drawn, field_words};
use super::{Case, Harness, Target, Wrong, classes_of, examine_generated, read, show};
use crate::bytes::Bytes;
use crate::case::{Call, Input};
use crate::corpus::Corpus;
use crate::generate::{BYTES, Generated, Strategy, generate_from, named};

pub(super) const TARGET: Target = Target {
    name: "ecrecover_call",
    about: "calldata and gas of a call of ecrecover, literally or by the strategy `call`",
    read: read::<EcrecoverCall>,
    max_len: 1 + BYTES,
    seeds,
    words: field_words,
};

/// The most calldata that is read literally: twice what the precompile reads.
const MAX_CALLDATA: usize = 256;

/// The first byte's low bit says whether the strategy makes the call; its next two bits, both set, ask for the
/// laws too. A literal call is: gas in four bytes, little-endian, and calldata to the end.
pub struct EcrecoverCall {
    generated: Generated,
    laws: bool,
}

impl<'a> Arbitrary<'a> for EcrecoverCall {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let first: u8 = u.arbitrary()?;
        let generated = match first & 1 {
            0 => {
                let gas = u.arbitrary::<u32>()?.into();
                let calldata = Bytes(u.bytes(u.len().min(MAX_CALLDATA))?.to_vec());
                Generated::literal(Input::Call(Call { calldata, gas }))
            }
            _ => generate_from(u, &strategies())?,
        };
        Ok(Self { generated, laws: first & 0b110 == 0b110 })
    }
}

/// The bytes that a literal call is read from.
fn bytes_of(input: &Input) -> Option<Vec<u8>> {
    let Input::Call(Call { calldata, gas }) = input else { return None };
    let gas = u32::try_from(*gas).ok()?;
    (calldata.0.len() <= MAX_CALLDATA).then(|| [&[0], gas.to_le_bytes().as_slice(), &calldata.0].concat())
}

fn strategies() -> Vec<&'static Strategy> {
    named("call").into_iter().collect()
}

fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let literal = Seed::of_cases(corpus, bytes_of);
    literal.into_iter().chain(drawn(&TARGET, &[1])).chain(drawn(&TARGET, &[7]).take(1)).collect()
}

impl Case for EcrecoverCall {
    fn examine(&self, harness: Harness<'_>) -> Vec<Wrong> {
        examine_generated(&self.generated, self.laws, harness)
    }

    fn classes(&self) -> BTreeSet<String> {
        classes_of(&self.generated, self.laws)
    }

    fn input(&self) -> Option<&Input> {
        Some(&self.generated.input)
    }
}

impl fmt::Debug for EcrecoverCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.generated, self.laws, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_call_is_read_back_from_its_bytes() {
        let input = Input::Call(Call { calldata: Bytes(vec![7; 129]), gas: 3_000 });
        let bytes = bytes_of(&input).unwrap();
        let case = EcrecoverCall::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!((case.generated.input, case.generated.strategy), (input, "literal"));
    }
}
