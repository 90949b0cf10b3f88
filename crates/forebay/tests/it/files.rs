//! Migrations, backups, and the way back.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use serde_json::Value;

use crate::client::Ask;
use crate::place::{Place, assert_holds, mode, parse};
use crate::settings;

#[tokio::test(flavor = "multi_thread")]
async fn migrate_creates_what_check_misses() {
    let place = Place::new();
    let missing = place.run(&["migrate", "--check", "--json"]).await;
    assert_eq!(missing.code, Some(1), "{missing:?}");
    let missing = parse(&missing.out);
    assert_eq!(missing["current"], false);
    assert_eq!(missing["files"][0]["version"], 0);
    assert!(!place.data().exists(), "a check has made the directory");

    let made = place.json(&["migrate"]).await;
    assert_eq!(made["current"], true);
    let names = ["ledger.db", "cache.db", "forebay.db", "embeddings.db"];
    for (file, name) in made["files"].as_array().unwrap().iter().zip(names) {
        assert_eq!(file["file"], name);
        assert_eq!(file["version"], file["latest"]);
        assert_eq!(mode(&place.data().join(name)), 0o600);
    }
    assert_eq!(place.json(&["migrate", "--check"]).await, made);
    assert_holds(&place.good(&["migrate"]).await, &["ledger.db  version 2 of 2, current"]);
    assert_eq!(mode(&place.data()), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_of_a_file_of_another_kind() {
    let place = Place::new();
    place.good(&["migrate"]).await;
    let [ledger, cache] = ["ledger.db", "cache.db"].map(|name| place.data().join(name));
    fs_err::copy(&ledger, &cache).unwrap();
    let refusal = place.refused(&["migrate", "--check"]).await;
    assert_holds(&refusal, &["cache.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_listed_query_uses_an_index() {
    let place = Place::new();
    let verified = place.json(&["index"]).await;
    let queries = verified["queries"].as_array().unwrap();
    assert!(queries.len() > 10, "{verified}");
    for query in queries {
        assert_eq!(query["uses_index"], true, "{query}");
        assert!(!query["plan"].as_array().unwrap().is_empty(), "{query}");
    }
    assert_eq!(place.json(&["migrate", "--check"]).await["current"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_wait_for_the_gateway_to_stop() {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    let gateway = place.serve().await;
    for arguments in [["migrate"].as_slice(), &["index"]] {
        let refusal = place.refused(arguments).await;
        assert_holds(&refusal, &[&format!("in use by process {}", gateway.id())]);
    }
    place.good(&["migrate", "--check"]).await;
    gateway.stop().await;
}

/// What a ledger holds, as the commands show it.
async fn held(place: &Place) -> (Value, Value, Value) {
    let keys = place.json(&["keys", "list"]).await;
    let usage = place.json(&["usage", "--by", "developer"]).await;
    let mut accounts = place.json(&["budget", "show"]).await;
    for account in accounts["accounts"].as_array_mut().unwrap() {
        // What is leased is the running gateway's alone.
        account.as_object_mut().unwrap().remove("leased");
    }
    (keys, usage, accounts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_gateway_comes_back_elsewhere() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let gateway = place.serve().await;
    let key = place.key(&["--developer", "ada", "--team", "search"]).await;
    place.good(&["budget", "set", "--team", "search", "--limit", "5"]).await;
    for question in ["one", "two", "three"] {
        Ask::new(question).with_key(&key).answered(gateway.address()).await;
    }
    place.good(&["backup", "copy"]).await;
    let before = held(&place).await;
    for file in ["ledger.db", "pepper"] {
        assert_eq!(mode(&place.home("copy").join(file)), 0o600, "{file}");
    }
    let again = place.refused(&["backup", "copy"]).await;
    assert_holds(&again, &["copy exists already", "does not exist yet"]);
    gateway.stop().await;

    let other = Place::beside(&simulator);
    let copy = place.home("copy").to_str().unwrap().to_owned();
    other.good(&["restore", &copy]).await;
    assert_eq!(held(&other).await, before);
    assert_eq!(before.1["usage"][0]["group"], "ada");
    assert!(before.1["usage"][0]["cost"].as_u64().unwrap() > 0);
    let gateway = other.serve().await;
    Ask::new("four").with_key(&key).answered(gateway.address()).await;
    gateway.stop().await;
    simulator.stop().await;
}

/// Every file of a directory with its length and a hash of its content.
fn content(directory: &Path) -> Vec<(String, usize, u64)> {
    let mut content: Vec<_> = fs_err::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        // Who holds the directory changes with every command.
        .filter(|entry| entry.file_name() != "forebay.lock")
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let bytes = fs_err::read(entry.path()).unwrap();
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            (name, bytes.len(), hasher.finish())
        })
        .collect();
    content.sort();
    content
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_replaces_a_ledger_only_when_it_is_told_to() {
    let place = Place::new();
    place.key(&["--developer", "ada"]).await;
    place.good(&["backup", "copy"]).await;
    place.key(&["--developer", "bob"]).await;
    let before = content(&place.data());
    let refusal = place.refused(&["restore", "copy"]).await;
    assert_holds(&refusal, &["ledger.db exists already", "--replace"]);
    assert_eq!(content(&place.data()), before);

    place.good(&["restore", "copy", "--replace"]).await;
    let listed = place.json(&["keys", "list"]).await;
    assert_eq!(listed["keys"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["keys"][0]["principal"]["developer"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_waits_for_the_gateway_to_stop() {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    place.key(&["--developer", "ada"]).await;
    place.good(&["backup", "copy"]).await;
    let gateway = place.serve().await;
    let refusal = place.refused(&["restore", "copy", "--replace"]).await;
    assert_holds(&refusal, &[&format!("in use by process {}", gateway.id())]);
    place.good(&["status"]).await;
    gateway.stop().await;
}

/// Breaks a backup; restoring it is refused and leaves every file as it was.
async fn check_leaves_the_old(breaks: impl FnOnce(&Path), told: &str) {
    let place = Place::new();
    place.key(&["--developer", "ada"]).await;
    let copy = place.home("copy");
    place.good(&["backup", "copy"]).await;
    place.key(&["--developer", "bob"]).await;
    let before = content(&place.data());
    breaks(&copy);
    let refusal = place.refused(&["restore", "copy", "--replace"]).await;
    assert_holds(&refusal, &[told]);
    assert_eq!(content(&place.data()), before, "{refusal}");
    assert_eq!(place.json(&["keys", "list"]).await["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_leaves_the_old_as_it_was() {
    let ledger = |copy: &Path| copy.join("ledger.db");
    check_leaves_the_old(|copy| fs_err::remove_dir_all(copy).unwrap(), "copy/").await;
    check_leaves_the_old(|copy| fs_err::write(ledger(copy), "words").unwrap(), "ledger.db").await;
    check_leaves_the_old(|copy| fs_err::write(ledger(copy), "").unwrap(), "ledger.db").await;
    let cut = |copy: &Path| {
        let bytes = fs_err::read(ledger(copy)).unwrap();
        fs_err::write(ledger(copy), &bytes[..bytes.len() / 2]).unwrap();
    };
    check_leaves_the_old(cut, "ledger.db").await;
    check_leaves_the_old(|copy| fs_err::remove_file(copy.join("pepper")).unwrap(), "pepper").await;
}
