//! Comments that tell which findings are meant to be.
//!
//! - `forebay-ignore: rule-a, rule-b` in a comment of any syntax: not on that line and the next.
//! - `forebay-ignore-start: rule-a` … `forebay-ignore-end: rule-a`: not between them; without an
//!   end, not until the end of the document.
//! - `forebay-ignore-file: rule-a`: nowhere in the document.
//!
//! Without names all rules are meant. Plain text has no comments, so nothing is ignored there.

use rustc_hash::FxHashMap;

use crate::rules::regions::Regions;
use crate::{Document, Format, Span};

const MARKER: &str = "forebay-ignore";

/// What may stand right before the marker, spaces aside.
const OPENERS: [&str; 10] = ["<!--", "//", "/*", "*", "#", "--", ";", "%", "..", "\""];

/// How much of a comment is read, in bytes.
const COMMENT_MAX: usize = 1024;

/// What is ignored where.
#[derive(Debug, Default)]
pub(crate) struct Ignores {
    all: Regions,
    by_rule: FxHashMap<usize, Regions>,
    /// Names that no rule has, and where they stand.
    pub(crate) unknown: Vec<(Span, String)>,
}

impl Ignores {
    /// Those of a document; `rule_of` knows the rules by their names.
    pub(crate) fn of(document: &Document<'_>, rule_of: impl Fn(&str) -> Option<usize>) -> Self {
        if document.format == Format::Plain {
            return Self::default();
        }
        let is_code = document.format == Format::Code;
        let code = if is_code { Regions::default() } else { Regions::of_code(document) };
        let mut reader = Reader {
            text: document.text,
            rule_of,
            open: FxHashMap::default(),
            spans: FxHashMap::default(),
            unknown: Vec::new(),
            lines: Span::default(),
            line_end: 0,
        };
        for at in memchr::memmem::find_iter(document.text.as_bytes(), MARKER) {
            if !code.contain(at) && reader.is_in_comment(at) {
                reader.read(at);
            }
        }
        reader.finish()
    }

    /// Whether a finding of `rule` at `at` is meant to be.
    pub(crate) fn cover(&self, rule: usize, at: usize) -> bool {
        self.all.contain(at) || self.by_rule.get(&rule).is_some_and(|regions| regions.contain(at))
    }
}

/// Reads comment after comment. `None` as a rule stands for all of them.
struct Reader<'t, F> {
    text: &'t str,
    rule_of: F,
    open: FxHashMap<Option<usize>, usize>,
    spans: FxHashMap<Option<usize>, Vec<Span>>,
    unknown: Vec<(Span, String)>,
    /// The line looked at last, with the next one, and where it ends alone.
    lines: Span,
    line_end: usize,
}

impl<F: Fn(&str) -> Option<usize>> Reader<'_, F> {
    fn is_in_comment(&self, at: usize) -> bool {
        // Further back than this the marker is a word of a long comment, not its purpose.
        let from = self.text.floor_char_boundary(at.saturating_sub(16));
        let before = self.text.get(from..at).unwrap_or_default().trim_end_matches([' ', '\t']);
        OPENERS.iter().any(|opener| before.ends_with(opener))
    }

    fn read(&mut self, at: usize) {
        let rest = self.text.get(at + MARKER.len()..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(COMMENT_MAX)).unwrap_or_default();
        let rest = rest.split('\n').next().unwrap_or_default();
        let kind_end = rest
            .find(|character: char| character != '-' && !character.is_ascii_lowercase())
            .unwrap_or(rest.len());
        let (kind, names) = rest.split_at(kind_end);
        let rules = self.rules_of(names, at + MARKER.len() + kind_end);
        // The dashes of `-->` may follow at once.
        match kind.trim_end_matches('-') {
            "" => {
                let lines = self.two_lines(at);
                self.ignore(&rules, lines);
            }
            "-file" => self.ignore(&rules, Span::new(0, self.text.len() + 1)),
            "-start" => {
                for rule in rules {
                    self.open.entry(rule).or_insert(at);
                }
            }
            "-end" => self.close(&rules, at),
            other => {
                let span = Span::new(at, at + MARKER.len() + kind_end);
                self.unknown.push((span, format!("{MARKER}{other}")));
            }
        }
    }

    /// The rules that `names` tells, which starts at `base`.
    fn rules_of(&mut self, names: &str, base: usize) -> Vec<Option<usize>> {
        let Some(list) = names.strip_prefix(':') else { return vec![None] };
        let mut rules = Vec::new();
        let mut start = base + 1;
        for part in list.split(',') {
            let trimmed = part.trim_start();
            let name_start = start + (part.len() - trimmed.len());
            start += part.len() + 1;
            let name_end = trimmed
                .find(|character: char| character != '-' && !character.is_ascii_alphanumeric())
                .unwrap_or(trimmed.len());
            let name = trimmed.get(..name_end).unwrap_or_default().trim_end_matches('-');
            if name.is_empty() {
                continue;
            }
            match (self.rule_of)(name) {
                Some(rule) => rules.push(Some(rule)),
                None => {
                    let span = Span::new(name_start, name_start + name.len());
                    self.unknown.push((span, name.to_owned()));
                }
            }
        }
        rules
    }

    fn two_lines(&mut self, at: usize) -> Span {
        let bytes = self.text.as_bytes();
        // Many comments on one line share it.
        if at >= self.line_end {
            let start = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default());
            let mut ends = memchr::memchr_iter(b'\n', bytes.get(at..).unwrap_or_default());
            let mut end = || ends.next().map_or(bytes.len(), |end| at + end);
            self.line_end = end();
            self.lines = Span::new(start.map_or(0, |start| start + 1), end() + 1);
        }
        self.lines
    }

    fn ignore(&mut self, rules: &[Option<usize>], span: Span) {
        for rule in rules {
            self.spans.entry(*rule).or_default().push(span);
        }
    }

    fn close(&mut self, rules: &[Option<usize>], at: usize) {
        for rule in rules {
            let closed = match rule {
                Some(_) => self.open.remove(rule).map(|start| (*rule, start)).into_iter().collect(),
                None => self.open.drain().collect::<Vec<_>>(),
            };
            for (rule, start) in closed {
                self.ignore(&[rule], Span::new(start, at));
            }
        }
    }

    fn finish(mut self) -> Ignores {
        self.close(&[None], self.text.len() + 1);
        let all = self.spans.remove(&None).map(Regions::new).unwrap_or_default();
        let by_rule = self.spans.into_iter();
        let by_rule =
            by_rule.filter_map(|(rule, spans)| Some((rule?, Regions::new(spans)))).collect();
        Ignores { all, by_rule, unknown: self.unknown }
    }
}
