//! A place in a distributed trace.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

/// A span of a trace, as the W3C header `traceparent` names it: `00-TRACE-SPAN-FLAGS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: NonZeroU128,
    span: NonZeroU64,
    is_sampled: bool,
}

/// Characters of the header in the version that is written here.
const LENGTH: usize = 55;

impl TraceParent {
    /// The first span of a trace of its own, which is sampled.
    pub fn new(trace: NonZeroU128, span: NonZeroU64) -> Self {
        Self { trace, span, is_sampled: true }
    }

    /// Reads the header; none where it is not one, which stands for none at all.
    pub fn parse(header: &str) -> Option<Self> {
        let (known, rest) = header.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let mut part = |digits| hexadecimal(parts.next()?, digits);
        let (version, trace) = (part(2)?, part(32)?);
        let (span, flags) = (part(16)?, part(2)?);
        // Later versions may say more behind another dash.
        let is_whole = rest.is_empty() || version > 0 && rest.starts_with('-');
        if version == 0xff || !is_whole || parts.next().is_some() {
            return None;
        }
        let span = NonZeroU64::new(u64::try_from(span).ok()?)?;
        Some(Self { trace: NonZeroU128::new(trace)?, span, is_sampled: flags & 1 == 1 })
    }

    /// The trace.
    pub fn trace(self) -> NonZeroU128 {
        self.trace
    }

    /// The span.
    pub fn span(self) -> NonZeroU64 {
        self.span
    }

    /// Whether the trace is recorded by whoever began it.
    pub fn is_sampled(self) -> bool {
        self.is_sampled
    }

    /// Another span of the same trace.
    pub fn with_span(self, span: NonZeroU64) -> Self {
        Self { span, ..self }
    }

    /// The span of the attempt of this number, counted from 0: another than this one.
    pub fn of_attempt(self, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        let span = self.span.get().wrapping_add(number).wrapping_add(1);
        self.with_span(NonZeroU64::new(span).unwrap_or(NonZeroU64::MAX))
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.is_sampled);
        write!(formatter, "00-{:032x}-{:016x}-{flags:02x}", self.trace, self.span)
    }
}

fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let fits = text.len() == digits && text.chars().all(is_digit);
    fits.then(|| u128::from_str_radix(text, 16).ok())?
}

fn is_digit(letter: char) -> bool {
    matches!(letter, '0'..='9' | 'a'..='f')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn what_is_read_is_written() {
        for flags in ["00", "01"] {
            let header = format!("00-{TRACE}-00f067aa0ba902b7-{flags}");
            let parent = TraceParent::parse(&header).unwrap();
            assert_eq!(parent.to_string(), header);
            assert_eq!(parent.is_sampled(), flags == "01");
        }
        let later = format!("01-{TRACE}-00f067aa0ba902b7-03-more");
        assert_eq!(
            TraceParent::parse(&later).unwrap().to_string(),
            format!("00-{TRACE}-00f067aa0ba902b7-01")
        );
    }

    #[test]
    fn what_is_no_header_is_none() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert!(TraceParent::parse(&good).is_some());
        for header in [
            String::new(),
            good.to_uppercase(),
            format!("{good}-more"),
            format!("{good}0"),
            good.replace("00-4b", "ff-4b"),
            good.replace(TRACE, &"0".repeat(32)),
            good.replace("00f067aa0ba902b7", &"0".repeat(16)),
            good.replace("00f067aa0ba902b7", "00f067aa-ba902b7"),
            good[1..].to_owned(),
            good.replace('4', "é"),
        ] {
            assert_eq!(TraceParent::parse(&header), None, "{header}");
        }
    }

    #[test]
    fn attempts_have_spans_of_their_own() {
        let parent = TraceParent::new(NonZeroU128::MIN, NonZeroU64::MAX);
        let mut spans: Vec<_> = (1..4).map(|number| parent.of_attempt(number).span()).collect();
        spans.push(parent.span());
        spans.dedup();
        assert_eq!(spans.len(), 4, "{spans:?}");
    }
}
