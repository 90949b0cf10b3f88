//! The cost of a budget check, as the budget crate's example measures it.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;

use super::baseline::Ratio;
use super::figures::Percentiles;
use crate::process;

const RUNS: usize = 3;

/// What the example found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct BudgetCheck(Percentiles);

impl BudgetCheck {
    /// Runs the built example a few times and keeps the least: a neighbour's work only ever adds.
    pub(super) fn run(example: &Path) -> Result<Self> {
        let mut least = Percentiles { p50_us: f64::INFINITY, p99_us: f64::INFINITY };
        for _ in 0..RUNS {
            let Self(found) = Self::parse(&process::output(&mut Command::new(example))?)?;
            least.p50_us = least.p50_us.min(found.p50_us);
            least.p99_us = least.p99_us.min(found.p99_us);
        }
        Ok(Self(least))
    }

    /// Reads the numbers behind `p50` and `p99` on the line of a reservation alone.
    fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let line = lines.find(|line| line.starts_with("reserve")).unwrap_or_default();
        let number = |name: &str| {
            let found = line.split_once(name).and_then(|(_, rest)| {
                let start = rest.find(|c: char| c.is_ascii_digit())?;
                rest[start..].split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
            });
            found.with_context(|| format!("the example printed no {name}: {text}"))
        };
        Ok(Self(Percentiles { p50_us: number("p50")?, p99_us: number("p99")? }))
    }

    pub(super) fn p50_us(self) -> f64 {
        self.0.p50_us
    }

    /// Both to the median of direct requests, whose tail is the network's and not the budget's.
    pub(super) fn ratio_to(self, direct: Percentiles) -> Ratio {
        Ratio { p50: self.0.p50_us / direct.p50_us, p99: self.0.p99_us / direct.p50_us }
    }
}

impl fmt::Display for BudgetCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "budget check: p50 {:.2} µs, p99 {:.2} µs", self.0.p50_us, self.0.p99_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_parse(text: &str, expect: Option<(f64, f64)>) {
        let expect = expect.map(|(p50_us, p99_us)| BudgetCheck(Percentiles { p50_us, p99_us }));
        assert_eq!(BudgetCheck::parse(text).ok(), expect, "{text}");
    }

    #[test]
    fn the_line_of_a_reservation_alone_is_read() {
        let other = "whole request p50 60.1 µs p99 90.2 µs max 200.3 µs\n";
        let line = "reserve       p50       0.8 µs   p99       4.2 µs   max      99.9 µs\n";
        check_parse(line, Some((0.8, 4.2)));
        check_parse(&format!("{line}{other}"), Some((0.8, 4.2)));
        check_parse(&format!("{other}{line}"), Some((0.8, 4.2)));
        check_parse("reserve p50 3µs, p99: 12.25µs", Some((3.0, 12.25)));
        check_parse(other, None);
        check_parse("reserve p50 0.8 µs", None);
        check_parse("", None);
    }
}
