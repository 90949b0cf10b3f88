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

    /// What takes more than `times` as long, or has no counterpart. The median decides; on a
    /// machine that others use too, a tail says more about them.
    pub(super) fn regressions(&self, found: &BTreeMap<String, Ratio>, times: f64) -> Vec<String> {
        let mut regressions = Vec::new();
        for (name, found) in found {
            let Some(stored) = self.ratios.get(name) else {
                regressions.push(format!("{name}: not in the baseline, run bench --save"));
                continue;
            };
            // Also not within when either is not a number.
            let is_within = found.p50 <= stored.p50 * times;
            if !is_within {
                regressions.push(format!(
                    "{name}: p50 is {:.2} times the direct request, {:.2} before",
                    found.p50, stored.p50
                ));
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
        assert_eq!(baseline.regressions(&ratios(found), times), expect);
    }

    #[test]
    fn a_slower_median_is_found() {
        check_regressions(&[("miss", 4.4, 50.0)], 1.1, &[]);
        check_regressions(&[("miss", 1.0, 1.0)], 1.1, &[]);
        check_regressions(
            &[("miss", 4.5, 5.0)],
            1.1,
            &["miss: p50 is 4.50 times the direct request, 4.00 before"],
        );
        check_regressions(&[("miss", 11.0, 14.0)], 3.0, &[]);
        check_regressions(
            &[("miss", f64::NAN, 5.0)],
            1.1,
            &["miss: p50 is NaN times the direct request, 4.00 before"],
        );
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
