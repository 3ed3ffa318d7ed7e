//! tour
pub mod bytes;
pub mod canary;
pub mod case;
pub mod hash;
pub mod key;
pub mod reference;
pub mod subject;
