//! What any text file of the repository must not contain, and how large a file may be.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Violation;
use crate::workspace;

const BYTES_MAX: usize = 200_000;

/// Transcripts and other test data may need any byte, so only what people write is looked at.
const WRITTEN_BY_PEOPLE: &[&str] = &["md", "py", "rs", "sh", "toml", "txt", "yml"];

/// Split so that this file does not find itself.
const REMINDERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Checks all of `files`.
pub(super) fn check_files(files: &[PathBuf]) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files {
        violations.extend(check(file, &fs_err::read(workspace::root().join(file))?));
    }
    Ok(violations)
}

fn check(file: &Path, content: &[u8]) -> Vec<Violation> {
    let mut violations = Vec::new();
    if content.len() > BYTES_MAX {
        let what = format!("has {} bytes, more than {BYTES_MAX}", content.len());
        violations.push(Violation::new(file.display(), what));
    }
    let extension = file.extension().and_then(|extension| extension.to_str());
    if !extension.is_some_and(|extension| WRITTEN_BY_PEOPLE.contains(&extension)) {
        return violations;
    }
    let Ok(text) = std::str::from_utf8(content) else {
        violations.push(Violation::new(file.display(), "is not UTF-8"));
        return violations;
    };
    for (number, line) in (1..).zip(text.split('\n')) {
        let place = || format!("{}:{number}", file.display());
        if line.ends_with(char::is_whitespace) {
            violations.push(Violation::new(place(), "white space at the end of the line"));
        }
        for reminder in REMINDERS.iter().filter(|reminder| reminds(line, reminder)) {
            violations.push(Violation::new(place(), format!("{reminder}: do it or drop it")));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        violations.push(Violation::new(file.display(), "does not end with a line break"));
    }
    violations
}

/// Whether `line` holds `reminder` outside of quotation marks. Inside of them it is what a text is
/// about: the product has a rule that finds reminders.
fn reminds(line: &str, reminder: &str) -> bool {
    let is_quoted = |before: &str| before.replace("\\\"", "").matches('"').count() % 2 == 1;
    line.match_indices(reminder).any(|(at, _)| !is_quoted(&line[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(file: &str, content: &[u8], expect: &[&str]) {
        let found: Vec<_> =
            check(Path::new(file), content).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn each_fault_is_found_with_its_line() {
        let reminder = format!("fn a() {{}}\n// {}: later\n", REMINDERS[0]);
        let expect = format!("a.rs:2: {}: do it or drop it", REMINDERS[0]);
        check_text("a.rs", reminder.as_bytes(), &[&expect]);
        let spoken_of = format!("find(\"a {} marker\");\n", REMINDERS[0]);
        check_text("a.rs", spoken_of.as_bytes(), &[]);
        let behind = format!("fn a(\"text\")\n{{}} // later: {}\n", REMINDERS[0]);
        check_text("a.rs", behind.as_bytes(), &[&expect]);
        check_text("a.md", b"one\ntwo \n", &["a.md:2: white space at the end of the line"]);
        check_text("a.md", b"one\r\n", &["a.md:1: white space at the end of the line"]);
        check_text("a.toml", b"one", &["a.toml: does not end with a line break"]);
        check_text("a.py", b"\xff\n", &["a.py: is not UTF-8"]);
        let large = [b'a'; BYTES_MAX + 1];
        check_text("a.bin", &large, &["a.bin: has 200001 bytes, more than 200000"]);
    }

    #[test]
    fn good_texts_and_test_data_pass() {
        check_text("a.rs", b"fn a() {}\n", &[]);
        check_text("a.rs", b"", &[]);
        check_text("a.sse", b"data: x \r\n\xff", &[]);
        check_text("a.bin", &[b'a'; BYTES_MAX], &[]);
    }
}
