//! What an operator can do, in the daemon or without one.

mod command;
mod error;
mod files;
mod outcome;
mod status;
mod store;

use std::path::Path;
use std::time::Duration;

use budget::NewKey;
use inference::Inference;
use secrecy::ExposeSecret;
use types::{Clock, Principal};

pub use budget::{
    AccountId, AccountKind, AccountStatus, GroupBy, KeyRecord, Unreconciled, Usage, Window,
};
pub use command::{Command, CreateKey};
pub use error::OperatorError;
pub use files::{Schemas, backup_files, migrate, restore, schemas, verify};
pub use outcome::Outcome;
pub use status::{ProviderStatus, Status, TierStatus};
pub use storage::QueryPlan;
pub use store::Store;

use crate::Gateway;
use crate::config::Config;

/// Carries out commands on an open data directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Operator {
    store: Store,
    running: Option<Running>,
}

/// Tells what a start would refuse of a configuration whose options are good each by itself.
///
/// # Errors
/// What the providers' settings say.
pub fn check(config: &Config) -> Result<(), OperatorError> {
    Inference::new(config.inference.clone(), Clock::system())?;
    Ok(())
}

/// The gateway that runs on the data directory.
#[derive(Clone, Debug)]
pub struct Running {
    /// Answers requests.
    pub gateway: Gateway,
    /// Where it listens.
    pub address: std::net::SocketAddr,
}

impl Operator {
    /// An operator of `store`; in a daemon, of what runs on it as well.
    pub fn new(store: Store, running: Option<Running>) -> Self {
        Self { store, running }
    }

    /// Carries out one command.
    ///
    /// # Errors
    /// What the ledger or the files say; then nothing has changed.
    pub async fn execute(&self, command: Command) -> Result<Outcome, OperatorError> {
        let (ledger, keys) = (self.store.ledger(), self.store.keys());
        Ok(match command {
            Command::Status => Outcome::Status(Box::new(self.status())),
            Command::CreateKey(new) => {
                let (record, key) = keys.create(new_key(new)).await?;
                Outcome::KeyCreated { record, key: key.expose_secret().to_owned() }
            }
            Command::ListKeys => Outcome::Keys(keys.list()),
            Command::RotateKey { id, grace_seconds } => {
                let grace = Duration::from_secs(grace_seconds);
                let (record, key) = keys.rotate(&id, grace).await?;
                Outcome::KeyCreated { record, key: key.expose_secret().to_owned() }
            }
            Command::RevokeKey { id } => {
                keys.revoke(&id).await?;
                Outcome::Done
            }
            Command::ShowBudget => Outcome::Accounts(ledger.accounts()),
            Command::SetBudget { account, limit } => {
                ledger.set_limit(&account, limit).await?;
                Outcome::Accounts(vec![ledger.account(&account)])
            }
            Command::ListUnreconciled => Outcome::Unreconciled(ledger.unreconciled()?),
            Command::Reconcile { id, actual } => {
                ledger.reconcile(id, actual).await?;
                Outcome::Done
            }
            Command::Usage { by, month } => self.usage(by, month)?,
            Command::Backup { target } => self.backup(&target)?,
        })
    }

    fn usage(&self, by: budget::GroupBy, month: Option<Window>) -> Result<Outcome, OperatorError> {
        let ledger = self.store.ledger();
        let month = month.unwrap_or_else(|| ledger.window());
        Ok(Outcome::Usage { month, lines: ledger.report(by, month, None)? })
    }

    fn backup(&self, target: &Path) -> Result<Outcome, OperatorError> {
        files::backup_files(&self.store, target)?;
        Ok(Outcome::Done)
    }

    fn status(&self) -> Status {
        status::status(&self.store, self.running.as_ref())
    }
}

fn new_key(new: CreateKey) -> NewKey {
    NewKey {
        principal: Principal {
            tenant: new.tenant,
            team: new.team,
            project: new.project,
            developer: new.developer,
            key: None,
        },
        models: (!new.models.is_empty()).then_some(new.models),
        lifetime: new.lifetime_seconds.map(Duration::from_secs),
    }
}
