//! The gateway: the list of steps, and what they share.

use std::sync::Arc;

use budget::{AccountPath, AccountStatus, RateStanding};
use bytes::Bytes;
use cache::{Flights, Producer, Turn};
use inference::{ServedModel, guess_input};
use parking_lot::RwLock;
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use types::{Principal, ProjectId, TenantId, TokenCount};
use wire::{Operation, Protocol, Request};

use crate::config::Config;
use crate::item::Item;
use crate::operator::OperatorError;
use crate::outgoing::{Live, Outgoing};
use crate::parts::local_developer;
use crate::steps::{self, Admitted, Call, Caller, End, Found, Missed, Reserved, record};
use crate::{DocumentBody, Error, Incoming, Parts};

/// Answers requests. Cheap to clone; all clones are one gateway.
#[derive(Clone)]
pub struct Gateway {
    parts: Arc<RwLock<Arc<Parts>>>,
    flights: Arc<Flights<Item>>,
    tasks: TaskTracker,
}

/// Why requests cannot be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// A stop was asked for.
    #[error("stopping")]
    Stopping,
    /// No provider of the chain can be used.
    #[error("no provider can be used; `forebay config check` says why")]
    NoProvider,
    /// Every breaker is open.
    #[error("every provider is resting after failures")]
    AllResting,
}

impl Gateway {
    /// Wires the parts together.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(RwLock::new(Arc::new(parts))),
            flights: Arc::new(Flights::new()),
            tasks: TaskTracker::new(),
        }
    }

    /// What it is made of now. Whoever asks keeps it over a change of the configuration.
    pub fn parts(&self) -> Arc<Parts> {
        Arc::clone(&self.parts.read())
    }

    /// Changes everything that can change while it runs to what `config` says, at once. Requests
    /// that are being answered go on as they began.
    ///
    /// # Errors
    /// What a start would refuse of the providers; then nothing has changed.
    pub fn configure(&self, config: &Config) -> Result<(), OperatorError> {
        let parts = self.parts().with_config(config)?;
        parts.rates.set_limits(config.rate_limits.clone());
        *self.parts.write() = Arc::new(parts);
        Ok(())
    }

    /// Who asks; to be known before anything of the request's body is read.
    pub fn identify(&self, credential: Option<&SecretString>) -> Result<Principal, Error> {
        steps::identify(&self.parts(), credential)
    }

    /// The built-in developer of a tenant: on whose behalf the owner of the data directory acts.
    pub fn owner(tenant: TenantId, project: Option<ProjectId>) -> Principal {
        Principal { tenant, project, ..local_developer() }
    }

    /// Where the accounts stand that `principal` charges, the nearest first.
    pub fn accounts(&self, principal: &Principal) -> Vec<AccountStatus> {
        let parts = self.parts();
        let ledger = &parts.ledger;
        let path = AccountPath::of(principal);
        path.accounts().iter().map(|account| ledger.account(account)).collect()
    }

    /// Where a tenant stands with its limits a minute; only what is limited.
    pub fn rates(&self, tenant: &TenantId) -> Vec<RateStanding> {
        self.parts().rates.standing(tenant)
    }

    /// Does work that may block on a thread of its own; a stop waits for it.
    pub(crate) fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.tasks.spawn_blocking(work)
    }

    /// Whether nothing new is begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.tasks.is_closed()
    }

    /// A guess at the tokens of a request in Anthropic's protocol; asks no provider.
    pub async fn count_tokens(&self, body: Bytes) -> Result<TokenCount, Error> {
        let request = Request::decode_count(body)?;
        let guessed = self.spawn_blocking(move || guess_input(&request)).await;
        guessed.map_err(|_| Error::GivenUp)
    }

    /// Answers one request, or says why not.
    pub async fn answer(&self, incoming: Incoming) -> Result<Outgoing, Error> {
        let caller = Caller::of(&self.parts(), &incoming);
        self.answer_caller(&caller, incoming).await
    }

    pub(crate) async fn answer_caller(
        &self,
        caller: &Caller,
        incoming: Incoming,
    ) -> Result<Outgoing, Error> {
        let answered = self.try_answer(&self.parts(), caller, incoming).await;
        answered.inspect_err(|error| caller.unanswered(error))
    }

    async fn try_answer(
        &self,
        parts: &Arc<Parts>,
        caller: &Caller,
        mut incoming: Incoming,
    ) -> Result<Outgoing, Error> {
        if self.is_stopping() {
            return Err(Error::GivenUp);
        }
        let trimmed = steps::trim(&mut incoming).await?;
        let outgoing = match steps::admit(parts, caller, incoming)? {
            Admitted::Call(call) => {
                let call = Arc::from(call);
                caller.admitted(&call);
                self.answer_call(parts, caller, &call).await?
            }
            Admitted::Local(call) => {
                let outgoing = steps::embed(parts, call).await?;
                caller.ended(End::well("answered"));
                outgoing
            }
        };
        Ok(Outgoing { trimmed, ..outgoing })
    }

    async fn answer_call(
        &self,
        parts: &Arc<Parts>,
        caller: &Caller,
        call: &Arc<Call>,
    ) -> Result<Outgoing, Error> {
        let missed = match steps::look_up(parts, call)? {
            Found::Hit(hit) => return steps::replay(parts, caller, call, &hit),
            Found::Missed(missed) => missed,
        };
        let mut seat = match missed.key {
            Some(key) if missed.shared => self.flights.join(key),
            _ => Flights::solo(),
        };
        let mut led = false;
        loop {
            match seat.next().await {
                Turn::Lead(lead) => {
                    if let Some(hit) = steps::look_again(parts, call, &missed) {
                        return steps::replay(parts, caller, call, &hit);
                    }
                    let reserved = steps::reserve(parts, call).await?;
                    led = true;
                    let producer = lead.take_off();
                    self.fetch(parts, (call, &missed), reserved, (caller.clone(), producer));
                }
                Turn::Item(Item::Opened(source)) => {
                    let (call, parts) = (Arc::clone(call), Arc::clone(parts));
                    let caller = caller.clone();
                    let live = Live { caller, call, missed, seat, source, led, parts };
                    return live.into_outgoing().await;
                }
                Turn::Item(Item::Failed(error)) => {
                    return Err(Error::Shared(error));
                }
                Turn::Item(Item::Piece(_) | Item::Complete(_)) | Turn::Landed | Turn::Lost => {
                    return Err(Error::GivenUp);
                }
            }
        }
    }

    /// Counts a request for an answer that never came to [`answer`](Self::answer).
    pub fn refused(&self, protocol: Protocol, operation: Operation) {
        record::outcome(&self.parts(), record::label(operation, protocol), "refused");
    }

    /// Fetches an answer in a task of its own, so that whoever asked first may leave.
    fn fetch(
        &self,
        parts: &Arc<Parts>,
        (call, missed): (&Arc<Call>, &Missed),
        reserved: Reserved,
        (caller, producer): (Caller, Producer<Item>),
    ) {
        let (parts, call, missed) = (Arc::clone(parts), Arc::clone(call), missed.clone());
        self.tasks.spawn(async move {
            steps::produce(&parts, &call, &missed, reserved, (caller, producer)).await;
        });
    }

    /// Analyses one document, which is kept nowhere and logged nowhere. Whoever asks must be
    /// [identified](Self::identify) before.
    pub async fn analyze(
        &self,
        body: bytes::Bytes,
        kind: DocumentBody,
    ) -> Result<::analysis::Report, Error> {
        if self.is_stopping() {
            return Err(Error::GivenUp);
        }
        self.parts().documents.analyze(body, kind).await
    }

    /// The models that whoever shows `credential` may ask for, and who serves them.
    pub fn models(&self, credential: Option<&SecretString>) -> Result<Vec<ServedModel>, Error> {
        let principal = self.identify(credential)?;
        let parts = self.parts();
        let permitted = |model: &ServedModel| {
            let asked = model.id.as_str();
            let route = parts.inference.route(asked);
            route.is_ok_and(|route| steps::may_ask(&parts, &principal, asked, &route))
        };
        let mut models: Vec<_> = parts.served_models().into_iter().filter(permitted).collect();
        if let Some(local) = parts.local_embeddings.served() {
            models.retain(|model| model.id != local.id);
            models.push(local.clone());
        }
        Ok(models)
    }

    /// Whether requests can be answered; if not, why.
    pub fn readiness(&self) -> Result<(), Unready> {
        if self.tasks.is_closed() {
            return Err(Unready::Stopping);
        }
        let health = self.parts().inference.health();
        if health.is_empty() {
            return Err(Unready::NoProvider);
        }
        if health.iter().all(|provider| provider.wait.is_some()) {
            return Err(Unready::AllResting);
        }
        Ok(())
    }

    /// Answers that are being fetched, and actions on what is known.
    pub fn in_flight(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until all that is in flight has ended; takes no new request from now on.
    pub async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.parts().embedding_batches.drained().await;
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Gateway")
            .field("in_flight", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
