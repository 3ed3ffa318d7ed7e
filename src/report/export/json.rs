//! All that is known of each vector, as `corpus::vector` has it, and the schema.

use super::Export;
use crate::corpus::vector::{Vector, VectorFile};
use crate::judge::Divergence;

const SCHEMA: &str = include_str!("../../../docs/vectors.schema.json");

pub(super) fn export(vectors: &[Vector], divergences: &[Divergence], export: &mut Export) {
    let held = export.hold(vectors, |vector| Ok(vector.clone()));
    export.add("cases.json", &VectorFile::of(&held, divergences));
    export.files.insert("vectors.schema.json".into(), SCHEMA.into());
}
