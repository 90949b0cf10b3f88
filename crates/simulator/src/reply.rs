//! What an answer says, before it takes the form of a protocol.

use crate::SimulatorSettings;
use crate::ask::{Ask, ToolCall};
use crate::embeddings::Vectors;
use crate::fault::UsageFault;

/// Enough for the opening words.
pub(crate) const LEAST_OUTPUT_TOKENS: u64 = 8;
pub(crate) const MOST_OUTPUT_TOKENS: u64 = 100_000;

const OPENING: &str = "Simulated answer – é 🌊 ";
const WORDS: [&str; 16] = [
    "water",
    "gathers",
    "above",
    "the",
    "forebay",
    "räder",
    "naïve",
    "élan",
    "мельница",
    "поток",
    "水車",
    "川の流れ",
    "नदी",
    "🌊",
    "⚙️",
    "turns",
];

/// What an answer says, whatever its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Distinguishes answers; the same for the same request.
    pub(crate) id: u64,
    pub(crate) model: String,
    /// One text per choice; empty where tools are called.
    pub(crate) texts: Vec<String>,
    pub(crate) calls: Vec<ToolCall>,
    /// Empty but for embeddings.
    pub(crate) vectors: Vectors,
    pub(crate) finish: Finish,
    pub(crate) usage: Usage,
    /// Whether a stream carries usage.
    pub(crate) wants_usage: bool,
    /// Pieces that a stream cuts each text into.
    pub(crate) pieces: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    ToolCalls,
}

/// The usage that is reported, which a fault may have bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: i64,
    /// Of the input.
    pub(crate) cached: i64,
    pub(crate) output: i64,
    /// How often it is said.
    pub(crate) times: usize,
}

impl Reply {
    pub(crate) fn to(ask: &Ask, settings: &SimulatorSettings) -> Self {
        let wanted = settings.output_tokens;
        let allowed = ask.max_output_tokens.unwrap_or(wanted);
        let is_text = ask.calls.is_empty();
        let choices = if is_text && allowed > 0 { ask.choices } else { 0 };
        let texts: Vec<_> =
            (0..choices).map(|choice| text(ask.prompt.hash ^ choice, wanted, allowed)).collect();
        let (finish, output) = if is_text {
            let finish = if allowed < wanted { Finish::Length } else { Finish::Stop };
            (finish, texts.iter().map(|text| tokens(text.len())).sum())
        } else {
            let bytes = ask.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
            (Finish::ToolCalls, tokens(bytes).clamp(0, ask.max_output_tokens.unwrap_or(u64::MAX)))
        };
        Self {
            id: ask.prompt.hash,
            model: ask.model.clone(),
            texts,
            calls: ask.calls.clone(),
            vectors: ask.vectors.clone().unwrap_or_default(),
            finish,
            usage: Usage {
                input: signed(ask.prompt.tokens()),
                cached: 0,
                output: signed(output),
                times: 1,
            },
            wants_usage: ask.wants_usage,
            pieces: settings.chunks,
        }
    }

    /// Other texts of so many bytes, which a stream does not cut.
    pub(crate) fn lengthen(&mut self, bytes: usize) {
        self.texts.fill("x".repeat(bytes));
        self.pieces = 1;
    }
}

impl Usage {
    /// Tells so many tokens of the input as cached.
    pub(crate) fn cache(&mut self, tokens: u64) {
        self.cached = std::cmp::min(signed(tokens), self.input);
    }

    pub(crate) fn bend(&mut self, fault: UsageFault) {
        match fault {
            UsageFault::Missing => self.times = 0,
            UsageFault::Twice => self.times = 2,
            UsageFault::Negative => {
                self.input = self.input.saturating_neg();
                self.output = self.output.saturating_neg();
            }
            UsageFault::Tenfold => {
                self.input = self.input.saturating_mul(10);
                self.output = self.output.saturating_mul(10);
            }
        }
    }
}

/// `text` in at most `count` pieces of about the same length, cut between characters.
pub(crate) fn pieces(text: &str, count: usize) -> impl Iterator<Item = &str> {
    let cut = move |at: usize| text.floor_char_boundary(text.len() * at / count);
    (0..count).map(move |at| &text[cut(at)..cut(at + 1)]).filter(|piece| !piece.is_empty())
}

/// One token per four bytes, rounded up.
fn tokens(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(4)).unwrap_or(u64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A text of exactly `wanted` tokens, cut to `allowed` where that is less.
fn text(seed: u64, wanted: u64, allowed: u64) -> String {
    let bytes = |tokens: u64| usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(4);
    let length = bytes(wanted);
    let mut text = String::with_capacity(length + 32);
    text.push_str(OPENING);
    let mut random = seed;
    while text.len() < length {
        text.push_str(WORDS[draw(&mut random) % WORDS.len()]);
        text.push(' ');
    }
    text.truncate(text.floor_char_boundary(length));
    while text.len() < length {
        text.push('.');
    }
    // A character is at most four bytes, so the cut text still has `allowed` tokens, rounded up.
    text.truncate(text.floor_char_boundary(bytes(allowed)));
    text
}

fn draw(state: &mut u64) -> usize {
    usize::try_from(next_random(state) >> 48).unwrap_or(0)
}

/// The next number of the sequence (splitmix64).
pub(crate) fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
