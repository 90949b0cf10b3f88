//! The same command through a running gateway and without one.

mod normal;

use serde_json::Value;

use self::normal::Normal;
use crate::client::Ask;
use crate::place::{Place, mode};
use crate::process::Process;
use crate::settings;

/// What is done in both places, in order; `{ada}` and `{bob}` are the ids of their keys.
const COMMANDS: [&str; 36] = [
    "keys list",
    "budget show",
    "usage",
    "budget unreconciled",
    "keys create --developer ada --team search --project alpha --model sim --expires-in-days 3",
    "keys create --developer bob --json",
    "keys create --developer cyd --tenant other --model sim --model more",
    "keys list",
    "keys list --json",
    "keys rotate {bob} --grace-seconds 60 --json",
    "keys rotate {bob}",
    "keys rotate nobody",
    "keys revoke {ada}",
    "keys revoke {ada} --json",
    "keys revoke nobody",
    "keys rotate {ada}",
    "keys list",
    "keys list --json",
    "budget set --developer ada --limit 12.50",
    "budget set --developer ada --tenant other --limit 3",
    "budget set --team search --unlimited --json",
    "budget set --project alpha --limit 0",
    "budget set --whole-tenant --limit 400 --json",
    "budget show",
    "budget show --json",
    "budget unreconciled --json",
    "budget reconcile 7 0",
    "usage --by developer",
    "usage --by team",
    "usage --by project --json",
    "usage --by model",
    "usage --by day --json",
    "usage --month 2020-01 --json",
    "backup copy",
    "backup copy",
    "backup elsewhere --json",
];

/// Runs all of them and makes what is random the same.
async fn outcomes(place: &Place) -> Vec<String> {
    let mut normal = Normal::of(place);
    let mut outcomes = Vec::new();
    for command in COMMANDS {
        let command = normal.filled(command);
        let arguments: Vec<&str> = command.split(' ').collect();
        let ran = place.run(&arguments).await;
        if let ["keys", "create", "--developer", developer, ..] = arguments[..] {
            normal.learn(developer, &ran.out);
        }
        let (out, err) = (normal.text(&ran.out), normal.text(&ran.err));
        outcomes.push(format!("{}{:?}\n{out}{err}", normal.text(&command), ran.code));
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_the_same_through_the_gateway_and_without_one() {
    let settings = settings::with_provider(([127, 0, 0, 1], 9).into());
    let (with, without) = (Place::with(&settings), Place::with(&settings));
    let gateway = with.serve().await;
    let (through, directly) = (outcomes(&with).await, outcomes(&without).await);
    assert_eq!(with.json(&["status"]).await["address"], gateway.address().to_string());
    gateway.stop().await;
    for (through, directly) in through.iter().zip(&directly) {
        assert_eq!(through, directly);
    }
    let failed = directly.iter().filter(|outcome| !outcome.contains("\nSome(0)\n"));
    let failed: Vec<_> = failed.map(|outcome| outcome.lines().next().unwrap()).collect();
    let expected = ["keys rotate nobody", "keys revoke nobody", "keys rotate {ada}"];
    let expected = [expected.as_slice(), &["budget reconcile 7 0", "backup copy"]].concat();
    assert_eq!(failed, expected);
}

/// What can be asked without changing anything.
async fn told(place: &Place) -> Vec<Value> {
    let mut told = Vec::new();
    for by in ["developer", "team", "project", "model", "day"] {
        told.push(place.json(&["usage", "--by", by]).await);
    }
    told.push(place.json(&["keys", "list"]).await);
    told.push(place.json(&["budget", "unreconciled"]).await);
    let mut accounts = place.json(&["budget", "show"]).await;
    for account in accounts["accounts"].as_array_mut().unwrap() {
        // What is leased is the running gateway's alone.
        account.as_object_mut().unwrap().remove("leased");
    }
    told.push(accounts);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_tells_is_what_its_files_tell() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let ada = place.key(&["--developer", "ada", "--team", "search"]).await;
    let bob = place.key(&["--developer", "bob", "--project", "alpha"]).await;
    let gateway = place.serve().await;
    for key in [&ada, &bob] {
        for question in ["one", "two", "one"] {
            Ask::new(question).with_key(key).answered(gateway.address()).await;
        }
    }
    let through = told(&place).await;
    gateway.stop().await;
    assert_eq!(told(&place).await, through);
    // Who asked first paid; the rest was free.
    let by_developer = &through[0]["usage"];
    assert_eq!((&by_developer[0]["group"], &by_developer[0]["free"]), (&"ada".into(), &1.into()));
    assert_eq!((&by_developer[1]["group"], &by_developer[1]["free"]), (&"bob".into(), &3.into()));
    assert_eq!(by_developer[1]["cost"], 0);
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_from_its_making_to_its_end() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let gateway = place.serve().await;
    let status =
        async |key: &str| Ask::new("hello").with_key(key).send(gateway.address()).await.status;
    let made = place.json(&["keys", "create", "--developer", "ada"]).await;
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert_eq!(status(key).await, 200);
    let next = place.json(&["keys", "rotate", id, "--grace-seconds", "600"]).await;
    let (next_id, next) = (next["id"].as_str().unwrap(), next["key"].as_str().unwrap());
    assert_eq!((status(key).await, status(next).await), (200, 200));
    let last = place.json(&["keys", "rotate", next_id]).await;
    let (last_id, last) = (last["id"].as_str().unwrap(), last["key"].as_str().unwrap());
    assert_eq!((status(next).await, status(last).await), (401, 200));
    place.good(&["keys", "revoke", id]).await;
    place.good(&["keys", "revoke", last_id]).await;
    assert_eq!((status(key).await, status(last).await), (401, 401));
    gateway.stop().await;
    simulator.stop().await;
}

/// What a killed gateway had in flight can be corrected, through the next one and without.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_reconciled() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let key = place.key(&["--developer", "ada"]).await;
    let gateway = place.serve().await;
    simulator.script(vec![simulator::Fault::HangBeforeHeaders; 2]);
    let mut open = Vec::new();
    for question in ["one", "two"] {
        open.push(Ask::new(question).with_key(&key).open(gateway.address()).await.unwrap());
    }
    simulator.counts_when(|counts| counts.in_flight == 2).await;
    gateway.kill().await;

    let listed = place.json(&["budget", "unreconciled"]).await;
    let charges = listed["unreconciled"].as_array().unwrap();
    let cost = |charge: &Value| charge["cost"].as_u64().unwrap();
    let id = |charge: &Value| charge["id"].to_string();
    assert_eq!(charges.len(), 2, "{listed}");
    assert_eq!(spent(&place).await, cost(&charges[0]) + cost(&charges[1]));
    let text = place.good(&["budget", "unreconciled"]).await;
    crate::place::assert_holds(&text, &[&id(&charges[0]), "developer ada", "local"]);
    place.good(&["budget", "reconcile", &id(&charges[0]), "0"]).await;
    assert_eq!(spent(&place).await, cost(&charges[1]));
    let gateway = Process::gateway(&place).await;
    place.good(&["budget", "reconcile", &id(&charges[1]), "0.000123"]).await;
    assert_eq!(spent(&place).await, 123);
    gateway.stop().await;
    assert_eq!(spent(&place).await, 123);
    assert_eq!(
        place.json(&["budget", "unreconciled"]).await["unreconciled"],
        serde_json::json!([])
    );
    simulator.stop().await;
}

async fn spent(place: &Place) -> u64 {
    let accounts = place.json(&["budget", "show"]).await;
    let spent = |account: &Value| account["spent"].as_u64().unwrap();
    let mut all: Vec<_> = accounts["accounts"].as_array().unwrap().iter().map(spent).collect();
    // Developer and tenant have spent the same.
    all.dedup();
    assert_eq!(all.len(), 1, "{accounts}");
    all[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn status_fails_where_no_gateway_runs() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let ran = place.run(&["status"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    crate::place::assert_holds(&ran.out, &["no gateway runs on this data directory"]);
    let gateway = place.serve().await;
    let text = place.good(&["status"]).await;
    let ready = format!("ready on {}", gateway.address());
    crate::place::assert_holds(&text, &[&ready, "memory", "local", "closed"]);
    gateway.stop().await;
    assert_eq!(place.run(&["status", "--json"]).await.code, Some(1));
    simulator.stop().await;
}

/// A gateway without a provider runs, and says that it cannot answer.
#[tokio::test(flavor = "multi_thread")]
async fn status_fails_where_no_provider_can_be_used() {
    let mut settings = settings::with_provider(([127, 0, 0, 1], 9).into());
    settings["providers"]["local"].as_table_mut().unwrap().insert("enabled".into(), false.into());
    let place = Place::with(&settings);
    let gateway = place.serve().await;
    let ran = place.run(&["status"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    crate::place::assert_holds(&ran.out, &["not ready", "no provider can be used"]);
    assert_eq!(crate::client::get(gateway.address(), "/readyz").await.status, 503);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_socket_is_its_owners_alone() {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    let gateway = place.serve().await;
    assert_eq!(mode(&place.data()), 0o700);
    for entry in fs_err::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(place.data().join("control.sock").exists());
    gateway.stop().await;
    assert!(!place.data().join("control.sock").exists());
}
