//! What is done about one request.

use std::time::Duration;

use crate::answer::{Answer, End, Pace, Step};
use crate::ask::{Ask, Refusal};
use crate::endpoint::Endpoint;
use crate::protocol::Protocol;
use crate::reply::{Reply, next_random};
use crate::request::Request;
use crate::{Authentication, Fault, SimulatorSettings, anthropic, openai};

/// What is done about one request, and how it is counted afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Completed,
    Refused,
    Faulty,
}

/// One attempt at an answer of a model.
pub(crate) struct Attempt<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) request: &'a Request,
    pub(crate) settings: &'a SimulatorSettings,
    /// Distinguishes requests, also those that are the same.
    pub(crate) sequence: u64,
    pub(crate) ask: Result<Ask, Refusal>,
    /// Input tokens that are told as cached.
    pub(crate) cached_tokens: u64,
}

impl Plan {
    /// The plan of a fault that strikes before the body is read.
    pub(crate) fn early(fault: &Fault) -> Self {
        let step = if *fault == Fault::Refuse { Step::Reset } else { Step::Hang };
        Self { steps: vec![step], outcome: Outcome::Faulty }
    }

    /// The plan of a request whose bytes cannot be read.
    pub(crate) fn unreadable(status: u16) -> Self {
        let refusal = Refusal::new(status, "the request could not be read");
        let answer = Answer::json(status, Protocol::OpenAi.envelope(&refusal));
        let steps = answer.steps(usize::MAX, End::Close);
        Self { steps, outcome: Outcome::Refused }
    }

    /// The plan of a control request, which is not counted.
    pub(crate) fn control(status: u16, body: String) -> Self {
        Self { steps: Answer::json(status, body).whole(), outcome: Outcome::Completed }
    }

    /// The plan of a request to no model.
    pub(crate) fn aside(request: &Request, settings: &SimulatorSettings) -> Self {
        let is_anthropic = request.header("anthropic-version").is_some();
        let protocol = if is_anthropic { Protocol::Anthropic } else { Protocol::OpenAi };
        let answer = check_key(protocol, request, &settings.authentication).and_then(|()| {
            if Endpoint::of(&request.path) != Endpoint::Models {
                Err(Refusal::new(404, "unknown path").with_code("not_found_error"))
            } else if request.is_post {
                Err(Refusal::new(405, "only GET is allowed here"))
            } else {
                Ok(models(protocol, settings))
            }
        });
        let (answer, outcome) = match answer {
            Ok(body) => (Answer::json(200, body), Outcome::Completed),
            Err(refusal) => {
                let body = protocol.envelope(&refusal);
                (Answer::json(refusal.status, body), Outcome::Refused)
            }
        };
        Self { steps: answer.whole(), outcome }
    }
}

impl<'a> Attempt<'a> {
    /// Checks `request` as the provider would.
    pub(crate) fn new(
        protocol: Protocol,
        request: &'a Request,
        settings: &'a SimulatorSettings,
        sequence: u64,
    ) -> Self {
        let ask = check_key(protocol, request, &settings.authentication)
            .and_then(|()| match request.is_post {
                true => protocol.ask(request),
                false => Err(Refusal::new(405, "only POST is allowed here")),
            })
            .and_then(|ask| serve_model(ask, &settings.models));
        Self { protocol, request, settings, sequence, ask, cached_tokens: 0 }
    }

    /// The model asked for, or nothing where the request is refused.
    pub(crate) fn model(&self) -> &str {
        self.ask.as_ref().map_or("", |ask| &ask.model)
    }

    pub(crate) fn plan(&self, fault: &Fault) -> Plan {
        match (fault.play(self), &self.ask) {
            (Some(steps), _) if *fault == Fault::None => {
                Plan { steps, outcome: Outcome::Completed }
            }
            (None, Err(refusal)) => {
                Plan { steps: self.error(refusal).whole(), outcome: Outcome::Refused }
            }
            (steps, _) => Plan { steps: steps.unwrap_or_default(), outcome: Outcome::Faulty },
        }
    }

    /// The proper answer after `bend` had its way with it; none where the request is refused.
    pub(crate) fn answer(&self, bend: impl FnOnce(&mut Reply)) -> Option<Answer> {
        let ask = self.ask.as_ref().ok()?;
        let mut reply = Reply::to(ask, self.settings);
        reply.usage.cache(self.cached_tokens);
        bend(&mut reply);
        Some(self.named(Answer::new(200, self.protocol.say(&reply, ask.is_stream))))
    }

    pub(crate) fn error(&self, refusal: &Refusal) -> Answer {
        self.plain(refusal.status, self.protocol.envelope(refusal))
    }

    /// An answer that is not a model's.
    pub(crate) fn plain(&self, status: u16, body: String) -> Answer {
        self.named(Answer::json(status, body))
    }

    fn named(&self, mut answer: Answer) -> Answer {
        answer.pace = self.pace();
        answer.with_header(self.protocol.id_header(), &format!("req_{}", self.sequence))
    }

    /// The configured pace, its latency drawn for this request.
    fn pace(&self) -> Pace {
        let latency = self.settings.latency;
        let mut state = latency.seed ^ self.sequence;
        let width = (latency.max_ms - latency.min_ms).saturating_add(1);
        let first = latency.min_ms + next_random(&mut state) % width;
        Pace {
            first: Duration::from_millis(first),
            between: Duration::from_millis(self.settings.chunk_delay_ms),
        }
    }
}

fn check_key(
    protocol: Protocol,
    request: &Request,
    authentication: &Authentication,
) -> Result<(), Refusal> {
    let key = protocol.key(request).filter(|key| !key.is_empty());
    match (authentication, key) {
        (Authentication::Open, _) | (Authentication::AnyKey, Some(_)) => Ok(()),
        (Authentication::Key(expected), Some(key)) if key == expected => Ok(()),
        (Authentication::Key(_), Some(_)) => Err(Refusal::new(401, "the API key is not valid")),
        (Authentication::Key(_) | Authentication::AnyKey, None) => {
            Err(Refusal::new(401, "an API key is required"))
        }
    }
}

fn serve_model(ask: Ask, served: &[String]) -> Result<Ask, Refusal> {
    if served.is_empty() || served.contains(&ask.model) {
        Ok(ask)
    } else {
        Err(Refusal::new(404, format!("the model {} does not exist", ask.model)))
    }
}

fn models(protocol: Protocol, settings: &SimulatorSettings) -> String {
    let named: Vec<_> = settings.models.iter().map(String::as_str).collect();
    let listed = if named.is_empty() { &["simulated"][..] } else { &named };
    match protocol {
        Protocol::OpenAi
        | Protocol::OpenAiEmbeddings
        | Protocol::Groq
        | Protocol::Responses
        | Protocol::Gemini => openai::models(listed),
        Protocol::Anthropic => anthropic::models(listed),
    }
}
