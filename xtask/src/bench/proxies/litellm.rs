//! The LiteLLM proxy, as its package starts it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::field;
use crate::bench::stand::{KEY, MODEL};
use crate::process::Companion;
use crate::python;

/// It imports for many seconds.
const START: Duration = Duration::from_secs(120);

/// Starts the proxy in front of `upstream`: one worker, without database, keys, cache and
/// telemetry. What it logs goes to a file in `folder`.
pub(super) fn start(
    folder: &Path,
    upstream: SocketAddr,
    target: &Path,
) -> Result<(Companion, SocketAddr)> {
    let program = python::environment("proxies", target)?.with_file_name("litellm");
    let address = field::free_address()?;
    let config = write_config(folder, upstream)?;
    // Its log would fill the pipe that a companion's output is.
    let mut command = Command::new("sh");
    command.args(["-c", r#"log=$1; shift; exec "$@" > "$log" 2>&1"#, "sh"]);
    command.arg(folder.join("litellm.log")).arg(program).arg("--config").arg(config);
    command.args(["--host", &address.ip().to_string(), "--port", &address.port().to_string()]);
    command.args(["--num_workers", "1", "--telemetry", "False"]);
    command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True").env("LITELLM_LOG", "ERROR");
    // It refuses to start without keys otherwise; checking them would only cost it time.
    command.env("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true");
    let companion = Companion::start(command.current_dir(folder))?;
    field::listening(companion, address, START).with_context(|| {
        let log = fs_err::read_to_string(folder.join("litellm.log")).unwrap_or_default();
        let end = log.char_indices().rev().nth(2_000).map_or(0, |(at, _)| at);
        log[end..].to_owned()
    })
}

fn write_config(folder: &Path, upstream: SocketAddr) -> Result<PathBuf> {
    let path = folder.join("litellm.yaml");
    let config = format!(
        "model_list:
  - model_name: {MODEL}
    litellm_params:
      model: openai/{MODEL}
      api_base: http://{upstream}/v1
      api_key: {KEY}
litellm_settings:
  telemetry: false
  num_retries: 0
  request_timeout: 30
"
    );
    fs_err::write(&path, config)?;
    Ok(path)
}
