//! The demonstration.

use serde_json::Value;

use crate::place::{Place, Ran, assert_holds, parse};
use crate::process::Process;

/// Requests that the ten clients send in all.
const REQUESTS: u64 = 240;
/// Micro-dollars that each of them may spend.
const LIMIT: u64 = 1_000_000;

fn number(report: &Value, name: &str) -> u64 {
    report[name].as_u64().unwrap_or_else(|| panic!("{name} in {report}"))
}

#[track_caller]
fn check_report(report: &Value) {
    assert_eq!(number(report, "requests"), REQUESTS);
    assert_eq!(number(report, "failed"), 0, "{report}");
    let calls = number(report, "provider_calls");
    assert_eq!(number(report, "calls_saved"), REQUESTS - calls);
    let free = ["hits_memory", "hits_disk", "shared_calls"].map(|name| number(report, name));
    assert_eq!(free.iter().sum::<u64>() + calls, REQUESTS, "{report}");
    let percentiles = ["p50_ms", "p95_ms", "p99_ms"].map(|name| report[name].as_f64().unwrap());
    assert!(percentiles.is_sorted() && percentiles[0] > 0.0, "{report}");
    let developers = report["developers"].as_array().unwrap();
    assert_eq!(developers.len(), 10);
    for developer in developers {
        assert_eq!(number(developer, "reserved"), 0, "{developer}");
        assert_eq!(number(developer, "left"), LIMIT - number(developer, "spent"), "{developer}");
    }
}

/// The first time the answers are fetched, the second time they are there.
#[tokio::test(flavor = "multi_thread")]
async fn ten_clients_share_what_is_asked_for() {
    let place = Place::new();
    let arguments = ["quickstart", "--once", "--data", "demo"];
    let first = place.json(&arguments).await;
    check_report(&first);
    // Each asks six questions that nobody else asks.
    assert!(number(&first, "provider_calls") >= 60, "{first}");
    for developer in first["developers"].as_array().unwrap() {
        assert!(number(developer, "spent") > 0, "{developer}");
    }
    let second = place.json(&arguments).await;
    check_report(&second);
    assert_eq!(number(&second, "provider_calls"), 0, "{second}");
    assert!(number(&second, "hits_disk") > 0, "{second}");
    assert_eq!(second["developers"], first["developers"]);
}

/// The table, and lines that work; nothing is left behind.
#[tokio::test(flavor = "multi_thread")]
async fn it_shows_a_table_and_first_requests_and_stays_up_until_ctrl_c() {
    let place = Place::new();
    let mut command = place.command(&["quickstart"]);
    command.env("TMPDIR", place.home(""));
    let mut quickstart = Process::start(command, "gateway         http://").await;
    let mut seen = String::new();
    let line = quickstart.line("  curl ").await;
    let (before, key) = line.split_once("Bearer ").unwrap();
    assert_holds(before, &[&format!("http://{}/v1/chat/completions", quickstart.address())]);
    let data = quickstart.line("    -d ").await;
    let body = data.split('\'').nth(1).unwrap();
    let key = key.split('\'').next().unwrap();
    let sdk = quickstart.line("  client = openai.OpenAI(").await;
    assert_holds(&sdk, &[&format!("http://{}/v1", quickstart.address()), key]);
    seen += &quickstart.line("The gateway stays up").await;
    assert_holds(&seen, &["Ctrl-C"]);
    check_first_request(&quickstart, key, body).await;
    quickstart.signal("INT").await;
    assert_eq!(quickstart.end().await.0.code(), Some(0));
    let left: Vec<_> = fs_err::read_dir(place.home("")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Does what the line for curl does.
async fn check_first_request(quickstart: &Process, key: &str, body: &str) {
    let head = format!("authorization: Bearer {key}\r\ncontent-type: application/json\r\n");
    let path = "/v1/chat/completions";
    let address = quickstart.address();
    let exchange = crate::client::Exchange::open(address, "POST", path, &head, body).await.unwrap();
    let response = crate::place::within("an answer", exchange.finish()).await.unwrap();
    assert_eq!(response.status, 200, "{response:?}");
    assert_holds(&response.body, &["Simulated answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_ends_after_the_table() {
    let place = Place::new();
    let Ran { code, out, err } = place.run(&["quickstart", "--once"]).await;
    assert_eq!(code, Some(0), "{err}");
    let figures = [
        "data directory  ",
        "(simulated)",
        "calls to the provider",
        "calls saved",
        "p95",
        "client-09",
        "budget left",
        "curl http://",
        "openai.OpenAI(base_url=",
    ];
    assert_holds(&out, &figures);
    let figure = |name: &str| {
        let line = out.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().last().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(figure("requests"), REQUESTS, "{out}");
    assert_eq!(figure("failed"), 0);
    assert_eq!(figure("calls saved"), REQUESTS - figure("calls to the provider"));
    // A line of JSON is for `--json` alone.
    assert!(!out.lines().any(|line| line.starts_with('{')), "{out}");
    let ran = place.run(&["quickstart", "--once", "--json"]).await;
    check_report(&parse(&ran.out));
}
