//! One pass over the text for all rules that look at it.

use regex::bytes::Regex;

use crate::rules::matcher::Matcher;
use crate::rules::rule::{Check, Hit, Line, Literals, Place, Rule, Secret};
use crate::rules::sink::{Collector, Sink};
use crate::{Error, Span};

/// How far behind its literal a shape may reach, in bytes.
const REACH: usize = 512;

/// All rules that look at the text, made ready to look once.
#[derive(Debug)]
pub(crate) struct TextScan {
    literals: Matcher,
    /// By literal: the seeker that asked for it.
    seekers_of: Vec<usize>,
    seekers: Vec<(usize, Seeker)>,
    lines: Vec<LineRule>,
}

/// A rule that is shown each line: which, where it counts, and what it does.
type LineRule = (usize, Place, fn(&Line<'_>, &mut Sink<'_>));

#[derive(Debug)]
enum Seeker {
    Ask(&'static Literals),
    Shape(&'static Secret, Regex),
}

impl TextScan {
    pub(crate) fn new(rules: &[(usize, &'static Rule)]) -> Result<Self, Error> {
        let mut patterns = Vec::new();
        let mut seekers_of = Vec::new();
        let mut seekers = Vec::new();
        let mut lines = Vec::new();
        for (index, rule) in rules {
            let (literals, seeker) = match &rule.check {
                Check::Literals(literals) => (literals.literals, Seeker::Ask(literals)),
                Check::Secret(secret) => {
                    (secret.literals, Seeker::Shape(secret, shape(rule.id, secret)?))
                }
                Check::Line { place, find } => {
                    lines.push((*index, *place, *find));
                    continue;
                }
                Check::Phrases { .. }
                | Check::Variants(_)
                | Check::Sentences(_)
                | Check::Document(_) => continue,
            };
            patterns.extend_from_slice(literals);
            seekers_of.extend(literals.iter().map(|_| seekers.len()));
            seekers.push((*index, seeker));
        }
        let literals = Matcher::new(&patterns)?;
        Ok(Self { literals, seekers_of, seekers, lines })
    }

    /// Looks at a window that starts at `base`.
    pub(crate) fn scan(&self, window: &str, base: usize, is_start: bool, into: &mut Collector) {
        self.scan_literals(window, base, into);
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', window.as_bytes()).map(|end| (end, true));
        for (end, is_ended) in ends.chain([(window.len(), false)]) {
            let text = window.get(start..end).unwrap_or_default();
            if !text.is_empty() {
                let text = if is_ended { text.strip_suffix('\r').unwrap_or(text) } else { text };
                let line = Line { text, is_start: is_start || start > 0, is_ended };
                for (rule, place, find) in &self.lines {
                    find(&line, &mut into.sink(*rule, *place, base + start));
                }
            }
            start = end + 1;
        }
    }

    fn scan_literals(&self, window: &str, base: usize, into: &mut Collector) {
        // A literal inside a shape that was already found is part of it.
        let mut found_until = vec![0; self.seekers.len()];
        self.literals.each(window.as_bytes(), |literal, span| {
            let seeker = self
                .seekers_of
                .get(literal)
                .and_then(|index| Some((self.seekers.get(*index)?, found_until.get_mut(*index)?)));
            let Some(((rule, seeker), until)) = seeker else { return };
            match seeker {
                Seeker::Ask(literals) => {
                    let mut sink = into.sink(*rule, literals.place, base);
                    (literals.ask)(&Hit { window, span }, &mut sink);
                }
                Seeker::Shape(secret, shape) if span.start >= *until => {
                    if let Some(found) = secret.find(shape, window, span) {
                        *until = found.end;
                        let message =
                            format_args!("{} stands here, {} characters", secret.name, found.len());
                        into.sink(*rule, Place::Anywhere, base).push(found, message);
                    }
                }
                Seeker::Shape(..) => {}
            }
        });
    }
}

impl Secret {
    /// The shape around a literal of it at `hit`.
    fn find(&self, shape: &Regex, window: &str, hit: Span) -> Option<Span> {
        let bytes = window.as_bytes();
        let start = hit.start.saturating_sub(self.before);
        let end = std::cmp::min(hit.start + REACH, bytes.len());
        let captures = shape.captures(bytes.get(start..end)?)?;
        let whole = captures.get(0)?;
        let key = captures.name("key").unwrap_or(whole);
        let is_word = |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let before = (start + whole.start()).checked_sub(1).and_then(|at| bytes.get(at));
        if is_word(bytes.get(start + whole.end())) || (!self.may_follow() && is_word(before)) {
            return None;
        }
        let text = std::str::from_utf8(key.as_bytes()).ok()?;
        (self.guard)(text).then(|| Span::new(start + key.start(), start + key.end()))
    }

    /// Whether something may stand right before the shape: the start of a name that the key is
    /// assigned to, or of an address.
    fn may_follow(&self) -> bool {
        self.pattern.contains("[:=]") || self.pattern.starts_with(':')
    }
}

fn shape(id: &str, secret: &Secret) -> Result<Regex, Error> {
    let anchor = if secret.before == 0 { r"\A" } else { "" };
    regex::bytes::RegexBuilder::new(&format!("{anchor}(?:{})", secret.pattern))
        .unicode(false)
        .build()
        .map_err(|error| Error::Rule { rule: id.to_owned(), reason: error.to_string() })
}
