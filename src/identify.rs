//! Which bytes were signed? A search through message formats, written as format expressions.

pub mod curve;
