//! The steps of a request, in order.

mod admit;
mod asking;
mod bill;
mod caller;
mod embed;
mod look_up;
mod missed;
mod produce;
pub(crate) mod record;
mod recording;
mod replay;
mod reserve;
mod session;
mod store;
mod tell;
mod trim;

pub(crate) use admit::{Admitted, Call, admit, identify, may_ask};
pub(crate) use caller::Caller;
pub(crate) use embed::embed;
pub(crate) use look_up::{Found, look_again, look_up};
pub(crate) use missed::Missed;
pub(crate) use produce::produce;
pub(crate) use replay::replay;
pub(crate) use reserve::{Reserved, reserve};
pub(crate) use tell::End;
pub use trim::Trimmed;
pub(crate) use trim::trim;
