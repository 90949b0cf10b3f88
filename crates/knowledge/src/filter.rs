//! Which items are asked for.

use serde::{Deserialize, Serialize};
use types::{ProjectId, Timestamp};

use crate::{Band, Intent, Item, Kind, Status};

/// Which items are asked for; what is not named is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Of this project alone.
    pub project: Option<ProjectId>,
    /// Of this kind alone.
    pub kind: Option<Kind>,
    /// Of this intent alone.
    pub intent: Option<Intent>,
    /// Of this status alone. Default: all but superseded ones, which `as_of` brings back.
    pub status: Option<Status>,
    /// At least as fresh as this.
    pub band: Option<Band>,
    /// Those that held at this moment. Default: those that hold now.
    pub as_of: Option<Timestamp>,
}

impl Filter {
    /// Whether `item` is asked for at `now`.
    pub fn admits(&self, item: &Item, now: Timestamp) -> bool {
        let status = match self.status {
            Some(status) => item.status == status,
            None => self.as_of.is_some() || item.status != Status::Superseded,
        };
        // What was superseded ended then; whoever asks for it by name wants to see it.
        let holds = self.status == Some(Status::Superseded)
            || item.validity.holds_at(self.as_of.unwrap_or(now));
        status
            && holds
            && self.project.as_ref().is_none_or(|project| item.project.as_ref() == Some(project))
            && self.kind.as_ref().is_none_or(|kind| item.kind == *kind)
            && self.intent.is_none_or(|intent| item.intent == Some(intent))
            && self.band.is_none_or(|band| item.freshness(now).band() <= band)
    }
}
