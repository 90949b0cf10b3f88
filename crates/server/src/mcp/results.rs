//! What tools give back. The words about a field are what an agent reads.

mod answers;
mod budget;
mod documents;
mod items;

pub(super) use answers::{Added, Answered, Classified, Learned};
pub(super) use budget::Budget;
pub(super) use documents::Analysed;
pub(super) use items::{Found, FoundItem, Known, KnownItem, Updated};

/// Three decimals say all that an agent can use.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
