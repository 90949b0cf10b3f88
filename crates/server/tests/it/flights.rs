//! Equal requests at the same time: one call, whoever leaves.

use std::sync::Arc;

use serde_json::Value;
use simulator::{Fault, Position, Script};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use wire::Protocol;

use crate::client::{Answer, Client, streamed};
use crate::reference::Reference;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, Stand};

const CALLERS: usize = 1_000;
/// Each has fewer requests open than one connection may have.
const CONNECTIONS: usize = 8;
const HELD: Fault = Fault::Hold { at: Position::Middle };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_equal_requests_share_one_stream() {
    check_crowd(OPENAI, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_equal_requests_share_one_document() {
    check_crowd(ANTHROPIC, false).await;
}

/// The first caller asks for the one form, all others for both by turns.
async fn check_crowd(protocol: Protocol, first_streams: bool) {
    let (stand, reference) = (Plan::new(&[protocol]).start().await, Reference::start().await);
    stand.providers[0].script(vec![HELD]);
    let clients: Vec<_> =
        (0..CONNECTIONS).map(|_| Client::multiplexed(stand.address(), protocol)).collect();
    let question = clients[0].question("the same for all");
    let (first, body) = (clients[0].clone(), in_form(&question, first_streams));
    let mut leading = JoinSet::new();
    leading.spawn(async move { first.ask(&body).await });
    stand.seen(0, |counts| counts.attempts() == 1).await;
    // Whoever asks for a stream sees it begin before it goes on, if a stream is what is fetched.
    let waiting = if first_streams { CALLERS / 2 } else { CALLERS - 1 };
    let begun = Arc::new(Barrier::new(waiting + 1));
    let mut callers = JoinSet::new();
    for number in 1..CALLERS {
        let (client, begun) = (clients[number % CONNECTIONS].clone(), Arc::clone(&begun));
        let streams = number % 2 == 1;
        let body = in_form(&question, streams).to_string();
        callers.spawn(async move {
            if !first_streams {
                begun.wait().await;
            }
            let response = client.open(body).await;
            if first_streams && streams {
                begun.wait().await;
            }
            Answer::of(client.protocol, response).await
        });
    }
    begun.wait().await;
    stand.providers[0].release(1);
    let mut answers = callers.join_all().await;
    answers.extend(leading.join_all().await);
    let asked = &stand.providers[0].requests()[0];
    let expected = reference.said(asked).await.text;
    check_answers(&answers, &expected, first_streams);
    assert_eq!(stand.attempts(), [1]);
    let later = clients[0].ask(&question).await;
    assert_eq!((later.cache(), &later.said().text), (IN_MEMORY, &expected));
    assert_eq!(stand.status().await.ledger.admitted, 1);
    drop(clients);
    stand.stop().await;
    reference.stop().await;
}

const IN_MEMORY: &str = "forebay; hit; ttl=300; detail=memory";

fn in_form(question: &Value, streams: bool) -> Value {
    if streams { streamed(question) } else { question.clone() }
}

#[track_caller]
fn check_answers(answers: &[Answer], expected: &str, first_streams: bool) {
    assert_eq!(answers.len(), CALLERS);
    for answer in answers {
        let said = answer.said();
        assert!(said.is_good(), "{said:?}");
        assert_eq!(said.text, expected);
    }
    for form in [true, false] {
        let mut alike = answers.iter().filter(|answer| answer.is_stream() == form);
        let first = alike.next().unwrap();
        assert!(alike.all(|answer| answer.body == first.body), "two bodies of one answer");
    }
    let count = |status: &str| answers.iter().filter(|answer| answer.cache() == status).count();
    let shared = count("forebay; fwd=miss; collapsed");
    assert_eq!(count("forebay; fwd=miss"), 1);
    assert_eq!(shared + count(IN_MEMORY), CALLERS - 1);
    if first_streams {
        assert!(shared >= CALLERS / 2, "only {shared} shared the call");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_hundred_rounds_the_first_caller_leaves_mid_stream() {
    let (stand, reference) = (Plan::new(&PROTOCOLS).start().await, Reference::start().await);
    for provider in &stand.providers {
        provider.set_script(Script { always: HELD, ..Script::default() });
    }
    for round in 0..100 {
        let protocol = PROTOCOLS[round % 3];
        let client = if round % 6 < 3 {
            stand.client(protocol)
        } else {
            Client::multiplexed(stand.address(), protocol)
        };
        check_round(&stand, &reference, &client, round).await;
    }
    assert_eq!(stand.attempts(), [100, 0, 0]);
    let counts = stand.seen(0, |counts| counts.in_flight == 0).await;
    assert_eq!((counts.faulty, counts.aborted), (100, 0));
    stand.stop().await;
    reference.stop().await;
}

/// Four callers beside the first, who leaves; two of them come only then.
async fn check_round(stand: &Stand, reference: &Reference, client: &Client, round: usize) {
    let question = client.question(&format!("round {round}"));
    let mut first = client.open(streamed(&question).to_string()).await;
    assert!(first.chunk().await.unwrap().is_some());
    let mut followers = JoinSet::new();
    let open = async |is_stream| client.open(in_form(&question, is_stream).to_string()).await;
    let hear = |response| Answer::of(client.protocol, response);
    followers.spawn(hear(open(true).await));
    let asking = client.clone();
    let body = question.clone();
    followers.spawn(async move { asking.ask(&body).await });
    drop(first);
    followers.spawn(hear(open(true).await));
    let asking = client.clone();
    let body = question.clone();
    followers.spawn(async move { asking.ask(&body).await });
    stand.providers[0].release(1);
    let answers = followers.join_all().await;
    let asked = stand.providers[0].requests().pop().unwrap();
    let expected = reference.said(&asked).await.text;
    for answer in answers {
        let said = answer.said();
        assert!(said.is_good() && said.text == expected, "round {round}: {said:?}");
    }
    assert_eq!(stand.attempts(), [round as u64 + 1, 0, 0], "round {round}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nobody_waits_for_is_hung_up_and_charged() {
    for protocol in PROTOCOLS {
        for is_stream in [true, false] {
            check_abandoned(protocol, is_stream).await;
        }
    }
}

async fn check_abandoned(protocol: Protocol, is_stream: bool) {
    let stand = Plan::new(&[protocol]).start().await;
    stand.providers[0].script(vec![HELD]);
    let client = stand.client(protocol);
    let question = in_form(&client.question("nobody waits for this"), is_stream);
    let mut callers = JoinSet::new();
    if is_stream {
        for _ in 0..3 {
            let mut response = client.open(question.to_string()).await;
            assert!(response.chunk().await.unwrap().is_some());
            callers.spawn(Answer::of(protocol, response));
        }
    } else {
        let (client, body) = (client.clone(), question.clone());
        callers.spawn(async move { client.ask(&body).await });
    }
    stand.seen(0, |counts| counts.attempts() == 1).await;
    let (spent, worst_case) = stand.money("local").await;
    assert!(spent == 0 && worst_case > 1_000, "{spent} {worst_case}");
    callers.shutdown().await;
    let counts = stand.seen(0, |counts| counts.in_flight == 0).await;
    assert_eq!((counts.faulty, counts.aborted), (0, 1));
    stand.settled().await;
    let (spent, reserved) = stand.money("local").await;
    assert_eq!(reserved, 0);
    assert!(0 < spent && spent <= worst_case, "{spent} of {worst_case}");
    let again = client.ask(&question).await;
    assert_eq!(again.cache(), "forebay; fwd=miss");
    assert!(again.said().is_good());
    stand.stop().await;
}
