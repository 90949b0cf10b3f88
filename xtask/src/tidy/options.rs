//! Configuration options without a reader.
//!
//! An option travels from a struct that serde fills, through the validated configuration, into
//! the settings of a crate. At each stop its field must be read:
//!
//! - a field of a struct that derives `Deserialize` in a `config` module, anywhere;
//! - a public field of any other public struct there, outside of `config` modules;
//! - a public field of a struct named `…Settings`, in its own crate.
//!
//! Fields are told apart by name only, and tests do not count as readers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::Violation;
use super::sources::{Source, is_for_tests};

/// Finds the fields that nobody reads.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let product = || sources.iter().filter(|source| !source.is_test_file());
    let mut reads = BTreeMap::<&Path, BTreeSet<String>>::new();
    for source in product() {
        let mut reader = Reader::default();
        reader.visit_file(&source.syntax);
        reads.insert(&source.path, reader.names);
    }
    let is_read = |option: &Field, counts: &dyn Fn(&Path) -> bool| {
        reads.iter().any(|(path, names)| counts(path) && names.contains(&option.name))
    };
    let mut violations = Vec::new();
    for source in product() {
        let package = source.package();
        for field in fields(source) {
            let read = match field.stop {
                Stop::Raw => is_read(&field, &|_| true),
                Stop::Validated => is_read(&field, &|path| !is_config(path)),
                Stop::Settings => is_read(&field, &|path| path.starts_with(&package)),
            };
            if !read {
                let what = format!("option {} of {} has no reader", field.name, field.of);
                violations.push(Violation::new(source.path.display(), what));
            }
        }
    }
    violations
}

/// Whether a file belongs to a `config` module.
fn is_config(path: &Path) -> bool {
    path.components()
        .any(|part| ["config", "config.rs"].iter().any(|name| part.as_os_str() == *name))
}

/// Where on its way an option is.
enum Stop {
    Raw,
    Validated,
    Settings,
}

/// One field that must be read.
struct Field {
    name: String,
    of: String,
    stop: Stop,
}

fn fields(source: &Source) -> Vec<Field> {
    let mut structs = Structs { path: source.path.clone(), fields: Vec::new() };
    structs.visit_file(&source.syntax);
    structs.fields
}

/// Collects the fields of the structs that hold options.
struct Structs {
    path: PathBuf,
    fields: Vec<Field>,
}

impl Structs {
    fn push(&mut self, item: &syn::ItemStruct, stop: fn() -> Stop, only_public: bool) {
        for field in &item.fields {
            let is_public = matches!(field.vis, syn::Visibility::Public(_));
            if let Some(name) = &field.ident
                && (is_public || !only_public)
            {
                let (name, of) = (name.to_string(), item.ident.to_string());
                self.fields.push(Field { name, of, stop: stop() });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Structs {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let is_public = matches!(item.vis, syn::Visibility::Public(_));
        if is_config(&self.path) && item.attrs.iter().any(derives_deserialize) {
            self.push(item, || Stop::Raw, false);
        } else if is_config(&self.path) && is_public {
            self.push(item, || Stop::Validated, true);
        } else if is_public && item.ident.to_string().ends_with("Settings") {
            self.push(item, || Stop::Settings, true);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }
}

fn derives_deserialize(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("derive")
        && list
            .tokens
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(name) if name == "Deserialize"))
}

/// Collects the names of fields that are read.
#[derive(Default)]
struct Reader {
    names: BTreeSet<String>,
}

impl Reader {
    fn push(&mut self, member: &syn::Member) {
        if let syn::Member::Named(name) = member {
            self.names.insert(name.to_string());
        }
    }

    /// Inside of a macro only tokens are known: a name behind a dot that is not called.
    fn push_tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut is_after_dot = false;
        while let Some(token) = tokens.next() {
            match &token {
                TokenTree::Ident(name) if is_after_dot => {
                    let is_call = matches!(tokens.peek(), Some(TokenTree::Group(group))
                        if group.delimiter() == Delimiter::Parenthesis);
                    if !is_call {
                        self.names.insert(name.to_string());
                    }
                }
                TokenTree::Group(group) => self.push_tokens(group.stream()),
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            is_after_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        self.push(&field.member);
        visit::visit_expr_field(self, field);
    }

    /// `a.b = c` reads `c` and whatever leads to `a`, but not `b`.
    fn visit_expr_assign(&mut self, assignment: &'ast syn::ExprAssign) {
        if let syn::Expr::Field(field) = &*assignment.left {
            self.visit_expr(&field.base);
        } else {
            self.visit_expr(&assignment.left);
        }
        self.visit_expr(&assignment.right);
    }

    fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
        if !matches!(*field.pat, syn::Pat::Wild(_)) {
            self.push(&field.member);
        }
        visit::visit_field_pat(self, field);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.push_tokens(call.tokens.clone());
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !function.attrs.iter().any(is_for_tests) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !function.attrs.iter().any(is_for_tests) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        if !block.attrs.iter().any(is_for_tests) {
            visit::visit_item_impl(self, block);
        }
    }
}

#[cfg(test)]
mod tests;
