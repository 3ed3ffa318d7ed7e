//! `chain`: dstack chains, sound and with each mistake.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::corpus::Corpus;
use crate::dstack::generate::{CHAIN_BYTES, GeneratedChain, chain, examine};
use crate::dstack::registry;
use crate::fuzz_target::seed::{Seed, drawn, field_words};
use crate::fuzz_target::{FuzzCase, FuzzTarget, read};
use crate::input::bytes::to_hex;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "chain",
    about: "a dstack chain, sound or with one mistake: the verifier and the contract say what the construction does",
    read: read::<ChainTarget>,
    max_len: CHAIN_BYTES,
    seeds,
    words: field_words,
};

/// A chain as its generator makes it of all the bytes.
pub struct ChainTarget(GeneratedChain);

impl<'a> Arbitrary<'a> for ChainTarget {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self(chain(u.bytes(u.len())?)))
    }
}

fn seeds(_: &Corpus) -> Vec<Seed> {
    drawn(&TARGET, &[]).collect()
}

impl FuzzCase for ChainTarget {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let verifier = examine(&self.0).map(|what| Finding::of_component("verifier", what));
        let contract = registry::examine(&self.0).err();
        let contract =
            contract.map(|disagreement| Finding::of_component("contract", disagreement.to_string()));
        verifier.into_iter().chain(contract).collect()
    }

    fn classes(&self) -> BTreeSet<String> {
        let verdict = match &self.0.expected {
            Ok(_) => "accepted".to_owned(),
            Err(fault) => match fault.link() {
                Some(link) => format!("{} of the {link}", fault.name()),
                None => fault.name().to_owned(),
            },
        };
        [format!("mutation {}", self.0.what), format!("verdict {verdict}")].into()
    }
}

impl fmt::Debug for ChainTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GeneratedChain { proof, root, purpose, expected, what, .. } = &self.0;
        writeln!(f, "mutation    {what}\nroot        {root}\npurpose     {}", to_hex(purpose))?;
        writeln!(f, "proof       {:#}", proof.to_json())?;
        match expected {
            Ok(instance) => writeln!(f, "expected    {instance} is accepted"),
            Err(fault) => writeln!(f, "expected    {}: {fault}", fault.name()),
        }
    }
}
