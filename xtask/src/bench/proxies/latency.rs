//! Whole answers over one connection, each way in turn.

use std::thread;
use std::time::Duration;

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
const TURN: Duration = Duration::from_millis(500);
/// Before those that count.
const WARM_UP: Duration = Duration::from_millis(100);
/// Turns of each way, many because where the scheduler puts the programs differs from one to another.
const TURNS: usize = 8;
/// Between two turns, so that what is left of that does not fall among another one's requests. The
/// LiteLLM proxy works on for longer than most requests of the others take.
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
        ask(&mut lanes, WARM_UP)?;
        lanes.iter_mut().for_each(|lane| lane.rounds.clear());
        (0..TURNS).try_for_each(|_| ask(&mut lanes, TURN))?;
        let proxies = lanes.into_iter().skip(1);
        Ok(proxies.map(|lane| (lane.way.kind, Figures::of(&lane.rounds))).collect())
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

/// Asks for so long directly, then each other way as many of the same requests as it answers in as
/// long.
fn ask(lanes: &mut [Lane<'_>], turn: Duration) -> Result<()> {
    let Some((direct, proxies)) = lanes.split_first_mut() else { return Ok(()) };
    let mut asked = Vec::new();
    let mut times = Vec::new();
    let begun = now();
    while begun.elapsed() < turn {
        let number = fresh(1);
        let request = direct.request.numbered(number);
        let start = now();
        let answer = direct.connection.exchange(request)?;
        times.push(start.elapsed());
        check_ok(&answer)?;
        asked.push((number, answer.body.to_owned()));
    }
    let direct = Side { times, wall: begun.elapsed() };
    thread::sleep(PAUSE);
    for lane in proxies {
        let through = lane.ask(&asked, turn)?;
        lane.rounds.push(Round { direct: direct.clone(), through });
        thread::sleep(PAUSE);
    }
    Ok(())
}

impl Lane<'_> {
    fn ask(&mut self, asked: &[(u64, Vec<u8>)], turn: Duration) -> Result<Side> {
        let mut times = Vec::new();
        let begun = now();
        for (number, expected) in asked {
            if begun.elapsed() >= turn {
                break;
            }
            let request = self.request.numbered(*number);
            let start = now();
            let answer = self.connection.exchange(request)?;
            times.push(start.elapsed());
            self.way.check(&answer, expected, Answers::Missed)?;
        }
        Ok(Side { times, wall: begun.elapsed() })
    }
}
