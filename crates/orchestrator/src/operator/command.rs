//! What can be asked for, as it crosses the control socket.

use std::path::PathBuf;

use budget::{AccountId, GroupBy, Window};
use serde::{Deserialize, Serialize};
use types::{DeveloperId, KeyId, Microdollars, ModelId, ProjectId, TeamId, TenantId};

/// One thing that an operator wants done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// What runs and how it is.
    Status,
    /// Make a key.
    CreateKey(CreateKey),
    /// All keys, without their secrets.
    ListKeys,
    /// Put a new key in the place of one.
    RotateKey {
        /// The key's public id.
        id: KeyId,
        /// How long the old one stays good.
        grace_seconds: u64,
    },
    /// End a key at once.
    RevokeKey {
        /// The key's public id.
        id: KeyId,
    },
    /// Every account that has a limit or was charged this month.
    ShowBudget,
    /// Set or lift a limit.
    SetBudget {
        /// Whose.
        account: AccountId,
        /// None lifts it.
        limit: Option<Microdollars>,
    },
    /// Charges that a recovery made at their worst case.
    ListUnreconciled,
    /// Put what the provider billed in the place of such a charge.
    Reconcile {
        /// The charge.
        id: i64,
        /// What was billed.
        actual: Microdollars,
    },
    /// What was used.
    Usage {
        /// What a line is.
        by: GroupBy,
        /// None is this month.
        month: Option<Window>,
    },
    /// Copy keys, ledger and knowledge.
    Backup {
        /// An absolute path at which there is nothing.
        target: PathBuf,
    },
}

/// A key that is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// The organisation.
    pub tenant: TenantId,
    /// The developer's team.
    pub team: Option<TeamId>,
    /// The project that its use is counted against.
    pub project: Option<ProjectId>,
    /// Who will use it.
    pub developer: DeveloperId,
    /// The models it may ask for; empty is all.
    pub models: Vec<ModelId>,
    /// How long it is good; none is for ever.
    pub lifetime_seconds: Option<u64>,
}
