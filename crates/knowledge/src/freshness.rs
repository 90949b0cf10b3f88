//! How fresh an item is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Kind;

const DAY_SECS: f64 = 86_400.0;

/// Effective age at which freshness is one half, in days.
const HALF_LIFE_DAYS: f64 = 90.0;

/// How much each doubling of use slows ageing.
const USE_SHARE: f64 = 0.25;

/// How fresh an item is.
///
/// Its *effective age* in days is `days · ageing ÷ (1 + ¼ · log2(1 + uses))`, where `days` counts
/// from when it was last confirmed and `ageing` is that of its [`Kind`]; so an unused item of an
/// ordinary kind is as old as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Freshness {
    effective_days: f64,
}

/// The name for a range of effective ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Younger than 30 days.
    Fresh,
    /// Younger than 90 days.
    Aging,
    /// Younger than 180 days.
    Stale,
    /// 180 days and older.
    Deprecated,
}

impl Freshness {
    /// Of an item of this kind, confirmed `age` ago and given out `uses` times.
    pub fn of(kind: &Kind, age: Duration, uses: u64) -> Self {
        let uses = f64::from(u32::try_from(uses).unwrap_or(u32::MAX));
        let slowed = 1.0 + USE_SHARE * (1.0 + uses).log2();
        Self { effective_days: age.as_secs_f64() / DAY_SECS * kind.ageing() / slowed }
    }

    /// Effective age in days.
    pub const fn effective_days(self) -> f64 {
        self.effective_days
    }

    /// 1 for new, one half at an effective age of 90 days, and so on: `2^(−days ÷ 90)`.
    pub fn score(self) -> f64 {
        (-self.effective_days / HALF_LIFE_DAYS).exp2()
    }

    /// Its band.
    pub fn band(self) -> Band {
        match self.effective_days {
            days if days < 30.0 => Band::Fresh,
            days if days < 90.0 => Band::Aging,
            days if days < 180.0 => Band::Stale,
            _ => Band::Deprecated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_band(kind: &Kind, days: u64, uses: u64, expected: Band) {
        let age = Duration::from_secs(days * 86_400);
        assert_eq!(Freshness::of(kind, age, uses).band(), expected, "{kind} {days} {uses}");
    }

    #[test]
    fn unused_items_of_an_ordinary_kind_age_by_the_calendar() {
        let expected = [
            (0, Band::Fresh),
            (29, Band::Fresh),
            (30, Band::Aging),
            (89, Band::Aging),
            (90, Band::Stale),
            (179, Band::Stale),
            (180, Band::Deprecated),
            (4_000, Band::Deprecated),
        ];
        for (days, band) in expected {
            check_band(&Kind::BugSolution, days, 0, band);
        }
    }

    #[test]
    fn kind_and_use_change_the_pace() {
        check_band(&Kind::AbstractConcept, 180, 0, Band::Aging);
        check_band(&Kind::ToolUsage, 20, 0, Band::Aging);
        // log2(1 + 15) = 4, so 15 uses halve the pace.
        check_band(&Kind::BugSolution, 59, 15, Band::Fresh);
        check_band(&Kind::BugSolution, 60, 15, Band::Aging);
    }

    #[test]
    fn the_score_halves_every_ninety_days() {
        let at = |days: u64| {
            Freshness::of(&Kind::BugSolution, Duration::from_secs(days * 86_400), 0).score()
        };
        for (days, score) in [(0, 1.0), (90, 0.5), (180, 0.25)] {
            assert!((at(days) - score).abs() < 1e-12);
        }
    }
}
