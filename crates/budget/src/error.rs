//! Failures of the budget.

use std::path::PathBuf;
use std::time::Duration;

use types::{Class, Microdollars, ModelId, ProviderId, TenantId};

use crate::{AccountId, RateKind};

/// Why money was refused or could not be accounted for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The account cannot cover the worst case in this window, whatever is released.
    #[error("{account} has {left} left this month and the request may cost {wanted}")]
    Exhausted {
        /// The account nearest to the caller that lacks room.
        account: AccountId,
        /// What is not spent of its limit.
        left: Microdollars,
        /// The worst case of the request.
        wanted: Microdollars,
    },
    /// The account's money is held by requests in flight and may come back.
    #[error(
        "requests in flight hold what {account} has left and the request may cost {wanted}: \
         try again in {} s", retry_after.as_secs()
    )]
    Reserved {
        /// The account nearest to the caller that lacks room.
        account: AccountId,
        /// The worst case of the request.
        wanted: Microdollars,
        /// When to ask again.
        retry_after: Duration,
    },
    /// The tenant has used what a minute allows it.
    #[error("{tenant} may use {limit} {kind} a minute: try again in {} s", retry_after.as_secs() + 1)]
    RateLimited {
        /// Who.
        tenant: TenantId,
        /// What.
        kind: RateKind,
        /// What a minute allows.
        limit: u64,
        /// When to ask again.
        retry_after: Duration,
    },
    /// Nobody knows what the model costs and an account on the path has a limit.
    #[error("no price is known for {model} at {provider}: set one in the configuration")]
    Unpriced {
        /// The provider that would be called.
        provider: ProviderId,
        /// The model that would be called.
        model: ModelId,
    },
    /// The key is unknown, wrong, expired or revoked; which of them is not told.
    #[error("the key is not valid")]
    Unauthorized,
    /// The ledger file could not be read or written; nothing may be spent on its account.
    #[error("could not {operation} in the ledger")]
    Journal {
        /// What was being done, as a verb and its object.
        operation: &'static str,
        /// What the storage said.
        #[source]
        source: storage::Error,
    },
    /// The form of a reservation that was written down is not known.
    #[error("could not {operation} in the ledger: a newer program may have written it")]
    Form {
        /// What was being done, as a verb and its object.
        operation: &'static str,
        /// What is wrong with it.
        #[source]
        source: postcard::Error,
    },
    /// An entry of the price table does not hold together.
    #[error("the price of {entry} cannot be used")]
    Price {
        /// Provider and model.
        entry: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The secret that keys are hashed with cannot be used; without it no key can be checked.
    #[error("the key pepper {} cannot be used: {advice}", path.display())]
    Pepper {
        /// The file.
        path: PathBuf,
        /// What the operator should do.
        advice: &'static str,
        /// What the file system said, where it did.
        #[source]
        source: Option<std::io::Error>,
    },
    /// No such key or charge.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// How it was named.
        id: String,
    },
}

impl Error {
    /// What the caller should do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Exhausted { .. }
            | Self::Unpriced { .. }
            | Self::Unauthorized
            | Self::NotFound { .. } => Class::Caller,
            Self::Reserved { .. } | Self::RateLimited { .. } => Class::Busy,
            Self::Journal { source, .. } => source.class(),
            Self::Form { .. } | Self::Price { .. } | Self::Pepper { .. } => Class::Fault,
        }
    }
}
