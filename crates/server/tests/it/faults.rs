//! Every fault of a provider, as a client of the gateway meets it.

use std::sync::Arc;
use std::time::Duration;

use inference::Timeouts;
use orchestrator::config::Config;
use simulator::{Fault, Position, Script};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;
use wire::{Protocol, ProviderProtocol};

use crate::client::{Answer, Client, streamed, with};
use crate::reading::Problem;
use crate::reference::Reference;
use crate::stand::{MODEL, PROTOCOLS, Plan, Stand};

const GEMINI: ProviderProtocol = ProviderProtocol::Gemini;
const GROQ: ProviderProtocol = ProviderProtocol::Groq;

/// A time-out that is meant to end something.
const SHORT: Duration = Duration::from_millis(250);
/// One that is not, however busy the machine is.
const LONG: Duration = Duration::from_secs(30);
/// What no case may take. It is less than [`LONG`], so that no wait for the wrong thing passes.
const HANGING: Duration = Duration::from_secs(10);
/// What a case may take, at the second look where the machine stalled at the first: a hang comes
/// again.
const PROMPT: Duration = SHORT.saturating_add(Duration::from_secs(1));
/// Cases at the same time.
static PLACES: Semaphore = Semaphore::const_new(12);
/// One test at a time: what beside them another gateway for so many providers takes of the machine
/// is no hang.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What must come of a fault of the first provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// The first provider answers all the same.
    Fine,
    /// The second provider answers; without one an error of this status, OpenAI's and Anthropic's.
    Falls(u16, u16),
    /// The answer begins and ends in an error.
    Breaks,
    /// An error of this status, whoever else there is.
    Refused(u16),
    /// As the network has it: the first three.
    Any,
}

use Expect::{Any, Breaks, Falls, Fine, Refused};

const BAD: Expect = Falls(502, 502);
const LATE: Expect = Falls(504, 504);
const LOADED: Expect = Falls(503, 529);

/// A fault with what comes of it in a stream and in a document.
fn faults() -> Vec<(Fault, Expect, Expect)> {
    let event = |position| Fault::ErrorEvent { position, code: None };
    let status = |code| Fault::Status { code, retry_after: None, error: None };
    vec![
        (Fault::Refuse, BAD, BAD),
        (Fault::HangOnAccept, LATE, LATE),
        (Fault::HangBeforeHeaders, LATE, LATE),
        (Fault::HangAfterHeaders, LATE, LATE),
        (Fault::HangAfterFirstEvent, LATE, LATE),
        (Fault::HangBeforeTerminal, Breaks, LATE),
        (Fault::Reset { after_bytes: 700 }, Any, Any),
        (Fault::Close { after_bytes: 100 }, BAD, BAD),
        (Fault::Close { after_bytes: 800 }, Breaks, Any),
        (Fault::EmptyBody, BAD, BAD),
        (event(Position::First), BAD, BAD),
        (event(Position::Middle), Breaks, BAD),
        (event(Position::Last), Breaks, BAD),
        (Fault::NotJson, BAD, BAD),
        (Fault::NotHttp, BAD, BAD),
        (Fault::NoTerminal, Breaks, BAD),
        (Fault::WrongContentLength { delta: 10 }, Fine, BAD),
        (Fault::WrongContentLength { delta: -10 }, Breaks, BAD),
        (status(429), Falls(429, 429), Falls(429, 429)),
        (status(500), BAD, BAD),
        (status(503), LOADED, LOADED),
        (status(529), LOADED, LOADED),
        (status(401), BAD, BAD),
        (status(400), Refused(400), Refused(400)),
    ]
}

#[derive(Clone, Debug)]
struct Case {
    fault: Fault,
    expect: Expect,
    is_stream: bool,
    client: Protocol,
    /// What the provider that fails speaks.
    first: ProviderProtocol,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (fault, streamed, document) in faults() {
        for (is_stream, expect) in [(true, streamed), (false, document)] {
            for client in PROTOCOLS {
                for first in [client.into(), GEMINI, GROQ] {
                    let fault = fault.clone();
                    let expect = expected(&fault, expect, is_stream, first);
                    cases.push(Case { fault, expect, is_stream, client, first });
                }
            }
        }
    }
    cases
}

/// What follows from how a protocol's streams are made, and from whether it has a word for
/// "overloaded" inside a 200.
fn expected(fault: &Fault, usual: Expect, is_stream: bool, first: ProviderProtocol) -> Expect {
    match (fault, first) {
        // The first two events, which hold nothing of the answer, are longer than others.
        (Fault::Close { .. }, ProviderProtocol::OpenAiResponses) if is_stream => BAD,
        // The first event is content, and the end of the body is the end of the stream.
        (Fault::HangAfterFirstEvent | Fault::WrongContentLength { delta: 1.. }, GEMINI)
            if is_stream =>
        {
            Breaks
        }
        (Fault::ErrorEvent { .. }, ProviderProtocol::AnthropicMessages | GEMINI)
            if usual == BAD =>
        {
            LOADED
        }
        _ => usual,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_without_another_provider_ends_in_one_error() {
    check_all(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_an_openai_provider_ends_in_an_answer_or_one_error() {
    check_all(&[ProviderProtocol::OpenAiChat]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_a_provider_of_responses_ends_in_an_answer_or_one_error() {
    check_all(&[ProviderProtocol::OpenAiResponses]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_an_anthropic_provider_ends_in_an_answer_or_one_error() {
    check_all(&[ProviderProtocol::AnthropicMessages]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_a_gemini_provider_ends_in_an_answer_or_one_error() {
    check_all(&[GEMINI]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_a_groq_provider_ends_in_an_answer_or_one_error() {
    check_all(&[GROQ]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_beside_one_that_refuses_and_one_that_is_well_ends_like_beside_the_latter() {
    check_all(&[GROQ, GEMINI]).await;
}

async fn check_all(others: &'static [ProviderProtocol]) {
    let _alone = ALONE.lock().await;
    let late = run(others, cases()).await;
    // The machine may have stalled; a hang comes again.
    if !late.is_empty() {
        let still: Vec<Case> = late.into_iter().map(|(_, case)| case).collect();
        let late = run(others, still).await;
        assert!(late.is_empty(), "more than {PROMPT:?}: {late:?}");
    }
}

/// One gateway for all cases, in which each has a model and a first provider of its own. Of the
/// others, which all cases have, only the last is well. Returns the cases that took longer than they
/// may, with what they took.
async fn run(others: &'static [ProviderProtocol], cases: Vec<Case>) -> Vec<(Duration, Case)> {
    let mut plan = Plan::empty().with("resilience.retry_percent = 1000");
    for (number, case) in cases.iter().enumerate() {
        plan =
            plan.and_provider(case.first, &format!("models = {{ case-{number} = \"{MODEL}\" }}"));
    }
    let models = (0..cases.len()).map(|number| format!("case-{number} = \"{MODEL}\""));
    let models = models.collect::<Vec<_>>().join(", ");
    for other in others {
        plan = plan.and_provider(*other, &format!("models = {{ {models} }}"));
    }
    let stand = plan.start_with(|config| set_timeouts(config, &cases)).await;
    let well = others.len().min(1);
    let failing = stand.providers.len() - well;
    let faults = cases.iter().map(|case| &case.fault).chain(std::iter::repeat(&Fault::Refuse));
    for (provider, fault) in stand.providers[..failing].iter().zip(faults) {
        provider.set_script(Script { always: fault.clone(), ..Script::default() });
    }
    let well = (well > 0).then_some(failing);
    let stand = Arc::new((stand, Reference::start().await));
    let mut running = JoinSet::new();
    for (number, case) in cases.into_iter().enumerate() {
        let stand = Arc::clone(&stand);
        running.spawn(async move {
            let _place = PLACES.acquire().await.unwrap();
            let (stand, reference) = &*stand;
            let took = check((stand, reference), well, number, &case).await;
            (took, case)
        });
    }
    let mut ended = running.join_all().await;
    let (stand, reference) = Arc::into_inner(stand).unwrap();
    stand.settled().await;
    stand.stop().await;
    reference.stop().await;
    ended.retain(|(took, _)| *took > PROMPT);
    ended
}

/// Shortens the time-out that a hanging fault is to meet, and no other, so that a busy machine
/// cannot change what happens.
fn set_timeouts(config: &mut Config, cases: &[Case]) {
    for provider in &mut config.inference.chain {
        provider.timeouts = Timeouts {
            connect: LONG,
            headers: LONG,
            whole_answer: LONG,
            first_content: LONG,
            between_chunks: LONG,
            total: LONG,
        };
    }
    for (case, provider) in cases.iter().zip(&mut config.inference.chain) {
        let timeouts = &mut provider.timeouts;
        let shortened = match (&case.fault, case.is_stream) {
            (Fault::HangOnAccept | Fault::HangBeforeHeaders, true) => &mut timeouts.headers,
            (Fault::HangOnAccept | Fault::HangBeforeHeaders, false) => &mut timeouts.whole_answer,
            (Fault::HangAfterFirstEvent, true) if case.expect == Breaks => {
                &mut timeouts.between_chunks
            }
            (Fault::HangAfterHeaders | Fault::HangAfterFirstEvent, true) => {
                &mut timeouts.first_content
            }
            (Fault::HangAfterHeaders | Fault::HangAfterFirstEvent, false)
            | (Fault::HangBeforeTerminal, _) => &mut timeouts.between_chunks,
            _ => continue,
        };
        *shortened = SHORT;
    }
}

/// What the answer took. `well` is the provider that answers where the first does not.
async fn check(
    (stand, reference): (&Stand, &Reference),
    well: Option<usize>,
    number: usize,
    case: &Case,
) -> Duration {
    let client = stand.client(case.client);
    // All cases have one model in the end, so the text tells them apart in the cache.
    let question =
        with(&client.question(&format!("fault {number}")), "model", format!("case-{number}"));
    let question = if case.is_stream { streamed(&question) } else { question };
    let start = Instant::now();
    let answer = client.ask(&question).await;
    let took = start.elapsed();
    let at = format!("{case:?} before {well:?}");
    assert!(took < HANGING, "{at} took {took:?}");
    let seen = observe(&answer, case.client, &at);
    let text = match seen {
        Seen::Answer(provider) => Some(healthy(stand, reference, &answer, provider).await),
        Seen::Broken | Seen::Refused(_) => None,
    };
    if let Some(text) = &text {
        assert_eq!(&answer.said().text, text, "{at}");
    }
    check_expected(case, seen, (number, well), &at);
    check_stored(&client, &question, text, &at).await;
    took
}

/// What a client saw, after checking that it was well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// A whole answer of this provider.
    Answer(usize),
    /// An answer that ended in an error event.
    Broken,
    /// An error of this status.
    Refused(u16),
}

#[track_caller]
fn observe(answer: &Answer, protocol: Protocol, at: &str) -> Seen {
    if answer.status != 200 {
        check_problem(answer.status, &answer.problem(), protocol, at);
        let wait = answer.header("retry-after");
        let says_when = wait.parse::<u64>().is_ok_and(|seconds| seconds >= 1);
        let is_busy = matches!(answer.status, 429 | 503 | 529);
        assert!(says_when || !is_busy && wait.is_empty(), "{at}: {wait}");
        return Seen::Refused(answer.status);
    }
    let said = answer.said();
    let provider = answer.header("x-forebay-provider")[1..].parse().unwrap();
    match &said.problem {
        None => {
            assert!(said.is_good(), "{at}: {said:?}");
            Seen::Answer(provider)
        }
        Some(problem) => {
            assert!(!said.is_ended && !problem.message.is_empty(), "{at}: {said:?}");
            assert!(!said.text.is_empty(), "{at}: an error event where a status would do");
            Seen::Broken
        }
    }
}

/// The words that the protocol's SDKs know for a status.
#[track_caller]
fn check_problem(status: u16, problem: &Problem, protocol: Protocol, at: &str) {
    let kind = match (protocol, status) {
        (_, 400) => "invalid_request_error",
        (Protocol::OpenAiChat | Protocol::OpenAiResponses, 429) => "rate_limit_exceeded",
        (Protocol::OpenAiChat | Protocol::OpenAiResponses, _) => "server_error",
        (Protocol::AnthropicMessages, 429) => "rate_limit_error",
        (Protocol::AnthropicMessages, 504) => "timeout_error",
        (Protocol::AnthropicMessages, 529) => "overloaded_error",
        (Protocol::AnthropicMessages, _) => "api_error",
    };
    assert_eq!(problem.kind, kind, "{at}: {status} {problem:?}");
}

/// The text that this provider gives where nothing is wrong with it.
async fn healthy(stand: &Stand, reference: &Reference, answer: &Answer, provider: usize) -> String {
    let id = match answer.header("x-request-id") {
        "" => answer.header("request-id"),
        id => id,
    };
    let requests = stand.providers[provider].requests();
    let asked = requests.iter().find(|asked| asked.header("x-request-id") == Some(id)).unwrap();
    reference.text(asked).await
}

#[track_caller]
fn check_expected(case: &Case, seen: Seen, (first, well): (usize, Option<usize>), at: &str) {
    let falls = |openai, anthropic| match well {
        Some(well) => Seen::Answer(well),
        None => Seen::Refused(match case.client {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => openai,
            Protocol::AnthropicMessages => anthropic,
        }),
    };
    match case.expect {
        Fine => assert_eq!(seen, Seen::Answer(first), "{at}"),
        Falls(openai, anthropic) => assert_eq!(seen, falls(openai, anthropic), "{at}"),
        Breaks => assert_eq!(seen, Seen::Broken, "{at}"),
        Refused(status) => assert_eq!(seen, Seen::Refused(status), "{at}"),
        Any => {
            let allowed = [Seen::Answer(first), falls(502, 502), Seen::Broken];
            assert!(allowed.contains(&seen), "{at}: {seen:?}");
        }
    }
}

/// The same question finds a whole answer in the store, and nothing else.
async fn check_stored(
    client: &Client,
    question: &serde_json::Value,
    text: Option<String>,
    at: &str,
) {
    let sparing = client.with_header("cache-control", "only-if-cached");
    let stored = sparing.ask(question).await;
    match text {
        Some(text) => assert_eq!(stored.said().text, text, "{at}"),
        None => assert_eq!(stored.status, 504, "{at}: {}", stored.text()),
    }
}
