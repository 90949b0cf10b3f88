//! The crate from outside: small models made on the spot, and the real one where it is installed.
#![cfg(test)]

mod files;
mod fixture;
mod oracle;
mod real;
mod synthetic;
