//! Streamed answers: one after the other each way in turn, and many at once.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::streamed::Streamed;
use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::{Figures, Percentiles};
use crate::bench::request::{KIBIBYTE, Request, Shape, fresh};
use crate::bench::series::{Round, now};
use crate::bench::usage::{self, Memory};

const SHAPE: Shape = Shape { body_bytes: KIBIBYTE, is_streamed: true };
/// Streams before those that count.
const WARM_UP: usize = 2;

/// What streams of one way took.
pub(super) struct Paced {
    pub(super) kind: Kind,
    /// To the first piece of the text, beside the direct way.
    pub(super) first: Figures,
    /// From one piece to the next.
    pub(super) gap: Percentiles,
}

/// What many streams at once took.
pub(super) struct Crowd {
    pub(super) kind: Kind,
    /// To the first piece of the text.
    pub(super) first: Percentiles,
    /// To the last piece of the text.
    pub(super) last: Percentiles,
    pub(super) idle: Memory,
    pub(super) loaded: Memory,
}

/// One way's connection and what was measured over it.
struct Lane<'a> {
    way: &'a Way,
    connection: Connection,
    request: Request,
    first: Round,
    gaps: Vec<Duration>,
}

/// Streams one at a time, each way in turn. The direct way is the first of `ways`.
pub(super) fn one_by_one(ways: &[Way], streams: usize) -> Result<Vec<Paced>> {
    let mut lanes = ways.iter().map(Lane::open).collect::<Result<Vec<_>>>()?;
    for index in 0..WARM_UP + streams {
        let number = fresh(1);
        let mut direct: Option<Streamed> = None;
        for lane in &mut lanes {
            let streamed = Streamed::ask(&mut lane.connection, lane.request.numbered(number))
                .context(lane.way.kind.name())?;
            let expected = direct.get_or_insert_with(|| streamed.clone());
            check_text(lane.way, &streamed, &expected.text)?;
            if index >= WARM_UP {
                lane.first.direct.times.push(expected.first());
                lane.first.through.times.push(streamed.first());
                lane.gaps.extend(streamed.gaps());
            }
        }
    }
    Ok(lanes.into_iter().map(Lane::paced).collect())
}

/// As many `streams` at once, each way after the other.
pub(super) fn at_once(ways: &[Way], streams: usize) -> Result<Vec<Crowd>> {
    let numbers: Vec<u64> = (0..streams).map(|_| fresh(1)).collect();
    let mut texts: Vec<String> = Vec::new();
    let mut crowds = Vec::new();
    for way in ways {
        let idle = usage::memory(way.process)?;
        usage::reset_peak(way.process)?;
        let all = crowd(way, &numbers)?;
        let loaded = usage::memory(way.process)?;
        if texts.is_empty() {
            texts = all.iter().map(|streamed| streamed.text.clone()).collect();
        }
        for (streamed, text) in all.iter().zip(&texts) {
            check_text(way, streamed, text)?;
        }
        crowds.push(Crowd {
            kind: way.kind,
            first: Percentiles::of_times(all.iter().map(Streamed::first)),
            last: Percentiles::of_times(all.iter().map(Streamed::last)),
            idle,
            loaded,
        });
    }
    Ok(crowds)
}

/// The streams of one way in the order of `numbers`. An error if they were not all open at once.
fn crowd(way: &Way, numbers: &[u64]) -> Result<Vec<Streamed>> {
    let mut connections: Vec<_> =
        numbers.iter().map(|_| Connection::open(way.address)).collect::<Result<_>>()?;
    let barrier = Barrier::new(numbers.len());
    let start = now();
    let ask = |connection: &mut Connection, number: u64| {
        let mut request = Request::shaped(&way.key, SHAPE);
        barrier.wait();
        let begun = start.elapsed();
        let streamed = Streamed::ask(connection, request.numbered(number))?;
        Ok((begun, streamed))
    };
    let results: Vec<Result<(Duration, Streamed)>> = thread::scope(|scope| {
        let clients = connections.iter_mut().zip(numbers);
        let threads: Vec<_> =
            clients.map(|(connection, number)| scope.spawn(|| ask(connection, *number))).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|stream| stream.unwrap_or_else(|_| bail!("a client panicked"))).collect()
    });
    let all: Vec<_> = results.into_iter().collect::<Result<_>>().context(way.kind.name())?;
    let last_begun = all.iter().map(|(begun, _)| *begun).max();
    let first_ended = all.iter().map(|(begun, streamed)| *begun + streamed.last()).min();
    if last_begun >= first_ended {
        bail!("{}: the streams were not all open at once", way.kind.name());
    }
    Ok(all.into_iter().map(|(_, streamed)| streamed).collect())
}

impl<'a> Lane<'a> {
    fn open(way: &'a Way) -> Result<Self> {
        Ok(Self {
            way,
            connection: Connection::open(way.address)?,
            request: Request::shaped(&way.key, SHAPE),
            first: Round::default(),
            gaps: Vec::new(),
        })
    }

    fn paced(self) -> Paced {
        Paced {
            kind: self.way.kind,
            first: Figures::of(&[self.first]),
            gap: Percentiles::of_times(self.gaps.into_iter()),
        }
    }
}

fn check_text(way: &Way, streamed: &Streamed, expected: &str) -> Result<()> {
    if streamed.text.is_empty() || streamed.text != expected {
        bail!("{}: not the simulator's text {expected:?}: {:?}", way.kind.name(), streamed.text);
    }
    Ok(())
}
