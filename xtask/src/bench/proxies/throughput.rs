//! As many requests as go through: two threads with many connections each, which write to all of
//! them and then read from all of them.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::Percentiles;
use crate::bench::request::{Request, fresh};
use crate::bench::series::{Answers, STORED_TRIES, check_cache, check_ok, now};
use crate::bench::usage;

const THREADS: usize = 2;
pub(super) const CONNECTIONS_IN_ALL: usize = THREADS * CONNECTIONS;
/// Of each thread.
const CONNECTIONS: usize = 16;

/// As many requests as go through.
pub(super) struct Throughput {
    pub(super) answers: Answers,
    pub(super) rounds: usize,
    /// Of each connection in a round.
    pub(super) requests: usize,
}

/// What one way was seen to do.
pub(super) struct Rate {
    pub(super) kind: Kind,
    /// The median of the rounds.
    pub(super) per_second: f64,
    /// Processor time of the proxy for a request, and of the simulator behind it.
    pub(super) proxy_us: f64,
    pub(super) simulator_us: f64,
}

/// One thread's requests, the simulator's answers to them, and a lane for each way.
struct Worker<'a> {
    numbers: Vec<u64>,
    expected: Vec<Vec<u8>>,
    lanes: Vec<Lane<'a>>,
}

struct Lane<'a> {
    way: &'a Way,
    connections: Vec<Connection>,
    request: Request,
}

/// What a way did in all rounds.
#[derive(Clone, Default)]
struct Tally {
    seconds_each: Vec<f64>,
    requests: f64,
    proxy: Duration,
    simulator: Duration,
}

impl Throughput {
    /// Measures each way in turn, several times. The direct way is the first of `ways`.
    pub(super) fn run(&self, ways: &[Way]) -> Result<Vec<Rate>> {
        let mut workers =
            (0..THREADS).map(|_| self.worker(ways)).collect::<Result<Vec<Worker<'_>>>>()?;
        let mut tallies = vec![Tally::default(); ways.len()];
        let simulator = ways.first().context("there is a direct way")?.process;
        for round in 0..=self.rounds {
            if self.answers == Answers::Missed {
                workers.iter_mut().for_each(|worker| worker.numbers = numbers(self.requests));
            }
            for (at, way) in ways.iter().enumerate() {
                let before = [way.process, simulator].map(usage::processor_time);
                let start = now();
                let requests = f64::from(self.ask(&mut workers, at)?);
                let taken = start.elapsed();
                let after = [way.process, simulator].map(usage::processor_time);
                // The first round warms up.
                if round > 0 {
                    let [proxy_before, simulator_before] = before;
                    let [proxy_after, simulator_after] = after;
                    let tally = &mut tallies[at];
                    tally.seconds_each.push(taken.as_secs_f64() / requests);
                    tally.requests += requests;
                    tally.proxy += proxy_after?.saturating_sub(proxy_before?);
                    tally.simulator += simulator_after?.saturating_sub(simulator_before?);
                }
            }
        }
        Ok(ways.iter().zip(tallies).map(|(way, tally)| tally.rate(way.kind)).collect())
    }

    fn worker<'a>(&self, ways: &'a [Way]) -> Result<Worker<'a>> {
        let lanes = ways.iter().map(Lane::open).collect::<Result<Vec<_>>>()?;
        let numbers = numbers(self.requests);
        let mut worker = Worker { expected: vec![Vec::new(); numbers.len()], numbers, lanes };
        if self.answers == Answers::Hit {
            worker.store()?;
        }
        Ok(worker)
    }

    /// Asks one way with all threads; returns the number of requests.
    fn ask(&self, workers: &mut [Worker<'_>], at: usize) -> Result<u32> {
        let asked: Vec<Result<u32>> = thread::scope(|scope| {
            let threads: Vec<_> = workers
                .iter_mut()
                .map(|worker| scope.spawn(move || worker.ask(at, self.answers)))
                .collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            joined.map(|asked| asked.unwrap_or_else(|_| bail!("a client panicked"))).collect()
        });
        asked.into_iter().sum()
    }
}

/// Numbers for so many requests of each connection of a thread.
fn numbers(requests: usize) -> Vec<u64> {
    (0..CONNECTIONS * requests).map(|_| fresh(1)).collect()
}

impl Worker<'_> {
    /// Asks each request through the gateway until it is answered from the cache.
    fn store(&mut self) -> Result<()> {
        let lane = self.lanes.iter_mut().find(|lane| lane.way.kind == Kind::Forebay);
        let Lane { connections, request, .. } = lane.context("this gateway is measured")?;
        let connection = connections.first_mut().context("a lane has connections")?;
        for number in &self.numbers {
            let mut tries = 0;
            while check_cache(&connection.exchange(request.numbered(*number))?, Answers::Hit)
                .is_err()
            {
                tries += 1;
                if tries > STORED_TRIES {
                    bail!("a request is not answered from the cache");
                }
            }
        }
        Ok(())
    }

    /// Asks its requests the way `at`; the direct way's answers are what is expected of the others.
    fn ask(&mut self, at: usize, answers: Answers) -> Result<u32> {
        let Lane { way, connections, request } = &mut self.lanes[at];
        let mut asked = 0;
        let blocks = self.numbers.chunks(CONNECTIONS).zip(self.expected.chunks_mut(CONNECTIONS));
        for (numbers, expected) in blocks.step_by(way.kind.one_in()) {
            for (connection, number) in connections.iter_mut().zip(numbers) {
                connection.send(request.numbered(*number))?;
            }
            for (connection, expected) in connections.iter_mut().zip(expected) {
                let answer = connection.receive().context(way.kind.name())?;
                if way.kind == Kind::Direct {
                    check_ok(&answer)?;
                    answer.body.clone_into(expected);
                } else {
                    way.check(&answer, expected, answers)?;
                }
                asked += 1;
            }
        }
        Ok(asked)
    }
}

impl<'a> Lane<'a> {
    fn open(way: &'a Way) -> Result<Self> {
        let connections =
            (0..CONNECTIONS).map(|_| Connection::open(way.address)).collect::<Result<_>>()?;
        Ok(Self { way, connections, request: Request::new(&way.key) })
    }
}

impl Tally {
    fn rate(self, kind: Kind) -> Rate {
        let each_us = |time: Duration| time.as_secs_f64() * 1e6 / self.requests;
        let (proxy_us, simulator_us) = (each_us(self.proxy), each_us(self.simulator));
        let seconds = Percentiles::of(self.seconds_each).p50_us;
        Rate { kind, per_second: 1.0 / seconds, proxy_us, simulator_us }
    }
}
