//! Differential conformance harness for secp256k1 public-key recovery.
//!
//! Recovery never fails loudly: over the wrong message, or in the wrong encoding, it gives a plausible
//! wrong address. This crate holds implementations ([`subject`]) to an independent [`mod@reference`] and to
//! each other, over a [`corpus`] of signatures and inputs that reach the places where they can differ, and
//! it treats message formats as data ([`mod@format`]): written down, evaluated, pinned by snapshots.
//!
//! One direction, no back and forth:
//!
//! ```text
//!        corpus (TOML)
//!             |
//!             v
//!   Case  = fields -> format -> preimage -> digest, and r, s, recovery id
//!             |
//!             +------------> subject::*  -> Outcome
//!             +------------> reference   -> key, or the reason why there is none
//!             +------------> fact        -> which classes the input is in
//!                                 |
//!                                 v
//!                  judge, under the documented divergences
//!                                 |
//!                agreed | documented | unsupported | finding
//!                                 v
//!                  check -> report, snapshot, exit status
//! ```
//!
//! ```
//! use ecrecheck::input::{Input, ScalarInput};
//! use ecrecheck::judge::{Verdict, judge};
//!
//! let input = Input::from(Scalar {
//!     digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53".parse()?,
//!     r: "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276".parse()?,
//!     s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83".parse()?,
//!     recovery_id: 0,
//! });
//! let judged = judge(&input, ecrecheck::subject::all()?, &[]);
//! assert!(judged.reference.to_string().starts_with("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
//! assert!(judged.subjects.iter().all(|(_, _, verdict)| *verdict == Verdict::Agreed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub mod reference;
pub mod report;
pub mod run;
pub mod subject;

/// Every fuzz target that is compiled in. A test holds this list to the files in `fuzz/fuzz_targets/`.
pub fn fuzz_targets() -> Vec<&'static fuzz_target::Target> {
    let groups: &[&'static [fuzz_target::Target]] = &[
        fuzz_target::TARGETS,
        #[cfg(feature = "identify")]
        identify::fuzz_target::TARGETS,
        #[cfg(feature = "dstack")]
        dstack::fuzz_target::TARGETS,
    ];
    groups.iter().copied().flatten().collect()
}
