//! Which crate may depend on which.

use super::Violation;
use crate::workspace::{Metadata, Package};

/// A crate depends only on crates of lower layers, never sideways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Ground,
    Zero,
    One,
    Two,
    Three,
    Four,
    /// Only ever a development dependency, so it may itself depend on anything.
    Development,
    /// Depends on no product crate, and none depends on it.
    Outside,
}

const TABLE: &[(&str, Layer)] = &[
    ("forebay-types", Layer::Ground),
    ("forebay-analysis", Layer::Zero),
    ("forebay-embeddings", Layer::Zero),
    ("forebay-simulator", Layer::Zero),
    ("forebay-storage", Layer::Zero),
    ("forebay-telemetry", Layer::Zero),
    ("forebay-vectors", Layer::Zero),
    ("forebay-wire", Layer::Zero),
    ("forebay-budget", Layer::One),
    ("forebay-cache", Layer::One),
    ("forebay-corpus", Layer::One),
    ("forebay-inference", Layer::One),
    ("forebay-knowledge", Layer::One),
    ("forebay-orchestrator", Layer::Two),
    ("forebay-server", Layer::Three),
    ("forebay", Layer::Four),
    ("forebay-testkit", Layer::Development),
    ("xtask", Layer::Outside),
];

/// What tests of any layer may use beside the layers below their crate.
const FOR_TESTS: [&str; 2] = ["forebay-simulator", "forebay-testkit"];

fn layer(package: &str) -> Option<Layer> {
    TABLE.iter().find(|(name, _)| *name == package).map(|(_, layer)| *layer)
}

/// Compares the table with the packages of the workspace and their dependencies.
pub(super) fn check(metadata: &Metadata) -> Vec<Violation> {
    let mut violations: Vec<_> = metadata.members().flat_map(check_package).collect();
    for (name, _) in TABLE {
        if !metadata.members().any(|package| package.name == *name) {
            violations.push(Violation::new(name, "is in the layer table but not in the workspace"));
        }
    }
    violations
}

fn check_package(package: &Package) -> Vec<Violation> {
    let Some(own) = layer(&package.name) else {
        return vec![Violation::new(&package.name, "is not in the layer table")];
    };
    let mut violations = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| dependency.is_ours()) {
        let name = dependency.name.as_str();
        let is_below = own != Layer::Outside && layer(name).is_some_and(|other| other < own);
        let is_development = dependency.kind.as_deref() == Some("dev");
        let is_for_tests = is_development && own != Layer::Outside && FOR_TESTS.contains(&name);
        if !is_below && !is_for_tests {
            let what = format!("depends on {name}, which is not in a lower layer");
            violations.push(Violation::new(&package.name, what));
        }
    }
    violations
}

#[cfg(test)]
mod tests;
