//! Which fault the next attempt meets.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::Fault;

/// Which fault the next attempts meet: the queue first, then the model's own, then the general one.
///
/// An attempt is a `POST` to an endpoint of a model, whether it is accepted or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// One fault per attempt, in order, each used once. Default: none.
    pub next: VecDeque<Fault>,
    /// Faults by model, for every attempt on it. Default: none.
    pub models: BTreeMap<String, Fault>,
    /// The fault of every other attempt. Default: `"none"`.
    pub always: Fault,
}

impl Script {
    /// The next fault, if it is one that strikes before a body is read.
    pub(crate) fn take_early(&mut self) -> Option<Fault> {
        let early = |fault: &Fault| matches!(fault, Fault::Refuse | Fault::HangOnAccept);
        match self.next.front() {
            Some(fault) if early(fault) => self.next.pop_front(),
            None if self.models.is_empty() && early(&self.always) => Some(self.always.clone()),
            Some(_) | None => None,
        }
    }

    /// The fault of an attempt on `model`.
    pub(crate) fn take(&mut self, model: &str) -> Fault {
        self.next
            .pop_front()
            .or_else(|| self.models.get(model).cloned())
            .unwrap_or_else(|| self.always.clone())
    }
}
