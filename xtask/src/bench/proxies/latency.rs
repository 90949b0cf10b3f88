//! Whole answers over one connection, each way in turn.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::Figures;
use crate::bench::request::{Request, Shape, fresh};
use crate::bench::series::{Answers, Round, Side, check_ok, now};

/// How long each way is asked in a turn, all ways the same. The scheduler of a machine that was idle
/// starts two programs that talk on one core and spreads them over the cores within some tens of
/// milliseconds, after which all take longer: a way that is asked a number of requests instead is
/// measured before that if it is fast, and after it if it is slow.
const TURN: Duration = Duration::from_millis(600);
/// Before those of a turn that count: who had nothing to do while others had their turn takes longer
/// for a third of a second.
const LEAD_IN: Duration = Duration::from_millis(400);
/// Turns of each way, many because where the scheduler puts the programs differs from one to another.
const TURNS: usize = 6;
/// Between two turns, so that what a way puts off until after its answers does not fall among
/// another one's requests. The LiteLLM proxy works on for longer than most of those take.
const PAUSE: Duration = Duration::from_millis(100);

/// Whole answers over one connection.
pub(super) struct Latency {
    pub(super) body_bytes: usize,
}

/// One way's connection and what was measured over it.
struct Lane<'a> {
    way: &'a Way,
    connection: Connection,
    request: Request,
    rounds: Vec<Round>,
}

impl Latency {
    /// Asks the same requests in turn each way. Returns the figures of every way but the direct
    /// one, which is the first of `ways`.
    pub(super) fn run(&self, ways: &[Way]) -> Result<Vec<(Kind, Figures)>> {
        let mut lanes = ways.iter().map(|way| self.lane(way)).collect::<Result<Vec<_>>>()?;
        (0..TURNS).try_for_each(|_| ask(&mut lanes))?;
        let proxies = lanes.into_iter().skip(1);
        Ok(proxies.map(|lane| (lane.way.kind, Figures::of(&level(lane.rounds)))).collect())
    }

    fn lane<'a>(&self, way: &'a Way) -> Result<Lane<'a>> {
        let shape = Shape { body_bytes: self.body_bytes, is_streamed: false };
        Ok(Lane {
            way,
            connection: Connection::open(way.address)?,
            request: Request::shaped(&way.key, shape),
            rounds: Vec::new(),
        })
    }
}

/// The rounds with as many times as the one that has the fewest, so that a turn in which all went
/// fast weighs no more than another.
fn level(mut rounds: Vec<Round>) -> Vec<Round> {
    let fewest = |side: fn(&Round) -> &Side| {
        rounds.iter().map(|round| side(round).times.len()).min().unwrap_or_default()
    };
    let (direct, through) = (fewest(|round| &round.direct), fewest(|round| &round.through));
    for round in &mut rounds {
        round.direct.times.truncate(direct);
        round.through.times.truncate(through);
    }
    rounds
}

/// Asks directly for a turn, then each other way as many of the same requests as it answers in one.
fn ask(lanes: &mut [Lane<'_>]) -> Result<()> {
    let Some((direct, proxies)) = lanes.split_first_mut() else { return Ok(()) };
    let mut turn = Turn::begin();
    let mut asked = Vec::new();
    while !turn.is_over() {
        let number = fresh(1);
        let request = direct.request.numbered(number);
        let start = now();
        let answer = direct.connection.exchange(request)?;
        turn.took(start.elapsed());
        check_ok(&answer)?;
        asked.push((number, answer.body.to_owned()));
    }
    let direct = turn.end();
    thread::sleep(PAUSE);
    for lane in proxies {
        let through = lane.ask(&asked)?;
        lane.rounds.push(Round { direct: direct.clone(), through });
        thread::sleep(PAUSE);
    }
    Ok(())
}

impl Lane<'_> {
    fn ask(&mut self, asked: &[(u64, Vec<u8>)]) -> Result<Side> {
        let mut turn = Turn::begin();
        for (number, expected) in asked {
            if turn.is_over() {
                break;
            }
            let request = self.request.numbered(*number);
            let start = now();
            let answer = self.connection.exchange(request)?;
            turn.took(start.elapsed());
            self.way.check(&answer, expected, Answers::Missed)?;
        }
        Ok(turn.end())
    }
}

/// One turn of one way.
struct Turn {
    begun: Instant,
    times: Vec<Duration>,
}

impl Turn {
    fn begin() -> Self {
        Self { begun: now(), times: Vec::new() }
    }

    fn is_over(&self) -> bool {
        self.begun.elapsed() >= LEAD_IN + TURN
    }

    /// Counts an exchange that has just ended.
    fn took(&mut self, time: Duration) {
        if self.begun.elapsed() >= LEAD_IN {
            self.times.push(time);
        }
    }

    fn end(self) -> Side {
        Side { times: self.times, wall: self.begun.elapsed().saturating_sub(LEAD_IN) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_turn_weighs_no_more_than_a_slow_one() {
        let side = |count| Side { times: vec![Duration::ZERO; count], ..Side::default() };
        let round = |direct, through| Round { direct: side(direct), through: side(through) };
        let rounds = level(vec![round(9, 4), round(7, 5), round(8, 6)]);
        for Round { direct, through } in rounds {
            assert_eq!((direct.times.len(), through.times.len()), (7, 4));
        }
    }
}
