//! What a shell and its user see: help, completions, exit codes, pipes.

use crate::place::{Place, assert_holds, end_of, parse};

/// Every command with its options and arguments.
const HELP: [(&str, &[&str]); 23] = [
    ("", &["--config", "--data", "--json", "--version", "FOREBAY_CONFIG", "FOREBAY_DATA"]),
    ("serve", &["--listen <ADDRESS:PORT>"]),
    ("status", &[]),
    ("keys", &["create", "list", "rotate", "revoke"]),
    (
        "keys create",
        &["--developer", "--tenant", "--team", "--project", "--model", "--expires-in-days"],
    ),
    ("keys list", &[]),
    ("keys rotate", &["<ID>", "--grace-seconds"]),
    ("keys revoke", &["<ID>"]),
    ("budget", &["show", "set", "unreconciled", "reconcile"]),
    ("budget show", &[]),
    (
        "budget set",
        &[
            "--developer",
            "--team",
            "--project",
            "--whole-tenant",
            "--tenant",
            "--limit",
            "--unlimited",
        ],
    ),
    ("budget unreconciled", &[]),
    ("budget reconcile", &["<ID>", "<ACTUAL>"]),
    ("usage", &["--by", "developer", "team", "project", "model", "day", "--month <YYYY-MM>"]),
    ("config", &["example", "check"]),
    ("migrate", &["--check"]),
    ("index", &[]),
    ("backup", &["<TARGET>"]),
    ("restore", &["<SOURCE>", "--replace"]),
    (
        "simulate",
        &[
            "--listen <ADDRESS:PORT>",
            "--latency-ms <MS>",
            "--between-pieces-ms <MS>",
            "--output-tokens <TOKENS>",
            "--faults <FILE>",
        ],
    ),
    ("mcp", &["--tenant", "--project", "--no-daemon"]),
    ("quickstart", &["--once"]),
    ("completions", &["bash", "zsh", "fish"]),
];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The words about an option are beside it or in the line below.
#[track_caller]
fn check_every_option_is_told_about(help: &str) {
    let lines: Vec<_> = help.lines().chain([""]).collect();
    for pair in lines.windows(2).filter(|pair| pair[0].trim_start().starts_with("--")) {
        let below = if pair[1].trim_start().starts_with('-') { "" } else { pair[1] };
        assert!(words(pair[0]).len() + words(below).len() > 2, "{}", pair[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_tells_of_every_option() {
    let place = Place::new();
    for (command, options) in HELP {
        let help = place.good(&[words(command), vec!["--help"]].concat()).await;
        assert_holds(&help, options);
        assert_holds(&help, &["Usage: forebay", "--config <FILE>", "--data <DIRECTORY>", "--json"]);
        check_every_option_is_told_about(&help);
    }
    let overview = place.good(&["--help"]).await;
    let commands = HELP.iter().map(|(command, _)| *command).filter(|name| !name.contains(' '));
    assert_holds(&overview, &commands.collect::<Vec<_>>());
    let version = place.good(&["--version"]).await;
    assert_eq!(version.trim_end(), concat!("forebay ", env!("CARGO_PKG_VERSION")));
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_know_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.good(&["completions", shell]).await;
        assert_holds(&script, &["forebay", "quickstart", "rotate", "grace-seconds"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_told_with_exit_code_2() {
    let place = Place::new();
    let wrong = [
        ("", "Usage"),
        ("serv", "serve"),
        ("keys", "Usage"),
        ("keys create", "--developer"),
        ("keys create --developer a,b", "a,b"),
        ("keys create --developer ada --expires-in-days soon", "soon"),
        ("keys revoke", "<ID>"),
        ("budget set --limit 5", "--developer"),
        ("budget set --developer ada", "--limit"),
        ("budget set --developer ada --team search --limit 5", "--team"),
        ("budget set --developer ada --limit 5 --unlimited", "--unlimited"),
        ("budget set --developer ada --limit 8,33", "8,33"),
        ("budget set --developer ada --limit=-1", "-1"),
        ("budget reconcile one 0", "one"),
        ("usage --by week", "developer"),
        ("usage --month 2026-13", "2026-11"),
        ("serve --listen 4180", "4180"),
        ("completions tcsh", "zsh"),
        ("status --jsom", "--json"),
    ];
    for (line, told) in wrong {
        let ran = place.run(&words(line)).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{line}: {ran:?}");
        assert_holds(&ran.err, &[told]);
    }
    assert!(!place.data().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_the_output_may_leave() {
    let place = Place::new();
    place.key(&["--developer", "ada"]).await;
    let commands = [
        "--help",
        "keys create --help",
        "completions bash",
        "completions fish",
        "config example",
        "config check",
        "keys list",
        "keys create --developer bob",
        "budget show --json",
        "usage",
        "migrate",
        "index",
        "quickstart --once",
    ];
    for line in commands {
        let mut command = place.command(&words(line));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer).stderr(std::process::Stdio::piped());
        let child = command.spawn().unwrap();
        // The command would hold the other end of its own output.
        drop(command);
        let ran = crate::place::within(line, child.wait_with_output()).await.unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!((ran.status.code(), err.as_str()), (Some(0), ""), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_a_command_prints_one_line_of_json() {
    let place = Place::new();
    let created = place.json(&["keys", "create", "--developer", "ada"]).await;
    let id = created["id"].as_str().unwrap();
    assert!(created["key"].as_str().unwrap().starts_with(&format!("fb_{id}_")));
    let commands = [
        "keys list",
        "budget set --developer ada --limit 5",
        "budget show",
        "budget unreconciled",
        "usage",
        "config check",
        "migrate",
        "migrate --check",
        "index",
        "backup copy",
        "restore copy --replace",
    ];
    for line in commands {
        assert!(place.json(&words(line)).await.is_object(), "{line}");
    }
    let revoked = place.json(&["keys", "revoke", id]).await;
    assert_eq!(revoked, serde_json::json!({"revoked": id}));
    let status = end_of(place.command(&["status", "--json"])).await;
    assert_eq!(parse(&status.out)["address"], serde_json::Value::Null);
    let serve = place.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    let (mut gateway, line) = crate::process::first_line(serve).await;
    assert!(parse(&line)["listening"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
    gateway.kill().await.unwrap();
}
