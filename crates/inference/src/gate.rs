//! Where money is asked before more of it may be spent.

use crate::{AttemptRecord, Candidate};

/// Asked before every attempt after the first. Money itself stays outside this crate.
pub trait Gate: Send {
    /// Whether the next attempt may be made; `false` ends the request with the failure at hand.
    fn allow(&mut self, question: GateQuestion<'_>) -> impl Future<Output = bool> + Send;

    /// Told who may bill from now on: before each request who gets it, and nobody after one that is
    /// not billed.
    fn at_stake(&mut self, _with: Option<&Candidate>) {}

    /// Told of every attempt that fails.
    fn failed(&mut self, _attempt: &AttemptRecord) {}
}

/// What the gate needs to know.
#[derive(Clone, Copy, Debug)]
pub struct GateQuestion<'a> {
    /// Who failed.
    pub failed: &'a Candidate,
    /// Whether that attempt may be billed all the same.
    pub may_be_billed: bool,
    /// Who would be asked now; the same candidate where it is tried again.
    pub next: &'a Candidate,
}

/// A gate that is always open.
#[derive(Clone, Copy, Debug)]
pub struct OpenGate;

impl Gate for OpenGate {
    async fn allow(&mut self, _question: GateQuestion<'_>) -> bool {
        true
    }
}
