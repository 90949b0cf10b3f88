//! The control: what a proxy adds that does nothing but pass on, and spends so much time on it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::latency::Latency;
use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::Figures;
use crate::bench::request::{KIBIBYTE, Request, Shape};
use crate::bench::series::now;

/// What is computed each way: nothing, about what nginx takes, about what the gateway takes.
const COMPUTED: [Duration; 3] =
    [Duration::ZERO, Duration::from_micros(10), Duration::from_micros(30)];

/// A thread that passes requests of one size on and answers back.
struct Relay {
    way: Way,
    thread: JoinHandle<Result<()>>,
}

impl Relay {
    /// Starts one that takes one connection and goes when that is closed.
    fn start(direct: &Way, request_bytes: usize, computed: Duration) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        let address = listener.local_addr()?;
        let upstream = direct.address;
        let thread = thread::spawn(move || pass_on(&listener, upstream, request_bytes, computed));
        let way = Way { kind: Kind::Relay, address, ..direct.clone() };
        Ok(Self { way, thread })
    }
}

/// Measures and returns what the control adds, for each time that it computes.
pub(super) fn added(direct: &Way) -> Result<Vec<(Duration, Figures)>> {
    let latency = Latency { body_bytes: KIBIBYTE };
    let shape = Shape { body_bytes: KIBIBYTE, is_streamed: false };
    let request_bytes = Request::shaped(&direct.key, shape).numbered(0).len();
    let measure = |computed| {
        let Relay { way, thread } = Relay::start(direct, request_bytes, computed)?;
        let measured = latency.run(&[direct.clone(), way]);
        // Where it failed, the client only saw that its connection was closed. One that nobody has
        // connected to waits on.
        if measured.is_ok() || thread.is_finished() {
            thread.join().map_err(|_| anyhow!("the relay panicked"))??;
        }
        let (_, figures) = measured?.pop().context("the relay was measured")?;
        Ok((computed, figures))
    };
    COMPUTED.into_iter().map(measure).collect()
}

fn pass_on(
    listener: &TcpListener,
    upstream: SocketAddr,
    request_bytes: usize,
    computed: Duration,
) -> Result<()> {
    let (mut client, _) = listener.accept()?;
    client.set_nodelay(true)?;
    let mut upstream = Connection::open(upstream)?;
    let mut request = vec![0; request_bytes];
    loop {
        match client.read(&mut request)? {
            0 => return Ok(()),
            read => client.read_exact(&mut request[read..])?,
        }
        compute(computed);
        let answer = upstream.exchange(&request)?;
        if !answer.is_ok() {
            bail!("the relay was refused: {answer}");
        }
        let answer = answer.to_bytes();
        compute(computed);
        client.write_all(&answer)?;
    }
}

/// Takes the processor for so long.
fn compute(span: Duration) {
    let start = now();
    while start.elapsed() < span {
        std::hint::spin_loop();
    }
}
