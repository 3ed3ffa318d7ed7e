//! Laws: relations that must hold between cases, whoever is right about each.

use crate::input::bytes::{Bytes, Word};
use crate::input::key::PublicKey;
use crate::input::signature::{Decoder, Signature, Wire};
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::{Divergence, Verdict, judge};
use crate::reference::SECP256K1;
use crate::reference::answer::Expectation;
use crate::subject::{Subject, libsecp256k1};

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Who breaks it: a subject where it is wrong about `input` itself, else the law with its subject.
    pub who: String,
    /// What is wrong, in words.
    pub what: String,
    /// The input that shows it: the original, or the one that is related to it.
    pub input: Input,
}

/// Tries every law that applies to an input whose right answer is known.
pub fn check(
    input: &Input,
    answer: &Expectation,
    subjects: &[Box<dyn Subject>],
    divergences: &[Divergence],
) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (law, related) in related(input) {
        let judged = judge(&related, subjects, divergences);
        if judged.reference != *answer {
            let what = format!("{related:?} gives {}, the original {answer}", judged.reference);
            broken.push(Broken { who: format!("law {law}: reference"), what, input: input.clone() });
        }
        for (subject, _, verdict) in judged.subjects {
            if let Verdict::Finding { what } = verdict {
                broken.push(Broken { who: subject.to_owned(), what, input: related.clone() });
            }
        }
    }
    if let Input::Scalar(scalar) = input {
        let signature = Signature { r: scalar.r, s: scalar.s, recovery_id: scalar.recovery_id };
        let layouts =
            wire_layouts(Wire::decode, &signature).map(|what| ("law wire-layouts".to_owned(), what));
        let signing = subjects.iter().filter_map(|subject| signing(subject.as_ref(), scalar));
        let of_one = verification(scalar, answer).into_iter().chain(signing).chain(layouts);
        broken.extend(of_one.map(|(who, what)| Broken { who, what, input: input.clone() }));
    }
    broken
}

/// Inputs that must have the same answer, with the law that says so.
fn related(input: &Input) -> Vec<(&'static str, Input)> {
    match input {
        Input::Scalar(scalar) => scalars(scalar).map(|(law, scalar)| (law, scalar.into())).collect(),
        Input::Prehash(prehash) => {
            let mut related = vec![("prehash-leftmost", prehash.leftmost().into())];
            if prehash.prehash.0.len() >= 32 {
                let longer = [prehash.prehash.0.as_slice(), &[0xff; 7]].concat();
                let longer = PrehashInput { prehash: Bytes(longer), ..prehash.clone() };
                related.push(("prehash-leftmost", Input::Prehash(longer)));
            }
            related
        }
        Input::Call(call) => {
            let with = |calldata| Input::Call(CallInput { calldata: Bytes(calldata), gas: call.gas });
            let mut read = call.calldata.0.clone();
            read.resize(128, 0);
            let trimmed = read.len() - read.iter().rev().take_while(|byte| **byte == 0).count();
            vec![
                ("calldata-padded", with(read.clone())),
                ("calldata-trimmed", with(read[..trimmed].to_vec())),
                ("calldata-trailing", with([read.as_slice(), &[0xa5; 33]].concat())),
            ]
        }
    }
}

/// The twin with the other s, and the digest plus or minus n.
fn scalars(input: &ScalarInput) -> impl Iterator<Item = (&'static str, ScalarInput)> {
    let (n, z, s) = (SECP256K1.n, input.digest.number(), input.s.number());
    let has_twin = !s.is_zero() && s < n && input.recovery_id <= 3;
    let twin = has_twin.then(|| {
        ("high-s-twin", ScalarInput { s: Word::from(n - s), recovery_id: input.recovery_id ^ 1, ..*input })
    });
    let congruent = if z >= n { Some(z - n) } else { z.checked_add(n) };
    let congruent = congruent.map(|z| ("digest-modulo-n", ScalarInput { digest: Word::from(z), ..*input }));
    twin.into_iter().chain(congruent)
}

/// The recovered key verifies the low-s signature, in libsecp256k1.
fn verification(input: &ScalarInput, answer: &Expectation) -> Option<(String, String)> {
    let Expectation::Recovered { public_key, .. } = answer else { return None };
    let s = input.s.number();
    let low = if s > SECP256K1.n >> 1 { SECP256K1.n - s } else { s };
    let verifies = libsecp256k1::verifies(public_key, &ScalarInput { s: Word::from(low), ..*input });
    (!verifies).then(|| {
        ("law verifies".to_owned(), format!("libsecp256k1 does not verify the signature with {public_key}"))
    })
}

/// What a subject signs, the reference recovers to the signer. The private key is the input's r.
pub fn signing(subject: &dyn Subject, input: &ScalarInput) -> Option<(String, String)> {
    let private = input.r.number();
    if private.is_zero() || private >= SECP256K1.n {
        return None;
    }
    let Signature { r, s, recovery_id } = subject.sign(&input.r, &input.digest)?;
    let signed = ScalarInput { digest: input.digest, r, s, recovery_id };
    let signer = PublicKey::from_point(SECP256K1.multiply(private, SECP256K1.g))?;
    let right = Expectation::Recovered { address: signer.address(), public_key: signer };
    let got = Expectation::from(signed.recover_by_reference());
    (got != right).then(|| {
        let what = format!("signs {} with {}: recovers {got}, the signer is {right}", input.digest, input.r);
        (format!("law sign-then-recover: {}", subject.identity().name), what)
    })
}

/// Each layout gives back what was written in it, and takes no other layout's bytes for its own where v or
/// length tell them apart.
pub fn wire_layouts(decode: Decoder, signature: &Signature) -> Option<String> {
    for wire in Wire::ALL {
        let Some(bytes) = wire.encode(signature, 1) else { continue };
        let apart = (wire == Wire::Rs).then_some(signature.recovery_id);
        let back = decode(wire, &bytes, apart);
        if back.as_ref() != Ok(signature) {
            return Some(format!("{}: {signature:?} comes back as {back:?}", wire.form()));
        }
        // Length or v tells these three apart: a decoder that takes two of them lets one signature pass as two.
        for other in [Wire::RsV27, Wire::RsV31, Wire::Eip2098] {
            let told_apart = matches!(wire, Wire::RsV27 | Wire::RsV31 | Wire::Eip2098) && wire != other;
            if told_apart && decode(other, &bytes, None).is_ok() {
                return Some(format!("{} is taken for {}", wire.form(), other.form()));
            }
        }
    }
    None
}
