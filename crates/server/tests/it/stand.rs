//! A gateway in this process, the providers behind it, and what must hold when it has stopped.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use forebay_server::{Daemon, Error};
use orchestrator::config::{Config, ConfigFile, Environment};
use orchestrator::operator::{AccountStatus, Command, CreateKey, Outcome, Status};
use simulator::{Authentication, Counts, Simulator, SimulatorSettings};
use tempfile::TempDir;
use types::{Clock, ManualClock, Timestamp};
use wire::{Protocol, ProviderProtocol};

use crate::client::Client;

pub(crate) const OPENAI: Protocol = Protocol::OpenAiChat;
pub(crate) const ANTHROPIC: Protocol = Protocol::AnthropicMessages;
pub(crate) const RESPONSES: Protocol = Protocol::OpenAiResponses;
pub(crate) const PROTOCOLS: [Protocol; 3] = [OPENAI, RESPONSES, ANTHROPIC];

/// The model that every provider serves unless a plan says otherwise, at 1 micro-dollar for a
/// token of input and 10 for one of output.
pub(crate) const MODEL: &str = "sim";
/// The longest that anything is waited for that is sure to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

/// The key that the gateway shows to a provider.
pub(crate) fn provider_key(provider: usize) -> String {
    format!("sk-provider-{provider}-0123456789abcdefghij")
}

/// What a stand is to be: each line of the configuration is TOML at the top level.
pub(crate) struct Plan {
    providers: Vec<(ProviderProtocol, String)>,
    lines: Vec<String>,
    input_usd: &'static str,
    caches_prefixes: bool,
}

impl Plan {
    /// Providers `p0`, `p1`, … that are tried in this order and serve [`MODEL`].
    pub(crate) fn new<P: Into<ProviderProtocol> + Copy>(protocols: &[P]) -> Self {
        let serves = format!(r#"serves = ["{MODEL}"]"#);
        let providers =
            protocols.iter().map(|protocol| ((*protocol).into(), serves.clone())).collect();
        Self { providers, lines: Vec::new(), input_usd: "1", caches_prefixes: false }
    }

    /// No provider yet.
    pub(crate) fn empty() -> Self {
        Self::new::<Protocol>(&[])
    }

    /// One more provider, with the option that says which models it serves.
    pub(crate) fn and_provider(
        mut self,
        protocol: impl Into<ProviderProtocol>,
        serves: &str,
    ) -> Self {
        self.providers.push((protocol.into(), serves.to_owned()));
        self
    }

    /// One more option, such as `server.require_keys = true`.
    pub(crate) fn with(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// Another price of a million tokens of input, in dollars.
    pub(crate) fn input_costs(self, input_usd: &'static str) -> Self {
        Self { input_usd, ..self }
    }

    /// Providers that tell what they read before as cached.
    pub(crate) fn caching_prefixes(self) -> Self {
        Self { caches_prefixes: true, ..self }
    }

    pub(crate) async fn start(self) -> Stand {
        self.start_with(|_| ()).await
    }

    /// The same, with what no file can say.
    pub(crate) async fn start_with(self, change: impl FnOnce(&mut Config)) -> Stand {
        let directory = tempfile::tempdir().unwrap();
        let mut providers = Vec::new();
        for index in 0..self.providers.len() {
            let authentication = Authentication::Key(provider_key(index));
            let caches_prefixes = self.caches_prefixes;
            let settings = SimulatorSettings {
                authentication,
                caches_prefixes,
                ..SimulatorSettings::default()
            };
            providers.push(Arc::new(Simulator::start(settings).await.unwrap()));
        }
        let mut config = self.config(&providers, directory.path());
        change(&mut config);
        let hand = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
        let daemon = Daemon::start(&config, hand.clock(), 0).await.unwrap();
        Stand { daemon, providers, hand, config, directory }
    }

    /// The configuration as a file would give it.
    pub(crate) fn config(&self, providers: &[Arc<Simulator>], directory: &Path) -> Config {
        let names: Vec<_> = (0..providers.len()).map(|index| format!("p{index}")).collect();
        let mut text = format!("data.directory = {:?}\n", directory.join("data"));
        if !self.lines.iter().any(|line| line.starts_with("chain")) {
            text.push_str(&format!("chain = {names:?}\n"));
        }
        if !self.lines.iter().any(|line| line.starts_with("server.listen")) {
            text.push_str("server.listen = \"127.0.0.1:0\"\n");
        }
        text.extend(self.lines.iter().map(|line| format!("{line}\n")));
        for (index, (simulator, (protocol, serves))) in
            providers.iter().zip(&self.providers).enumerate()
        {
            let (protocol, path) = match protocol {
                ProviderProtocol::OpenAiChat => ("openai-chat", "v1"),
                ProviderProtocol::OpenAiResponses => ("openai-responses", "v1"),
                ProviderProtocol::AnthropicMessages => ("anthropic-messages", "v1"),
                ProviderProtocol::Gemini => ("gemini", "v1beta"),
                ProviderProtocol::Groq => ("groq", "openai/v1"),
            };
            let url = format!("http://{}/{path}", simulator.address());
            text.push_str(&format!(
                "[providers.p{index}]\nprotocol = \"{protocol}\"\nbase_url = \"{url}\"\n{serves}\n\
                 api_key_env = \"P{index}\"\nallow_plain_http = true\n\
                 allow_private_addresses = true\n\
                 [[prices]]\nprovider = \"p{index}\"\nmodel = \"{MODEL}\"\n\
                 input_usd = \"{}\"\noutput_usd = \"10\"\n",
                self.input_usd
            ));
        }
        let file: ConfigFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
        let variable = |name: &str| name.strip_prefix('P')?.parse().ok().map(provider_key);
        file.resolve(Environment { variable: &variable }).unwrap()
    }
}

/// A gateway that runs.
pub(crate) struct Stand {
    pub(crate) daemon: Daemon,
    pub(crate) providers: Vec<Arc<Simulator>>,
    /// Moves the gateway's clock, which stands still otherwise.
    pub(crate) hand: ManualClock,
    config: Config,
    directory: TempDir,
}

impl Stand {
    pub(crate) fn address(&self) -> SocketAddr {
        self.daemon.address()
    }

    /// What it was started with.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.config.data_directory
    }

    /// Changes the configuration to what `plan` says of the same providers. Returns what takes a new
    /// start.
    pub(crate) fn reload(&self, plan: &Plan) -> Result<Vec<&'static str>, Error> {
        self.reload_with(plan, |_| ())
    }

    /// The same, with what no file can say.
    pub(crate) fn reload_with(
        &self,
        plan: &Plan,
        change: impl FnOnce(&mut Config),
    ) -> Result<Vec<&'static str>, Error> {
        let mut config = plan.config(&self.providers, self.directory.path());
        change(&mut config);
        self.daemon.reload(&config)
    }

    /// A client that shows no key, with connections of its own.
    pub(crate) fn client(&self, protocol: Protocol) -> Client {
        Client::new(self.address(), protocol)
    }

    pub(crate) async fn execute(&self, command: Command) -> Outcome {
        self.daemon.operator().execute(command).await.unwrap()
    }

    /// A new key of a developer, valid for all models and for ever.
    pub(crate) async fn key(&self, tenant: &str, developer: &str) -> String {
        self.key_for(new_key(tenant, developer)).await
    }

    pub(crate) async fn key_for(&self, new: CreateKey) -> String {
        let outcome = self.execute(Command::CreateKey(new)).await;
        let Outcome::KeyCreated { key, .. } = outcome else { panic!("{outcome:?}") };
        key
    }

    pub(crate) async fn status(&self) -> Status {
        let outcome = self.execute(Command::Status).await;
        let Outcome::Status(status) = outcome else { panic!("{outcome:?}") };
        *status
    }

    pub(crate) async fn accounts(&self) -> Vec<AccountStatus> {
        accounts(self.daemon.operator()).await
    }

    /// What a developer's account has spent and has reserved, in micro-dollars.
    pub(crate) async fn money(&self, developer: &str) -> (u64, u64) {
        let accounts = self.accounts().await;
        let account = accounts.iter().find(|status| status.account.name() == developer);
        account.map_or((0, 0), |status| (status.spent.get(), status.reserved.get()))
    }

    /// Waits until nothing is in flight and nothing reserved.
    pub(crate) async fn settled(&self) {
        let settled = async {
            loop {
                let status = self.status().await;
                if status.in_flight == 0 && status.reserved.get() == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("something stays in flight");
    }

    /// Waits until a provider has seen this, and returns all that it has seen.
    pub(crate) async fn seen(
        &self,
        provider: usize,
        condition: impl Fn(&Counts) -> bool,
    ) -> Counts {
        let simulator = &self.providers[provider];
        match tokio::time::timeout(PATIENCE, simulator.counts_when(condition)).await {
            Ok(counts) => counts,
            Err(_) => panic!("p{provider} has seen only {:?}", simulator.counts()),
        }
    }

    /// How often each provider was asked for an answer.
    pub(crate) fn attempts(&self) -> Vec<u64> {
        self.providers.iter().map(|provider| provider.counts().attempts()).collect()
    }

    /// Stops the gateway and starts another on the same directory, providers and clock.
    pub(crate) async fn restart(self) -> Self {
        let (stand, cut) = self.restart_and_cut().await;
        assert_eq!(cut, 0, "connections were cut");
        stand
    }

    /// The same where connections may be cut. Returns how many were.
    pub(crate) async fn restart_and_cut(self) -> (Self, usize) {
        let Self { daemon, providers, hand, config, directory } = self;
        let cut = stop_daemon(daemon).await;
        let daemon = Daemon::start(&config, hand.clock(), 1).await.unwrap();
        (Self { daemon, providers, hand, config, directory }, cut)
    }

    /// Stops everything and checks what must hold at the end of every test.
    pub(crate) async fn stop(self) {
        let Self { daemon, providers, directory, .. } = self;
        assert_eq!(stop_daemon(daemon).await, 0, "connections were cut");
        for provider in providers {
            let idle = provider.counts_when(|counts| counts.in_flight == 0);
            tokio::time::timeout(PATIENCE, idle).await.expect("a call goes on without a gateway");
            Arc::into_inner(provider).unwrap().stop().await;
        }
        directory.close().unwrap();
    }
}

async fn stop_daemon(daemon: Daemon) -> usize {
    let operator = daemon.operator().clone();
    let cut = daemon.stop().await.unwrap();
    for status in accounts(&operator).await {
        assert_eq!(status.reserved.get(), 0, "{status:?}");
    }
    cut
}

async fn accounts(operator: &orchestrator::operator::Operator) -> Vec<AccountStatus> {
    let outcome = operator.execute(Command::ShowBudget).await.unwrap();
    let Outcome::Accounts(accounts) = outcome else { panic!("{outcome:?}") };
    accounts
}

pub(crate) fn new_key(tenant: &str, developer: &str) -> CreateKey {
    CreateKey {
        tenant: tenant.parse().unwrap(),
        team: None,
        project: None,
        developer: developer.parse().unwrap(),
        models: Vec::new(),
        lifetime_seconds: None,
    }
}

/// Time that passes.
pub(crate) fn stopwatch() -> Clock {
    Clock::system()
}

/// The memory of this process, in KiB.
pub(crate) fn resident_kib() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}
