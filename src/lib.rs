//! tour
pub mod bytes;
pub mod canary;
pub mod case;
pub mod check;
pub mod corpus;
pub mod fact;
pub mod format;
pub mod hash;
pub mod investigation;
pub mod judge;
pub mod key;
pub mod reference;
pub mod report;
pub mod signature;
pub mod subject;
