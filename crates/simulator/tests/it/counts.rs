//! What the simulator has seen.

use std::collections::BTreeMap;

use forebay_simulator::{Fault, Position, Simulator, SimulatorSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{BEARER, anthropic, get, openai, raw, send, start};

const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

#[tokio::test]
async fn every_request_has_one_outcome() {
    let simulator = start().await;
    simulator.script(vec![Fault::None, Fault::EmptyBody, Fault::ResetBeforeHeaders]);
    for _ in 0..3 {
        raw(simulator.address(), &openai(HELLO)).await;
    }
    send(&simulator, &anthropic("{}")).await;
    send(&simulator, &get("/v1/models", BEARER)).await;
    send(&simulator, &get("/simulator/counts", "")).await;
    let counts = simulator.counts_when(|counts| counts.in_flight == 0).await;
    let requests: BTreeMap<_, _> = counts.requests.iter().map(|(p, n)| (p.as_str(), *n)).collect();
    let expected = [("/v1/chat/completions", 3), ("/v1/messages", 1), ("/v1/models", 1)];
    assert_eq!(requests, expected.into());
    assert_eq!((counts.attempts(), counts.connections), (4, 6));
    assert_eq!((counts.completed, counts.refused), (2, 1));
    assert_eq!((counts.faulty, counts.aborted), (2, 0));
    simulator.stop().await;
}

/// A client that leaves once it has read so many bytes of an answer that is not at its end.
async fn check_aborted(fault: Fault, read: usize) {
    let simulator = start().await;
    simulator.script(vec![fault.clone()]);
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    let body = HELLO.replace("}]}", r#"}],"stream":true}"#);
    socket.write_all(&openai(&body)).await.unwrap();
    socket.read_exact(&mut vec![0; read]).await.unwrap();
    let counts = simulator.counts_when(|counts| counts.attempts() == 1).await;
    assert_eq!((counts.in_flight, counts.aborted), (1, 0), "{fault:?}");
    drop(socket);
    let counts = simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!((counts.aborted, counts.completed, counts.faulty), (1, 0, 0), "{fault:?}");
    simulator.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_at_once() {
    check_aborted(Fault::HangBeforeHeaders, 0).await;
    check_aborted(Fault::HangOnAccept, 0).await;
    check_aborted(Fault::HangAfterFirstEvent, 100).await;
    check_aborted(Fault::Hold { at: Position::First }, 0).await;
    check_aborted(Fault::Hold { at: Position::Middle }, 100).await;
    check_aborted(Fault::Delay { millis: 3_600_000 }, 0).await;
    check_aborted(Fault::Drip { bytes: 10, pause_ms: 3_600_000 }, 10).await;
}

#[tokio::test]
async fn one_more_than_it_takes_is_refused() {
    let settings = SimulatorSettings { concurrency_max: 1, ..SimulatorSettings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    simulator.script(vec![Fault::Hold { at: Position::First }]);
    let request = openai(HELLO);
    let held = raw(simulator.address(), &request);
    let others = async {
        simulator.counts_when(|counts| counts.in_flight == 1).await;
        assert_eq!(send(&simulator, &request).await.status, 503);
        simulator.release(1);
    };
    tokio::join!(held, others);
    simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!(send(&simulator, &request).await.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_request_is_counted() {
    let simulator = start().await;
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    let request = openai(HELLO);
    socket.write_all(&request[..request.len() - 1]).await.unwrap();
    simulator.counts_when(|counts| counts.attempts() == 1).await;
    drop(socket);
    assert_eq!(simulator.counts_when(|counts| counts.in_flight == 0).await.aborted, 1);
    simulator.stop().await;
}

#[tokio::test]
async fn requests_are_kept_as_they_arrived() {
    let settings = SimulatorSettings { kept_requests: 2, ..SimulatorSettings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    for text in ["one", "two", "three"] {
        send(&simulator, &openai(&HELLO.replace("hi", text))).await;
    }
    let kept = simulator.requests();
    let bodies: Vec<_> =
        kept.iter().map(|request| str::from_utf8(&request.body).unwrap()).collect();
    assert_eq!(bodies, [HELLO.replace("hi", "two"), HELLO.replace("hi", "three")]);
    assert_eq!(kept[0].path, "/v1/chat/completions");
    let headers: Vec<_> = kept[0].headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    let length = format!("content-length: {}", bodies[0].len());
    assert_eq!(headers, ["host: x", "connection: close", &length, "authorization: Bearer sk-test"]);
    assert_eq!(kept[0].header("Authorization"), Some("Bearer sk-test"));
    simulator.reset();
    assert_eq!(simulator.requests(), []);
    simulator.stop().await;
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_is_wanted() {
    let settings = SimulatorSettings { kept_requests: 0, ..SimulatorSettings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    send(&simulator, &openai(HELLO)).await;
    assert_eq!(simulator.requests(), []);
    simulator.stop().await;
}

#[tokio::test]
async fn stopping_ends_every_connection() {
    let simulator = start().await;
    let address = simulator.address();
    simulator.script(vec![Fault::HangBeforeHeaders; 20]);
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(&openai(HELLO)).await.unwrap();
        sockets.push(socket);
    }
    simulator.counts_when(|counts| counts.in_flight == 20).await;
    simulator.stop().await;
    // Without giving way to any task: the listener is gone already.
    assert!(std::net::TcpStream::connect(address).is_err());
    for mut socket in sockets {
        assert!(crate::client::rest(&mut socket).await.0.is_empty());
    }
}

#[tokio::test]
async fn dropping_stops_too() {
    let simulator = start().await;
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    simulator.counts_when(|counts| counts.connections == 1).await;
    drop(simulator);
    assert!(crate::client::rest(&mut socket).await.0.is_empty());
}
