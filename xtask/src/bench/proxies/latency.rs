//! Whole answers over one connection, each way in turn.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::Figures;
use crate::bench::request::{Request, Shape, fresh};
use crate::bench::series::{Answers, Round, check_ok, now};

/// Requests before those that count.
const WARM_UP: usize = 100;
/// Turns of each way, so that a turn has so many requests that what a way puts off until after its
/// answers, such as writing records, falls among its own.
const TURNS: usize = 8;
/// Between two turns, so that what is left of that does not fall among another one's requests. The
/// LiteLLM proxy works on for longer than most requests of the others take.
const PAUSE: Duration = Duration::from_millis(100);

/// Whole answers over one connection.
pub(super) struct Latency {
    pub(super) body_bytes: usize,
    pub(super) requests: usize,
}

/// One way's connection and what was measured over it.
struct Lane<'a> {
    way: &'a Way,
    connection: Connection,
    request: Request,
    round: Round,
}

impl Latency {
    /// Asks the same requests in turn each way. Returns the figures of every way but the direct
    /// one, which is the first of `ways`.
    pub(super) fn run(&self, ways: &[Way]) -> Result<Vec<(Kind, Figures)>> {
        let mut lanes = ways.iter().map(|way| self.lane(way)).collect::<Result<Vec<_>>>()?;
        ask(&mut lanes, WARM_UP)?;
        lanes.iter_mut().for_each(|lane| lane.round = Round::default());
        ask(&mut lanes, self.requests)?;
        let proxies = lanes.into_iter().skip(1);
        Ok(proxies.map(|lane| (lane.way.kind, Figures::of(&[lane.round]))).collect())
    }

    fn lane<'a>(&self, way: &'a Way) -> Result<Lane<'a>> {
        let shape = Shape { body_bytes: self.body_bytes, is_streamed: false };
        Ok(Lane {
            way,
            connection: Connection::open(way.address)?,
            request: Request::shaped(&way.key, shape),
            round: Round::default(),
        })
    }
}

/// Asks `requests` of them each way, turn by turn.
fn ask(lanes: &mut [Lane<'_>], requests: usize) -> Result<()> {
    let Some((direct, proxies)) = lanes.split_first_mut() else { return Ok(()) };
    let turn = requests.div_ceil(TURNS);
    for begun in (0..requests).step_by(turn) {
        let numbers = fresh(turn as u64);
        let mut asked = Vec::with_capacity(turn);
        for (place, number) in (begun..std::cmp::min(begun + turn, requests)).zip(numbers..) {
            let start = now();
            let answer = direct.connection.exchange(direct.request.numbered(number))?;
            let taken = start.elapsed();
            check_ok(&answer)?;
            asked.push((place, number, taken, answer.body.to_owned()));
        }
        thread::sleep(PAUSE);
        for lane in &mut *proxies {
            let is_its_turn = |place: &usize| place.is_multiple_of(lane.way.kind.one_in());
            for (_, number, direct, expected) in
                asked.iter().filter(|(place, ..)| is_its_turn(place))
            {
                let request = lane.request.numbered(*number);
                let start = now();
                let answer = lane.connection.exchange(request)?;
                let taken = start.elapsed();
                lane.way.check(&answer, expected, Answers::Missed)?;
                lane.round.direct.times.push(*direct);
                lane.round.through.times.push(taken);
            }
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}
