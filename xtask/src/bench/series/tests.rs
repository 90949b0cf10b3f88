use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;

/// Status, `Cache-Status` and body, from the request's body and whether this connection has seen
/// it before.
type Answering = fn(&str, bool) -> (u16, &'static str, String);

/// Serves every connection on a thread of its own.
fn serve(answering: Answering) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || serve_connection(stream.unwrap(), answering));
        }
    });
    address
}

fn serve_connection(mut stream: TcpStream, answering: Answering) {
    stream.set_nodelay(true).unwrap();
    let mut seen = HashSet::new();
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        match stream.read(&mut buffer[filled..]) {
            Ok(read) if read > 0 => filled += read,
            _ => return,
        }
        let text = std::str::from_utf8(&buffer[..filled]).unwrap();
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        if body.len() < 1024 {
            continue;
        }
        let (status, cache, answer) = answering(body, !seen.insert(body.to_owned()));
        let length = answer.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\ncache-status: forebay; {cache}\r\n\r\n"
        );
        if stream.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
        filled = 0;
    }
}

fn simulator(body: &str, _: bool) -> (u16, &'static str, String) {
    (200, "-", body.to_uppercase())
}

/// A gateway that answers a repeated request from its cache.
fn gateway(body: &str, is_repeated: bool) -> (u16, &'static str, String) {
    let cache = if is_repeated { "hit; ttl=299" } else { "fwd=miss; stored" };
    (200, cache, body.to_uppercase())
}

/// Measures against `through` and returns the rounds, or the error's text.
fn measure(answers: Answers, connections: usize, through: Answering) -> Result<Vec<Round>, String> {
    let ends = Ends { direct: serve(simulator), through: serve(through), key: "fb_key".to_owned() };
    let series = Series { answers, connections, pairs: 60 };
    series.run(&ends, 2).map_err(|error| error.to_string())
}

#[test]
fn every_request_is_timed_both_ways() {
    for answers in [Answers::Missed, Answers::Hit] {
        for connections in [1, 4] {
            let rounds = measure(answers, connections, gateway).unwrap();
            assert_eq!(rounds.len(), 2);
            for Round { direct, through } in rounds {
                assert_eq!([direct.times.len(), through.times.len()], [60 * connections; 2]);
                assert!(direct.wall >= direct.times.iter().sum::<Duration>() / 4);
                assert!(through.wall > Duration::ZERO);
            }
        }
    }
}

/// The error is found, also while other connections wait for the one that failed.
#[track_caller]
fn check_refused(answers: Answers, through: Answering, expect: &str) {
    for connections in [1, 4] {
        let error = measure(answers, connections, through).err().unwrap();
        assert!(error.contains(expect), "{error}");
    }
}

#[test]
fn an_answer_that_is_not_right_is_an_error() {
    let wrong_body: Answering = |_, is_repeated| gateway("other", is_repeated);
    check_refused(Answers::Missed, wrong_body, "not the simulator's answer");
    check_refused(Answers::Hit, wrong_body, "not the simulator's answer");
    let status: Answering =
        |body, is_repeated| (429, gateway(body, is_repeated).1, body.to_owned());
    check_refused(Answers::Missed, status, "not a good answer");
    let empty: Answering = |_, is_repeated| (200, gateway("", is_repeated).1, String::new());
    check_refused(Answers::Missed, empty, "not a good answer");
}

#[test]
fn an_answer_from_the_wrong_place_is_an_error() {
    let always: Answering = |body, _| gateway(body, true);
    check_refused(Answers::Missed, always, "the cache says \"forebay; hit; ttl=299\"");
    let never: Answering = |body, _| gateway(body, false);
    check_refused(Answers::Hit, never, "not answered from the cache");
}

#[test]
fn a_series_says_what_it_is() {
    let name = |answers, connections| Series { answers, connections, pairs: 1 }.to_string();
    assert_eq!(name(Answers::Missed, 1), "miss, 1 connection");
    assert_eq!(name(Answers::Hit, 16), "hit, 16 connections");
}
