//! Laws: relations that must hold between cases, whoever is right about each. The law of memory, about what a
//! subject was asked before, is in [`memory`].

use std::fmt;

use crate::input::bytes::{Bytes, Word};
use crate::input::key::PublicKey;
use crate::input::signature::{Decoder, Signature, Wire};
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::finding::{Culprit, Fault, Finding, LayoutFault};
use crate::judge::{Harness, judge_all, memory};
use crate::reference::answer::{Answer, Expectation, Recovery};
use crate::reference::{Point, SECP256K1, twin};
use crate::subject::{Outcome, Subject, ask_to_sign, libsecp256k1};

/// A relation between two inputs: they have the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// (r, s, recovery id) and (r, n - s, recovery id ^ 1).
    NegatedS,
    /// Digests that are equal modulo n.
    DigestModuloN,
    /// Prehashes with the same leftmost 32 bytes.
    PrehashLeftmost,
    /// Calldata, and the same padded with zeros.
    CalldataPadded,
    /// Calldata, and the same without the zeros at its end.
    CalldataTrimmed,
    /// Calldata, and the same with bytes behind the four words.
    CalldataTrailing,
}

impl Law {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NegatedS => "negated-s",
            Self::DigestModuloN => "digest-modulo-n",
            Self::PrehashLeftmost => "prehash-leftmost",
            Self::CalldataPadded => "calldata-padded",
            Self::CalldataTrimmed => "calldata-trimmed",
            Self::CalldataTrailing => "calldata-trailing",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which laws are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laws {
    /// None.
    Skip,
    /// Those about the input alone: what is signed, verification, wire layouts.
    OfInput,
    /// Also every subject on the inputs that laws relate to it, which costs several cases.
    Related,
    /// All: also the law of memory, which asks every subject some fifty times.
    All,
}

/// Tries the laws that apply to an input whose right answer is known.
pub fn check(input: &Input, answer: &Expectation, laws: Laws, harness: Harness<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if matches!(laws, Laws::Related | Laws::All) {
        let related = related(input);
        let judged = judge_all(&related.iter().map(|(_, input)| input).collect::<Vec<_>>(), harness);
        for ((law, related), judged) in related.into_iter().zip(judged) {
            let of_related = judged.reference;
            findings.extend(judged.findings(&related));
            if of_related == *answer {
                continue;
            }
            let culprit = whose(&[(input, *answer), (&related, of_related)]);
            let fault = Fault::Relation { law, answer: *answer, related, of_related };
            findings.push(Finding { culprit, fault, input: Some(input.clone()) });
        }
    }
    if let (Input::Scalar(scalar), true) = (input, laws != Laws::Skip) {
        let signature = Signature { r: scalar.r, s: scalar.s, recovery_id: scalar.recovery_id };
        let layout = wire_layouts(Wire::decode, &signature)
            .map(|fault| (Culprit::Component("signature".to_owned()), Fault::Layout(fault)));
        let found = |(culprit, fault)| Finding { culprit, fault, input: Some(input.clone()) };
        let unverified = verification(scalar, answer).map(|fault| (whose(&[(input, *answer)]), fault));
        findings.extend(unverified.into_iter().chain(layout).map(found));
        let subjects = harness.subjects.iter();
        findings.extend(subjects.filter_map(|subject| signing(subject.as_ref(), scalar, harness.twin)));
    }
    if laws == Laws::All {
        findings.extend(memory::check(input, harness));
    }
    findings
}

/// Whose answers break a law: the twin's, if the reference has another to one of them.
fn whose(answers: &[(&Input, Expectation)]) -> Culprit {
    let of_twin = answers.iter().any(|(input, answer)| Answer::to(input).expectation != *answer);
    if of_twin { Culprit::Twin } else { Culprit::Reference }
}

/// Inputs that must have the same answer, with the law that says so.
fn related(input: &Input) -> Vec<(Law, Input)> {
    match input {
        Input::Scalar(scalar) => scalars(scalar).map(|(law, scalar)| (law, scalar.into())).collect(),
        Input::Prehash(prehash) => {
            let mut related = vec![(Law::PrehashLeftmost, prehash.leftmost().into())];
            if prehash.prehash.0.len() >= 32 {
                let longer = [prehash.prehash.0.as_slice(), &[0xff; 7]].concat();
                let longer = PrehashInput { prehash: Bytes(longer), ..prehash.clone() };
                related.push((Law::PrehashLeftmost, Input::Prehash(longer)));
            }
            related
        }
        Input::Call(call) => {
            let with = |calldata| Input::Call(CallInput { calldata: Bytes(calldata), gas: call.gas });
            let mut read = call.calldata.0.clone();
            read.resize(128, 0);
            let trimmed = read.len() - read.iter().rev().take_while(|byte| **byte == 0).count();
            vec![
                (Law::CalldataPadded, with(read.clone())),
                (Law::CalldataTrimmed, with(read[..trimmed].to_vec())),
                (Law::CalldataTrailing, with([read.as_slice(), &[0xa5; 33]].concat())),
            ]
        }
    }
}

/// The one with the other s, and the digest plus or minus n.
fn scalars(input: &ScalarInput) -> impl Iterator<Item = (Law, ScalarInput)> {
    let (n, z, s) = (SECP256K1.n, input.digest.number(), input.s.number());
    let is_in_range = !s.is_zero() && s < n && input.recovery_id <= 3;
    let negated = is_in_range.then(|| {
        (Law::NegatedS, ScalarInput { s: Word::from(n - s), recovery_id: input.recovery_id ^ 1, ..*input })
    });
    let congruent = if z >= n { Some(z - n) } else { z.checked_add(n) };
    let congruent = congruent.map(|z| (Law::DigestModuloN, ScalarInput { digest: Word::from(z), ..*input }));
    negated.into_iter().chain(congruent)
}

/// The recovered key verifies the low-s signature, in libsecp256k1.
fn verification(input: &ScalarInput, answer: &Expectation) -> Option<Fault> {
    let Expectation::Recovered { public_key, .. } = *answer else { return None };
    let s = input.s.number();
    let low = if s > SECP256K1.n >> 1 { SECP256K1.n - s } else { s };
    let verifies = libsecp256k1::verifies(&public_key, &ScalarInput { s: Word::from(low), ..*input });
    (!verifies).then_some(Fault::Verification { public_key })
}

/// What a subject signs recovers to the signer. The private key is the input's r.
fn signing(subject: &dyn Subject, input: &ScalarInput, twin: Recovery) -> Option<Finding> {
    let private = input.r.number();
    if private.is_zero() || private >= SECP256K1.n {
        return None;
    }
    let (private_key, digest) = (input.r, input.digest);
    let found = |fault| {
        let culprit = Culprit::Subject(subject.identity().name.to_owned());
        Some(Finding { culprit, fault, input: Some(Input::from(*input)) })
    };
    let Signature { r, s, recovery_id } = match ask_to_sign(subject, &private_key, &digest) {
        Ok(signature) => signature,
        Err(Outcome::Unsupported { .. }) => return None,
        Err(outcome) => return found(Fault::NotSigned { private_key, digest, outcome }),
    };
    let expectation = |signer: Point| {
        let public_key = PublicKey::from_point(signer)?;
        Some(Expectation::Recovered { address: public_key.address(), public_key })
    };
    let signed = ScalarInput { digest, r, s, recovery_id };
    let recovered = Expectation::from(twin(&signed));
    let [signer] = twin::multiples_of_g([private]);
    if expectation(signer) == Some(recovered) {
        return None;
    }
    if let Some(wrong_twin) = Finding::of_twin(&signed.into(), recovered) {
        return Some(wrong_twin);
    }
    // The reference's own multiple, before anybody is called wrong.
    let signer = expectation(SECP256K1.multiply(private, SECP256K1.g))?;
    if signer == recovered { None } else { found(Fault::Signing { private_key, digest, recovered, signer }) }
}

/// Each layout gives back what was written in it, and takes no other layout's bytes for its own where v or
/// length tell them apart.
pub fn wire_layouts(decode: Decoder, signature: &Signature) -> Option<LayoutFault> {
    for wire in Wire::ALL {
        let Some(bytes) = wire.encode(signature, Some(1)) else { continue };
        let read = decode(wire, &bytes, wire.apart(signature.recovery_id));
        if read.as_ref() != Ok(signature) {
            return Some(LayoutFault::Changed { wire, written: *signature, read });
        }
        // Length or v tells these three apart: a decoder that takes two of them lets one signature pass as two.
        for taken_for in [Wire::RsV27, Wire::RsV31, Wire::Eip2098] {
            let told_apart = matches!(wire, Wire::RsV27 | Wire::RsV31 | Wire::Eip2098) && wire != taken_for;
            if told_apart && decode(taken_for, &bytes, None).is_ok() {
                return Some(LayoutFault::Mistaken { wire, taken_for });
            }
        }
        // Most DER is as long as r, s and a v of 6 to 8 bytes.
        for taken_for in [Wire::RsEip155, Wire::Eip155Rs] {
            if wire == Wire::Der && decode(taken_for, &bytes, None).is_ok() {
                return Some(LayoutFault::Mistaken { wire, taken_for });
            }
        }
    }
    None
}
