//! Clients that read slowly or not at all what they asked for.

use std::time::Duration;

use futures_util::future::join_all;
use simulator::{Fault, Script};

use crate::client::streamed;
use crate::raw::{Raw, head};
use crate::secrets::runs_alone;
use crate::stand::{OPENAI, Plan, Stand, resident_kib, stopwatch};

/// More than the systems of both sides take unread.
const LONG: usize = 7 << 20;
const STALL: Duration = Duration::from_secs(1);

/// A provider whose answers are long.
async fn start(connections_max: usize) -> Stand {
    let stand = Plan::new(&[OPENAI])
        .with(&format!("server.connections_max = {connections_max}"))
        .with(&format!("server.write_stall_seconds = {}", STALL.as_secs()))
        .start()
        .await;
    let long = Fault::LongLine { bytes: LONG };
    stand.providers[0].set_script(Script { always: long, ..Script::default() });
    stand
}

/// Asks, and reads the first bytes of the answer.
async fn begin(stand: &Stand) -> Raw {
    let question = streamed(&stand.client(OPENAI).question("long")).to_string();
    let mut raw = Raw::narrow(stand.address()).await;
    raw.send(head(question.len()) + &question).await;
    assert!(raw.some(12).await.starts_with(b"HTTP/1.1 200"));
    raw
}

/// The metrics are those of a process, so this test has one of its own.
#[test]
fn who_stops_reading_gives_its_place_up() {
    if runs_alone("slow_readers::who_stops_reading_gives_its_place_up") {
        stall();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn stall() {
    let stand = start(1).await;
    let before = stand.client(OPENAI).counted("forebay_connections_stalled_total", &[]).await;
    let mut stalled = begin(&stand).await;
    let clock = stopwatch();
    let other = stand.client(OPENAI);
    let after = other.counted("forebay_connections_stalled_total", &[]).await;
    assert!(clock.monotonic() > STALL / 2, "the place was free before");
    assert_eq!(after, before + 1);
    drop(other);
    let received = stalled.rest().await;
    assert!(received.is_closed && received.bytes.len() < LONG);
    stand.settled().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_slowly_gets_all_of_it() {
    let stand = start(1).await;
    let mut slow = begin(&stand).await;
    let clock = stopwatch();
    let mut read = 0;
    while read < LONG {
        let count = slow.some(64 << 10).await.len();
        assert!(count > 0, "cut after {read} bytes and {:?}", clock.monotonic());
        read += count;
        // So that it takes three times as long as nothing may be taken.
        let due = 3 * STALL.mul_f64(read as f64 / LONG as f64);
        tokio::time::sleep(due.saturating_sub(clock.monotonic())).await;
    }
    assert!(clock.monotonic() > 2 * STALL);
    drop(slow);
    stand.stop().await;
}

/// Two hundred that read a few bytes and no more, while others ask.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_do_not_read_cost_others_nothing() {
    const READERS: usize = 200;
    let stand = start(READERS + 1).await;
    let before = resident_kib();
    let readers = join_all((0..READERS).map(|_| begin(&stand))).await;
    let growth = resident_kib().saturating_sub(before);
    let most = u64::try_from(READERS * (LONG >> 10) / 4).unwrap();
    assert!(growth < most, "{growth} KiB: each keeps an answer of its own");
    stand.providers[0].set_script(Script::default());
    let client = stand.client(OPENAI);
    for number in 0..20 {
        let clock = stopwatch();
        let answer = client.ask(&client.question(&number.to_string())).await;
        assert_eq!(answer.status, 200);
        assert!(clock.monotonic() < Duration::from_secs(5), "{:?}", clock.monotonic());
    }
    drop(client);
    // All places are free once so many others have one.
    let mut others = Vec::new();
    for _ in 0..READERS {
        let mut other = Raw::connect(stand.address()).await;
        other.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(other.response().await.status(), 200);
        others.push(other);
    }
    stand.settled().await;
    drop((readers, others));
    stand.stop().await;
}
