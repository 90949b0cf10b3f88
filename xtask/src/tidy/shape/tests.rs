use std::path::Path;

use super::*;

fn source(path: &str, text: &str) -> Source {
    Source::parse(Path::new(path), text.to_owned()).unwrap()
}

#[track_caller]
fn check_source(path: &str, text: &str, expect: &[&str]) {
    let found: Vec<_> = check(&[source(path, text)]).iter().map(ToString::to_string).collect();
    assert_eq!(found, expect);
}

/// A function that takes exactly `lines` lines, behind `before`.
fn function(before: &str, lines: usize) -> String {
    format!("{before}fn long() {{\n{}}}\n", "    a();\n".repeat(lines - 2))
}

#[test]
fn long_functions_are_found_wherever_they_stand() {
    let expect = ["a.rs:2: long has 71 lines, more than 70"];
    check_source("a.rs", &function("//! A.\n", 71), &expect);
    check_source("a.rs", &function("//! A.\n", 70), &[]);
    check_source("a.rs", &format!("//! A.\nimpl A {{ {} }}", function("", 71)), &expect);
    check_source("a.rs", &format!("//! A.\ntrait A {{ {} }}", function("", 71)), &expect);
    check_source("a.rs", &format!("//! A.\nmod a {{ {} }}", function("", 71)), &expect);
    check_source("a.rs", &format!("//! A.\n#[test] {}", function("", 71)), &expect);
}

#[test]
fn a_doc_comment_does_not_make_a_function_long() {
    let text = format!("//! A.\n{}{}", "/// B.\n".repeat(30), function("", 70));
    check_source("a.rs", &text, &[]);
}

#[test]
fn many_parameters_are_found_and_self_is_one() {
    let text = "//! A.\nfn f(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}\n";
    check_source("a.rs", text, &["a.rs:2: f takes 7 parameters, more than 6"]);
    let text = "//! A.\nimpl A { fn f(&self, b: B, c: C, d: D, e: E, f: F, g: G) {} }\n";
    check_source("a.rs", text, &["a.rs:2: f takes 7 parameters, more than 6"]);
    check_source("a.rs", "//! A.\nfn f(a: A, b: B, c: C, d: D, e: E, f: F) {}\n", &[]);
}

#[test]
fn long_files_are_found() {
    let lines = |n: usize| format!("//! A.\n{}", "struct A;\n".repeat(n - 1));
    check_source("a.rs", &lines(500), &[]);
    check_source("a.rs", &lines(501), &["a.rs: has 501 lines without tests, more than 500"]);
    let tests =
        |n: usize| format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "struct B;\n".repeat(n - 3));
    check_source("a.rs", &(lines(500) + &tests(300)), &[]);
    check_source("a.rs", &(lines(400) + &tests(401)), &["a.rs: has 801 lines, more than 800"]);
    check_source("a/tests.rs", &lines(800), &[]);
    check_source("a/tests.rs", &lines(801), &["a/tests.rs: has 801 lines, more than 800"]);
}

#[test]
fn a_file_says_what_it_is() {
    check_source("a.rs", "fn a() {}\n", &["a.rs: does not say what it is (//!)"]);
    check_source(
        "a.rs",
        "/// Only of this.\nfn a() {}\n",
        &["a.rs: does not say what it is (//!)"],
    );
    check_source("a/tests.rs", "fn a() {}\n", &[]);
}

#[test]
fn measures_are_right() {
    assert_eq!(spread(1..=101), "median 51, p90 91, p99 100, largest 101");
    assert_eq!(spread(std::iter::empty()), "none");
    let sources = [
        source("crates/a/src/lib.rs", "fn a() {}\n"),
        source("crates/b/src/lib.rs", "fn a() {}\nfn b() {}\n\n"),
        source("crates/b/tests/it/main.rs", "fn a() {}\n"),
    ];
    let expect = [(PathBuf::from("crates/b"), 3, 75), (PathBuf::from("crates/a"), 1, 25)];
    assert_eq!(shares(&sources), expect);
}
