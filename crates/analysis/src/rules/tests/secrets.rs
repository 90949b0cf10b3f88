//! Planted keys are found, examples of keys are not, and messages keep them.

use super::{ALL, Expander, find};
use crate::{Category, Format, Severity};

fn is_secret(rule: &str) -> bool {
    rule.starts_with("secret-") || matches!(rule, "private-key" | "json-web-token")
}

/// Each shape of each kind of secret.
fn shapes() -> Vec<(String, &'static str)> {
    let secrets = ALL.infos().filter(|info| is_secret(&info.id));
    secrets.flat_map(|info| info.bad.iter().map(move |bad| (info.id.to_string(), *bad))).collect()
}

#[track_caller]
fn check(rule: &str, text: &str, key: &str) {
    let findings = find(text, Format::Markdown);
    let found = findings.iter().find(|finding| finding.rule == rule);
    let found = found.unwrap_or_else(|| panic!("{rule} is not found in {text:?}"));
    assert_eq!((found.category, found.severity), (Category::Safety, Severity::Error));
    for finding in &findings {
        let told = format!("{} {}", finding.message, finding.suggestion);
        // Any part of the key that is long enough to be of use.
        for start in 0..key.len().saturating_sub(12) {
            assert!(!told.contains(&key[start..start + 12]), "{rule} tells {told:?}");
        }
    }
}

#[test]
fn planted_keys_are_found_wherever_they_stand() {
    let shapes = shapes();
    let kinds: std::collections::BTreeSet<_> = shapes.iter().map(|(rule, _)| rule).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
    for (rule, shape) in &shapes {
        for seed in 0..20 {
            let key = Expander::new(seed).expand(shape);
            let key = key.trim_end();
            check(rule, &format!("The value is {key} in the text.\n"), key);
            check(rule, &format!("Run:\n\n```sh\nexport A; {key}\n```\n"), key);
            check(rule, &format!("---\ntitle: A\nvalue: {key}\n---\n\nText.\n"), key);
            check(rule, &format!("# Title\n\n- one `{key}`\n"), key);
        }
    }
}

#[track_caller]
fn check_none(text: &str) {
    let found = find(text, Format::Markdown).into_iter().find(|finding| is_secret(&finding.rule));
    assert!(found.is_none(), "{text:?}: {found:?}");
}

#[test]
fn examples_of_keys_are_no_keys() {
    for text in [
        "AKIA<0 upper>IOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE<0 hex>KEY",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_<0 hex>abcdefghijklmnopqrstuvwxyz0123456789",
        "sk_live_aaaaaaaaaaaaaaaaaaaaaaaa",
        "sk_live_<12 alnum>aaaaaaaa<8 alnum>",
        "npm_<20 alnum>456789<10 alnum>",
        "SG.xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "password = \"your-password-goes-here-now\"",
        "password = \"correct-horse-battery-staple\"",
        "token: the_access_token_of_the_current_user",
        "api_key = os.environ.get_credentials_from_env",
        "secret_name = projects/my-project/secrets/db-password",
        "postgres://user:password@localhost/base",
        "task-skip-<40 alnum>",
        "https://host.test/tokens/<40 hex>",
        "[tokens](https://host.test/a/b/<40 hex>/file.md)",
        "sha256-<43 base64>=",
        "checksum = \"<64 hex>\"",
        "commit <40 hex>",
    ] {
        check_none(&Expander::new(7).expand(text));
    }
}

#[test]
fn luhn_tells_the_right_check_digit() {
    // The example number of the article on the formula in the encyclopedia: 7992739871 and 3.
    for last in 0..10_u8 {
        let digits = [7, 9, 9, 2, 7, 3, 9, 8, 7, 1, last];
        assert_eq!(crate::rules::checks::personal::luhn(&digits), last == 3);
    }
}

#[test]
fn cards_need_their_check_digit() {
    for seed in 0..200 {
        let card = Expander::new(seed).expand("<card>");
        let (head, last) = card.split_at(15);
        let spaced = format!("{} {} {} {}", &card[..4], &card[4..8], &card[8..12], &card[12..]);
        let wrong = format!("{head}{}", (last.parse::<u8>().unwrap() + 1) % 10);
        let is_found = |text: &str| {
            find(&format!("Pay with {text} now.\n"), Format::Plain)
                .iter()
                .any(|finding| finding.rule == "card-number" && finding.span.len() == text.len())
        };
        // A few random numbers look made up, as those for tests do.
        let kinds: std::collections::BTreeSet<char> = card.chars().collect();
        let most = kinds.iter().map(|digit| card.matches(*digit).count()).max().unwrap();
        let is_real = kinds.len() > 4 && most < 8;
        assert_eq!((is_found(&card), is_found(&spaced)), (is_real, is_real), "{card}");
        assert!(!is_found(&wrong), "{wrong}");
    }
}
