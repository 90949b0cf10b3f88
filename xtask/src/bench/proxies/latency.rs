//! Whole answers over one connection, each way in turn.

use anyhow::Result;

use super::way::{Kind, Way};
use crate::bench::connection::Connection;
use crate::bench::figures::Figures;
use crate::bench::request::{Request, Shape, fresh};
use crate::bench::series::{Answers, Round, check_ok, now};

/// Requests before those that count.
const WARM_UP: usize = 100;

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
        let mut expected = Vec::new();
        for index in 0..WARM_UP + self.requests {
            if index == WARM_UP {
                lanes.iter_mut().for_each(|lane| lane.round = Round::default());
            }
            let number = fresh(1);
            let mut direct = None;
            for lane in &mut lanes {
                if !index.is_multiple_of(lane.way.kind.one_in()) {
                    continue;
                }
                let request = lane.request.numbered(number);
                let start = now();
                let answer = lane.connection.exchange(request)?;
                let taken = start.elapsed();
                let Some(direct) = direct else {
                    check_ok(&answer)?;
                    answer.body.clone_into(&mut expected);
                    direct = Some(taken);
                    continue;
                };
                lane.way.check(&answer, &expected, Answers::Missed)?;
                lane.round.direct.times.push(direct);
                lane.round.through.times.push(taken);
            }
        }
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
