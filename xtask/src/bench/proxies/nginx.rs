//! nginx as a plain reverse proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::field;
use crate::process::{self, Companion};

/// Where Debian has it, which is not on everyone's path.
const PROGRAMS: [&str; 2] = ["nginx", "/usr/sbin/nginx"];
const START: Duration = Duration::from_secs(10);

/// Starts nginx in front of `upstream` with its files in `folder`.
pub(super) fn start(folder: &Path, upstream: SocketAddr) -> Result<(Companion, SocketAddr)> {
    let is_there = |program: &&str| process::output(Command::new(program).arg("-v")).is_ok();
    let program = PROGRAMS.into_iter().find(is_there);
    let program = program.context("there is no nginx (on Debian the package nginx-light)")?;
    let address = field::free_address()?;
    let config = write_config(folder, address, upstream)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(config).args(["-e", "stderr"]);
    field::listening(Companion::start(&mut command)?, address, START)
}

/// One process, so that stopping it stops all; connections are kept on both sides, and a stream is
/// passed on as it comes.
fn write_config(folder: &Path, listen: SocketAddr, upstream: SocketAddr) -> Result<PathBuf> {
    let path = folder.join("nginx.conf");
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path nginx-{name};\n"))
        .concat();
    let config = format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
{temporary}    client_max_body_size 8m;
    client_body_buffer_size 1m;
    keepalive_requests 100000000;
    upstream simulator {{
        server {upstream};
        keepalive 1024;
        keepalive_requests 100000000;
    }}
    server {{
        listen {listen} backlog=4096;
        location / {{
            proxy_pass http://simulator;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_buffering off;
        }}
    }}
}}
"
    );
    fs_err::write(&path, config)?;
    Ok(path)
}
