//! Every fault, streamed or not, with every number of fallbacks, in every pair of protocols.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use forebay_inference::{Error, Reply, Timeouts};
use simulator::{Fault, Position, Script, UsageFault};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wire::{Protocol, ProviderProtocol};

use crate::world::{
    CLIENTS, LONG, PROVIDERS, SHORT, World, body, healthy, hear, no_task_left, within,
};

/// What must come of a fault of the first provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// The first provider answers all the same.
    Fine,
    /// The next provider answers; without one an error.
    Falls,
    /// The answer begins and ends in an error.
    Breaks,
    /// The request is refused, whoever else there is.
    Refused,
    /// One of the above, as the network has it.
    Any,
}

use Expect::{Any, Breaks, Falls, Fine, Refused};

fn status(code: u16, error: Option<&str>) -> Fault {
    Fault::Status { code, retry_after: None, error: error.map(str::to_owned) }
}

fn error_event(position: Position) -> Fault {
    Fault::ErrorEvent { position, code: None }
}

/// A fault with what comes of it in a stream and in a complete answer.
fn faults() -> Vec<(Fault, Expect, Expect)> {
    let mut faults = vec![
        (Fault::None, Fine, Fine),
        (Fault::Refuse, Falls, Falls),
        (Fault::HangOnAccept, Falls, Falls),
        (Fault::ResetBeforeHeaders, Falls, Falls),
        (Fault::CloseBeforeHeaders, Falls, Falls),
        (Fault::HangBeforeHeaders, Falls, Falls),
        (Fault::Delay { millis: 20 }, Fine, Fine),
        (Fault::HangAfterHeaders, Falls, Falls),
        (Fault::HangAfterFirstEvent, Falls, Falls),
        (Fault::HangBeforeTerminal, Breaks, Falls),
        (Fault::HangAfterTerminal, Fine, Falls),
        (Fault::Drip { bytes: 16, pause_ms: 1 }, Fine, Fine),
        (Fault::Reset { after_bytes: 0 }, Falls, Falls),
        (Fault::Reset { after_bytes: 700 }, Any, Any),
        (Fault::Close { after_bytes: 0 }, Falls, Falls),
        (Fault::Close { after_bytes: 40 }, Falls, Falls),
        (Fault::EmptyBody, Falls, Falls),
        (error_event(Position::First), Falls, Falls),
        (error_event(Position::Middle), Breaks, Falls),
        (error_event(Position::Last), Breaks, Falls),
        (Fault::WrongContentLength { delta: 10 }, Fine, Falls),
        (Fault::WrongContentLength { delta: -10 }, Breaks, Falls),
        (Fault::ChunkGarbage, Any, Falls),
        (Fault::NotJson, Falls, Falls),
        (Fault::NotHttp, Falls, Falls),
        (Fault::InformationalFlood { count: 20 }, Fine, Fine),
        (Fault::Redirect { location: "http://127.0.0.1:9/".to_owned() }, Falls, Falls),
        (Fault::ContextLength, Refused, Refused),
        (Fault::Usage(UsageFault::Missing), Fine, Fine),
        (Fault::Usage(UsageFault::Negative), Any, Any),
        (Fault::Usage(UsageFault::Twice), Any, Any),
        (Fault::Usage(UsageFault::Tenfold), Any, Any),
        (Fault::NoTerminal, Breaks, Falls),
        (Fault::EchoHeaders, Any, Falls),
        (Fault::GzipBomb, Falls, Falls),
        (Fault::LongLine { bytes: 64 << 10 }, Fine, Fine),
        (status(429, Some("insufficient_quota")), Falls, Falls),
        (status(400, Some("tool_use_failed")), Falls, Falls),
        (status(200, None), Any, Any),
    ];
    for code in [500, 502, 503, 504, 529, 408, 409, 425, 498, 429, 401, 402, 403] {
        faults.push((status(code, None), Falls, Falls));
    }
    for code in [400, 404, 413, 422] {
        faults.push((status(code, None), Refused, Refused));
    }
    faults
}

#[derive(Clone, Debug)]
struct Case {
    fault: Fault,
    expect: Expect,
    is_stream: bool,
    fallbacks: usize,
    client: Protocol,
    upstream: ProviderProtocol,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (fault, streamed, complete) in faults() {
        for (is_stream, expect) in [(true, streamed), (false, complete)] {
            for fallbacks in 0..3 {
                for client in CLIENTS {
                    for upstream in PROVIDERS {
                        let fault = fault.clone();
                        let expect = expected(&fault, expect, is_stream, upstream);
                        cases.push(Case { fault, expect, is_stream, fallbacks, client, upstream });
                    }
                }
            }
        }
    }
    cases
}

/// Gemini's streams begin with content and end with the body: there is no event before the one,
/// and none that makes the other a formality.
fn expected(fault: &Fault, usual: Expect, is_stream: bool, upstream: ProviderProtocol) -> Expect {
    let needs_end = matches!(
        fault,
        Fault::HangAfterFirstEvent
            | Fault::HangAfterTerminal
            | Fault::WrongContentLength { delta: 1.. }
    );
    if needs_end && is_stream && upstream == ProviderProtocol::Gemini { Breaks } else { usual }
}

/// What healthy providers answer, by upstream, client and form.
type Answers = BTreeMap<(String, String, bool), Vec<u8>>;

async fn answers() -> Answers {
    let mut answers = Answers::new();
    for upstream in PROVIDERS {
        for client in CLIENTS {
            for is_stream in [true, false] {
                let key = (upstream.to_string(), client.to_string(), is_stream);
                answers.insert(key, healthy(upstream, client, is_stream).await);
            }
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_in_an_answer_or_in_one_error() {
    let answers = Arc::new(answers().await);
    let places = Arc::new(Semaphore::new(24));
    let mut running = JoinSet::new();
    for case in cases() {
        let (answers, places) = (Arc::clone(&answers), Arc::clone(&places));
        running.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let beyond = Duration::from_secs(1);
            within(beyond, || check(&case, &answers)).await;
        });
    }
    running.join_all().await;
    no_task_left().await;
}

/// How long it took beyond the time-out that ends it.
async fn check(case: &Case, answers: &Answers) -> Duration {
    let mut protocols = vec![case.upstream];
    // The fallbacks speak the next protocol and then the same.
    let place = PROVIDERS.iter().position(|protocol| *protocol == case.upstream).unwrap();
    let other = PROVIDERS[(place + 1) % PROVIDERS.len()];
    protocols.extend([other, case.upstream].iter().take(case.fallbacks));
    let mut limit = LONG;
    let world = World::with(&protocols, |settings| {
        limit = shorten(&mut settings.chain[0].timeouts, case);
    })
    .await;
    world.providers[0].set_script(Script { always: case.fault.clone(), ..Script::default() });
    let start = Instant::now();
    let result = world.ask(&body(case.client, case.is_stream), case.client).await;
    let told = result.as_ref().err().map(ToString::to_string);
    let seen = observe(case, &protocols, result, answers).await;
    let took = start.elapsed();
    let expected = match case.expect {
        Any => &seen[..],
        Fine => "p0 answers",
        Breaks => "p0 breaks",
        Refused => "p0 refuses",
        Falls if case.fallbacks == 0 => "nobody answers",
        Falls => "p1 answers",
    };
    assert_eq!(seen, expected, "{case:?} {told:?}");
    world.stop().await;
    took.saturating_sub(limit)
}

/// Shortens the time-out that a hanging fault is to meet, and no other, so that a busy machine
/// cannot change what happens. Gives the time within which all must be over.
fn shorten(timeouts: &mut Timeouts, case: &Case) -> Duration {
    let shortened = match (&case.fault, case.is_stream) {
        (Fault::HangOnAccept | Fault::HangBeforeHeaders, true) => &mut timeouts.headers,
        (Fault::HangOnAccept | Fault::HangBeforeHeaders, false) => &mut timeouts.whole_answer,
        (Fault::HangAfterFirstEvent, true) if case.expect == Breaks => &mut timeouts.between_chunks,
        (Fault::HangAfterHeaders | Fault::HangAfterFirstEvent, true) => &mut timeouts.first_content,
        (Fault::HangAfterHeaders | Fault::HangAfterFirstEvent, false)
        | (Fault::HangBeforeTerminal, _)
        | (Fault::HangAfterTerminal, _) => &mut timeouts.between_chunks,
        _ => return LONG,
    };
    *shortened = SHORT;
    SHORT
}

/// Says what happened, after checking what must hold whatever happens.
async fn observe(
    case: &Case,
    protocols: &[ProviderProtocol],
    result: Result<Reply, Error>,
    answers: &Answers,
) -> String {
    let reply = match result {
        Err(Error::Refused { provider, .. }) => return format!("{provider} refuses"),
        Err(Error::AllFailed(all)) => {
            assert!(all.attempts.iter().all(|attempt| attempt.failure.is_some()), "{all:?}");
            return "nobody answers".to_owned();
        }
        Err(error) => panic!("{case:?}: {error}"),
        Ok(reply) => reply,
    };
    let provider = reply.candidate.provider.to_string();
    let index: usize = provider[1..].parse().unwrap();
    let (last, earlier) = reply.attempts.split_last().unwrap();
    assert!(last.failure.is_none() && last.candidate.provider.as_str() == provider);
    assert!(earlier.iter().all(|attempt| attempt.failure.is_some()), "{earlier:?}");
    let heard = hear(reply.body).await;
    let key = (protocols[index].to_string(), case.client.to_string(), case.is_stream);
    let healthy = &answers[&key];
    if let Some(error) = &heard.error {
        assert!(matches!(error, Error::Interrupted { .. }), "{case:?}: {error}");
        assert!(!heard.terminal, "{case:?}: an error after a clean end");
        if case.expect != Any {
            assert!(healthy.starts_with(&heard.bytes), "{case:?}: bytes of another answer");
        }
        return format!("{provider} breaks");
    }
    assert!(heard.terminal, "{case:?}: a clean end without its terminal event");
    let strange = index == 0 && !matches!(case.expect, Fine) || changes_answer(&case.fault);
    if !strange {
        assert_eq!(&heard.bytes, healthy, "{case:?}");
    }
    format!("{provider} answers")
}

/// Faults that change the answer itself.
fn changes_answer(fault: &Fault) -> bool {
    matches!(fault, Fault::Usage(_) | Fault::LongLine { .. })
}
