//! `forebay analyze`: what it finds, shows and returns.

use std::ops::Range;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::place::{Place, Ran, assert_holds, within};

/// A page with one fault on each line that [`PLANTED`] names, and no other of those kinds.
const GUIDE: &str = "\
# Guide

Read [the setup](#set-up) first.

### Start

```
pump --start
```

## Care

The filter was cleaned by the crew in order to save the the water.

TBD: name the parts.

The QZX controls it.

A new motor is coming soon.

The pump moves water from the basin to the tank when the tank is low and it stops when the tank \
is full and the crew has looked at the level of the basin and the colour of the water and the \
noise of the motor and the heat of the shaft and the state of the seals and written it all down.
";

/// Rule, line and column of what [`GUIDE`] holds.
const PLANTED: [(&str, u64, u64); 10] = [
    ("broken-anchor", 3, 6),
    ("heading-jump", 5, 1),
    ("fence-language", 7, 1),
    ("passive-voice", 13, 12),
    ("wordy-phrase", 13, 36),
    ("repeated-word", 13, 53),
    ("todo-marker", 15, 1),
    ("undefined-acronym", 17, 5),
    ("outdated-marker", 19, 16),
    ("very-long-sentence", 21, 1),
];

/// `docs/guide.md` with the planted faults, and a README with a key that is made here, so that no
/// file of this repository holds one.
fn planted() -> Place {
    let place = Place::new();
    fs_err::create_dir(place.home("docs")).unwrap();
    fs_err::write(place.home("docs/guide.md"), GUIDE).unwrap();
    let key: String = ('a'..='z').zip('0'..).take(10).flat_map(|(a, b)| [b, a]).collect();
    let key = format!("{}_{}{}", "ghp", &key[..18], "kR7tW2mX9qL4vB6nZ1");
    fs_err::write(place.home("README.md"), format!("# Pump\n\nThe key is `{key}`.\n")).unwrap();
    place
}

async fn analyze(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[&["analyze", "docs", "README.md"], arguments].concat()).await
}

fn documents(ran: &Ran) -> Vec<Value> {
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    json["documents"].as_array().unwrap().clone()
}

/// The findings of one rule in one document.
fn of_rule<'d>(document: &'d Value, rule: &str) -> Vec<&'d Value> {
    let findings = document["report"]["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["rule"] == rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_faults_are_found_with_their_places_and_what_to_do() {
    let place = planted();
    let ran = analyze(&place, &["--format", "json"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let documents = documents(&ran);
    let paths: Vec<_> = documents.iter().map(|document| &document["path"]).collect();
    assert_eq!(paths, ["docs/guide.md", "README.md"]);
    for (rule, line, column) in PLANTED {
        let found = of_rule(&documents[0], rule);
        let [finding] = found.as_slice() else { panic!("{rule}: {found:?}, {documents:?}") };
        let start = &finding["start"];
        assert_eq!((&start["line"], &start["column"]), (&line.into(), &column.into()), "{rule}");
        assert_ne!(finding["suggestion"], "", "{rule}");
    }
    // Where the key stands behind its prefix.
    let findings = documents[1]["report"]["findings"].as_array().unwrap();
    let secret = findings.iter().find(|finding| finding["severity"] == "error").unwrap();
    assert_eq!((&secret["start"]["line"], &secret["start"]["column"]), (&3.into(), &17.into()));

    let text = analyze(&place, &[]).await.out;
    for (rule, line, column) in PLANTED {
        assert_holds(&text, &[&format!("docs/guide.md:{line}:{column} "), &format!("[{rule}]")]);
    }
    assert_holds(&text, &["README.md:3:17 error "]);
    assert!(!text.contains("kR7tW2mX9q"), "a report must not repeat a key");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_files_give_the_same_bytes() {
    let place = planted();
    for format in ["terminal", "json", "jsonl", "csv", "markdown", "html", "sarif", "github"] {
        let run = async |arguments: &[&str]| {
            let ran = analyze(&place, &[&["--format", format], arguments].concat()).await;
            assert_eq!(ran.code, Some(0), "{ran:?}");
            ran.out
        };
        let first = run(&["--no-cache", "--jobs", "1"]).await;
        assert_eq!(first, run(&["--no-cache", "--jobs", "2"]).await, "{format}");
        // From files, into the cache, and out of it.
        assert_eq!(first, run(&[]).await, "{format}");
        assert_eq!(first, run(&[]).await, "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_is_left_alone_where_it_is_not_wanted() {
    let place = planted();
    let file = place.data().join("reports.db");
    analyze(&place, &["--no-cache"]).await;
    assert!(!file.exists());
    analyze(&place, &[]).await;
    assert!(file.exists());
    analyze(&place, &["--cache-dir", "elsewhere"]).await;
    assert!(place.home("elsewhere/reports.db").exists());
}

/// The most memory that a process has had, in KiB.
fn peak_memory(process: u32) -> u64 {
    let status = fs_err::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_takes_no_more_memory_where_it_is_longer() {
    const BLOCKS: usize = 40;
    const GROWTH_KIB: u64 = 4 << 10;
    /// No two lines are the same, and each holds findings.
    fn block(number: usize) -> String {
        let line = |line| format!("TODO: turn valve{number}x{line} in order to to drain it.\n");
        (0..2_000).map(line).collect()
    }
    let place = Place::new();
    let mut command =
        place.command(&["analyze", "--stream", "--no-cache", "--format", "json", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (id, mut input) = (child.id().unwrap(), child.stdin.take().unwrap());
    let mut write = async |blocks: Range<usize>| {
        for number in blocks {
            input.write_all(block(number).as_bytes()).await.unwrap();
        }
        peak_memory(id)
    };
    // All that is kept is kept by then: kinds of words and of pairs, and findings.
    let full = write(0..BLOCKS).await;
    let longer = write(BLOCKS..3 * BLOCKS).await;
    assert!(longer < full + GROWTH_KIB, "{full} KiB, and then {longer} KiB");
    drop(input);
    let output = within("the report of a stream", child.wait_with_output()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["documents"][0]["report"]["lines"], 3 * BLOCKS * 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_what_happened() {
    let place = planted();
    let code = async |arguments: &[&str]| analyze(&place, arguments).await.code;
    assert_eq!(code(&[]).await, Some(0));
    assert_eq!(code(&["missing.md"]).await, Some(1));
    assert_eq!(code(&["--format", "poem"]).await, Some(2));
    assert_eq!(code(&["--fail-under", "100"]).await, Some(3));
    assert_eq!(code(&["--fail-under", "0"]).await, Some(0));
    assert_eq!(code(&["--fail-on", "error"]).await, Some(3));
    // A gate that is not met counts for more than a document that failed.
    assert_eq!(code(&["missing.md", "--fail-on", "error"]).await, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_leaves_what_is_new() {
    let place = planted();
    assert_eq!(analyze(&place, &["--write-baseline", "known.json"]).await.code, Some(0));
    let ran = analyze(&place, &["--baseline", "known.json", "--fail-on", "note"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // What is known may move.
    let text = GUIDE.replace("# Guide\n", "# Guide\n\nFIXME name the pump.\n");
    fs_err::write(place.home("docs/guide.md"), text).unwrap();
    let arguments = ["--baseline", "known.json", "--fail-on", "note", "--format", "json"];
    let ran = analyze(&place, &arguments).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let documents = documents(&ran);
    let [finding] = documents[0]["report"]["findings"].as_array().unwrap().as_slice() else {
        panic!("{ran:?}")
    };
    assert_eq!((&finding["rule"], &finding["start"]["line"]), (&"todo-marker".into(), &3.into()));
    assert_eq!(documents[1]["report"]["findings"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_listed_and_explained() {
    let place = Place::new();
    let listed = place.good(&["analyze", "rules"]).await;
    for (rule, _, _) in PLANTED {
        assert_holds(&listed, &[rule]);
    }
    let text = place.good(&["analyze", "rules", "--explain", "heading-jump"]).await;
    assert_holds(&text, &["heading-jump (structural, ", "Bad:", "Good:"]);
    let error = place.refused(&["analyze", "rules", "--explain", "no-such"]).await;
    assert_holds(&error, &["there is no rule no-such"]);
}
