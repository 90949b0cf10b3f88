//! The crate from outside: small models made on the spot, and the real one where it is installed.

mod files;
mod fixture;
mod oracle;
mod real;
mod synthetic;
