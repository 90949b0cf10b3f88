//! The crate from outside: one contract for every index, an oracle for the exact one.

mod contract;
mod flat;
mod support;
