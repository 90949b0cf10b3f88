//! Adding up what cargo and unittest report.

use std::fmt;

/// How many tests ran, and how they ended.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// What unittest has said so far about how many it ran.
    ran: u64,
}

impl Tally {
    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    /// Reads `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; …`.
    pub(super) fn add_cargo_line(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        self.passed += before(counts, " passed").unwrap_or(0);
        self.failed += before(counts, " failed").unwrap_or(0);
        self.skipped += before(counts, " ignored").unwrap_or(0);
    }

    /// Reads `Ran 12 tests in 3.2s` and the verdict after it: `OK`, `OK (skipped=1)` or
    /// `FAILED (failures=1, errors=2)`. An error outside of any test is not among those that ran.
    pub(super) fn add_unittest_line(&mut self, line: &str) {
        if let Some(ran) = line.strip_prefix("Ran ").and_then(|rest| before(rest, " test")) {
            self.ran = ran;
        } else if line == "OK" || line.starts_with("OK (") || line.starts_with("FAILED (") {
            let failed = after(line, "failures=") + after(line, "errors=");
            let skipped = after(line, "skipped=");
            self.passed += self.ran.saturating_sub(failed + skipped);
            self.failed += failed;
            self.skipped += skipped;
            self.ran = 0;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The number that ends right before `word`.
fn before(text: &str, word: &str) -> Option<u64> {
    text.split_once(word)?.0.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The number that begins right after `word`, 0 if there is none.
fn after(text: &str, word: &str) -> u64 {
    let number = text.split_once(word).map(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()));
    number.and_then(|mut parts| parts.next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_tally(add: fn(&mut Tally, &str), lines: &[&str], expect: &str) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| add(&mut tally, line));
        assert_eq!(tally.to_string(), expect);
    }

    #[test]
    fn results_of_cargo_are_added_up() {
        check_tally(
            Tally::add_cargo_line,
            &[
                "running 7 tests",
                "test a ... FAILED",
                "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                "test result: ok. 12 passed; 0 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.78s",
                "it said: test result: ok. 100 passed; 0 failed",
            ],
            "17 passed, 2 failed, 4 skipped",
        );
    }

    #[test]
    fn results_of_unittest_are_added_up() {
        let add = Tally::add_unittest_line;
        check_tally(add, &["Ran 12 tests in 3.210s", "", "OK"], "12 passed, 0 failed");
        check_tally(
            add,
            &["Ran 1 test in 0.1s", "OK (skipped=1)"],
            "0 passed, 0 failed, 1 skipped",
        );
        check_tally(
            add,
            &["Ran 12 tests in 3.210s", "FAILED (failures=1, errors=2, skipped=3)"],
            "6 passed, 3 failed, 3 skipped",
        );
        check_tally(add, &["Ran 0 tests in 0.0s", "FAILED (errors=1)"], "0 passed, 1 failed");
        check_tally(add, &["OKAY", "Running", "FAILED"], "0 passed, 0 failed");
    }
}
