//! `recover`: the scalar surface, and prehashes of other lengths.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, drawn, field_words, hunting, with_laws};
use super::{FuzzCase, FuzzTarget, classes_of, examine_generated, laws, read, show};
use crate::corpus::Corpus;
use crate::generate::{BYTES, Generated, STRATEGIES, Strategy, generate_from};
use crate::input::bytes::{Bytes, Word};
use crate::input::{Input, PrehashInput, ScalarInput};
use crate::run::selftest::WITHIN;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "recover",
    about: "a digest or prehash, r, s and a recovery id, literally or by a strategy",
    read: read::<Recover>,
    max_len: 1 + BYTES,
    seeds,
    words: field_words,
};

/// The largest prehash that is read literally.
const MAX_PREHASH: usize = 128;
/// The strategies that have targets of their own.
const ELSEWHERE: [&str; 4] = ["call", "call-reading", "encoding", "message"];

/// The first byte's low bit says whether a strategy makes the input. A literal input is: a byte whose low bit says
/// prehash, r, s, recovery id, and the digest or the prehash.
pub struct Recover {
    generated: Generated,
    laws: Laws,
}

impl<'a> Arbitrary<'a> for Recover {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let laws = laws(u);
        let generated = match u.arbitrary::<u8>()? & 1 {
            0 => Generated::literal(literal(u)?),
            _ => generate_from(u, &strategies())?,
        };
        Ok(Self { generated, laws })
    }
}

fn literal(u: &mut Unstructured<'_>) -> Result<Input> {
    let is_prehash = u.arbitrary::<u8>()? & 1 == 1;
    let (r, s) = (Word(u.arbitrary()?), Word(u.arbitrary()?));
    let recovery_id = u.arbitrary()?;
    Ok(match is_prehash {
        true => {
            let prehash = Bytes(u.bytes(u.len().min(MAX_PREHASH))?.to_vec());
            Input::Prehash(PrehashInput { prehash, r, s, recovery_id })
        }
        false => ScalarInput { digest: Word(u.arbitrary()?), r, s, recovery_id }.into(),
    })
}

/// The bytes that [`literal`] reads an input from.
fn bytes_of(input: &Input) -> Option<Vec<u8>> {
    let parts = |is_prehash: u8, r: &Word, s: &Word, id: u8, hash: &[u8]| {
        [&[0, is_prehash], r.0.as_slice(), &s.0, &[id], hash].concat()
    };
    match input {
        Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
            Some(parts(0, r, s, *recovery_id, &digest.0))
        }
        Input::Prehash(PrehashInput { prehash, r, s, recovery_id }) if prehash.0.len() <= MAX_PREHASH => {
            Some(parts(1, r, s, *recovery_id, &prehash.0))
        }
        Input::Prehash(_) | Input::Call(_) => None,
    }
}

fn strategies() -> Vec<&'static Strategy> {
    STRATEGIES.iter().filter(|strategy| !ELSEWHERE.contains(&strategy.name)).collect()
}

fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let literal = Seed::of_cases(corpus, bytes_of);
    literal
        .into_iter()
        .chain(drawn(&TARGET, &[1]))
        .chain(with_laws(&[1]))
        .chain(hunting(&TARGET, &[1], WITHIN))
        .collect()
}

impl FuzzCase for Recover {
    fn examine(&self, harness: Harness<'_>) -> Vec<Finding> {
        examine_generated(&self.generated, self.laws, harness)
    }

    fn classes(&self) -> BTreeSet<String> {
        classes_of(&self.generated, self.laws)
    }

    fn input(&self) -> Option<&Input> {
        Some(&self.generated.input)
    }
}

impl fmt::Debug for Recover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.generated, self.laws, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_input_is_read_back_from_its_bytes() {
        let word = |byte| Word([byte; 32]);
        let scalar = ScalarInput { digest: word(1), r: word(2), s: word(3), recovery_id: 200 };
        let prehash = PrehashInput { prehash: Bytes(vec![4; 33]), r: word(5), s: word(6), recovery_id: 1 };
        for input in [Input::from(scalar), Input::Prehash(prehash)] {
            let bytes = bytes_of(&input).unwrap();
            let case = Recover::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
            assert_eq!(
                (case.generated.input, case.generated.strategy, case.laws),
                (input, "literal", Laws::Skip)
            );
        }
    }
}
