//! Taking secrets out before anything is stored.

use analysis::{Position, RuleSet, Window, windows};

use crate::Error;

/// How often a text is searched again: a rule reports a bounded number of findings at a time.
const ROUNDS_MAX: usize = 64;

const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &str = "-----END ";

/// Finds secrets by the rules of `analysis` and puts `[redacted: rule]` in their place.
#[derive(Debug)]
pub struct Redactor {
    rules: RuleSet,
}

impl Redactor {
    /// Prepares the rules; make one and keep it.
    ///
    /// # Errors
    /// [`Error::Redaction`] where the rules cannot be used, which a test rules out.
    pub fn new() -> Result<Self, Error> {
        let failed = |source| Error::Redaction { source };
        let all = RuleSet::builtin().map_err(failed)?;
        let is_secret =
            |id: &str| id.starts_with("secret-") || matches!(id, "json-web-token" | "card-number");
        let others: Vec<String> =
            all.infos().map(|info| info.id.into_owned()).filter(|id| !is_secret(id)).collect();
        Ok(Self { rules: RuleSet::new(&[], &others).map_err(failed)? })
    }

    /// The text without the secrets that the rules find, and how many there were. A private key goes
    /// from its first line to its last, or to the end of the text.
    pub fn redact(&self, text: &str) -> (String, usize) {
        let (mut text, mut count) = without_private_keys(text);
        for _ in 0..ROUNDS_MAX {
            let spans = self.spans(&text);
            if spans.is_empty() {
                break;
            }
            count += spans.len();
            for (start, end, rule) in spans.into_iter().rev() {
                text.replace_range(start..end, &format!("[redacted: {rule}]"));
            }
        }
        (text, count)
    }

    /// Places of secrets, ascending, none inside of another.
    fn spans(&self, text: &str) -> Vec<(usize, usize, String)> {
        let mut spans: Vec<(usize, usize, String)> = Vec::new();
        for (offset, window) in windows(text) {
            let start = Position { line: 1, column: 1 };
            let found = self.rules.find_streamed(Window { text: window, offset: 0, start });
            spans.extend(found.into_iter().map(|finding| {
                (offset + finding.span.start, offset + finding.span.end, finding.rule.into_owned())
            }));
        }
        spans.sort();
        let mut end = 0;
        spans.retain(|span| {
            let is_apart = span.0 >= end;
            end = std::cmp::max(end, span.1);
            is_apart
        });
        spans
    }
}

/// Whether a private key begins in the line.
pub(super) fn begins_private_key(line: &str) -> bool {
    line.find(KEY_BEGIN).is_some_and(|at| {
        line.get(at..).is_some_and(|rest| rest.lines().next().unwrap_or("").contains("PRIVATE KEY"))
    })
}

/// Whether a private key ends in the line.
pub(super) fn ends_private_key(line: &str) -> bool {
    line.contains(KEY_END)
}

fn without_private_keys(text: &str) -> (String, usize) {
    let (mut rest, mut out, mut count) = (text, String::with_capacity(text.len()), 0);
    while let Some(start) = rest.find(KEY_BEGIN) {
        let (before, key) = rest.split_at(start);
        out.push_str(before);
        if !begins_private_key(key) {
            out.push_str(KEY_BEGIN);
            rest = key.get(KEY_BEGIN.len()..).unwrap_or_default();
            continue;
        }
        count += 1;
        out.push_str("[redacted: private-key]");
        let end = key.find(KEY_END).and_then(|end| {
            let behind = key.get(end + KEY_END.len()..)?;
            behind.find("-----").map(|dashes| end + KEY_END.len() + dashes + 5)
        });
        rest = end.and_then(|end| key.get(end..)).unwrap_or_default();
    }
    out.push_str(rest);
    (out, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Secrets of the shapes that issuers publish, put together here so that none stands in the
    /// repository.
    fn secrets() -> Vec<String> {
        let body = "Zk4Qx9Lw2Rt7Vb1Ny6Hm3Jp8Dc5Gs0FaTuEoXi";
        vec![
            format!("ghp_{}", &body[..36]),
            format!("AKIA{}", "Q3TX7WZL2MBN5RVK"),
            format!("sk_live_{}", &body[..24]),
            format!("xoxb-123456789012-123456789012-{}", &body[..24]),
        ]
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let redactor = Redactor::new().unwrap();
        for secret in secrets() {
            let (clean, count) = redactor.redact(&format!("Use {secret} for the deploy."));
            assert!(!clean.contains(&secret[8..]), "{clean}");
            assert!(clean.starts_with("Use ") && clean.ends_with(" for the deploy."), "{clean}");
            assert_eq!(count, 1, "{clean}");
        }
        let harmless = "The limit is 5 requests. See task-skip-key-1 and `sk_test`.";
        assert_eq!(redactor.redact(harmless), (harmless.to_owned(), 0));
    }

    #[test]
    fn a_private_key_goes_whole_even_when_cut() {
        let redactor = Redactor::new().unwrap();
        let begin = concat!("-----BEGIN RSA PRI", "VATE KEY-----");
        let end = concat!("-----END RSA PRI", "VATE KEY-----");
        let text = format!("before\n{begin}\nMIIEow\nIBAAKC\n{end}\nafter");
        assert_eq!(redactor.redact(&text).0, "before\n[redacted: private-key]\nafter");
        let cut = format!("before\n{begin}\nMIIEow\n");
        assert_eq!(redactor.redact(&cut).0, "before\n[redacted: private-key]");
    }

    #[test]
    fn more_secrets_than_a_rule_reports_at_once_all_go() {
        let redactor = Redactor::new().unwrap();
        let secret = &secrets()[0];
        let many = format!("{secret} ").repeat(1_500);
        let (clean, count) = redactor.redact(&many);
        assert!(!clean.contains(&secret[4..]));
        assert_eq!(count, 1_500);
    }
}
