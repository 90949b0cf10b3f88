//! Who is asked, while they are.

use inference::{AttemptRecord, Candidate, Gate, GateQuestion};

use super::admit::Call;
use super::bill::Bill;
use super::tell::{self, Seen};
use crate::Parts;

/// The bill as the gate of attempts, each of which is seen, so that a request that is left while a
/// provider is asked can be told of.
pub(super) struct Asking<'a, 'b> {
    pub(super) parts: &'a Parts,
    pub(super) call: &'a Call,
    pub(super) bill: &'a mut Bill<'b>,
    pub(super) seen: &'a mut Seen,
}

impl Gate for Asking<'_, '_> {
    async fn allow(&mut self, question: GateQuestion<'_>) -> bool {
        self.bill.allow(question).await
    }

    fn at_stake(&mut self, with: Option<&Candidate>) {
        self.bill.at_stake(with);
        if self.call.telling.is_some() {
            let now = tell::since(self.parts, self.call);
            self.seen.asked = with.map(|candidate| (candidate.clone(), now));
        }
    }

    fn failed(&mut self, attempt: &AttemptRecord) {
        if self.call.telling.is_some() {
            self.seen.asked = None;
            self.seen.attempts.push(attempt.clone());
        }
    }
}
