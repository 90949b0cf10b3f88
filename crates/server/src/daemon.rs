//! A gateway that runs: its listener, its control socket, and the order in which they stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use orchestrator::config::Config;
use orchestrator::operator::{Operator, Running, Store};
use orchestrator::{Gateway, Parts};
use telemetry::{Exporter, Otlp, names};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::Clock;

use crate::{Agents, Api, ControlSocket, Error, Listener, ListenerSettings, RequestIds, router};

/// How often recorded samples are folded into their histograms.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// A running gateway. Dropped without [`stop`](Self::stop), it ends without draining.
#[derive(Debug)]
pub struct Daemon {
    address: SocketAddr,
    gateway: Gateway,
    operator: Operator,
    store: Store,
    /// What it was started with.
    config: Box<Config>,
    otlp: Option<Otlp>,
    stop: CancellationToken,
    listener: JoinHandle<usize>,
    tasks: TaskTracker,
}

impl Daemon {
    /// Opens the data directory and listens. `seed` is random and makes this gateway's request
    /// names its own.
    ///
    /// # Errors
    /// [`Error::Unprotected`] beyond loopback without keys; whatever cannot be opened or bound.
    pub async fn start(config: &Config, clock: Clock, seed: u64) -> Result<Self, Error> {
        let warm_up = tokio::task::spawn_blocking(orchestrator::warm_up);
        let store = Store::open(config, clock)?;
        let listen = config.server.listen;
        let is_loopback = listen.ip().is_loopback();
        if !is_loopback && store.keys().list().is_empty() {
            return Err(Error::Unprotected { address: listen });
        }
        let keyless = is_loopback && !config.server.require_keys;
        let otlp = config.telemetry.clone().map(|settings| Otlp::start(settings, seed));
        let otlp = otlp.transpose()?;
        let gen_ai = otlp.as_ref().map(|otlp| Arc::clone(otlp.gen_ai()));
        let gateway = Gateway::new(Parts::open(config, &store, keyless, gen_ai)?);
        let exporter = Exporter::install()?;
        let listener = Listener::bind(listener_settings(config)).await?;
        let control = ControlSocket::bind(store.path())?;
        let address = listener.address();
        let running = Running { gateway: gateway.clone(), address };
        let operator = Operator::new(store.clone(), Some(running));
        let request_ids = RequestIds::new(seed);
        let agents = Agents::new(gateway.clone(), request_ids.clone(), listen.ip());
        let api = Api {
            gateway: gateway.clone(),
            agents: agents.clone(),
            exporter: exporter.clone(),
            request_ids: request_ids.clone(),
            body_bytes_max: config.server.body_bytes_max,
            body_read: Duration::from_secs(config.server.body_read_seconds),
        };
        gateway.prewarm_knowledge();
        warm_up.await.map_err(|source| Error::Panicked { source })?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let listener = tasks.spawn(listener.serve(router(api), request_ids, stop.clone()));
        tasks.spawn(control.serve(operator.clone(), agents, stop.clone()));
        tasks.spawn(keep_up(exporter, stop.clone()));
        let config = Box::new(config.clone());
        Ok(Self { address, gateway, operator, store, config, otlp, stop, listener, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Carries out commands on it.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// Changes what can change while it runs to what `config` says, at once and without cutting a
    /// request: providers, chain, resilience, prices, limits, what may be cached and who is asked
    /// about knowledge. Returns the sections that are otherwise in `config` and take a new start.
    ///
    /// # Errors
    /// What a start would refuse; then everything stays as it was.
    pub fn reload(&self, config: &Config) -> Result<Vec<&'static str>, Error> {
        self.gateway.configure(config)?;
        counter!(names::RELOADS, "outcome" => "done").increment(1);
        Ok(self.config.needs_start(config))
    }

    /// Notes that a configuration was refused and that everything stays as it was.
    pub fn keep_configuration(&self, reason: &(dyn std::error::Error + 'static)) {
        counter!(names::RELOADS, "outcome" => "refused").increment(1);
        let reason = types::chain(reason);
        tracing::error!(reason, "the configuration is not used; the one before stays");
    }

    /// Takes no new request, lets open ones end within the drain time, cuts the rest, and closes
    /// the files. Returns how many connections were cut.
    ///
    /// # Errors
    /// What could not be written at the end.
    pub async fn stop(self) -> Result<usize, Error> {
        self.stop.cancel();
        let cut = self.listener.await.map_err(|source| Error::Panicked { source })?;
        self.tasks.close();
        self.tasks.wait().await;
        // With every client gone, what is still being fetched is given up and charged.
        self.gateway.drained().await;
        if let Some(otlp) = self.otlp {
            otlp.stop().await;
        }
        self.gateway.parts().cache.flush();
        self.store.close().await?;
        Ok(cut)
    }
}

fn listener_settings(config: &Config) -> ListenerSettings {
    ListenerSettings {
        address: config.server.listen,
        connections_max: config.server.connections_max,
        header_bytes_max: config.server.header_bytes_max,
        header_read: Duration::from_secs(config.server.header_read_seconds),
        write_stall: Duration::from_secs(config.server.write_stall_seconds),
        drain: Duration::from_secs(config.server.drain_seconds),
    }
}

async fn keep_up(exporter: Exporter, stop: CancellationToken) {
    let mut every = tokio::time::interval(UPKEEP_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => exporter.run_upkeep(),
        }
    }
}
