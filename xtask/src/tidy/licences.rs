//! Licences that a dependency may have.

use super::Violation;
use crate::workspace::Metadata;

/// Each allows use in a program under Apache-2.0 and asks for no more than a notice.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Checks every package that any target of the workspace may pull in.
pub(super) fn check(metadata: &Metadata) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let place = format!("{} {}", package.name, package.version);
        match &package.license {
            None => violations.push(Violation::new(place, "names no licence")),
            Some(licence) if !is_allowed(licence) => {
                let what = format!("has a licence that is not on the list: {licence}");
                violations.push(Violation::new(place, what));
            }
            Some(_) => {}
        }
    }
    violations
}

/// Whether an SPDX expression can be met with allowed licences alone.
fn is_allowed(expression: &str) -> bool {
    // Packages older than SPDX expressions write a stroke for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) == Some(true) && rest.is_empty()
}

/// `all (OR all)*`. `None`: not an expression.
fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(rest)?;
    while let [first, tail @ ..] = rest
        && *first == "OR"
    {
        *rest = tail;
        allowed |= all(rest)?;
    }
    Some(allowed)
}

/// `one (AND one)*`
fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(rest)?;
    while let [first, tail @ ..] = rest
        && *first == "AND"
    {
        *rest = tail;
        allowed &= one(rest)?;
    }
    Some(allowed)
}

/// `( any )`, `name WITH exception` or `name`
fn one(rest: &mut &[&str]) -> Option<bool> {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let allowed = any(rest)?;
            let [")", tail @ ..] = *rest else { return None };
            *rest = tail;
            Some(allowed)
        }
        [name, "WITH", exception, tail @ ..] => {
            *rest = tail;
            Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()))
        }
        [name, tail @ ..] => {
            *rest = tail;
            Some(ALLOWED.contains(name))
        }
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_licence(expression: &str, allowed: bool) {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }

    #[test]
    fn expressions_are_understood() {
        check_licence("MIT", true);
        check_licence("GPL-3.0-only", false);
        check_licence("MIT OR GPL-3.0-only", true);
        check_licence("GPL-3.0-only OR MIT", true);
        check_licence("MIT AND GPL-3.0-only", false);
        check_licence("MIT/Apache-2.0", true);
        check_licence("Unlicense / MIT", true);
        check_licence("(MIT OR GPL-3.0-only) AND Unicode-3.0", true);
        check_licence("(MIT AND GPL-3.0-only) OR AGPL-3.0-only", false);
        check_licence("GPL-3.0-only OR MIT AND AGPL-3.0-only", false);
        check_licence("Apache-2.0 WITH LLVM-exception", true);
        check_licence("GPL-2.0 WITH Classpath-exception-2.0", false);
    }

    #[test]
    fn rubbish_is_not_allowed() {
        for rubbish in ["", "(MIT", "MIT)", "MIT OR", "MIT MIT", "AND MIT"] {
            check_licence(rubbish, false);
        }
    }

    #[test]
    fn a_package_without_a_good_licence_is_found() {
        let json = r#"{"workspace_members": [], "target_directory": "t", "packages": [
            {"id": "a", "name": "a", "version": "1.0.0", "license": "MIT", "dependencies": []},
            {"id": "b", "name": "b", "version": "2.0.0", "license": null, "dependencies": []},
            {"id": "c", "name": "c", "version": "3.0.0", "license": "Foo", "dependencies": []}
        ]}"#;
        let found = check(&Metadata::parse(json).unwrap());
        let places: Vec<_> = found.iter().map(|violation| violation.place.as_str()).collect();
        assert_eq!(places, ["b 2.0.0", "c 3.0.0"]);
    }
}
