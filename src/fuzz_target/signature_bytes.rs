//! `signature_bytes`: signatures on the wire, taken apart and written again.

use crate::judge::Harness;
use crate::judge::finding::{Culprit, Fault, Finding};
use std::collections::BTreeSet;
use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, field_words};
use super::{FuzzCase, FuzzTarget, read};
use crate::corpus::Corpus;
use crate::input::bytes::to_hex;
use crate::input::signature::{Signature, Wire};
use crate::judge::law::wire_layouts;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "signature_bytes",
    about: "bytes as a signature in each wire layout: what is taken apart is written back the same",
    read: read::<SignatureBytes>,
    max_len: 1 + MAX_BYTES,
    seeds,
    words: field_words,
};

/// The longest bytes that are read: longer than a signature of any layout.
const MAX_BYTES: usize = 96;

/// A byte that is 0, or 1 more than the recovery id that is given apart; then the signature. Every layout is
/// tried.
pub struct SignatureBytes {
    apart: Option<u8>,
    bytes: Vec<u8>,
}

impl<'a> Arbitrary<'a> for SignatureBytes {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let apart = u.arbitrary::<u8>()?.checked_sub(1);
        Ok(Self { apart, bytes: u.bytes(u.len().min(MAX_BYTES))?.to_vec() })
    }
}

fn bytes_of(apart: Option<u8>, signature: &[u8]) -> Vec<u8> {
    [&[apart.map_or(0, |id| id.saturating_add(1))], signature].concat()
}

fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let signature = |case: &crate::corpus::case::Case| {
        let (wire, bytes) = case.wire.as_ref()?;
        let input = case.asked().next()?;
        let apart = match input {
            crate::input::Input::Scalar(scalar) => wire.apart(scalar.recovery_id),
            _ => None,
        };
        Some(Seed::new(&case.id, &format!("the signature of {}", case.id), bytes_of(apart, bytes)))
    };
    let mut seeds: Vec<_> = corpus.cases.iter().filter_map(signature).collect();
    // What no fixture shows: layouts and refusals, at one signature.
    let rs = [[0x11; 32], [0x22; 32]].concat();
    let with = |v: &[u8]| [rs.as_slice(), v].concat();
    let der = [&[0x30, 0x44, 2, 32], &rs[..32], &[2, 32], &rs[32..]].concat();
    let made: [(&str, Option<u8>, Vec<u8>); 15] = [
        ("v-0", None, with(&[0])),
        ("v-28", None, with(&[28])),
        ("v-32", None, with(&[32])),
        ("v-255", None, with(&[255])),
        ("v-eip155-of-two-bytes", None, with(&[1, 0])),
        ("v-eip155-of-eight-bytes", None, with(&[0xff; 8])),
        ("v-eip155-of-nine-bytes", None, with(&[0xff; 9])),
        ("v-38-first", None, [&[38], rs.as_slice()].concat()),
        ("v-of-eight-bytes-first", None, [&[0xff; 8], rs.as_slice()].concat()),
        ("v-of-nine-bytes-first", None, [&[0xff; 9], rs.as_slice()].concat()),
        ("der-of-70-bytes", Some(1), der),
        ("v-with-a-leading-zero", None, with(&[0, 37])),
        ("header-42", None, [&[42], rs.as_slice()].concat()),
        ("recovery-id-3-apart", Some(3), rs.clone()),
        ("empty", None, Vec::new()),
    ];
    seeds.extend(made.map(|(name, apart, bytes)| Seed::new(name, "made up", bytes_of(apart, &bytes))));
    seeds
}

impl SignatureBytes {
    fn decoded(&self) -> impl Iterator<Item = (Wire, Result<Signature, crate::input::signature::WireError>)> {
        Wire::ALL.into_iter().map(|wire| (wire, wire.decode(&self.bytes, self.apart)))
    }

    /// What is wrong with how a layout reads and writes these bytes.
    fn wrong_in(&self, wire: Wire, signature: &Signature) -> Option<String> {
        let mark = wire.mark(&self.bytes);
        // BIP-137's address type is not written: its header is told by the mark.
        let expected = match (wire, self.bytes.split_first()) {
            (Wire::HeaderRs, Some((header, rest))) => {
                [&[header - 4 * mark.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(0)], rest].concat()
            }
            _ => self.bytes.clone(),
        };
        let written = wire.encode(signature, mark);
        (written.as_ref() != Some(&expected)).then(|| {
            let written = written.map_or("nothing".to_owned(), to_hex);
            format!(
                "{}: {signature:?} is written as {written}, it was read from {}",
                wire.form(),
                to_hex(&expected)
            )
        })
    }
}

impl FuzzCase for SignatureBytes {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let mut wrong = Vec::new();
        for (wire, decoded) in self.decoded() {
            match &decoded {
                Ok(signature) => {
                    let bytes = self.wrong_in(wire, signature).map(Fault::Property);
                    let layout = wire_layouts(Wire::decode, signature).map(Fault::Layout);
                    wrong.extend(bytes.into_iter().chain(layout));
                }
                Err(error) if error.to_string().contains('\n') => {
                    wrong.push(Fault::Property(format!("{error:?} takes two lines")));
                }
                Err(_) => {}
            }
        }
        let culprit = || Culprit::Component("signature".to_owned());
        wrong.into_iter().map(|fault| Finding { culprit: culprit(), fault, input: None }).collect()
    }

    fn classes(&self) -> BTreeSet<String> {
        let class = |(wire, decoded): (Wire, Result<Signature, _>)| match decoded {
            Ok(Signature { recovery_id: id @ 0..=3, .. }) => format!("{} with recovery id {id}", wire.form()),
            Ok(_) => format!("{} with a recovery id above 3", wire.form()),
            Err(error) => {
                let debug = format!("{error:?}");
                let kind = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                format!("{} refused: {kind}", wire.form())
            }
        };
        self.decoded().map(class).collect()
    }
}

impl fmt::Debug for SignatureBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apart = self.apart.map_or("none".to_owned(), |id| id.to_string());
        writeln!(f, "signature   {} ({} bytes)\napart       {apart}", to_hex(&self.bytes), self.bytes.len())?;
        self.decoded().try_for_each(|(wire, decoded)| match decoded {
            Ok(Signature { r, s, recovery_id }) => {
                writeln!(f, "{}: r {r}, s {s}, recovery id {recovery_id}", wire.form())
            }
            Err(error) => writeln!(f, "{}: {error}", wire.form()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_that_does_not_write_what_it_read_is_told() {
        let rs = [[0x11; 32], [0x22; 32]].concat();
        let case = |v: &[u8]| SignatureBytes { apart: None, bytes: [rs.as_slice(), v].concat() };
        let (sound, wire) = (case(&[28]), Wire::RsV27);
        let signature = wire.decode(&sound.bytes, None).unwrap();
        assert_eq!(sound.wrong_in(wire, &signature), None);
        let other = Signature { recovery_id: 0, ..signature };
        assert!(sound.wrong_in(wire, &other).unwrap().contains("1b, it was read from"));

        // EIP-155: chain 1, and the largest v.
        for v in [[38].as_slice(), &[0xff; 8]] {
            let case = case(v);
            let signature = Wire::RsEip155.decode(&case.bytes, None).unwrap();
            assert_eq!(case.wrong_in(Wire::RsEip155, &signature), None, "{v:?}");
        }
        let flipped = Signature { recovery_id: 0, ..signature };
        assert!(case(&[38]).wrong_in(Wire::RsEip155, &flipped).is_some());
    }
}
