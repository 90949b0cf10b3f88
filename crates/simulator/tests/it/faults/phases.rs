//! Connections that end or hang, at every phase.

use forebay_simulator::{Fault, Position};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{cases, cut, play, scripted};
use crate::client::{Ended, post, raw, rest};

/// The fault sends `expected` and then nothing, until the simulator stops.
async fn check_hangs(fault: Fault, request: &[u8], expected: &[u8]) {
    let simulator = scripted(fault.clone()).await;
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    socket.write_all(request).await.unwrap();
    let mut received = vec![0; expected.len()];
    socket.read_exact(&mut received).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&received), String::from_utf8_lossy(expected), "{fault:?}");
    let counts = simulator.counts_when(|counts| counts.attempts() == 1).await;
    assert_eq!((counts.in_flight, counts.faulty), (1, 0), "{fault:?}");
    simulator.stop().await;
    assert!(rest(&mut socket).await.0.is_empty(), "{fault:?}");
}

#[tokio::test]
async fn connections_end_or_hang_before_an_answer() {
    for case in cases().await {
        for (fault, ended) in [
            (Fault::Refuse, Ended::Reset),
            (Fault::ResetBeforeHeaders, Ended::Reset),
            (Fault::CloseBeforeHeaders, Ended::Closed),
        ] {
            assert_eq!(play(fault, &case.request).await, (Vec::new(), ended));
        }
        check_hangs(Fault::HangOnAccept, &case.request, b"").await;
        check_hangs(Fault::HangBeforeHeaders, &case.request, b"").await;
    }
}

#[tokio::test]
async fn a_refused_connection_is_reset_before_the_body_is_sent() {
    let head = post("/v1/messages", "content-length: 9\r\n", "");
    assert_eq!(play(Fault::Refuse, &head).await, (Vec::new(), Ended::Reset));
    check_hangs(Fault::HangOnAccept, &head, b"").await;
}

#[tokio::test]
async fn answers_hang_at_every_phase() {
    for case in cases().await {
        let parts = case.parts();
        let length: usize = parts.iter().sum();
        let (first, last) = if case.is_stream {
            (parts[0], length - parts[parts.len() - 1])
        } else {
            (length / 2, length - 1)
        };
        check_hangs(Fault::HangAfterHeaders, &case.request, &cut(&case, 0)).await;
        check_hangs(Fault::HangAfterFirstEvent, &case.request, &cut(&case, first)).await;
        check_hangs(Fault::HangBeforeTerminal, &case.request, &cut(&case, last)).await;
        let all = if case.is_stream { length } else { last };
        check_hangs(Fault::HangAfterTerminal, &case.request, &cut(&case, all)).await;
    }
}

#[tokio::test]
async fn answers_break_at_any_byte() {
    for case in cases().await {
        let length = case.response.body.len();
        for after_bytes in (0..length).step_by(53).chain([1, length - 1, length, length + 9]) {
            let expected = cut(&case, after_bytes);
            let reset = play(Fault::Reset { after_bytes }, &case.request).await;
            assert_eq!(reset, (expected.clone(), Ended::Reset));
            let closed = play(Fault::Close { after_bytes }, &case.request).await;
            assert_eq!(closed, (expected, Ended::Closed));
        }
    }
}

#[tokio::test]
async fn held_answers_wait_for_their_release() {
    for case in cases().await {
        let parts = case.parts();
        for (at, waiting) in [
            (Position::First, 0),
            (Position::Middle, parts.len() / 2),
            (Position::Last, parts.len() - 1),
        ] {
            let before = cut(&case, parts[..waiting].iter().sum());
            let before = if waiting == 0 { &[][..] } else { &before };
            check_hangs(Fault::Hold { at }, &case.request, before).await;

            let simulator = scripted(Fault::Hold { at }).await;
            simulator.release(1);
            assert_eq!(
                raw(simulator.address(), &case.request).await,
                (case.proper.clone(), Ended::Closed)
            );
            simulator.stop().await;
        }
    }
}

#[tokio::test]
async fn a_reset_takes_releases_back() {
    for case in cases().await {
        let simulator = scripted(Fault::None).await;
        simulator.release(3);
        simulator.reset();
        simulator.script(vec![Fault::Hold { at: Position::First }]);
        let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
        socket.write_all(&case.request).await.unwrap();
        simulator.counts_when(|counts| counts.attempts() == 1).await;
        simulator.stop().await;
        assert!(rest(&mut socket).await.0.is_empty());
    }
}

#[tokio::test]
async fn a_release_is_for_one_answer() {
    for case in cases().await {
        let simulator = scripted(Fault::None).await;
        simulator.script(vec![Fault::Hold { at: Position::First }; 2]);
        simulator.release(1);
        assert_eq!(raw(simulator.address(), &case.request).await.0, case.proper);
        let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
        socket.write_all(&case.request).await.unwrap();
        assert_eq!(simulator.counts_when(|counts| counts.attempts() == 2).await.in_flight, 1);
        simulator.stop().await;
        assert!(rest(&mut socket).await.0.is_empty());
    }
}

#[tokio::test]
async fn a_drip_is_the_proper_answer() {
    for case in cases().await {
        for bytes in [0, 1, 7, 1 << 20] {
            let (received, ended) = play(Fault::Drip { bytes, pause_ms: 0 }, &case.request).await;
            assert_eq!((received, ended), (case.proper.clone(), Ended::Closed));
        }
    }
}
