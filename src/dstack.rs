//! dstack's keys and signatures, end to end: who derives what, and who signs what.
//!
//! ```text
//!   KMS root ──derives──> app key ──derives──> derived key
//!      │                     │
//!      │                     └─ signs the claim:    keccak256(purpose + ":" + hex(compressed(derived_key)))
//!      └─ signs the app key: keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
//! ```
//!
//! The two signatures and the keys that they speak of are a [`Proof`](chain::Proof). [`chain::verify`] says
//! what a verifier must say of one, which is also what our contract says.

pub mod chain;
