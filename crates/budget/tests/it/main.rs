//! The ledger over a real file, its threads, its crashes and its losses of power.
#![cfg(test)]

mod cancel;
mod concurrency;
mod keys;
mod kill;
mod model;
mod power;
mod reports;
mod rig;
