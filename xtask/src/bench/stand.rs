//! The simulator and the gateway that are measured. What is known of the binary's commands and
//! configuration stands here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use super::series::Ends;
use crate::process::{self, Companion};

/// The model asked for.
pub(super) const MODEL: &str = "sim-small";
const SIMULATE: [&str; 5] = ["simulate", "--listen", "127.0.0.1:0", "--between-pieces-ms", PACE_MS];
const DEVELOPER: &str = "bench";
/// Requests at once that the gateway sends to the simulator.
pub(super) const REQUESTS_MAX: usize = 512;
/// Milliseconds between two pieces of a stream.
const PACE_MS: &str = "40";
/// The simulator takes any key, but wants one.
pub(super) const KEY: &str = "simulated";
const KEY_VARIABLE: &str = "FOREBAY_SIMULATOR_KEY";

/// A running simulator and a running gateway in front of it, stopped when dropped.
pub(super) struct Stand {
    /// Where they are, and a virtual key whose developer may spend a great deal.
    pub(super) ends: Ends,
    pub(super) gateway: Companion,
    pub(super) simulator: Companion,
    _folder: TempDir,
}

impl Stand {
    pub(super) fn start(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        let forebay = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            command.args(arguments).arg("--json").env(KEY_VARIABLE, KEY);
            command
        };
        let (simulator, direct) = started(&mut forebay(&SIMULATE), "address")?;
        let config = write_config(folder.path(), direct)?;
        let with_config = |arguments: &[&str]| {
            let mut command = forebay(arguments);
            command.arg("--config").arg(&config);
            command
        };
        let (gateway, through) = started(&mut with_config(&["serve"]), "listening")?;
        process::output(&mut with_config(&[
            "budget",
            "set",
            "--developer",
            DEVELOPER,
            "--limit",
            "1000000",
        ]))?;
        let created =
            process::output(&mut with_config(&["keys", "create", "--developer", DEVELOPER]))?;
        let key = member(&created, "key")?;
        let ends = Ends { direct, through, key };
        Ok(Self { ends, gateway, simulator, _folder: folder })
    }
}

/// Starts a program that prints one line of JSON when it is ready; `name` is its address there.
fn started(command: &mut Command, name: &str) -> Result<(Companion, SocketAddr)> {
    let mut companion = Companion::start(command)?;
    let address = member(&companion.line()?, name)?.parse().context("not an address")?;
    Ok((companion, address))
}

fn member(json: &str, name: &str) -> Result<String> {
    let value: Value = serde_json::from_str(json).with_context(|| format!("not JSON: {json}"))?;
    let text = value.get(name).and_then(Value::as_str);
    text.map(ToOwned::to_owned).with_context(|| format!("no {name} in {json}"))
}

/// Keys are required, so that authentication is measured, and the model has a price, so that money
/// is counted. As many requests at once are allowed as there are streams at most: those beyond the
/// default would wait for the others' ends.
fn write_config(folder: &Path, simulator: SocketAddr) -> Result<PathBuf> {
    let path = folder.join("config.toml");
    let data = folder.join("data");
    let data = data.display();
    let config = format!(
        r#"chain = ["local"]

[server]
listen = "127.0.0.1:0"
require_keys = true

[data]
directory = "{data}"

[log]
level = "warn"

[providers.local]
protocol = "openai-chat"
base_url = "http://{simulator}/v1"
api_key_env = "{KEY_VARIABLE}"
allow_plain_http = true
allow_private_addresses = true
concurrency_max = {REQUESTS_MAX}
serves = ["{MODEL}"]

[[prices]]
provider = "local"
model = "{MODEL}"
input_usd = "0.10"
output_usd = "0.40"
"#
    );
    fs_err::write(&path, config)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_ready_is_read() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"echo '{"listening": "127.0.0.1:7"}'; exec sleep 600"#]);
        let (_companion, address) = started(&mut command, "listening").unwrap();
        assert_eq!(address, "127.0.0.1:7".parse().unwrap());
        let error = started(&mut command, "address").err().unwrap().to_string();
        assert!(error.starts_with("no address in"), "{error}");
    }
}
