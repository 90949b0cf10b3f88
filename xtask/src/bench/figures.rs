//! Percentiles of what was measured.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::baseline::Ratio;
use super::series::{Round, Side};

/// A median and a tail, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

impl Percentiles {
    /// Of times in microseconds, by nearest rank.
    pub(super) fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1);
            times.get(rank - 1).copied().unwrap_or_default()
        };
        Self { p50_us: at(50), p99_us: at(99) }
    }

    pub(super) fn of_times(times: impl Iterator<Item = Duration>) -> Self {
        Self::of(times.map(microseconds).collect())
    }

    fn of_sides<'a>(sides: impl Iterator<Item = &'a Side>) -> Self {
        Self::of_times(sides.flat_map(|side| &side.times).copied())
    }
}

/// What one series found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    direct: Percentiles,
    through: Percentiles,
    /// Through the gateway less directly: the difference of the percentiles.
    added: Percentiles,
    /// The percentiles of the differences, each time with the one of its place on the other side.
    added_paired: Percentiles,
    direct_per_second: f64,
    through_per_second: f64,
    /// Through the gateway divided by directly: the median of the rounds.
    ratio: Ratio,
}

impl Figures {
    pub(super) fn of(rounds: &[Round]) -> Self {
        let direct = Percentiles::of_sides(rounds.iter().map(|round| &round.direct));
        let through = Percentiles::of_sides(rounds.iter().map(|round| &round.through));
        let pairs =
            rounds.iter().flat_map(|round| round.direct.times.iter().zip(&round.through.times));
        let differences =
            pairs.map(|(direct, through)| microseconds(*through) - microseconds(*direct)).collect();
        Self {
            direct,
            through,
            added: Percentiles {
                p50_us: through.p50_us - direct.p50_us,
                p99_us: through.p99_us - direct.p99_us,
            },
            added_paired: Percentiles::of(differences),
            direct_per_second: per_second(rounds.iter().map(|round| &round.direct)),
            through_per_second: per_second(rounds.iter().map(|round| &round.through)),
            ratio: ratio(rounds),
        }
    }

    pub(super) fn ratio(&self) -> Ratio {
        self.ratio
    }

    pub(super) fn direct(&self) -> Percentiles {
        self.direct
    }

    pub(super) fn through(&self) -> Percentiles {
        self.through
    }

    pub(super) fn added_p50_us(&self) -> f64 {
        self.added.p50_us
    }

    /// The larger of both measures: where the direct requests were disturbed more than those
    /// through the gateway, the difference of the percentiles says nothing.
    pub(super) fn added_p99_us(&self) -> f64 {
        self.added.p99_us.max(self.added_paired.p99_us)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name, Percentiles { p50_us, p99_us }, per_second: Option<f64>| {
            write!(f, "  {name:<14} p50 {p50_us:>9.1} µs   p99 {p99_us:>9.1} µs")?;
            per_second.map_or(Ok(()), |rate| write!(f, "   {rate:>8.0} requests/s"))?;
            writeln!(f)
        };
        line("direct", self.direct, Some(self.direct_per_second))?;
        line("through", self.through, Some(self.through_per_second))?;
        line("added", self.added, None)?;
        line("added, paired", self.added_paired, None)
    }
}

/// The median over the rounds, so that one disturbed round does not decide.
fn ratio(rounds: &[Round]) -> Ratio {
    let ratios = rounds.iter().map(|round| {
        let direct = Percentiles::of_sides(std::iter::once(&round.direct));
        let through = Percentiles::of_sides(std::iter::once(&round.through));
        (through.p50_us / direct.p50_us, through.p99_us / direct.p99_us)
    });
    let (p50, p99): (Vec<_>, Vec<_>) = ratios.unzip();
    Ratio { p50: Percentiles::of(p50).p50_us, p99: Percentiles::of(p99).p50_us }
}

fn per_second<'a>(sides: impl Iterator<Item = &'a Side> + Clone) -> f64 {
    let wall: Duration = sides.clone().map(|side| side.wall).sum();
    let requests = sides.map(|side| side.times.len()).sum::<usize>();
    f64::from(u32::try_from(requests).unwrap_or(u32::MAX)) / wall.as_secs_f64()
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(microseconds: impl IntoIterator<Item = u64>) -> Side {
        let times: Vec<_> = microseconds.into_iter().map(Duration::from_micros).collect();
        Side { wall: times.iter().sum(), times }
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let of = |values: &[u32]| Percentiles::of(values.iter().copied().map(f64::from).collect());
        let hundred: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(of(&hundred), Percentiles { p50_us: 50.0, p99_us: 99.0 });
        assert_eq!(of(&[3, 1, 2]), Percentiles { p50_us: 2.0, p99_us: 3.0 });
        assert_eq!(of(&[7]), Percentiles { p50_us: 7.0, p99_us: 7.0 });
    }

    #[test]
    fn a_constant_delay_is_found_by_both_measures() {
        let direct = side(1..=100);
        let through = side((1..=100).map(|time| time + 40));
        let figures = Figures::of(&[Round { direct, through }]);
        assert!((figures.added.p50_us - 40.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.added.p99_us - 40.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.added_paired.p99_us - 40.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.ratio.p50 - 90.0 / 50.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.direct_per_second - 100.0 / 5_050e-6).abs() < 1e-3, "{figures:?}");
    }

    #[test]
    fn a_disturbed_direct_request_does_not_hide_what_is_added() {
        let direct = side((0..100).map(|at| if at < 5 { 9_000 } else { 100 }));
        let figures = Figures::of(&[Round { direct, through: side([300; 100]) }]);
        assert!(figures.added.p99_us < 0.0, "{figures:?}");
        assert!((figures.added_p99_us() - 200.0).abs() < 1e-6, "{figures:?}");
    }

    #[test]
    fn one_disturbed_round_does_not_move_the_ratio() {
        let calm = Round { direct: side([100; 10]), through: side([200; 10]) };
        let disturbed = Round { direct: side([100; 10]), through: side([9_000; 10]) };
        let figures = Figures::of(&[calm.clone(), disturbed, calm]);
        assert_eq!(figures.ratio, Ratio { p50: 2.0, p99: 2.0 });
    }
}
