//! dstack's chains of keys: derivation, signatures, verification, and audits of contracts that verify them.
//! Use: `docs/dstack.md`.
//!
//! ```text
//!   KMS root ──derives──> app key ──derives──> derived key
//!      │                     │
//!      │                     └─ signs the claim:   keccak256(purpose + ":" + hex(compressed(derived_key)))
//!      └─ signs the app key: keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
//! ```
//!
//! An app has its key and the root's signature of it in [`AppKeys`] (`appkeys.json`); the guest agent answers
//! GetKey with a [`KeyResponse`]: a derived key, the claim, and the root's signature passed on. The public part
//! of both is a [`Proof`], which is what a verifier receives. [`chain::verify`] names its first
//! fault, in the same order as our contract ([`registry`]).
//!
//! ```
//! use ecrecheck::dstack::{AppKeys, chain::verify, test_key};
//!
//! let root = test_key::of_label("docs")?;
//! let app_keys = AppKeys::issue(&root, &[0x11; 20])?;
//! let proof = app_keys.get_key("wallet/0", b"ethereum")?.proof(&[0x11; 20], b"ethereum")?;
//! let verdict = verify(&proof, root.public_key().address(), b"ethereum");
//! assert!(verdict.outcome.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod app_keys;
pub mod audit;
pub mod chain;
pub mod claim;
pub mod defect;
pub mod derivation;
pub mod explain;
pub mod fuzz_target;
pub mod generate;
pub mod guest;
mod issue;
mod json;
pub mod mistake;
pub mod registry;
pub mod secret;
#[cfg(all(unix, feature = "serve"))]
pub mod serve;
pub mod test_key;

pub use app_keys::{AppKeys, KeyProvider, KeyResponse};
pub use chain::Proof;
pub use json::KeyFileError;
pub use secret::{PrivateKey, Secret, SecretError};
