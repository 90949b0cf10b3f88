//! How long functions and files are, how many parameters a function takes, whether a module says
//! what it is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use syn::visit::{self, Visit};

use super::Violation;
use super::sources::Source;

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 500;
const FILE_LINES_WITH_TESTS_MAX: usize = 800;
const PARAMETERS_MAX: usize = 6;
/// A crate with a larger share of all lines may be two crates.
const PACKAGE_PERCENT_MAX: usize = 25;
/// How many of the longest are printed.
const SHOWN: usize = 5;

/// One function or method with a body.
struct Function {
    place: String,
    name: String,
    lines: usize,
    parameters: usize,
}

/// Checks every limit.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for function in sources.iter().flat_map(functions) {
        let Function { place, name, lines, parameters } = function;
        if lines > FUNCTION_LINES_MAX {
            let what = format!("{name} has {lines} lines, more than {FUNCTION_LINES_MAX}");
            violations.push(Violation::new(&place, what));
        }
        if parameters > PARAMETERS_MAX {
            let what = format!("{name} takes {parameters} parameters, more than {PARAMETERS_MAX}");
            violations.push(Violation::new(&place, what));
        }
    }
    violations.extend(sources.iter().flat_map(check_file));
    violations
}

fn check_file(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut limit = |lines: usize, most: usize, of: &str| {
        if lines > most {
            let what = format!("has {lines} lines{of}, more than {most}");
            violations.push(Violation::new(source.path.display(), what));
        }
    };
    limit(source.lines_of_product(), FILE_LINES_MAX, " without tests");
    limit(source.text.lines().count(), FILE_LINES_WITH_TESTS_MAX, "");
    let is_documented =
        source.syntax.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
    // A file of tests is named after what it tests.
    if !is_documented && !source.is_test_file() {
        violations.push(Violation::new(source.path.display(), "does not say what it is (//!)"));
    }
    violations
}

/// Prints the spread and the longest, so that the tail is seen before it breaks a limit.
pub(super) fn print(sources: &[Source]) {
    let mut longest: Vec<Function> = sources.iter().flat_map(functions).collect();
    longest.sort_by_key(|function| std::cmp::Reverse(function.lines));
    println!("functions: {}", spread(longest.iter().map(|function| function.lines)));
    for Function { place, name, lines, .. } in longest.iter().take(SHOWN) {
        println!("{lines:>6}  {name} ({place})");
    }

    let mut files: Vec<_> = sources
        .iter()
        .filter(|source| !source.is_test_file())
        .map(|source| (source.lines_of_product(), source.path.display()))
        .collect();
    files.sort_by_key(|(lines, _)| std::cmp::Reverse(*lines));
    println!("files without tests: {}", spread(files.iter().map(|(lines, _)| *lines)));
    for (lines, path) in files.iter().take(SHOWN) {
        println!("{lines:>6}  {path}");
    }

    println!("crates: lines without tests");
    for (package, lines, percent) in shares(sources) {
        let remark = if percent > PACKAGE_PERCENT_MAX { ": is it two crates?" } else { "" };
        println!("{lines:>6}  {} ({percent} %){remark}", package.display());
    }
}

/// Every package with its lines and their share of all lines, largest first.
fn shares(sources: &[Source]) -> Vec<(PathBuf, usize, usize)> {
    let mut packages = BTreeMap::<PathBuf, usize>::new();
    for source in sources {
        *packages.entry(source.package()).or_default() += source.lines_of_product();
    }
    let all = packages.values().sum::<usize>().max(1);
    let mut shares: Vec<_> =
        packages.into_iter().map(|(package, lines)| (package, lines, lines * 100 / all)).collect();
    shares.sort_by_key(|(_, lines, _)| std::cmp::Reverse(*lines));
    shares
}

/// Median, 90th and 99th percentile and the largest.
fn spread(values: impl Iterator<Item = usize>) -> String {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    let Some(largest) = values.last() else { return "none".to_owned() };
    let at = |percent: usize| values[(values.len() - 1) * percent / 100];
    format!("median {}, p90 {}, p99 {}, largest {largest}", at(50), at(90), at(99))
}

fn functions(source: &Source) -> Vec<Function> {
    let mut found = Functions { source, found: Vec::new() };
    found.visit_file(&source.syntax);
    found.found
}

/// Collects functions, those inside of functions too.
struct Functions<'a> {
    source: &'a Source,
    found: Vec<Function>,
}

impl Functions<'_> {
    fn push(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let last = body.brace_token.span.close().end().line;
        self.found.push(Function {
            place: format!("{}:{first}", self.source.path.display()),
            name: signature.ident.to_string(),
            lines: last - first + 1,
            parameters: signature.inputs.len(),
        });
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.push(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.push(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.push(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests;
