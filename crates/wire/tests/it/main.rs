//! The protocols at the crate's boundary: recorded streams, splices, translations, rubbish.
#![cfg(test)]

mod bodies;
mod model;
mod recording;
mod rubbish;
mod splices;
mod transcripts;
mod translation;
