//! The threads that compute, and what waits before them.
//!
//! Everyone who waits has a [`Job`]. The queue hands out turns: whoever's turn it is gets one step,
//! which is to cut some of its texts into tokens or to compute one batch, and goes to the end of the
//! line. So a question does not wait for a whole book.

mod job;
mod lane;
mod queue;

pub(crate) use lane::Lane;
pub(crate) use queue::Queue;
