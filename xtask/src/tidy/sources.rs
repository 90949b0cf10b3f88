//! The repository's Rust files, read and parsed once.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::visit::{self, Visit};

use crate::workspace;

/// One Rust file.
pub(super) struct Source {
    /// Relative to the root of the repository.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) syntax: syn::File,
    is_test_file: bool,
}

impl Source {
    /// Reads the Rust files among `files`.
    pub(super) fn read_all(files: &[PathBuf]) -> Result<Vec<Self>> {
        files
            .iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
            .map(|file| Self::parse(file, fs_err::read_to_string(workspace::root().join(file))?))
            .collect()
    }

    pub(super) fn parse(path: &Path, text: String) -> Result<Self> {
        let syntax =
            syn::parse_file(&text).with_context(|| format!("{} is not Rust", path.display()))?;
        let is_test_file = path.ends_with("tests.rs")
            || path
                .components()
                .any(|part| ["tests", "benches"].iter().any(|name| part.as_os_str() == *name));
        Ok(Self { path: path.to_owned(), text, syntax, is_test_file })
    }

    /// Whether nothing in it is part of the product.
    pub(super) fn is_test_file(&self) -> bool {
        self.is_test_file || self.syntax.attrs.iter().any(is_for_tests)
    }

    /// The crate's folder, such as `crates/wire` or `xtask`.
    pub(super) fn package(&self) -> PathBuf {
        self.path.components().take_while(|part| part.as_os_str() != "src").take(2).collect()
    }

    /// How many lines it has outside of test modules.
    pub(super) fn lines_of_product(&self) -> usize {
        if self.is_test_file() {
            return 0;
        }
        let mut modules = TestModules(Vec::new());
        modules.visit_file(&self.syntax);
        let in_tests: usize = modules.0.iter().map(|range| range.end() - range.start() + 1).sum();
        self.text.lines().count() - in_tests
    }
}

/// Whether an attribute is `#[cfg(test)]`, `#[cfg(all(test, …))]` or `#[test]`.
pub(super) fn is_for_tests(attribute: &syn::Attribute) -> bool {
    if attribute.path().is_ident("test") {
        return true;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    if !list.path.is_ident("cfg") {
        return false;
    }
    let condition = list.tokens.to_string().replace(' ', "");
    condition == "test" || condition.starts_with("all(test,")
}

/// Collects the lines that modules of tests take.
struct TestModules(Vec<RangeInclusive<usize>>);

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        match (&module.content, module.attrs.iter().find(|attribute| is_for_tests(attribute))) {
            (Some((brace, _)), Some(first)) => {
                let start = first.pound_token.span.start().line;
                self.0.push(start..=brace.span.close().end().line);
            }
            _ => visit::visit_item_mod(self, module),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::parse(Path::new(path), text.to_owned()).unwrap()
    }

    #[test]
    fn test_modules_are_not_counted() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
        assert_eq!(source("crates/x/src/a.rs", text).lines_of_product(), 2);
        assert_eq!(source("crates/x/src/a.rs", "fn a() {}\n").lines_of_product(), 1);
        assert_eq!(source("crates/x/tests/it/a.rs", "fn a() {}\n").lines_of_product(), 0);
        assert_eq!(source("crates/x/src/a/tests.rs", "fn a() {}\n").lines_of_product(), 0);
    }

    #[test]
    fn conditions_of_tests_are_told_from_others() {
        for (attribute, expect) in [
            ("#[cfg(test)]", true),
            ("#[cfg(all(test, unix))]", true),
            ("#[test]", true),
            ("#[cfg(not(test))]", false),
            ("#[cfg(unix)]", false),
            ("#[derive(Debug)]", false),
        ] {
            let item: syn::ItemStruct = syn::parse_str(&format!("{attribute} struct A;")).unwrap();
            assert_eq!(is_for_tests(&item.attrs[0]), expect, "{attribute}");
        }
    }

    #[test]
    fn the_package_is_the_folder_above_src() {
        let package = |path| source(path, "").package();
        assert_eq!(package("crates/wire/src/sse/decoder.rs"), Path::new("crates/wire"));
        assert_eq!(package("crates/wire/tests/it/main.rs"), Path::new("crates/wire"));
        assert_eq!(package("xtask/src/main.rs"), Path::new("xtask"));
    }

    #[test]
    fn what_is_not_rust_is_an_error_that_names_the_file() {
        let error = Source::parse(Path::new("a.rs"), "fn (".to_owned()).err().unwrap();
        assert_eq!(error.to_string(), "a.rs is not Rust");
    }
}
