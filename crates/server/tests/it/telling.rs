//! What OpenTelemetry is told of requests: a collector reads it, or none does and nobody notices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, metric::Data};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use orchestrator::config::Config;
use parking_lot::Mutex;
use prost::Message;
use simulator::{Fault, Position, RecordedRequest};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{Answer, streamed};
use crate::secrets::Logs;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT_SPAN: &str = "00f067aa0ba902b7";

/// A collector that keeps what it is sent.
struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    metrics: Vec<Metric>,
    bytes: Vec<u8>,
}

impl Collector {
    async fn start() -> Self {
        let received = Arc::new(Mutex::new(Received::default()));
        let router = axum::Router::new()
            .route("/v1/traces", post(take_traces))
            .route("/v1/metrics", post(take_metrics))
            .with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { address, received, tasks }
    }

    async fn stop(mut self) -> Received {
        self.tasks.shutdown().await;
        std::mem::take(&mut self.received.lock())
    }
}

async fn take_traces(State(received): State<Arc<Mutex<Received>>>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let mut received = received.lock();
    received.bytes.extend_from_slice(&body);
    for resource in request.resource_spans {
        assert_eq!(texts(&resource.resource.unwrap().attributes, "service.name"), "forebay");
        received.spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
    }
}

async fn take_metrics(State(received): State<Arc<Mutex<Received>>>, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body.clone()).unwrap();
    let mut received = received.lock();
    received.bytes.extend_from_slice(&body);
    let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
    received.metrics.extend(scopes.flat_map(|scope| scope.metrics));
}

fn plan(collector: SocketAddr) -> Plan {
    Plan::new(&[OPENAI, ANTHROPIC])
        .with(&format!("telemetry.otlp_endpoint = \"http://{collector}\""))
        .with("resilience.attempts_per_provider = 1")
}

/// The value of an attribute, in words; empty where there is none.
fn texts(attributes: &[KeyValue], name: &str) -> String {
    let attribute = attributes.iter().find(|attribute| attribute.key == name);
    text(attribute.and_then(|attribute| attribute.value.as_ref()))
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::ArrayValue(values)) => {
            values.values.iter().map(|value| text(Some(value))).collect::<Vec<_>>().join(",")
        }
        Some(other) => panic!("{other:?}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// The spans of a trace: the request's, and its calls in order.
#[track_caller]
fn trace<'a>(received: &'a Received, trace: &str) -> (&'a Span, Vec<&'a Span>) {
    let spans: Vec<_> =
        received.spans.iter().filter(|span| hexadecimal(&span.trace_id) == trace).collect();
    let (roots, calls): (Vec<_>, Vec<_>) =
        spans.into_iter().partition(|span| span.kind() == SpanKind::Server);
    let [root] = roots[..] else { panic!("{roots:?}") };
    for call in &calls {
        assert_eq!(call.kind(), SpanKind::Client, "{call:?}");
        assert_eq!(call.parent_span_id, root.span_id, "{call:?}");
    }
    (root, calls)
}

/// Trace and span that a provider was told.
#[track_caller]
fn told(asked: &RecordedRequest) -> (String, String) {
    let header = asked.header("traceparent").expect("a provider is told of the trace");
    let parts: Vec<_> = header.split('-').collect();
    assert_eq!((parts[0], parts[3]), ("00", "01"), "{header}");
    (parts[1].to_owned(), parts[2].to_owned())
}

/// Whether a call is told as one to `provider`, with these attributes beside the usual ones.
#[track_caller]
fn check_call(span: &Span, provider: &str, expected: &[(&str, &str)]) {
    // Nobody knows who is at this address; what they speak tells only that it is not OpenAI.
    let system = if provider == "p0" { "p0" } else { "anthropic" };
    let usual = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "sim"),
        ("gen_ai.provider.name", system),
        ("forebay.provider", provider),
    ];
    assert_eq!(span.name, "chat sim");
    for (name, value) in usual.iter().chain(expected) {
        assert_eq!(texts(&span.attributes, name), *value, "{name} of {span:?}");
    }
}

/// The same for one that has answered with so many tokens.
#[track_caller]
fn check_answer(span: &Span, provider: &str, answer: &Answer) {
    let output = answer.said().output_tokens.unwrap().to_string();
    let expected = [
        ("gen_ai.usage.output_tokens", output.as_str()),
        ("gen_ai.response.model", "sim"),
        ("gen_ai.response.finish_reasons", "stop"),
        ("error.type", ""),
    ];
    check_call(span, provider, &expected);
    assert_ne!(texts(&span.attributes, "gen_ai.usage.input_tokens"), "");
}

/// Whether each call is measured, and the stream's first token.
#[track_caller]
fn check_metrics(metrics: &[Metric]) {
    let points = |name: &str, unit: &str| {
        let metric = metrics.iter().find(|metric| metric.name == name);
        let metric = metric.unwrap_or_else(|| panic!("no {name} in {metrics:?}"));
        assert_eq!(metric.unit, unit);
        let Some(Data::Histogram(histogram)) = &metric.data else { panic!("{metric:?}") };
        let point = |point: &HistogramDataPoint| {
            let kind = texts(&point.attributes, "gen_ai.token.type");
            let error = texts(&point.attributes, "error.type");
            let provider = texts(&point.attributes, "forebay.provider");
            format!("{provider} {} {}", kind + &error, point.count)
        };
        let mut points: Vec<_> = histogram.data_points.iter().map(point).collect();
        points.sort();
        points
    };
    let duration = points("gen_ai.client.operation.duration", "s");
    assert_eq!(duration, ["p0  2", "p0 server 1", "p1  1"]);
    let tokens = points("gen_ai.client.token.usage", "{token}");
    assert_eq!(tokens, ["p0 input 2", "p0 output 2", "p1 input 1", "p1 output 1"]);
    assert_eq!(points("gen_ai.server.time_to_first_token", "s"), ["p0  1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_is_told_of_requests_and_of_each_call_to_a_provider() {
    let collector = Collector::start().await;
    let stand = plan(collector.address).start().await;
    let client = stand.client(OPENAI);
    let traced = client.with_header("traceparent", &format!("00-{TRACE}-{CLIENT_SPAN}-01"));
    let question = client.question("a secret question");
    let plain = traced.ask(&question).await;
    assert_eq!(client.ask(&question).await.said(), plain.said());
    let other = stand.client(ANTHROPIC);
    let streamed = other.ask(&streamed(&other.question("two"))).await;
    stand.providers[0].script(vec![Fault::Status { code: 500, retry_after: None, error: None }]);
    let fell_over = client.ask(&client.question("three")).await;
    let asked = [stand.providers[0].requests(), stand.providers[1].requests()];
    stand.stop().await;
    let received = collector.stop().await;

    let (root, calls) = trace(&received, TRACE);
    assert_eq!(hexadecimal(&root.parent_span_id), CLIENT_SPAN);
    assert_eq!((root.name.as_str(), calls.len()), ("chat sim", 1));
    assert_eq!(texts(&root.attributes, "forebay.outcome"), "answered");
    check_answer(calls[0], "p0", &plain);
    assert_eq!(told(&asked[0][0]), (TRACE.to_owned(), hexadecimal(&calls[0].span_id)));

    let (trace_id, span_id) = told(&asked[0][1]);
    let (root, calls) = trace(&received, &trace_id);
    assert!(root.parent_span_id.is_empty(), "{root:?}");
    check_answer(calls[0], "p0", &streamed);
    assert_eq!((hexadecimal(&calls[0].span_id), calls.len()), (span_id, 1));

    let (trace_id, span_id) = told(&asked[0][2]);
    let (root, calls) = trace(&received, &trace_id);
    assert_eq!((hexadecimal(&calls[0].span_id), calls.len()), (span_id, 2));
    check_call(calls[0], "p0", &[("error.type", "server")]);
    assert_eq!(calls[0].status.as_ref().unwrap().code(), StatusCode::Error);
    assert_eq!(told(&asked[1][0]), (trace_id, hexadecimal(&calls[1].span_id)));
    check_answer(calls[1], "p1", &fell_over);
    assert_eq!(texts(&root.attributes, "error.type"), "");

    let outcome = |span: &&Span| texts(&span.attributes, "forebay.outcome") == "hit";
    assert_eq!(received.spans.iter().filter(outcome).count(), 1);
    check_metrics(&received.metrics);
    let bytes = String::from_utf8_lossy(&received.bytes);
    assert!(!bytes.contains("secret") && !bytes.contains("Simulated"), "words were told: {bytes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_the_client_s_trace_is_passed_on_as_it_is() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let header = format!("00-{TRACE}-{CLIENT_SPAN}-01");
    let client = stand.client(OPENAI).with_header("traceparent", &header);
    assert_eq!(client.ask(&client.question("one")).await.status, 200);
    let none = stand.client(OPENAI).with_header("traceparent", "rubbish");
    assert_eq!(none.ask(&none.question("two")).await.status, 200);
    let asked = stand.providers[0].requests();
    let told: Vec<_> = asked.iter().map(|asked| asked.header("traceparent")).collect();
    assert_eq!(told, [Some(header.as_str()), None]);
    stand.stop().await;
}

/// From the id that a client is told to the log, the trace, and what the provider calls it.
#[tokio::test]
async fn a_request_s_id_leads_to_its_log_its_trace_and_the_provider_s_own_id() {
    let logs = Logs::default();
    let writer = logs.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    let _kept = tracing::subscriber::set_default(lines.finish());
    let collector = Collector::start().await;
    let stand = plan(collector.address).start().await;
    let client = stand.client(OPENAI).with_header("x-request-id", "a-name-of-the-client-s");
    // The simulators number what they are asked from 0.
    client.ask(&client.question("first of p0")).await;
    let failing = Fault::Status { code: 500, retry_after: None, error: None };
    stand.providers[0].script(vec![failing]);
    let answer = client.ask(&client.question("fails at p0")).await;
    stand.providers[0].script(vec![Fault::NoTerminal]);
    let broken = client.ask(&streamed(&client.question("breaks"))).await;
    assert!(broken.said().problem.is_some(), "{}", broken.text());
    let asked = stand.providers[1].requests();
    stand.stop().await;
    let received = collector.stop().await;

    let (id, broken_id) = (answer.header("x-request-id"), broken.header("x-request-id"));
    assert!(id.starts_with("req_") && answer.headers.get("request-id").is_none());
    assert_eq!(asked[0].header("x-request-id"), Some(id));
    let logged = logs.text();
    let line = |id: &str, what: &str| {
        let id = format!("request_id={id} ");
        let found = logged.lines().find(|line| line.contains(&id) && line.contains(what));
        found.unwrap_or_else(|| panic!("no {what:?} of {id}in {logged}"))
    };
    assert!(line(id, "attempt failed").contains("upstream_request_id=req_1"), "{logged}");
    assert!(line(broken_id, "no answer").contains("upstream_request_id=req_2"), "{logged}");
    assert!(!logged.contains("a-name-of-the-client-s"), "{logged}");

    let calls = |id: &str| {
        let is_it = |span: &&Span| texts(&span.attributes, "forebay.request.id") == id;
        let root = received.spans.iter().find(is_it).expect("a span of this request");
        let (_, calls) = trace(&received, &hexadecimal(&root.trace_id));
        let id = |call: &Span| texts(&call.attributes, "forebay.upstream.request_id");
        calls.into_iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(calls(id), ["req_1", "req_0"]);
    assert_eq!(calls(broken_id), ["req_2"]);
}

/// Answers that are left, before and after they began, and one that breaks off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_left_or_break_off_are_told_with_what_was_metered() {
    let collector = Collector::start().await;
    let stand = plan(collector.address).start().await;
    let client = stand.client(OPENAI);
    let failing = Fault::Status { code: 500, retry_after: None, error: None };
    stand.providers[0].script(vec![failing]);
    stand.providers[1].script(vec![Fault::HangBeforeHeaders]);
    let (leaver, question) = (client.clone(), streamed(&client.question("before it began")));
    let mut asking = JoinSet::new();
    asking.spawn(async move { leaver.open(question.to_string()).await });
    stand.seen(1, |counts| counts.attempts() == 1).await;
    stand.hand.advance(Duration::from_millis(250));
    asking.shutdown().await;
    stand.settled().await;

    stand.providers[0].script(vec![Fault::Hold { at: Position::Middle }, Fault::NoTerminal]);
    let question = streamed(&client.question("after it began"));
    let mut begun = client.open(question.to_string()).await;
    begun.chunk().await.unwrap();
    drop(begun);
    stand.settled().await;
    let broken = client.ask(&streamed(&client.question("breaks off"))).await;
    assert!(broken.said().problem.is_some(), "{}", broken.text());
    let asked = [stand.providers[0].requests(), stand.providers[1].requests()];
    stand.stop().await;
    let received = collector.stop().await;

    let (trace_id, _) = told(&asked[0][0]);
    let (root, calls) = trace(&received, &trace_id);
    assert_eq!(texts(&root.attributes, "forebay.outcome"), "cancelled");
    assert_eq!(calls.len(), 2);
    check_call(calls[0], "p0", &[("error.type", "server")]);
    check_call(calls[1], "p1", &[("error.type", "cancelled")]);
    assert_eq!(told(&asked[1][0]), (trace_id, hexadecimal(&calls[1].span_id)));
    assert_eq!(calls[1].end_time_unix_nano - calls[1].start_time_unix_nano, 250_000_000);

    for (asked, error) in [(&asked[0][1], "cancelled"), (&asked[0][2], "truncated")] {
        let (trace_id, _) = told(asked);
        let (_, calls) = trace(&received, &trace_id);
        check_call(calls[0], "p0", &[("error.type", error)]);
        for kind in ["input", "output"] {
            let tokens = texts(&calls[0].attributes, &format!("gen_ai.usage.{kind}_tokens"));
            assert_ne!(tokens, "", "{kind} tokens of {calls:?}");
        }
    }
}

/// A collector that refuses, and one that takes the connection and never answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_cannot_be_reached_changes_nothing() {
    const WAIT: Duration = Duration::from_millis(500);
    const ASKED: u32 = 30;
    let exporter = telemetry::Exporter::install().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for collector in [gone, silent.local_addr().unwrap()] {
        let shorten = |config: &mut Config| {
            config.telemetry.as_mut().unwrap().timeout = WAIT;
        };
        let stand = plan(collector).start_with(shorten).await;
        let start = Instant::now();
        for (number, protocol) in (0..ASKED).zip(PROTOCOLS.into_iter().cycle()) {
            let client = stand.client(protocol);
            let question = client.question(&format!("{number}"));
            let answer = client.ask(&streamed(&question)).await;
            assert!(answer.said().is_good(), "{}", answer.text());
        }
        assert!(start.elapsed() < WAIT * ASKED, "each waited for the collector");
        stand.stop().await;
    }
    let told = exporter.render();
    let lost = told.lines().find_map(|line| {
        line.strip_prefix("forebay_spans_dropped_total{reason=\"unsent\"} ")?.parse::<u64>().ok()
    });
    assert!(lost.is_some_and(|lost| lost >= 60), "{told}");
}
