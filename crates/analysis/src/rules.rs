//! The library of rules, and looking for all of them at once.
//!
//! - Each rule looks at the document once; shared passes over the text and over the prose find the
//!   places where a rule is asked at all.
//! - Findings are in the order of their places, then of their rules' names.
//! - At most 1,000 findings of a rule are kept for a document. The last one tells how many more
//!   there are.

mod catalog;
mod checks;
mod ignores;
mod matcher;
mod places;
mod prose_scan;
mod regions;
mod rule;
mod rule_info;
mod sink;
#[cfg(test)]
mod tests;
mod text_scan;
mod user_rule;
mod words;

use rustc_hash::FxHashMap;

pub use self::rule_info::RuleInfo;
pub use self::user_rule::{Scope, UserRule};

use self::catalog::{UNKNOWN_IGNORE, catalog};
use self::ignores::Ignores;
use self::places::Places;
use self::prose_scan::{Phrases, ProseScan};
use self::rule::{Check, Place, Rule};
use self::sink::{Collector, KEPT_MAX, Raw};
use self::text_scan::TextScan;
use self::user_rule::Compiled;
use crate::{Document, Error, Finding, Format, Position, Span, WINDOW_BYTES, Window, windows};

/// Rules that are looked for together.
#[derive(Debug)]
pub struct RuleSet {
    /// The built-in ones, whether chosen or not, then the user's.
    all: Vec<One>,
    chosen: Vec<bool>,
    by_id: FxHashMap<String, usize>,
    text: TextScan,
    prose: ProseScan,
}

#[derive(Debug)]
enum One {
    BuiltIn(&'static Rule),
    User(Box<Compiled>),
}

impl RuleSet {
    /// Changes whenever a built-in rule finds something else than before.
    pub const VERSION: u32 = 1;

    /// All built-in rules.
    ///
    /// # Errors
    /// [`Error::Rule`] where the rules were built wrong, which a test rules out.
    pub fn builtin() -> Result<Self, Error> {
        Self::new(&[], &[])
    }

    /// All built-in rules and `user`, without those whose ids are in `disabled`.
    ///
    /// # Errors
    /// [`Error::Rule`] names the rule that cannot be used or is not known, and what would be right.
    pub fn new(user: &[UserRule], disabled: &[String]) -> Result<Self, Error> {
        let mut all: Vec<One> = catalog().map(One::BuiltIn).collect();
        for rule in user {
            all.push(One::User(Box::new(Compiled::new(rule)?)));
        }
        let mut by_id = FxHashMap::default();
        for (index, one) in all.iter().enumerate() {
            if by_id.insert(one.id().to_owned(), index).is_some() {
                let reason = "another rule has this id; choose one of its own".to_owned();
                return Err(Error::Rule { rule: one.id().to_owned(), reason });
            }
        }
        let mut chosen = vec![true; all.len()];
        for id in disabled {
            let Some(chosen) = by_id.get(id).and_then(|index| chosen.get_mut(*index)) else {
                let reason = "no rule has this id; `forebay analyze rules` lists them".to_owned();
                return Err(Error::Rule { rule: id.clone(), reason });
            };
            *chosen = false;
        }
        let active: Vec<(usize, &'static Rule)> = active(&all, &chosen).collect();
        let (text, prose) = (TextScan::new(&active)?, ProseScan::new(&active)?);
        Ok(Self { all, chosen, by_id, text, prose })
    }

    /// What there is to know of each rule that is looked for.
    pub fn infos(&self) -> impl Iterator<Item = RuleInfo> {
        let chosen = self.all.iter().zip(&self.chosen).filter(|(_, chosen)| **chosen);
        chosen.map(|(one, _)| one.info())
    }

    /// What all rules find in a document, without what its comments ignore.
    ///
    /// Comments, in any syntax, ignore findings of rules by name, or of all rules where they name
    /// none:
    /// - `<!-- forebay-ignore: rule-a, rule-b -->` on its line and the next,
    /// - `<!-- forebay-ignore-start: rule-a -->` up to `<!-- forebay-ignore-end: rule-a -->`, or to
    ///   the end of the document,
    /// - `<!-- forebay-ignore-file: rule-a -->` in the whole document.
    ///
    /// Plain text has no comments.
    pub fn find(&self, document: &Document<'_>) -> Vec<Finding> {
        let mut collector = Collector::of(document, self.all.len());
        collector.ignores = Ignores::of(document, |id| self.by_id.get(id).copied());
        self.report_unknown(&mut collector);
        for (start, window) in windows(document.text) {
            let is_start = document.text.as_bytes().get(..start).is_none_or(is_line_end);
            self.text.scan(window, start, is_start, &mut collector);
        }
        let phrases = self.prose.meet(document);
        self.prose.report_rarer(&phrases, document, &mut collector);
        // Plain text of any size is looked at as a stream of it is.
        if document.format == Format::Plain && document.text.len() > WINDOW_BYTES {
            for (start, window) in windows(document.text) {
                self.find_in_window(window, start, &mut collector);
            }
        } else {
            self.find_nearby(document, &phrases, 0, &mut collector);
        }
        for (index, rule) in active(&self.all, &self.chosen) {
            if let Check::Document(find) = rule.check {
                find(document, &mut collector.sink(index, Place::Anywhere, 0));
            }
        }
        self.placed(collector, document.text, 0, Position { line: 1, column: 1 })
    }

    /// What the streamed rules find in a window of plain text, with spans and places in the whole
    /// text. The windows of a text together give what [`RuleSet::find`] gives for these rules and
    /// plain text, but for its limit of 1,000 findings of a rule, which holds for each window here.
    pub fn find_streamed(&self, window: Window<'_>) -> Vec<Finding> {
        let mut collector = Collector::new(self.all.len());
        self.text.scan(window.text, 0, window.start.column == 1, &mut collector);
        self.find_in_window(window.text, 0, &mut collector);
        let offset = usize::try_from(window.offset).unwrap_or(usize::MAX);
        self.placed(collector, window.text, offset, window.start)
    }

    /// What [`Self::find_nearby`] finds in a window of plain text that starts at `base`.
    fn find_in_window(&self, window: &str, base: usize, collector: &mut Collector) {
        let document = Document::new(window, Format::Plain);
        let phrases = self.prose.meet(&document);
        self.find_nearby(&document, &phrases, base, collector);
    }

    /// What is found by looking at a few lines of prose at a time: phrases to avoid, sentences, and
    /// what the rules of the user match.
    fn find_nearby(
        &self,
        document: &Document<'_>,
        phrases: &Phrases,
        base: usize,
        collector: &mut Collector,
    ) {
        self.prose.report_avoided(phrases, document, base, collector);
        for (index, one) in self.all.iter().enumerate() {
            if self.chosen.get(index) != Some(&true) {
                continue;
            }
            let mut sink = collector.sink(index, Place::Anywhere, base);
            match one {
                One::BuiltIn(rule) => {
                    if let Check::Sentences(find) = rule.check {
                        find(document, &mut sink);
                    }
                }
                One::User(user) => {
                    user.find(document, |span| sink.push(span, &user.rule.message));
                }
            }
        }
    }

    fn report_unknown(&self, collector: &mut Collector) {
        let Some(rule) = self.by_id.get(UNKNOWN_IGNORE).copied() else { return };
        if self.chosen.get(rule) != Some(&true) {
            return;
        }
        for (span, name) in std::mem::take(&mut collector.ignores.unknown) {
            let message = format!("no rule is called {name}, so nothing is ignored");
            collector.sink(rule, Place::Anywhere, 0).push(span, message);
        }
    }

    /// Findings with their places in `text`, which starts at `offset` and `start`.
    fn placed(
        &self,
        collector: Collector,
        text: &str,
        offset: usize,
        start: Position,
    ) -> Vec<Finding> {
        let Collector { mut raws, dropped, .. } = collector;
        for raw in &mut raws {
            let end = text.ceil_char_boundary(std::cmp::min(raw.span.end, text.len()));
            raw.span = Span::new(text.floor_char_boundary(std::cmp::min(raw.span.start, end)), end);
        }
        self.sort(&mut raws);
        self.tell_more(&mut raws, &dropped);
        let spans: Vec<Span> = raws.iter().map(|raw| raw.span).collect();
        let places = Places::new(text, start).of(&spans);
        let finding = |(raw, (start, end)): (Raw, (Position, Position))| {
            let one = self.all.get(raw.rule)?.info();
            Some(Finding {
                rule: one.id,
                category: one.category,
                severity: one.severity,
                span: Span::new(
                    raw.span.start.saturating_add(offset),
                    raw.span.end.saturating_add(offset),
                ),
                start,
                end,
                message: raw.message,
                suggestion: raw.suggestion.unwrap_or_else(|| one.suggestion.into_owned()),
            })
        };
        raws.into_iter().zip(places).filter_map(finding).collect()
    }

    fn sort(&self, raws: &mut [Raw]) {
        let id = |raw: &Raw| self.all.get(raw.rule).map_or("", One::id);
        raws.sort_by(|one, other| {
            (one.span.start, id(one), one.span.end).cmp(&(
                other.span.start,
                id(other),
                other.span.end,
            ))
        });
    }

    /// Lets the last finding of a rule with too many tell how many more there are.
    fn tell_more(&self, raws: &mut [Raw], dropped: &[u64]) {
        for (rule, more) in dropped.iter().enumerate().filter(|(_, more)| **more > 0) {
            if let Some(last) = raws.iter_mut().rev().find(|raw| raw.rule == rule) {
                last.message += &format!(
                    "; {more} more findings of this rule are not listed, only the first {KEPT_MAX}"
                );
            }
        }
    }
}

impl One {
    fn id(&self) -> &str {
        match self {
            Self::BuiltIn(rule) => rule.id,
            Self::User(user) => &user.rule.id,
        }
    }

    fn info(&self) -> RuleInfo {
        match self {
            Self::BuiltIn(rule) => rule.info(),
            Self::User(user) => user.info(),
        }
    }
}

fn active<'a>(
    all: &'a [One],
    chosen: &'a [bool],
) -> impl Iterator<Item = (usize, &'static Rule)> + 'a {
    all.iter().zip(chosen).enumerate().filter_map(|(index, (one, chosen))| match one {
        One::BuiltIn(rule) if *chosen => Some((index, *rule)),
        One::BuiltIn(_) | One::User(_) => None,
    })
}

/// Whether a line starts behind `before`.
fn is_line_end(before: &[u8]) -> bool {
    matches!(before.last(), None | Some(b'\n' | b'\r'))
}
