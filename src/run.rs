//! Running: cases through every subject, and the proofs that this notices.

pub mod check;
pub mod conformance;
pub mod digests;
pub mod evm_call;
pub mod fuzz;
pub mod minimal;
pub mod planted;
pub mod selftest;
pub mod suggest;
pub mod survey;
