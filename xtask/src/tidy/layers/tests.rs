use super::*;

/// Metadata of a workspace that has every package of the table, with `edges` of the form
/// "a -> b" or "a -dev-> b".
fn workspace(extra: &[&str], edges: &[&str]) -> Metadata {
    let names: Vec<&str> =
        TABLE.iter().map(|(name, _)| *name).chain(extra.iter().copied()).collect();
    let packages: Vec<_> = names
        .iter()
        .map(|name| {
            let dependencies: Vec<_> =
                edges.iter().filter_map(|edge| dependency(edge, name)).collect();
            serde_json::json!({
                "id": name, "name": name, "version": "0", "license": null,
                "dependencies": dependencies,
            })
        })
        .collect();
    let json = serde_json::json!({
        "packages": packages, "workspace_members": names, "target_directory": "target",
    });
    Metadata::parse(&json.to_string()).unwrap()
}

fn dependency(edge: &str, of: &str) -> Option<serde_json::Value> {
    let (from, kind, to) = match edge.split_once(" -dev-> ") {
        Some((from, to)) => (from, Some("dev"), to),
        None => edge.split_once(" -> ").map(|(from, to)| (from, None, to)).unwrap(),
    };
    let path = (to != "anyhow").then(|| format!("crates/{to}"));
    (from == of).then(|| serde_json::json!({ "name": to, "kind": kind, "path": path }))
}

#[track_caller]
fn check_edge(edge: &str, allowed: bool) {
    let violations = check(&workspace(&[], &[edge]));
    assert_eq!(violations.is_empty(), allowed, "{edge}: {violations:?}");
}

#[test]
fn dependencies_go_down_only() {
    check_edge("forebay-wire -> forebay-types", true);
    check_edge("forebay -> forebay-types", true);
    check_edge("forebay-cache -> forebay-storage", true);
    check_edge("forebay-cache -> anyhow", true);
    check_edge("forebay-types -> forebay-wire", false);
    check_edge("forebay-cache -> forebay-budget", false);
    check_edge("forebay-wire -> forebay-simulator", false);
    check_edge("forebay-storage -> forebay-orchestrator", false);
}

#[test]
fn tests_may_use_what_is_made_for_tests() {
    check_edge("forebay-storage -dev-> forebay-testkit", true);
    check_edge("forebay-wire -dev-> forebay-simulator", true);
    check_edge("forebay-storage -> forebay-testkit", false);
    check_edge("forebay -> forebay-testkit", false);
    check_edge("forebay-testkit -> forebay-storage", true);
    check_edge("forebay-cache -dev-> forebay-budget", false);
}

#[test]
fn the_task_runner_stands_outside() {
    check_edge("xtask -> forebay-types", false);
    check_edge("xtask -dev-> forebay-simulator", false);
    check_edge("forebay -> xtask", false);
    check_edge("forebay-types -dev-> xtask", false);
}

#[test]
fn every_package_is_in_the_table_and_the_table_holds_no_other() {
    let violations = check(&workspace(&["forebay-new"], &[]));
    assert_eq!(violations, [Violation::new("forebay-new", "is not in the layer table")]);

    let empty = r#"{"packages": [], "workspace_members": [], "target_directory": "target"}"#;
    assert_eq!(check(&Metadata::parse(empty).unwrap()).len(), TABLE.len());
}

#[test]
fn this_workspace_keeps_to_the_table() {
    let violations = check(&Metadata::read().unwrap());
    assert!(violations.is_empty(), "{violations:#?}");
}
