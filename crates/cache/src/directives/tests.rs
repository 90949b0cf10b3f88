use proptest::prelude::*;

use super::*;

/// Written as the directives' own spelling, so that the expectation is readable.
#[track_caller]
fn check(header: &str, expected: &str) {
    assert_eq!(written(Directives::parse(header)), expected, "{header:?}");
}

fn written(directives: Directives) -> String {
    let mut parts = Vec::new();
    if directives.no_store {
        parts.push("no-store".to_owned());
    }
    if directives.no_cache {
        parts.push("no-cache".to_owned());
    }
    if let Some(age) = directives.max_age {
        parts.push(format!("max-age={}", age.as_secs()));
    }
    if directives.only_if_cached {
        parts.push("only-if-cached".to_owned());
    }
    parts.join(" ")
}

#[test]
fn reads_the_four_directives_in_any_case_and_spacing() {
    check("no-store", "no-store");
    check("NO-CACHE", "no-cache");
    check("max-age=60", "max-age=60");
    check(r#"max-age="60""#, "max-age=60");
    check("Only-If-Cached", "only-if-cached");
    check(" no-store ,\tmax-age = 5,no-cache", "no-store no-cache max-age=5");
}

#[test]
fn ignores_what_it_does_not_know() {
    check("", "");
    check(",,;", "");
    check("private, max-stale=5, stale-while-revalidate=9, no-transform", "");
    check("no-storex, xno-store, no store", "");
    check("no-store=yes", "no-store");
}

#[test]
fn a_comma_inside_quotes_separates_nothing() {
    check(r#"ext="a, no-store, b", no-cache"#, "no-cache");
    check(r#"ext="a\", no-store", only-if-cached"#, "only-if-cached");
    check(r#"ext="\\", no-store"#, "no-store");
    check(r#"ext="unclosed, no-store"#, "");
}

#[test]
fn an_unreadable_age_is_zero_and_the_smallest_counts() {
    for age in ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=ten", "max-age=+1"] {
        check(age, "max-age=0");
    }
    check("max-age=99999999999999999999999", &format!("max-age={}", u64::MAX));
    check("max-age=60, max-age=30, max-age=90", "max-age=30");
}

#[test]
fn several_lines_ask_for_the_stricter_of_each() {
    let one = Directives::parse("max-age=60");
    let two = Directives::parse("no-store, max-age=5");
    assert_eq!(written(one.and(two)), "no-store max-age=5");
    assert_eq!(written(two.and(one)), "no-store max-age=5");
    assert_eq!(written(one.and(Directives::default())), "max-age=60");
}

#[test]
fn zero_age_looks_nothing_up() {
    assert!(Directives::default().may_look_up());
    assert!(Directives::parse("max-age=1, no-store, only-if-cached").may_look_up());
    assert!(!Directives::parse("no-cache").may_look_up());
    assert!(!Directives::parse("max-age=0").may_look_up());
}

proptest! {
    #[test]
    fn any_text_is_read_and_a_plain_list_is_the_sum_of_its_members(
        members in proptest::collection::vec("[a-z=0-9 -]{0,12}|no-store|no-cache|max-age=[0-9]{1,4}", 0..6)
    ) {
        let whole = Directives::parse(&members.join(","));
        let summed = members
            .iter()
            .map(|member| Directives::parse(member))
            .fold(Directives::default(), Directives::and);
        prop_assert_eq!(whole, summed);
    }

    #[test]
    fn no_text_panics(header in "\\PC*") {
        Directives::parse(&header);
    }
}
