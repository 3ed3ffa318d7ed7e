//! Findings in words: one line each, whatever a subject says.

use std::fmt;

use super::one_line;
use crate::judge::finding::{Asked, Culprit, Fault, Finding, LayoutFault};

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.culprit, self.fault)
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(name) | Self::Component(name) => f.write_str(&one_line(name)),
            Self::Reference => f.write_str("reference"),
            Self::Twin => f.write_str("twin"),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(inputs) => match &inputs[..] {
                [] => f.write_str("for the first time by the law"),
                [input] => write!(f, "after {input:?}"),
                [.., last] => write!(f, "after {} others, the last of them {last:?}", inputs.len()),
            },
            Self::AtOnce { threads, relative } => {
                write!(f, "by {threads} threads at once, among relatives of {relative:?}")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Outcome { outcome, right } => format!("gives {outcome}, but {right} is right"),
            Self::Divergence { id, documented, outcome, right: _ } => {
                format!("gives {outcome}, but divergence `{id}` documents {documented}")
            }
            Self::Construction { answer, constructed } => {
                format!("gives {answer}, but {constructed} by construction")
            }
            Self::Twin { answer, right } => format!("gives {answer}, but the reference {right}"),
            Self::Relation { law, answer, related, of_related } => {
                format!("breaks the law {law}: gives {answer}, and for {related:?} {of_related}")
            }
            Self::Memory { asked, outcome, otherwise, right } => {
                let but = match otherwise {
                    Some(otherwise) => format!("and {otherwise} otherwise"),
                    None => format!("but {right} is right"),
                };
                format!("breaks the law memory: asked {asked}, gives {outcome}, {but}")
            }
            Self::Verification { public_key } => {
                format!("breaks the law verification: libsecp256k1 does not verify with {public_key}")
            }
            Self::Signing { private_key, digest, recovered, signer } => format!(
                "breaks the law sign-then-recover: signs {digest} with {private_key}, which recovers \
                 {recovered}; the signer is {signer}"
            ),
            Self::NotSigned { private_key, digest, outcome } => {
                format!(
                    "breaks the law sign-then-recover: asked to sign {digest} with {private_key}: {outcome}"
                )
            }
            Self::Layout(LayoutFault::Changed { wire, written, read }) => {
                format!("{}: {written:?} is read back as {read:?}", wire.form())
            }
            Self::Layout(LayoutFault::Mistaken { wire, taken_for }) => {
                format!("{} is read as {}", wire.form(), taken_for.form())
            }
            Self::Property(words) => words.clone(),
        };
        f.write_str(&one_line(&words))
    }
}
