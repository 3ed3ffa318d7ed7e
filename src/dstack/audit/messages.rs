//! What is signed: a verifier that takes a signature over other bytes takes signatures that were made for
//! something else. The mistakes of the catalogue that were made most often.

use super::AuditCase;
use super::chain::{Rules, refused};
use crate::dstack::chain::Link;
use crate::dstack::explain::known_formats;
use crate::dstack::mistake::{HASH, digest};
use crate::format::{explain::explain, parse};

const FOREIGN: &str = "a signature over other bytes was made for something else, or would be made by nobody";

/// The first kms-issued message, in which two parts are otherwise: `dstack.kms-issued.first`.
const PHALA: &str = r#"keccak256("phala-kms-issued:" + compressed(app_key))"#;

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    let claims = single_mistakes(Link::Claim).into_iter().map(|mistake| (Link::Claim, mistake));
    let issued = single_mistakes(Link::Issued).into_iter().map(|mistake| (Link::Issued, mistake));
    let phala = (Link::Issued, ("phala", PHALA.to_owned()));
    claims.chain(issued).chain([phala]).map(|(link, (name, text))| case(rules, link, name, &text)).collect()
}

/// The name and the expression of each mistake of the catalogue that is a case, in a message that is otherwise
/// right.
fn single_mistakes(link: Link) -> Vec<(&'static str, String)> {
    let tables = [link.parts(), &[HASH]].concat();
    let right: Vec<_> = tables.iter().map(|choices| choices[0].expression).collect();
    let mistakes = tables.iter().enumerate().flat_map(|(at, choices)| {
        let right = right.clone();
        choices.iter().filter_map(move |choice| {
            let mut parts = right.clone();
            parts[at] = choice.expression;
            let hash = parts.pop()?;
            Some((choice.case?, digest(&parts, hash)))
        })
    });
    mistakes.collect()
}

fn case(rules: &Rules<'_>, link: Link, name: &str, text: &str) -> AuditCase {
    let chain = rules.chain("message");
    let fields = chain.proof().fields();
    let expression = parse(text).unwrap_or_else(|error| unreachable!("the catalogue: {text}: {error}"));
    let meaning = explain(&expression, &known_formats(&fields));
    let about = meaning.map_or_else(|| text.to_owned(), |meaning| meaning.sentence());
    let (group, label, faults, follows): (_, _, &[_], _) = match link {
        Link::Claim => ("claim-message", "the claim", &["AppKeyMismatch"], "binding::app-key"),
        Link::Issued => ("issued-message", "what is issued", &["WrongRoot"], "root::another"),
    };
    let attempts = vec![rules.attempt(label, &chain, chain.signing(link, &expression))];
    refused(format!("{group}::{name}"), about, FOREIGN, faults, attempts).following(follows)
}
