//! What is found, compared with the nearest known format.

use crate::corpus::Formats;
use crate::format::Expr;
use crate::format::explain::{Candidate, Explanation};
use crate::identify::shape;
use crate::identify::value::Value;

/// Explains a digest's expression. None where no known format has its fields among the values.
pub fn explain(found: &Expr, values: &[Value], formats: &Formats) -> Option<Explanation> {
    let groups = [values.to_vec()];
    let known = shape::assigned(formats, &groups).into_iter();
    let candidates: Vec<_> = known
        .map(|known| Candidate {
            name: &known.format.name,
            digest: known.digest,
            superseded: known.format.until.is_some(),
        })
        .collect();
    crate::format::explain::explain(found, &candidates)
}
