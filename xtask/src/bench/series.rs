//! Asking directly and through the gateway, in turn, and timing both.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::connection::{Answer, Connection};
use super::request::{Request, fresh};

/// Requests that hits are asked from, for each connection.
const REPEATED: u64 = 32;
/// With several connections all ask one side for a while, then all the other, so that the two do
/// not compete; this many requests each.
const BLOCK: usize = 25;
/// A stored answer is written after it was sent, so it may take a moment to be a hit.
pub(super) const STORED_TRIES: usize = 1_000;

/// The two addresses that are compared.
pub(super) struct Ends {
    /// The simulator.
    pub(super) direct: SocketAddr,
    /// The gateway in front of it.
    pub(super) through: SocketAddr,
    /// A virtual key of the gateway.
    pub(super) key: String,
}

/// How the gateway finds its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    Missed,
    Hit,
}

/// One kind of measurement.
pub(super) struct Series {
    pub(super) answers: Answers,
    pub(super) connections: usize,
    /// Requests each way, for each connection.
    pub(super) pairs: usize,
}

/// What one side was measured to take.
#[derive(Clone, Default)]
pub(super) struct Side {
    pub(super) times: Vec<Duration>,
    /// How long all connections together took.
    pub(super) wall: Duration,
}

impl Side {
    /// Adds what another connection measured at the same time.
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.wall = self.wall.max(other.wall);
    }
}

/// Times of both ways, in the order of asking.
#[derive(Clone, Default)]
pub(super) struct Round {
    pub(super) direct: Side,
    pub(super) through: Side,
}

impl Series {
    /// Measures `rounds` times, after a warm-up that does not count.
    pub(super) fn run(&self, ends: &Ends, rounds: usize) -> Result<Vec<Round>> {
        let warm_up = Self { pairs: self.pairs.div_ceil(4), ..*self };
        warm_up.round(ends)?;
        (0..rounds).map(|_| self.round(ends)).collect()
    }

    fn round(&self, ends: &Ends) -> Result<Round> {
        let clients: Vec<_> = (0..self.connections)
            .map(|_| Client::new(ends, self.answers))
            .collect::<Result<_>>()?;
        let barrier = Barrier::new(self.connections);
        let rounds: Vec<Result<Round>> = std::thread::scope(|scope| {
            let threads: Vec<_> = clients
                .into_iter()
                .map(|client| scope.spawn(|| self.run_client(client, &barrier)))
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|round| round.unwrap_or_else(|_| bail!("a client panicked"))).collect()
        });
        let mut all = Round::default();
        for one in rounds {
            let one = one?;
            all.direct.add(one.direct);
            all.through.add(one.through);
        }
        Ok(all)
    }

    /// Asks in blocks. A client that has failed keeps step all the same, as its fellows wait for it.
    fn run_client(&self, mut client: Client, barrier: &Barrier) -> Result<Round> {
        let block = if self.connections == 1 { 1 } else { BLOCK };
        let mut failure = None;
        let mut left = self.pairs;
        while left > 0 {
            let size = left.min(block);
            left -= size;
            client.draw(size);
            for way in [Way::Direct, Way::Through] {
                barrier.wait();
                let start = now();
                if failure.is_none() {
                    failure = client.ask(way).err();
                }
                barrier.wait();
                client.side(way).wall += start.elapsed();
            }
        }
        failure.map_or(Ok(client.round), Err)
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = match self.answers {
            Answers::Missed => "miss",
            Answers::Hit => "hit",
        };
        let plural = if self.connections == 1 { "" } else { "s" };
        write!(f, "{answers}, {} connection{plural}", self.connections)
    }
}

#[derive(Clone, Copy)]
enum Way {
    Direct,
    Through,
}

/// One connection to the simulator and one to the gateway.
struct Client {
    answers: Answers,
    direct: Connection,
    through: Connection,
    request: Request,
    /// The requests of the current block, with the simulator's answers to them.
    block: Vec<(u64, Vec<u8>)>,
    /// The first of the numbers that are asked again and again.
    repeated: u64,
    drawn: u64,
    round: Round,
}

impl Client {
    fn new(ends: &Ends, answers: Answers) -> Result<Self> {
        let mut client = Self {
            answers,
            direct: Connection::open(ends.direct)?,
            through: Connection::open(ends.through)?,
            request: Request::new(&ends.key),
            block: Vec::new(),
            repeated: fresh(REPEATED),
            drawn: 0,
            round: Round::default(),
        };
        if answers == Answers::Hit {
            client.store_repeated()?;
        }
        Ok(client)
    }

    /// Asks for each repeated request until it is answered from the cache.
    fn store_repeated(&mut self) -> Result<()> {
        for number in self.repeated..self.repeated + REPEATED {
            let request = self.request.numbered(number);
            let mut is_hit = false;
            for _ in 0..STORED_TRIES {
                let answer = self.through.exchange(request)?;
                check_ok(&answer)?;
                is_hit = check_cache(&answer, Answers::Hit).is_ok();
                if is_hit {
                    break;
                }
            }
            if !is_hit {
                bail!("a request is not answered from the cache after {STORED_TRIES} tries");
            }
        }
        Ok(())
    }

    /// Chooses the next requests.
    fn draw(&mut self, size: usize) {
        self.block.clear();
        for _ in 0..size {
            let number = match self.answers {
                Answers::Missed => fresh(1),
                Answers::Hit => self.repeated + self.drawn % REPEATED,
            };
            self.drawn += 1;
            self.block.push((number, Vec::new()));
        }
    }

    fn side(&mut self, way: Way) -> &mut Side {
        match way {
            Way::Direct => &mut self.round.direct,
            Way::Through => &mut self.round.through,
        }
    }

    /// Asks the block's requests one way. The answer through the gateway must be the simulator's.
    fn ask(&mut self, way: Way) -> Result<()> {
        for (number, body) in &mut self.block {
            let request = self.request.numbered(*number);
            let (connection, side) = match way {
                Way::Direct => (&mut self.direct, &mut self.round.direct),
                Way::Through => (&mut self.through, &mut self.round.through),
            };
            let start = now();
            let answer = connection.exchange(request)?;
            side.times.push(start.elapsed());
            check_ok(&answer)?;
            match way {
                Way::Direct => answer.body.clone_into(body),
                Way::Through => {
                    check_cache(&answer, self.answers)?;
                    if answer.body != body.as_slice() {
                        bail!("not the simulator's answer {}: {answer}", body.escape_ascii());
                    }
                }
            }
        }
        Ok(())
    }
}

pub(super) fn check_ok(answer: &Answer<'_>) -> Result<()> {
    if !answer.is_ok() || answer.body.is_empty() {
        bail!("not a good answer: {answer}");
    }
    Ok(())
}

/// Whether `Cache-Status` says that the answer came from where it should.
pub(super) fn check_cache(answer: &Answer<'_>, expect: Answers) -> Result<()> {
    let status = answer.header("cache-status").context("the answer has no cache-status")?;
    let is_hit = status.split(';').any(|part| part.trim() == "hit");
    if is_hit != (expect == Answers::Hit) {
        bail!("the cache says {status:?}");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
