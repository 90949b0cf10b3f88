//! The cost of a budget check, as the budget crate's example measures it.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;

use super::baseline::Ratio;
use super::figures::Percentiles;
use crate::process;

/// What the example found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct BudgetCheck(Percentiles);

impl BudgetCheck {
    /// Runs the built example.
    pub(super) fn run(example: &Path) -> Result<Self> {
        Self::parse(&process::output(&mut Command::new(example))?)
    }

    /// Reads the numbers behind `p50` and `p99`.
    fn parse(text: &str) -> Result<Self> {
        let number = |name: &str| {
            let found = text.split_once(name).and_then(|(_, rest)| {
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

    pub(super) fn ratio_to(self, direct: Percentiles) -> Ratio {
        Ratio { p50: self.0.p50_us / direct.p50_us, p99: self.0.p99_us / direct.p99_us }
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
    fn both_numbers_are_found() {
        check_parse("p50 0.81 µs\np99 4.20 µs\n", Some((0.81, 4.2)));
        check_parse("100000 checks: p50: 3µs, p99: 12.5µs", Some((3.0, 12.5)));
        check_parse("p50 0.81 µs", None);
        check_parse("", None);
    }
}
