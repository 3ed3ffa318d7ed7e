//! tour
pub mod bytes;
pub mod canary;
pub mod case;
pub mod fact;
pub mod format;
pub mod hash;
pub mod judge;
pub mod key;
pub mod reference;
pub mod signature;
pub mod subject;
