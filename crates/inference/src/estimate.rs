//! How many tokens a request may have at most.

use bpe_openai::o200k_base;
use types::TokenCount;
use wire::{Protocol, Request};

/// Text is counted by the tokenizer up to this; the rest by its bytes.
const COUNTED_BYTES_MAX: usize = 256 << 10;
/// The tokenizer is given so much at once, so that one endless word costs linear time.
const PART_BYTES: usize = 4 << 10;
/// Tokens that a provider's own prompt adds around tools.
const TOOLS: u64 = 1_000;
/// Tokens around everything.
const REQUEST: u64 = 64;
/// Tokens around one message, tool or text to embed, counted once for each.
const ITEM: u64 = 8;
/// Tokens of one image.
const IMAGE: u64 = 10_000;
/// Tokens of one image as a guess: Anthropic's for the largest that it does not shrink.
const GUESSED_IMAGE: u64 = 1_600;
/// Tokens of one image of the one model family that counts images many times over.
const IMAGE_OF_4O_MINI: u64 = 49_000;

/// An upper bound of the input tokens of a request at any provider, for reserving money.
///
/// Every byte is at most one token, so a text never counts more than its bytes. Below that the
/// count is 1.6 times that of OpenAI's `o200k_base`, and one token more for each byte that other
/// tokenizers cut finer: digits (one token each at some), bytes that are not ASCII, and every
/// fourth of a run of spaces or signs. Around the text come 64 tokens for the request, 8 for each
/// message, tool and text to embed, 1,000 for tools at all, and 10,000 for each image (49,000 for `gpt-4o-mini`).
///
/// Text counts with its JSON keys. A file in base64 counts as its text; where a provider turns a
/// small file into many pages the bound may be too low, and the excess is an overage of the ledger.
/// Beyond 256 KiB the rest counts its bytes, which bounds the time.
pub fn estimate_input(request: &Request) -> TokenCount {
    bound(request, text_bound(&request.session_text()))
}

/// A guess at the input tokens of a request, for who plans by it and pays by the provider's own
/// count: what OpenAI's `o200k_base` makes of the text, JSON keys included, and 1,600 for each image.
/// Claude's own count of English and code is most often within a quarter of it.
pub fn guess_input(request: &Request) -> TokenCount {
    let text = request.session_text();
    let text: u64 = parts(&text).map(|part| count(o200k_base().count(part))).sum();
    TokenCount::new(text.saturating_add(request.image_count().saturating_mul(GUESSED_IMAGE)))
}

/// A looser upper bound that takes no counting: as [`estimate_input`], with one token for each
/// byte of the text.
pub fn bound_input(request: &Request) -> TokenCount {
    bound(request, count(request.session_text().len()))
}

/// What [`estimate_input`] counts, apart: what is around the messages of a chat, and each of them.
/// Together that may be a few tokens more or less, for the text of each is counted by itself, and
/// less where all are more than 256 KiB, beyond which a text counts its bytes.
pub fn estimate_messages(request: &Request) -> (TokenCount, Vec<TokenCount>) {
    let list = match request.protocol() {
        Protocol::OpenAiChat | Protocol::AnthropicMessages => "messages",
        Protocol::OpenAiResponses => "input",
    };
    let image = image_tokens(request);
    let part = |part: &_| {
        let images = wire::part_images(part).saturating_mul(image);
        text_bound(&wire::part_text(part)).saturating_add(images)
    };
    let (mut around, mut messages) = (REQUEST.saturating_add(tool_tokens(request)), Vec::new());
    for (name, field) in request.fields() {
        around = around.saturating_add(text_bound(name)).saturating_add(1);
        match field.as_array() {
            Some(items) if name == list => {
                let each = items.iter().map(|item| part(item).saturating_add(ITEM));
                messages.extend(each.map(TokenCount::new));
            }
            Some(_) | None => around = around.saturating_add(part(field)),
        }
    }
    let others = items(request).saturating_sub(count(messages.len()));
    (TokenCount::new(around.saturating_add(others.saturating_mul(ITEM))), messages)
}

fn bound(request: &Request, text: u64) -> TokenCount {
    let parts = [
        text,
        items(request).saturating_mul(ITEM),
        tool_tokens(request),
        request.image_count().saturating_mul(image_tokens(request)),
    ];
    TokenCount::new(parts.into_iter().fold(REQUEST, u64::saturating_add))
}

fn tool_tokens(request: &Request) -> u64 {
    if request.has_tools() { TOOLS } else { 0 }
}

fn image_tokens(request: &Request) -> u64 {
    if request.model().contains("4o-mini") { IMAGE_OF_4O_MINI } else { IMAGE }
}

/// Loads the tokenizer, which takes a tenth of a second, so that no request waits for it.
pub fn warm_up() {
    o200k_base();
}

fn items(request: &Request) -> u64 {
    if let Some(embeddings) = request.embeddings() {
        return count(embeddings.inputs);
    }
    count(request.item_count())
}

/// An upper bound of the tokens of `text` for any byte-level tokenizer in use.
fn text_bound(text: &str) -> u64 {
    let (head, rest) = text.split_at(text.floor_char_boundary(COUNTED_BYTES_MAX));
    parts(head).map(part_bound).fold(count(rest.len()), u64::saturating_add)
}

fn part_bound(part: &str) -> u64 {
    let counted = count(o200k_base().count(part));
    let bound = (counted * 8).div_ceil(5).saturating_add(cut_finer(part.as_bytes()));
    bound.min(count(part.len()))
}

/// Bytes that some tokenizer may cut finer than `o200k_base` does.
fn cut_finer(bytes: &[u8]) -> u64 {
    let (mut extra, mut run) = (0, 0_u64);
    let mut last = 0;
    for &byte in bytes {
        run = if byte == last { run + 1 } else { 0 };
        last = byte;
        let repeated = !byte.is_ascii_alphanumeric() && run % 4 == 3;
        extra += u64::from(byte.is_ascii_digit() || !byte.is_ascii() || repeated);
    }
    extra
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (part, tail) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        rest = tail;
        (!part.is_empty()).then_some(part)
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
