//! Money: accounts with limits, reservations on durable leases, prices, rates, and virtual keys.
//!
//! - Spent and reserved together never pass a limit by a reservation. Only a call that cost more
//!   than its worst case can pass it; that is charged in full, counted and logged.
//! - A reservation ends exactly once, by type: a [`Hold`] that is dropped is released, a [`Sent`]
//!   that is dropped is charged what was metered and at least its floor, and
//!   [`Sent::settle`] consumes it.
//! - A call goes out only on a reservation that is inside a durably granted lease and is written
//!   down, so spend is never counted too low: after a killed process what was in flight is
//!   charged at its worst case, after a power loss the open leases count as spent.
//! - The charges of an account and month add up to what it has spent there, always.
//! - A month that ended stays ended, whatever the clock says afterwards.
//! - A missing price is unknown, never zero. Amounts are integers, their arithmetic is checked,
//!   and a cost is rounded up.
//! - Of a virtual key only a keyed hash is stored.
//!
//! ```
//! use forebay_budget::{
//!     AccountPath, Dispatch, Ledger, LedgerSettings, PriceTable, SCHEMA, Settlement,
//! };
//! use storage::{DataDirectory, Database, Settings};
//! use types::{
//!     Clock, DeveloperId, ModelId, Principal, ProviderId, RequestId, TenantId, TokenCount,
//!     TokenUsage,
//! };
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! let file = Database::open(&folder.path().join("ledger.db"), &SCHEMA, &Settings::default())?;
//! let boot = DataDirectory::boot_id();
//! let ledger = Ledger::open(file, LedgerSettings::default(), boot, Clock::system())?;
//!
//! let (provider, model) = (ProviderId::new("openai")?, ModelId::new("gpt-5-mini")?);
//! let prices = PriceTable::builtin()?;
//! let price = prices.price(&provider, &model).ok_or("unpriced")?;
//! let worst_case = price.worst_case(TokenCount::new(1_000), TokenCount::new(8_192));
//!
//! let ada = Principal {
//!     tenant: TenantId::new("acme")?,
//!     team: None,
//!     project: None,
//!     developer: DeveloperId::new("ada")?,
//!     key: None,
//! };
//! let request = RequestId::new("r-1")?;
//! let worst_case = worst_case.ok_or("too dear")?;
//! let hold = ledger.reserve(&AccountPath::of(&ada), &request, worst_case).await?;
//! let floor = price.cost(&TokenUsage { input: TokenCount::new(1_000), ..Default::default() });
//! let call = Dispatch {
//!     provider: provider.clone(),
//!     model: model.clone(),
//!     floor: floor.ok_or("too dear")?,
//! };
//! let sent = hold.dispatched(call)?;
//! // … the call goes out and comes back …
//! let usage = TokenUsage {
//!     input: TokenCount::new(900),
//!     output: TokenCount::new(200),
//!     ..TokenUsage::default()
//! };
//! let cost = price.cost(&usage).ok_or("too dear")?;
//! sent.settle(Settlement { cost, usage, provider, model }).await?;
//! assert!(ledger.accounts().iter().all(|account| account.spent == cost));
//! ledger.close().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod account_id;
mod account_kind;
mod account_path;
mod account_status;
mod book;
mod charge_kind;
mod charged;
mod core;
mod error;
mod free_answer;
mod hold;
mod journal;
mod key_record;
mod keys;
mod ledger;
mod ledger_settings;
mod price;
mod price_table;
mod rate_limiter;
mod rate_limits;
mod reconcile;
mod report;
mod reservation;
mod schema;
mod sent;
mod settled;
mod statistics;
mod token_bucket;
mod window;

pub use account_id::AccountId;
pub use account_kind::AccountKind;
pub use account_path::AccountPath;
pub use account_status::AccountStatus;
pub use charge_kind::ChargeKind;
pub use charged::Charged;
pub use error::Error;
pub use free_answer::FreeAnswer;
pub use hold::{Dispatch, Hold};
pub use key_record::{KeyRecord, NewKey};
pub use keys::{KEY_PREFIX, KeyStore};
pub use ledger::Ledger;
pub use ledger_settings::LedgerSettings;
pub use price::{Listed, Price, TierProblem};
pub use price_table::PriceTable;
pub use rate_limiter::{RateLimiter, RateStanding, TokensReserved};
pub use rate_limits::{RateKind, RateLimit, RateLimits};
pub use reconcile::Unreconciled;
pub use report::{GroupBy, Usage};
pub use schema::SCHEMA;
pub use sent::{Sent, Settlement};
pub use settled::Settled;
pub use statistics::Statistics;
pub use window::{Window, WindowError};
