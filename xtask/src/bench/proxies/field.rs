//! All that is compared, running at once.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::way::{Kind, Way};
use super::{litellm, nginx};
use crate::bench::series::now;
use crate::bench::stand::{KEY, Stand};
use crate::process::Companion;

const POLL: Duration = Duration::from_millis(50);

/// The simulator and what stands in front of it, stopped when dropped.
pub(super) struct Field {
    /// The direct way first, then this gateway, then the other proxies that there are.
    pub(super) ways: Vec<Way>,
    _proxies: Vec<Companion>,
    _stand: Stand,
    _folder: TempDir,
}

impl Field {
    /// Starts all; says which proxy is not there.
    pub(super) fn start(binary: &Path, target: &Path) -> Result<Self> {
        let stand = Stand::start(binary)?;
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        let (direct, through) = (stand.ends.direct, stand.ends.through);
        let key = || KEY.to_owned();
        let mut ways = vec![
            Way { kind: Kind::Direct, address: direct, key: key(), process: stand.simulator.id() },
            Way {
                kind: Kind::Forebay,
                address: through,
                key: stand.ends.key.clone(),
                process: stand.gateway.id(),
            },
        ];
        let mut proxies = Vec::new();
        let nginx = nginx::start(folder.path(), direct);
        let litellm = litellm::start(folder.path(), direct, target);
        for (kind, started) in [(Kind::Nginx, nginx), (Kind::LiteLlm, litellm)] {
            match started {
                Ok((companion, address)) => {
                    ways.push(Way { kind, address, key: key(), process: companion.id() });
                    proxies.push(companion);
                }
                Err(error) => println!("{} is skipped: {error:#}", kind.name()),
            }
        }
        Ok(Self { ways, _proxies: proxies, _stand: stand, _folder: folder })
    }
}

/// An address on loopback that nobody listens on.
pub(super) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?)
}

/// Waits until `companion` listens on `address`.
pub(super) fn listening(
    mut companion: Companion,
    address: SocketAddr,
    most: Duration,
) -> Result<(Companion, SocketAddr)> {
    let start = now();
    while TcpStream::connect(address).is_err() {
        companion.check()?;
        if start.elapsed() > most {
            bail!("it did not listen on {address} within {} s", most.as_secs());
        }
        std::thread::sleep(POLL);
    }
    Ok((companion, address))
}
