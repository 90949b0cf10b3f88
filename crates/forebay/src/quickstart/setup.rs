//! Configuration, keys and budgets of the demonstration.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use orchestrator::config::ConfigFile;
use orchestrator::operator::{AccountId, Command, CreateKey, Outcome};
use server::Daemon;
use types::{DeveloperId, Microdollars, TenantId};

use super::client::Client;
use super::workload::{CLIENTS, MODEL};

/// What each client may spend: a dollar.
const LIMIT: Microdollars = Microdollars::new(1_000_000);

/// A configuration as one would write it for a local provider, with a price to have something to
/// count.
pub(super) fn config(directory: &Path, simulator: SocketAddr) -> anyhow::Result<ConfigFile> {
    let directory = toml::Value::try_from(directory)?;
    let text = format!(
        r#"
chain = ["local"]

[server]
listen = "127.0.0.1:0"
require_keys = true

[data]
directory = {directory}

[providers.local]
base_url = "http://{simulator}/v1"
allow_plain_http = true
allow_private_addresses = true
serves = ["{MODEL}"]

[[prices]]
provider = "local"
model = "{MODEL}"
input_usd = "0.25"
output_usd = "2"
"#
    );
    toml::from_str(&text).context("the demonstration's own configuration")
}

/// A key and a budget for each client.
pub(super) async fn clients(daemon: &Daemon) -> anyhow::Result<Vec<Client>> {
    let operator = daemon.operator();
    let tenant = TenantId::new("default")?;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let developer = DeveloperId::new(&format!("client-{number:02}"))?;
        let account = AccountId::developer(&tenant, &developer);
        operator.execute(Command::SetBudget { account, limit: Some(LIMIT) }).await?;
        let create = CreateKey {
            tenant: tenant.clone(),
            team: None,
            project: None,
            developer,
            models: Vec::new(),
            lifetime_seconds: None,
        };
        let outcome = operator.execute(Command::CreateKey(create)).await?;
        let Outcome::KeyCreated { key, .. } = outcome else {
            anyhow::bail!("a key was asked for and something else came");
        };
        clients.push(Client::new(number, daemon.address(), key)?);
    }
    Ok(clients)
}

/// The lines that send a first request by hand.
pub(super) fn first_request(gateway: SocketAddr, clients: &[Client]) -> String {
    let key = clients.first().map_or("", Client::key);
    format!(
        r#"
A first request with curl:

  curl http://{gateway}/v1/chat/completions -H 'authorization: Bearer {key}' -H 'content-type: application/json' \
    -d '{{"model": "{MODEL}", "messages": [{{"role": "user", "content": "Hello"}}]}}'

And with an SDK:

  client = openai.OpenAI(base_url="http://{gateway}/v1", api_key="{key}")
  client.chat.completions.create(model="{MODEL}", messages=[{{"role": "user", "content": "Hello"}}])"#
    )
}
