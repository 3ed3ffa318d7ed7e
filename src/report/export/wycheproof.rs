//! A group `EcdsaRecover` in the style of Wycheproof, which has no recovery: C2SP/wycheproof#103.
//!
//! Hex is without `0x`. Facts are the flags, and what is known of a fact is its note.

mod notes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::notes::note;
use super::Export;
use crate::corpus::vector::{Vector, VectorAnswer};
use crate::input::{Input, ScalarInput};
use crate::judge::fact::Fact;

/// The file of the vectors, and of the schema that it names.
const FILE: &str = "ecdsa_secp256k1_recover_test.json";
const SCHEMA_FILE: &str = "ecdsa_recover_schema_v1.json";
const SCHEMA: &str = include_str!("wycheproof/ecdsa_recover_schema_v1.json");

/// A file of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WycheproofFile {
    /// `ECDSA`.
    pub algorithm: String,
    /// The schema's file.
    pub schema: String,
    /// How many tests there are in all groups.
    pub number_of_tests: usize,
    /// What the file is, in lines.
    pub header: Vec<String>,
    /// About each flag.
    pub notes: BTreeMap<String, WycheproofNote>,
    /// One group.
    pub test_groups: Vec<WycheproofGroup>,
}

/// What is known of a flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WycheproofNote {
    /// What sort of bug such a vector finds.
    pub bug_type: String,
    /// What such an input has.
    pub description: String,
    /// What a wrong implementation does, and what comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// As what it was published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cves: Vec<String>,
}

/// A group of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WycheproofGroup {
    /// `EcdsaRecover`.
    #[serde(rename = "type")]
    pub group_type: String,
    /// Who made it.
    pub source: WycheproofSource,
    /// `secp256k1`.
    pub curve: String,
    /// The vectors.
    pub tests: Vec<WycheproofTest>,
}

/// Who made a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WycheproofSource {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WycheproofTest {
    /// A number, from 1.
    pub tc_id: usize,
    /// The vector's id, and what is special about it.
    pub comment: String,
    /// Its facts.
    pub flags: Vec<String>,
    /// The 32 bytes that were signed.
    pub digest: String,
    /// 32 bytes, big-endian.
    pub r: String,
    /// 32 bytes, big-endian.
    pub s: String,
    /// 0 to 255.
    pub recovery_id: u8,
    /// SEC 1's uncompressed form; empty where there is none.
    pub public_key: String,
    /// `valid` where there is a key, else `invalid`.
    pub result: String,
}

pub(super) fn export(vectors: &[Vector], export: &mut Export) {
    let mut tests = export.hold(vectors, |vector| {
        let scalar = scalar(vector)?;
        let (result, public_key) = match &vector.expect {
            VectorAnswer::Recovered { public_key, .. } => {
                ("valid", const_hex::encode(public_key.uncompressed()))
            }
            VectorAnswer::Rejected { .. } => ("invalid", String::new()),
        };
        Ok(WycheproofTest {
            tc_id: 0,
            comment: format!("{}: {}", vector.id, vector.comment),
            flags: vector.facts.iter().map(|fact| flag(*fact)).collect(),
            digest: const_hex::encode(scalar.digest.0),
            r: const_hex::encode(scalar.r.0),
            s: const_hex::encode(scalar.s.0),
            recovery_id: scalar.recovery_id,
            public_key,
            result: result.to_owned(),
        })
    });
    for (number, test) in (1..).zip(&mut tests) {
        test.tc_id = number;
    }
    let used = Fact::ALL.iter().filter(|fact| tests.iter().any(|test| test.flags.contains(&flag(**fact))));
    let file = WycheproofFile {
        algorithm: "ECDSA".into(),
        schema: SCHEMA_FILE.into(),
        number_of_tests: tests.len(),
        header: [
            "Test vectors of type EcdsaRecover are for the recovery of a public key from a signature.",
            "A valid test has the key that is recovered with exactly this recovery id, an invalid one has none.",
            "Bit 0 of the recovery id is the parity of the nonce point's y, bit 1 says that its x is r + n.",
        ]
        .map(str::to_owned)
        .into(),
        notes: used.map(|fact| (flag(*fact), note(*fact))).collect(),
        test_groups: vec![WycheproofGroup {
            group_type: "EcdsaRecover".into(),
            source: WycheproofSource { name: "ecrecheck".into(), version: env!("CARGO_PKG_VERSION").into() },
            curve: "secp256k1".into(),
            tests,
        }],
    };
    export.add(FILE, &file);
    export.files.insert(SCHEMA_FILE.into(), SCHEMA.into());
}

/// What a test asks.
pub(super) fn scalar(vector: &Vector) -> Result<ScalarInput, &'static str> {
    match &vector.input {
        Input::Scalar(scalar) => Ok(*scalar),
        Input::Prehash(_) => Err("a prehash: a test has a digest"),
        Input::Call(_) => Err("a call: a test has a recovery id"),
    }
}

/// A fact as a flag: `HighS` for `high-s`.
fn flag(fact: Fact) -> String {
    let capitalised = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    fact.name().split('-').map(capitalised).collect()
}
