//! Simulated providers and an `Inference` over them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use forebay_inference::{
    Call, Error, Gate, Inference, InferenceSettings, OpenGate, Priority, ProviderSettings, Reply,
    ReplyBody, Trace,
};
use simulator::{Authentication, Simulator, SimulatorSettings};
use types::{Clock, ManualClock, Timestamp};
use wire::{Edits, PieceKind, Protocol, ProviderProtocol, Request};

pub(crate) const CLIENTS: [Protocol; 3] =
    [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages];

pub(crate) const PROVIDERS: [ProviderProtocol; 5] = [
    ProviderProtocol::OpenAiChat,
    ProviderProtocol::OpenAiResponses,
    ProviderProtocol::AnthropicMessages,
    ProviderProtocol::Gemini,
    ProviderProtocol::Groq,
];

/// A time-out that is meant to end something.
pub(crate) const SHORT: Duration = Duration::from_millis(250);
/// A time-out that is not, however busy the machine is. Every time-out that no test changes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Makes an attempt that may take so long, and another where it took longer: a machine that stalls
/// delays whatever it finds running, a hang comes again.
pub(crate) async fn within<F: Future<Output = Duration>>(
    allowed: Duration,
    attempt: impl Fn() -> F,
) {
    let first = attempt().await;
    if first > allowed {
        let again = attempt().await;
        assert!(again <= allowed, "{first:?} and again {again:?}, not {allowed:?}");
    }
}

/// The key that a provider is given: one of its own for each.
pub(crate) fn key(provider: usize) -> String {
    format!("sk-canary-{provider}-0123456789abcdef")
}

/// Providers `p0`, `p1`, … in a chain that all serve the model `m`.
pub(crate) struct World {
    pub(crate) providers: Vec<Simulator>,
    pub(crate) inference: Inference,
    pub(crate) hand: ManualClock,
}

impl World {
    pub(crate) async fn new(protocols: &[impl Into<ProviderProtocol> + Copy]) -> Self {
        Self::with(protocols, |_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn with(
        protocols: &[impl Into<ProviderProtocol> + Copy],
        change: impl FnOnce(&mut InferenceSettings),
    ) -> Self {
        let mut providers = Vec::new();
        let mut chain = Vec::new();
        for (index, protocol) in protocols.iter().enumerate() {
            let authentication = Authentication::Key(key(index));
            let settings = SimulatorSettings { authentication, ..Default::default() };
            let simulator = Simulator::start(settings).await.unwrap();
            chain.push(provider(index, *protocol, &format!("http://{}", simulator.address())));
            providers.push(simulator);
        }
        let mut settings = InferenceSettings::new(chain);
        settings.backoff.base = Duration::from_millis(2);
        settings.breaker.open = Duration::from_secs(60);
        change(&mut settings);
        let hand = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
        let inference = Inference::new(settings, hand.clock()).unwrap();
        Self { providers, inference, hand }
    }

    pub(crate) async fn ask(&self, body: &str, client: Protocol) -> Result<Reply, Error> {
        self.ask_through(body, client, OpenGate).await
    }

    pub(crate) async fn ask_through(
        &self,
        body: &str,
        client: Protocol,
        gate: impl Gate,
    ) -> Result<Reply, Error> {
        self.inference.dispatch(call(&self.inference, body, client), gate).await
    }

    pub(crate) fn attempts(&self) -> Vec<u64> {
        self.providers.iter().map(|provider| provider.counts().attempts()).collect()
    }

    pub(crate) async fn stop(self) {
        drop(self.inference);
        for provider in self.providers {
            provider.stop().await;
        }
    }
}

pub(crate) fn call(inference: &Inference, body: &str, client: Protocol) -> Call {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let request = Arc::new(Request::decode(client, body).unwrap());
    Call {
        route: inference.route(request.model()).unwrap(),
        request,
        edits: Edits { max_output_tokens: Some(1_000), ..Default::default() },
        headers: Vec::new(),
        request_id: "request-1".parse().unwrap(),
        session: None,
        priority: Priority::Normal,
        trace: Trace::None,
    }
}

pub(crate) fn provider(
    index: usize,
    protocol: impl Into<ProviderProtocol>,
    url: &str,
) -> ProviderSettings {
    let protocol = protocol.into();
    let base = match protocol {
        ProviderProtocol::OpenAiChat | ProviderProtocol::OpenAiResponses => format!("{url}/v1"),
        ProviderProtocol::AnthropicMessages => url.to_owned(),
        ProviderProtocol::Gemini => format!("{url}/v1beta"),
        ProviderProtocol::Groq => format!("{url}/openai/v1"),
    };
    let id = format!("p{index}").parse().unwrap();
    let mut settings = ProviderSettings::new(id, protocol, base.parse().unwrap());
    settings.api_key = Some(key(index).into());
    settings.native.push("m".parse().unwrap());
    settings.network.allow_plain_http = true;
    settings.network.allow_private_addresses = true;
    let timeouts = &mut settings.timeouts;
    timeouts.connect = LONG;
    timeouts.headers = LONG;
    timeouts.whole_answer = LONG;
    timeouts.first_content = LONG;
    timeouts.between_chunks = LONG;
    settings
}

/// A small request of a client.
pub(crate) fn body(client: Protocol, is_stream: bool) -> String {
    let said = match client {
        Protocol::OpenAiChat => r#""messages":[{"role":"user","content":"hi"}]"#,
        Protocol::OpenAiResponses => r#""input":"hi""#,
        Protocol::AnthropicMessages => {
            r#""max_tokens":200,"messages":[{"role":"user","content":"hi"}]"#
        }
    };
    format!(r#"{{"model":"m","stream":{is_stream},{said}}}"#)
}

/// An answer as far as it came: its bytes in the client's protocol, whether content and a terminal
/// piece were among them, and the error that ended it.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content: bool,
    pub(crate) terminal: bool,
    pub(crate) error: Option<Error>,
}

pub(crate) async fn hear(body: ReplyBody) -> Heard {
    let mut heard = Heard::default();
    match body {
        ReplyBody::Complete(answer) => {
            heard.bytes = answer.body.to_vec();
            heard.terminal = answer.summary.complete;
        }
        ReplyBody::Stream(mut stream) => {
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) => {
                        heard.bytes.extend_from_slice(&piece.bytes);
                        heard.content |= piece.kind == PieceKind::Content;
                        heard.terminal |= piece.kind == PieceKind::Terminal;
                    }
                    Err(error) => heard.error = Some(error),
                }
            }
        }
    }
    heard
}

/// What a healthy provider answers.
pub(crate) async fn healthy(
    upstream: ProviderProtocol,
    client: Protocol,
    is_stream: bool,
) -> Vec<u8> {
    let world = World::new(&[upstream]).await;
    let reply = world.ask(&body(client, is_stream), client).await.unwrap();
    let heard = hear(reply.body).await;
    assert!(heard.terminal && heard.error.is_none(), "{heard:?}");
    world.stop().await;
    heard.bytes
}

/// Waits until nothing but the caller runs on this runtime.
pub(crate) async fn no_task_left() {
    let metrics = tokio::runtime::Handle::current().metrics();
    for _ in 0..400 {
        if metrics.num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} tasks are left", metrics.num_alive_tasks());
}

/// For settings that need no world.
pub(crate) fn system_clock() -> Clock {
    Clock::system()
}
