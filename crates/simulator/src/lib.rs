//! A model provider for tests, demonstrations and load, with scripted faults.
//!
//! A [`Simulator`] is a real HTTP/1.1 server that speaks OpenAI chat completions (`POST
//! …/chat/completions`; as Groq has them under `…/openai/v1`), OpenAI Responses (`POST
//! …/responses`), Anthropic messages (`POST …/messages`) and Gemini's protocol (`POST
//! …/models/MODEL:generateContent` and `:streamGenerateContent?alt=sse`), streaming and not, tools
//! included, makes OpenAI embeddings (`POST …/embeddings`), and lists its models (`GET …/models`),
//! all under any path prefix.
//!
//! - Every text says that it is simulated: it begins with "Simulated answer", and it holds
//!   characters of two, three and four bytes.
//! - An answer depends on the model, messages, system text and tools of its request and on the
//!   settings, on nothing else. Only the response header with the request's id differs each time.
//! - Tokens are counted by one rule: a token is four bytes, rounded up. Input is every JSON string
//!   in the model, messages, system text and tools, without names of members, roles, types, ids
//!   and signatures: a plain conversation counts the same in every protocol. Output is the
//!   text of all choices, or names and arguments of the tool calls. A text has
//!   [`SimulatorSettings::output_tokens`] tokens, or as many as the request allows if that is
//!   fewer, and then it ends for reason of length.
//! - A vector of embeddings has length one and 1,536 numbers, or as many as asked for. It depends
//!   on its input alone. The tokens of its request are those of the inputs; a token that is given
//!   as a number is one.
//! - Where the last message is a user's and holds `call:<name>`, the answer calls that tool.
//! - Requests are checked as the provider would: credentials, required fields, fields that only
//!   another protocol has.
//! - It writes bytes of its own, not through the product's codecs, so that a codec's mistake
//!   cannot cancel itself.
//! - What goes wrong is scripted per attempt as a [`Fault`], in process or over HTTP: `GET
//!   /simulator/counts`, `POST /simulator/script` with a [`Script`], `POST /simulator/release`
//!   with a number of held answers, `POST /simulator/reset`. Control asks for no credentials:
//!   listen on loopback.
//! - Every task is owned: [`Simulator::stop`] waits for all, also for those that hang.
//!
//! ```
//! use forebay_simulator::{Fault, Simulator, SimulatorSettings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), forebay_simulator::Error> {
//! let provider = Simulator::start(SimulatorSettings::default()).await?;
//! provider.script(vec![Fault::Refuse, Fault::None]);
//! let base_url = format!("http://{}/v1", provider.address());
//! # assert!(base_url.starts_with("http://127.0.0.1:"));
//! assert_eq!(provider.counts().attempts(), 0);
//! provider.stop().await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod answer;
mod anthropic;
mod ask;
mod bomb;
mod connection;
mod control;
mod counts;
mod embeddings;
mod endpoint;
mod error;
mod fault;
mod gemini;
mod groq;
mod openai;
mod plan;
mod play;
mod prefixes;
mod prompt;
mod protocol;
mod recorded;
mod reply;
mod request;
mod responses;
mod script;
mod settings;
mod shared;
mod simulator;
mod tools;
mod working;

pub use counts::Counts;
pub use error::Error;
pub use fault::{Fault, Position, UsageFault};
pub use recorded::RecordedRequest;
pub use script::Script;
pub use settings::{Authentication, Latency, SimulatorSettings};
pub use simulator::Simulator;
