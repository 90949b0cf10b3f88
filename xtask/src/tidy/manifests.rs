//! Sorted dependencies.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Violation;
use crate::workspace;

/// Checks every `Cargo.toml` among `files`.
pub(super) fn check_files(files: &[PathBuf]) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
        violations.extend(check(file, &fs_err::read_to_string(workspace::root().join(file))?));
    }
    Ok(violations)
}

/// Within a section of dependencies, the names between two blank lines or comments are sorted.
/// Packages with a path are left out: the workspace lists them from the ground up.
fn check(file: &Path, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut is_dependencies = false;
    let mut last = "";
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('[') {
            is_dependencies = line.trim_end().ends_with("dependencies]");
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        let is_name = name.starts_with(|first: char| first.is_ascii_alphanumeric());
        if line.trim().is_empty() || line.starts_with(['[', '#']) {
            last = "";
        } else if is_dependencies && is_name && !line.contains("path = ") {
            if name < last {
                let place = format!("{}:{number}", file.display());
                violations.push(Violation::new(place, format!("{name} belongs before {last}")));
            }
            last = name;
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_manifest(text: &str, expect: &[&str]) {
        let found: Vec<_> =
            check(Path::new("Cargo.toml"), text).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn unsorted_dependencies_are_found() {
        check_manifest(
            "[dependencies]\nb.workspace = true\na = \"1\"\n",
            &["Cargo.toml:3: a belongs before b"],
        );
        check_manifest(
            "[dev-dependencies]\nab = { version = \"1\" }\naa.workspace = true",
            &["Cargo.toml:3: aa belongs before ab"],
        );
        check_manifest(
            "[workspace.dependencies]\nb = { version = \"1\", features = [\n  \"z\",\n] }\na = \"1\"",
            &["Cargo.toml:5: a belongs before b"],
        );
    }

    #[test]
    fn groups_other_sections_and_our_own_packages_are_free() {
        check_manifest("[dependencies]\na = \"1\"\nb = \"1\"\n[dev-dependencies]\na = \"1\"", &[]);
        check_manifest("[dependencies]\nb = \"1\"\n\na = \"1\"\n# third\na = \"1\"", &[]);
        check_manifest("[package]\nname = \"x\"\nedition = \"2024\"", &[]);
        check_manifest("[workspace.dependencies]\nz = { path = \"z\" }\na = { path = \"a\" }", &[]);
    }
}
