//! The stored baseline and the comparison with it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::workspace;

const FILE: &str = "benches/baseline.json";

/// How many times longer something takes than the direct request of the same run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ratio {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// How far a ratio may be above its baseline.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) times: f64,
    /// Whether the tail counts too. Measured briefly beside others' work it says more about them.
    pub(super) tail: bool,
}

/// The ratios that were found good, by the name of what was measured.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Baseline {
    ratios: BTreeMap<String, Ratio>,
}

impl Baseline {
    pub(super) fn new(ratios: BTreeMap<String, Ratio>) -> Self {
        Self { ratios }
    }

    pub(super) fn load() -> Result<Self> {
        let text = fs_err::read_to_string(workspace::root().join(FILE))
            .context("there is no baseline yet: run cargo xtask bench --save")?;
        serde_json::from_str(&text)
            .with_context(|| format!("{FILE} is not a baseline: run cargo xtask bench --save"))
    }

    pub(super) fn save(&self) -> Result<()> {
        let path = workspace::root().join(FILE);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let json = serde_json::to_string_pretty(self).context("ratios are plain numbers")?;
        fs_err::write(path, json + "\n")?;
        println!("bench: saved {FILE}");
        Ok(())
    }

    /// What takes more than is allowed, or has no counterpart.
    pub(super) fn regressions(
        &self,
        found: &BTreeMap<String, Ratio>,
        allowed: Allowed,
    ) -> Vec<String> {
        let mut regressions = Vec::new();
        for (name, found) in found {
            let Some(stored) = self.ratios.get(name) else {
                regressions.push(format!("{name}: not in the baseline, run bench --save"));
                continue;
            };
            for (of, stored, found) in
                [("p50", stored.p50, found.p50), ("p99", stored.p99, found.p99)]
                    .into_iter()
                    .take(if allowed.tail { 2 } else { 1 })
            {
                // Also true when either is not a number.
                let is_within = found <= stored * allowed.times;
                if !is_within {
                    regressions.push(format!(
                        "{name}: {of} is {found:.2} times the direct request, {stored:.2} before"
                    ));
                }
            }
        }
        let lost = self.ratios.keys().filter(|name| !found.contains_key(*name));
        regressions.extend(lost.map(|name| format!("{name}: is in the baseline but not measured")));
        regressions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(entries: &[(&str, f64, f64)]) -> BTreeMap<String, Ratio> {
        entries.iter().map(|&(name, p50, p99)| (name.to_owned(), Ratio { p50, p99 })).collect()
    }

    #[track_caller]
    fn check_regressions(found: &[(&str, f64, f64)], times: f64, expect: &[&str]) {
        let baseline = Baseline::new(ratios(&[("miss", 4.0, 5.0)]));
        let allowed = Allowed { times, tail: true };
        assert_eq!(baseline.regressions(&ratios(found), allowed), expect);
    }

    #[test]
    fn slower_is_found_in_median_and_tail() {
        check_regressions(&[("miss", 4.4, 5.5)], 1.1, &[]);
        check_regressions(&[("miss", 1.0, 1.0)], 1.1, &[]);
        check_regressions(
            &[("miss", 4.5, 5.0)],
            1.1,
            &["miss: p50 is 4.50 times the direct request, 4.00 before"],
        );
        check_regressions(
            &[("miss", 4.0, 5.6)],
            1.1,
            &["miss: p99 is 5.60 times the direct request, 5.00 before"],
        );
        check_regressions(&[("miss", 11.0, 14.0)], 3.0, &[]);
        check_regressions(
            &[("miss", f64::NAN, 5.0)],
            1.1,
            &["miss: p50 is NaN times the direct request, 4.00 before"],
        );
    }

    #[test]
    fn the_tail_may_be_left_out() {
        let baseline = Baseline::new(ratios(&[("miss", 4.0, 5.0)]));
        let allowed = Allowed { times: 3.0, tail: false };
        assert!(baseline.regressions(&ratios(&[("miss", 4.0, 50.0)]), allowed).is_empty());
        assert_eq!(baseline.regressions(&ratios(&[("miss", 13.0, 5.0)]), allowed).len(), 1);
    }

    #[test]
    fn what_has_no_counterpart_is_found() {
        check_regressions(
            &[("hit", 1.0, 1.0)],
            1.1,
            &[
                "hit: not in the baseline, run bench --save",
                "miss: is in the baseline but not measured",
            ],
        );
    }

    #[test]
    fn the_stored_form_is_read_back() {
        let json = serde_json::to_string(&Baseline::new(ratios(&[("miss", 4.0, 5.5)]))).unwrap();
        assert_eq!(json, r#"{"miss":{"p50":4.0,"p99":5.5}}"#);
        let baseline: Baseline = serde_json::from_str(&json).unwrap();
        assert_eq!(baseline.ratios, ratios(&[("miss", 4.0, 5.5)]));
    }
}
