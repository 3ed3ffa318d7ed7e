//! What the crate and its command line promise, one module a subject.
//!
//! One binary, so that the crate's dependencies are linked once. `tests/` beside it has what these tests read:
//! contracts, and code that was printed for other projects.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod anvil;
mod audit;
mod audit_input;
mod chain;
mod ci;
mod cli;
mod conformance;
mod corpus;
mod demonstration;
mod deployed;
mod digests;
mod door;
mod dstack;
mod emitted;
mod evm_call;
mod expressions;
mod facts;
mod fuzzing;
mod identify;
mod keys;
mod library;
mod lockfile;
mod memory;
mod misbehaviour;
mod node;
mod outsiders;
mod own_corpus;
mod protocol;
mod recover;
mod reference;
mod registry;
mod replay;
mod reports;
mod sdk;
mod secrets;
mod serve;
mod serve_life;
mod served;
mod serving;
mod snapshots;
mod suggest;
mod support;
mod survey;
mod targets;
mod verifiers;
mod walls;
