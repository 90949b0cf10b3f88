//! More requests than a provider takes at once: they wait in turn or are refused at once.

use std::time::Duration;

use simulator::{Fault, Position, Script};

use crate::client::with;
use crate::stand::{ANTHROPIC, MODEL, OPENAI, PATIENCE, PROTOCOLS, Plan, Stand};

/// One provider that takes one request at once, and a queue for one more.
async fn start() -> Stand {
    let serves = format!("serves = [\"{MODEL}\"]\nconcurrency_max = 1");
    let plan = Plan::empty().and_provider(OPENAI, &serves).with("resilience.queue_max = 1");
    let stand = plan.start().await;
    let held = Fault::Hold { at: Position::First };
    stand.providers[0].set_script(Script { always: held, ..Script::default() });
    stand
}

pub(crate) async fn waiting(stand: &Stand, count: usize) {
    let waits = async {
        while stand.status().await.providers[0].waiting != count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waits).await.expect("nobody waits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_waits_and_the_next_is_told_when_to_come_back() {
    for protocol in PROTOCOLS {
        let status = if protocol == ANTHROPIC { 529 } else { 503 };
        let stand = start().await;
        let client = stand.client(protocol);
        let held = with(&client.question("held"), "temperature", 1);
        let waits = with(&client.question("waits"), "temperature", 1);
        let others = async {
            stand.seen(0, |counts| counts.in_flight == 1).await;
            waiting(&stand, 1).await;
            let shed = client.ask(&with(&client.question("shed"), "temperature", 1)).await;
            assert_eq!((shed.status, shed.header("retry-after")), (status, "1"));
            assert!(
                shed.problem().message.contains("too many requests waiting"),
                "{}",
                shed.text()
            );
            assert!(
                stand.client(protocol).get("/metrics").await.text().contains("forebay_shed_total")
            );
            stand.providers[0].set_script(Script::default());
            stand.providers[0].release(1);
        };
        let later = async {
            stand.seen(0, |counts| counts.in_flight == 1).await;
            client.ask(&waits).await
        };
        let (first, second, ()) = tokio::join!(client.ask(&held), later, others);
        assert_eq!((first.status, second.status), (200, 200), "{}", second.text());
        assert_eq!(stand.attempts(), [2]);
        stand.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_while_waiting_leaves_nothing_behind() {
    let stand = start().await;
    let client = stand.client(OPENAI);
    let held = client.question("held");
    let others = async {
        stand.seen(0, |counts| counts.in_flight == 1).await;
        let alone = stand.status().await.reserved;
        let question = client.question("leaves");
        tokio::select! {
            answer = client.ask(&question) => panic!("answered {}", answer.text()),
            () = waiting(&stand, 1) => {}
        }
        waiting(&stand, 0).await;
        while stand.status().await.reserved != alone {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(stand.status().await.spent.get(), 0, "nothing was sent for who left");
        stand.providers[0].set_script(Script::default());
        stand.providers[0].release(1);
    };
    let (answer, ()) = tokio::join!(client.ask(&held), others);
    assert_eq!(answer.status, 200);
    stand.settled().await;
    assert_eq!(stand.attempts(), [1]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_priority_is_refused() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for (priority, status) in [("low", 200), ("normal", 200), ("high", 200), ("urgent", 400)] {
        let client = stand.client(OPENAI).with_header("x-forebay-priority", priority);
        assert_eq!(client.ask(&client.question("hi")).await.status, status, "{priority}");
    }
    stand.stop().await;
}
