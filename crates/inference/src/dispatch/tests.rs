//! Whole dispatches in virtual time: only the way to the provider is replaced.

mod outage;
mod overload;
mod waits;
mod world;
