//! Reports: what came out, for people and for programs.

pub mod emit;
pub mod json;
pub mod reproducer;
pub mod text;
