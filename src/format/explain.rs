//! How a digest's expression differs from the nearest known format, in words.

use super::{Expr, Function, Term};

/// A known format over the values that an expression may use.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The known format's name.
    pub name: &'a str,
    /// Its digest over these values.
    pub digest: Expr,
    /// Whether it is no longer in use: one that is in use explains better.
    pub superseded: bool,
}

/// The known format that is nearest to an expression, and what is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The known format's name.
    pub format: String,
    /// The known format over the same values.
    pub expected: Expr,
    /// What is different, a clause each; nothing where it is the format itself.
    pub differences: Vec<String>,
}

/// What an addition or a loss of a whole part weighs, beside a change in one.
const WHOLE_PART: usize = 3;
/// What another hash weighs.
const HASH: usize = 4;
/// What it weighs that a format which differs is no longer in use, or is a mere hash.
const SUPERSEDED: usize = WHOLE_PART + 1;

/// Explains a digest's expression by the nearest candidate, the first of the nearest ones; none without one.
pub fn explain(found: &Expr, candidates: &[Candidate<'_>]) -> Option<Explanation> {
    let compared = candidates.iter().map(|known| (known, compare(found, &known.digest)));
    let (known, (_, mut differences)) = compared.min_by_key(|(known, (cost, _))| {
        // A format that is no longer in use, or a mere hash, explains what is that format, and little else.
        let explains_little = known.superseded || is_mere_hash(&known.digest);
        if explains_little && *cost > 0 { cost + SUPERSEDED } else { *cost }
    })?;
    for message in nested_messages(found) {
        if let Some(inner) = explain(&message, candidates).filter(|inner| !inner.differences.is_empty()) {
            differences.push(format!(
                "recovered over a wrong message (compared with {}): {}",
                inner.format,
                inner.differences.join("; ")
            ));
        }
    }
    Some(Explanation { format: known.name.to_owned(), expected: known.digest.clone(), differences })
}

/// Whether a digest is the hash of one value alone, which many things look like.
fn is_mere_hash(digest: &Expr) -> bool {
    let (hashes, inside) = hashes(digest);
    !hashes.contains(&Function::Eip191) && matches!(inside.term, Term::Field(_))
}

/// The messages of the recoveries inside an expression, the outermost ones.
fn nested_messages(expr: &Expr) -> Vec<Expr> {
    match &expr.term {
        Term::Call(Function::Recover, arguments) => arguments.first().cloned().into_iter().collect(),
        Term::Concat(parts) | Term::Call(_, parts) => parts.iter().flat_map(nested_messages).collect(),
        _ => Vec::new(),
    }
}

/// How far two digests' expressions are apart, and how they differ.
fn compare(found: &Expr, known: &Expr) -> (usize, Vec<String>) {
    let (found_hashes, found_preimage) = hashes(found);
    let (known_hashes, known_preimage) = hashes(known);
    let mut differences = Vec::new();
    let mut cost = 0;
    if found_hashes != known_hashes {
        cost += HASH;
        differences.push(hash_difference(&found_hashes, &known_hashes));
    }
    let (parts_cost, parts) = align(found_preimage.parts(), known_preimage.parts());
    differences.splice(0..0, parts);
    (cost + parts_cost, differences)
}

/// The hashes around an expression, the outermost first, and what is inside.
fn hashes(digest: &Expr) -> (Vec<Function>, &Expr) {
    let (mut hashes, mut inside) = (Vec::new(), digest);
    while let Term::Call(function, arguments) = &inside.term {
        // Hex of a hash belongs to the hashes: a digest is hashed again as text.
        let hex = matches!(function, Function::Hex | Function::Hex0x | Function::HexUpper)
            && !hashes.is_empty()
            && matches!(&arguments[0].term, Term::Call(hash, _) if hash.is_digest());
        if !function.is_digest() && !hex {
            break;
        }
        hashes.push(*function);
        inside = &arguments[0];
    }
    (hashes, inside)
}

fn hash_difference(found: &[Function], known: &[Function]) -> String {
    let names = |hashes: &[Function]| match hashes {
        [] => "nothing".to_owned(),
        hashes => hashes.iter().map(|hash| hash.name()).collect::<Vec<_>>().join(" of "),
    };
    match found.strip_suffix(known) {
        Some([Function::Eip191]) if !known.is_empty() => "EIP-191 is wrapped around the digest".to_owned(),
        Some([again]) if known.first() == Some(again) => {
            format!("the digest is hashed with {} again", again.name())
        }
        _ => format!("hashed with {} instead of {}", names(found), names(known)),
    }
}

/// The cheapest way from one sequence of parts to another.
fn align(found: &[Expr], known: &[Expr]) -> (usize, Vec<String>) {
    // best[i][j]: of the first i found parts and the first j known ones.
    let mut best: Vec<Vec<(usize, Vec<String>)>> =
        vec![vec![(0, Vec::new()); known.len() + 1]; found.len() + 1];
    for i in 0..=found.len() {
        for j in 0..=known.len() {
            let mut ways = Vec::new();
            if i > 0 && j > 0 {
                let (cost, said) = part(&found[i - 1], &known[j - 1]);
                ways.push((&best[i - 1][j - 1], cost, said));
            }
            if i > 0 {
                let said = format!("{} is added", describe(&found[i - 1]));
                ways.push((&best[i - 1][j], WHOLE_PART, Some(said)));
            }
            if j > 0 {
                let said = format!("{} is missing", describe(&known[j - 1]));
                ways.push((&best[i][j - 1], WHOLE_PART, Some(said)));
            }
            let cheapest = ways.into_iter().min_by_key(|((cost, _), more, _)| cost + more);
            if let Some(((cost, before), more, said)) = cheapest {
                best[i][j] = (cost + more, before.iter().cloned().chain(said).collect());
            }
        }
    }
    best[found.len()][known.len()].clone()
}

/// How far one part is from another, and how it differs.
fn part(found: &Expr, known: &Expr) -> (usize, Option<String>) {
    if found == known {
        return (0, None);
    }
    if found.fields().is_empty() || known.fields().is_empty() {
        let cost = if found.fields().is_empty() == known.fields().is_empty() { 2 } else { 2 * WHOLE_PART };
        return (cost, Some(format!("{} instead of {}", describe(found), describe(known))));
    }
    // The same, with something done to it.
    let (mut done, mut inner) = (Vec::new(), found);
    while let Some((verb, argument)) = verb(inner) {
        done.push(verb);
        inner = argument;
        if inner == known {
            done.reverse();
            return (1, Some(format!("{} {}", describe(known), done.join(" and "))));
        }
    }
    let ((found_form, found_core), (known_form, known_core)) = (written(found), written(known));
    if found_core == known_core {
        let said = format!("{} {found_form} instead of {known_form}", describe(known_core));
        return (1, Some(said));
    }
    let (found_fields, known_fields) = (found.fields(), known.fields());
    let said = match (found_fields.as_slice(), known_fields.as_slice()) {
        ([one], [other]) if one == other => (2, describe_short(found, known)),
        _ => {
            let cost = if of_a_key(found) == of_a_key(known) { 2 } else { 2 * WHOLE_PART };
            // Raw bytes where text belongs are one difference more than other raw bytes.
            let written = usize::from(found_form != known_form);
            (cost + written, format!("{} instead of {}", describe(found), describe(known)))
        }
    };
    (said.0, Some(said.1))
}

/// Whether it is made of a public key.
fn of_a_key(expr: &Expr) -> bool {
    use Function::{Address, Compressed, Recover, Uncompressed, Xy};
    match &expr.term {
        Term::Call(Compressed | Uncompressed | Xy | Address | Recover, _) => true,
        Term::Call(_, arguments) => arguments.iter().any(of_a_key),
        _ => false,
    }
}

/// Two forms of one value: the value is named once.
fn describe_short(found: &Expr, known: &Expr) -> String {
    let name = known.fields().first().copied().unwrap_or_default().to_owned();
    let known = describe(known);
    let known = known.strip_prefix(&format!("{name}'s ")).map_or(known.clone(), |rest| format!("its {rest}"));
    format!("{} instead of {known}", describe(found))
}

/// What a function has done to its argument.
fn verb(expr: &Expr) -> Option<(String, &Expr)> {
    let Term::Call(function, arguments) = &expr.term else { return None };
    let number = arguments.get(1).map(ToString::to_string).unwrap_or_default();
    let bytes = if number == "1" { "byte".to_owned() } else { format!("{number} bytes") };
    let verb = match function {
        Function::Drop => format!("has lost its first {bytes}"),
        Function::Take => format!("is cut to its first {bytes}"),
        Function::PadRight => format!("is zero-padded on the right to {number} bytes"),
        Function::PadLeft => format!("is zero-padded on the left to {number} bytes"),
        Function::Reverse => "has its bytes reversed".to_owned(),
        Function::LenPrefixed | Function::Varstr => "has its length in front".to_owned(),
        Function::Base64 => "is in base64".to_owned(),
        hash if hash.is_digest() => format!("is hashed with {} first", hash.name()),
        _ => return None,
    };
    arguments.first().map(|argument| (verb, argument))
}

/// How bytes are written, and which bytes.
fn written(expr: &Expr) -> (&'static str, &Expr) {
    match &expr.term {
        Term::Call(function, arguments) if arguments.len() == 1 => match function {
            Function::Hex => ("in hex without 0x", &arguments[0]),
            Function::Hex0x => ("in hex with 0x", &arguments[0]),
            Function::HexUpper => ("in uppercase hex", &arguments[0]),
            Function::ChecksumAddress => ("as text with a checksum", &arguments[0]),
            _ => ("as raw bytes", expr),
        },
        _ => ("as raw bytes", expr),
    }
}

/// An expression in words.
fn describe(expr: &Expr) -> String {
    if let (form, core) = written(expr)
        && core != expr
    {
        return format!("{} {form}", describe(core));
    }
    match &expr.term {
        Term::Field(name) => name.clone(),
        Term::Text(_) => format!("the text {expr}"),
        Term::Hex(_) | Term::Number(_) => expr.to_string(),
        Term::Concat(parts) => parts.iter().map(describe).collect::<Vec<_>>().join(" with "),
        Term::Call(function, arguments) => {
            let of = |what: &str| match arguments.first().map(|argument| &argument.term) {
                Some(Term::Field(name)) => format!("{name}'s {what}"),
                Some(Term::Call(Function::Recover, inner)) => {
                    let from =
                        inner.get(1).map(|signature| signature.fields().join(", ")).unwrap_or_default();
                    format!("the {what} of the key recovered from {from}")
                }
                Some(_) => format!("the {what} of {}", describe(&arguments[0])),
                None => expr.to_string(),
            };
            match function {
                Function::Compressed => of("compressed public key"),
                Function::Uncompressed => of("uncompressed public key"),
                Function::Xy => of("public key without its tag"),
                Function::Address => of("address"),
                Function::Recover => {
                    let from = arguments.get(1).map(|s| s.fields().join(", ")).unwrap_or_default();
                    format!("the compressed key recovered from {from}")
                }
                _ => match verb(expr) {
                    Some((verb, argument)) => format!("{}, which {verb},", describe(argument)),
                    None => expr.to_string(),
                },
            }
        }
    }
}

impl Explanation {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        match self.differences.as_slice() {
            [] => format!("this is {}", self.format),
            differences => format!("compared with {}: {}", self.format, differences.join("; ")),
        }
    }
}
