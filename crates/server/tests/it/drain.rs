//! Stopping while answers are on their way.

use std::sync::Arc;

use simulator::{Fault, Position};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wire::Protocol;

use crate::client::{Answer, Client, streamed};
use crate::reference::Reference;
use crate::stand::{PATIENCE, PROTOCOLS, Plan, Stand};

const HELD: Fault = Fault::Hold { at: Position::Middle };

/// A client in the middle of a stream, one that waits for a document, and one that does nothing.
async fn occupy(stand: &Stand, protocol: Protocol) -> JoinSet<Answer> {
    stand.providers[0].script(vec![HELD, HELD]);
    let (reader, waiter) = (stand.client(protocol), stand.client(protocol));
    let mut open = JoinSet::new();
    let question = streamed(&reader.question("a stream"));
    let mut response = reader.open(question.to_string()).await;
    let begun = response.chunk().await.unwrap().unwrap();
    open.spawn(async move {
        let mut answer = Answer::of(protocol, response).await;
        answer.body = [begun, answer.body].concat().into();
        answer
    });
    open.spawn(async move { waiter.try_ask(&waiter.question("a document")).await });
    stand.seen(0, |counts| counts.attempts() == 2).await;
    open
}

/// Waits until nobody new is let in.
async fn closed(address: std::net::SocketAddr) {
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("the gateway still accepts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_on_their_way_end_before_the_gateway_does() {
    for protocol in PROTOCOLS {
        let (stand, reference) = (Plan::new(&[protocol]).start().await, Reference::start().await);
        let open = occupy(&stand, protocol).await;
        let idle = Client::multiplexed(stand.address(), protocol);
        assert_eq!(idle.get("/readyz").await.status, 200);
        let address = stand.address();
        let provider = Arc::clone(&stand.providers[0]);
        let mut stopping = JoinSet::new();
        stopping.spawn(stand.restart());
        closed(address).await;
        assert!(stopping.try_join_next().is_none(), "it stopped while answers were open");
        provider.release(2);
        let stand = stopping.join_next().await.unwrap().unwrap();
        let answers = open.join_all().await;
        let asked = provider.requests();
        drop(provider);
        for answer in answers {
            let said = answer.said();
            assert!(said.is_good(), "{said:?}");
            let healthy = [&asked[0], &asked[1]].map(|asked| reference.said(asked));
            let [one, other] = healthy;
            assert!(said.text == one.await.text || said.text == other.await.text);
        }
        // What ended while stopping was stored and paid for like any other.
        let client = stand.client(protocol);
        for text in ["a stream", "a document"] {
            let again = client.ask(&client.question(text)).await;
            assert_eq!(again.cache(), "forebay; hit; ttl=3600; detail=disk");
        }
        assert!(stand.money("local").await.0 >= 640);
        stand.stop().await;
        reference.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_take_longer_than_the_drain_are_cut_and_charged() {
    for protocol in PROTOCOLS {
        let stand = Plan::new(&[protocol]).with("server.drain_seconds = 1").start().await;
        let open = occupy(&stand, protocol).await;
        let (_, worst_case) = stand.money("local").await;
        let (stand, cut) = stand.restart_and_cut().await;
        assert_eq!(cut, 2);
        let counts = stand.seen(0, |counts| counts.in_flight == 0).await;
        assert_eq!((counts.aborted, counts.faulty), (2, 0));
        for answer in open.join_all().await {
            assert!(!answer.is_whole, "cut off, and yet whole: {}", answer.text());
            assert!(!answer.text().contains("[DONE]") && !answer.text().contains("message_stop"));
        }
        // The next process knows what they cost.
        let (spent, reserved) = stand.money("local").await;
        assert_eq!(reserved, 0);
        assert!(0 < spent && spent <= worst_case, "{spent} of {worst_case}");
        for text in ["a stream", "a document"] {
            let client = stand.client(protocol);
            let again = client.ask(&client.question(text)).await;
            assert_eq!(again.cache(), "forebay; fwd=miss");
        }
        stand.stop().await;
    }
}
