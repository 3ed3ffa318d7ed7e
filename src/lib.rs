//! Is your secp256k1 public-key recovery right, and which bytes were signed?
//!
//! Recovery never fails loudly: over the wrong message, or in the wrong encoding, it gives a plausible wrong
//! address. This crate holds implementations to an independent reference and to each other, over a corpus of
//! signatures and over generated inputs that reach the places where they can differ. It treats message formats
//! as data: written down as [expressions](Expr), evaluated, pinned by snapshots.
//!
//! Hold your implementation to all of it, from your own tests:
//!
//! ```
//! use ecrecheck::{check, subjects};
//!
//! let mine = &subjects()?[0]; // yours: implement `Subject` for it
//! let report = check(mine, 100)?; // the corpus, and 100 generated cases
//! assert!(report.passes(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Or ask about one input, and about one format:
//!
//! ```
//! use ecrecheck::{Expr, Fields, Harness, Laws, ScalarInput, examine};
//!
//! let format: Expr = r#"keccak256(purpose + ":" + hex(key))"#.parse()?;
//! let fields = Fields::from_iter([("purpose", "ethereum"), ("key", "ab")]);
//! assert_eq!(format.digest(&fields)?.preimage.unwrap(), b"ethereum:6162");
//!
//! let input = ScalarInput {
//!     digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53".parse()?,
//!     r: "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276".parse()?,
//!     s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83".parse()?,
//!     recovery_id: 0,
//! };
//! let examined = examine(&input.into(), None, Laws::All, Harness::built_in()?);
//! assert!(examined.judged.reference.to_string().starts_with("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
//! assert_eq!(examined.findings, []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//!
//! The names on this page are for users of the library. The modules below are what they are made of, from the
//! ground floor up; they are public for this project's own binary, tests and fuzz targets, and may change with
//! any release. A module imports only from those above it in this list; `tests/it/walls.rs` holds that.
//!
//! | module | what lives there |
//! |---|---|
//! | [`input`] | what is asked: bytes, keys, wire signatures, and the inputs of the three surfaces |
//! | [`mod@reference`] | recovery as SEC 1 states it, and the right answer to an input |
//! | [`mod@format`] | format expressions, their functions, known formats |
//! | [`subject`] | the implementations under test |
//! | [`judge`] | facts, divergences, laws, verdicts, findings |
//! | [`corpus`] | the files: cases, formats, divergences, the investigation |
//! | [`generate`] | strategies: from bytes to inputs |
//! | [`run`] | check, fuzz, selftest, conformance |
//! | [`report`] | results in words, as JSON, and as reproducers |
//! | [`fuzz_target`] | what a coverage-guided fuzzer runs |
//! | `outsider` | feature `outsiders`: subjects outside this process: programs, nodes, shared libraries |
//! | `identify` | feature `identify`: the search for what was signed |
//! | `dstack` | feature `dstack`: dstack's chains, and audits of contracts that verify them |

pub mod corpus;
#[cfg(feature = "dstack")]
pub mod dstack;
pub mod format;
pub mod fuzz_target;
pub mod generate;
#[cfg(feature = "identify")]
pub mod identify;
pub mod input;
pub mod judge;
#[cfg(feature = "outsiders")]
pub mod outsider;
pub mod reference;
pub mod report;
pub mod run;
pub mod subject;

pub use corpus::{Corpus, CorpusError};
pub use format::{Expr, Fields, KnownFormat};
pub use input::bytes::{Bytes, Word};
pub use input::key::{Address, PublicKey};
pub use input::{CallInput, Input, PrehashInput, ScalarInput, Surface};
pub use judge::fact::Fact;
pub use judge::finding::{Culprit, Fault, Finding};
pub use judge::law::Laws;
pub use judge::{Divergence, Harness, examine};
pub use run::conformance::{Check, ConformanceError, ConformanceReport, check, check_crypto};
pub use subject::{Identity, Outcome, Subject, all as subjects};

/// Every fuzz target that is compiled in. A test holds this list to the files in `fuzz/fuzz_targets/`.
pub fn fuzz_targets() -> Vec<&'static fuzz_target::FuzzTarget> {
    let groups: &[&'static [fuzz_target::FuzzTarget]] = &[
        fuzz_target::TARGETS,
        #[cfg(feature = "identify")]
        identify::fuzz_target::TARGETS,
        #[cfg(feature = "dstack")]
        dstack::fuzz_target::TARGETS,
    ];
    groups.iter().copied().flatten().collect()
}
