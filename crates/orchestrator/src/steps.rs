//! The steps of a request, in order.

mod admit;
mod bill;
mod look_up;
mod produce;
pub(crate) mod record;
mod reserve;
mod store;

pub(crate) use admit::{Call, admit, identify};
pub(crate) use look_up::{Found, Missed, look_again, look_up, replay};
pub(crate) use produce::produce;
pub(crate) use reserve::{Reserved, reserve};
