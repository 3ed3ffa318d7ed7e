//! Known formats as a search sees them: what must stand where, so that values can be put in their fields'
//! places, and mistakes beside them.

use std::collections::{BTreeMap, HashSet};

use crate::corpus::Formats;
use crate::format::{Expr, FieldKind, Fields, Function, KnownFormat, Term};
use crate::identify::value::{Value, ValueKind};

/// How many ways of putting values into one format's fields are tried.
const MAX_ASSIGNMENTS: usize = 2_000;
/// The most parts of a format whose neighbours and literals are tried.
pub const MAX_SHAPE: usize = 6;

/// A known format of the shape hash(part + part + …), each part a literal or made of one field.
#[derive(Debug, Clone)]
pub struct Shape<'a> {
    /// The format.
    pub format: &'a KnownFormat,
    /// Its hash; none where the digest is given.
    pub hash: Option<Function>,
    /// What is hashed.
    pub parts: Vec<Part>,
}

/// A part of what a known format hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same bytes always.
    Literal(Expr),
    /// Made of one field.
    Slot {
        /// The field.
        field: String,
        /// Its kind.
        kind: FieldKind,
        /// How the bytes are made of it.
        expr: Expr,
    },
}

/// The hash around an expression, and what it hashes.
fn unwrap(digest: &Expr) -> (Option<Function>, &Expr) {
    match &digest.term {
        Term::Call(hash, arguments) if hash.is_digest() => (Some(*hash), &arguments[0]),
        _ => (None, digest),
    }
}

impl<'a> Shape<'a> {
    /// The format's shape, if it has this one.
    pub fn of(format: &'a KnownFormat) -> Option<Self> {
        let (hash, preimage) = unwrap(&format.digest);
        let part = |expr: &Expr| match expr.fields().as_slice() {
            [] => Some(Part::Literal(expr.clone())),
            [field] if !is_framed(expr) => {
                let kind = format.fields.get(*field)?.kind;
                Some(Part::Slot { field: (*field).to_owned(), kind, expr: expr.clone() })
            }
            _ => None,
        };
        let parts = preimage.parts().iter().map(part).collect::<Option<Vec<_>>>()?;
        Some(Self { format, hash, parts })
    }
}

/// Whether a part has a place in a structure around it, in which other values are not tried.
fn is_framed(expr: &Expr) -> bool {
    matches!(
        expr.term,
        Term::Call(Function::Rlp | Function::RlpPayload | Function::ProtoBytes | Function::ProtoUint, _)
    )
}

/// Whether a value may stand where a field of this kind belongs: strictly what belongs there, or also what
/// people put there.
pub fn fits(value: ValueKind, field: FieldKind, strictly: bool) -> bool {
    if value == ValueKind::Hex {
        return fits(ValueKind::Bytes, field, strictly) || fits(ValueKind::Text, field, strictly);
    }
    match field {
        FieldKind::PublicKey => value == ValueKind::PublicKey || (!strictly && value == ValueKind::Bytes),
        FieldKind::Bytes if strictly => value == ValueKind::Bytes,
        FieldKind::Bytes => value != ValueKind::Signature,
        FieldKind::Text => {
            value == ValueKind::Text || (!strictly && matches!(value, ValueKind::Bytes | ValueKind::Number))
        }
        FieldKind::Number => value == ValueKind::Number,
        FieldKind::TypedData => value == ValueKind::Text,
    }
}

/// The literals of known formats: texts and bytes with which a message may begin or that stand in it.
///
/// Those of long or nested formats say nothing alone, and each would make the space larger.
pub fn literals(formats: &Formats) -> Vec<Expr> {
    let mut found = Vec::new();
    for shape in formats.iter().filter_map(Shape::of).filter(|shape| shape.parts.len() <= MAX_SHAPE) {
        collect(unwrap(&shape.format.digest).1, &mut found);
    }
    // A separator at a literal's end is easily lost.
    let bare: Vec<_> = found
        .iter()
        .filter_map(|literal| match &literal.term {
            Term::Text(text) => Some(Term::Text(text.strip_suffix(':')?.to_owned()).into()),
            _ => None,
        })
        .collect();
    found.extend(bare);
    found.retain(|literal| !matches!(&literal.term, Term::Text(text) if text.is_empty() || text.len() > 64));
    found.retain(|literal| !matches!(&literal.term, Term::Hex(bytes) if bytes.is_empty()));
    let mut once: Vec<Expr> = Vec::new();
    found.into_iter().for_each(|literal| {
        if !once.contains(&literal) {
            once.push(literal);
        }
    });
    once
}

fn collect(expr: &Expr, found: &mut Vec<Expr>) {
    match &expr.term {
        Term::Text(_) | Term::Hex(_) => found.push(expr.term.clone().into()),
        Term::Concat(parts) | Term::Call(_, parts) => parts.iter().for_each(|part| collect(part, found)),
        Term::Number(_) | Term::Field(_) => {}
    }
}

/// A known format with a value in the place of each field.
#[derive(Debug, Clone)]
pub struct Assigned<'a> {
    /// The format.
    pub format: &'a KnownFormat,
    /// The digest's expression, over the values' names.
    pub digest: Expr,
}

/// Every known format with every choice of values that its fields admit, in all groups; those whose names
/// are the fields' first.
pub fn assigned<'a>(formats: &'a Formats, groups: &[Vec<Value>]) -> Vec<Assigned<'a>> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let Some(values) = groups.first() else { return found };
    // Of formats with one expression the one that is in use stands for all.
    let mut formats: Vec<_> = formats.iter().collect();
    formats.sort_by_key(|format| format.until.is_some());
    for format in formats {
        let mut choices: Vec<Vec<(&String, usize)>> = vec![Vec::new()];
        for (name, spec) in &format.fields {
            let mut admitted: Vec<usize> = (0..values.len())
                .filter(|at| {
                    fits(values[*at].kind, spec.kind, false)
                        && groups.iter().all(|values| admits(spec, &values[*at]))
                })
                .collect();
            admitted.sort_by_key(|at| values[*at].name != *name);
            choices = choices
                .iter()
                .flat_map(|choice| {
                    let free = admitted.iter().filter(|at| choice.iter().all(|(_, taken)| taken != *at));
                    free.map(|at| [choice.as_slice(), &[(name, *at)]].concat()).collect::<Vec<_>>()
                })
                .take(MAX_ASSIGNMENTS)
                .collect();
        }
        for choice in choices {
            let choice: BTreeMap<&str, usize> =
                choice.into_iter().map(|(name, at)| (name.as_str(), at)).collect();
            let digest = format.digest.substitute(&|field: &str| values[choice[field]].field());
            if seen.insert(digest.to_string()) {
                found.push(Assigned { format, digest });
            }
        }
    }
    found
}

fn admits(spec: &crate::format::FieldSpec, value: &Value) -> bool {
    let fields = Fields::from_iter([(value.name.as_str(), value.bytes.as_slice())]);
    value.field().evaluate(&fields).is_ok_and(|bytes| spec.admits(&bytes))
}
