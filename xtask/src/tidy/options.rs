//! Configuration options without a reader.
//!
//! An option travels from the struct that serde fills, through the struct `Config` of what is known
//! to be good, into the settings of a crate. At each stop its field must be read:
//!
//! - a field of `Config`, or of a struct inside of it, outside of `config` modules;
//! - a field of any other struct of a `config` module that derives `Deserialize`, anywhere;
//! - a public field of a struct named `…Settings`, in its own crate.
//!
//! Fields are told apart by name only, and tests do not count as readers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::Violation;
use super::sources::{Source, is_for_tests};

/// The struct that holds everything that was found good.
const VALIDATED: &str = "Config";

/// Finds the fields that nobody reads.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let product = || sources.iter().filter(|source| !source.is_test_file());
    let mut reads = BTreeMap::<&Path, BTreeSet<String>>::new();
    for source in product() {
        let mut reader = Reader::default();
        reader.visit_file(&source.syntax);
        reads.insert(&source.path, reader.names);
    }
    let is_read = |name: &String, counts: &dyn Fn(&Path) -> bool| {
        reads.iter().any(|(path, names)| counts(path) && names.contains(name))
    };
    let records: Vec<Record> = product().flat_map(records).collect();
    let validated = reachable(&records);
    let mut violations = Vec::new();
    for record in &records {
        for field in &record.fields {
            let read = if record.is_config && validated.contains(record.name.as_str()) {
                is_read(&field.name, &|path| !is_config(path))
            } else if record.is_config {
                !record.is_deserialized || is_read(&field.name, &|_| true)
            } else {
                is_read(&field.name, &|path| path.starts_with(&record.package))
            };
            if !read {
                let what = format!("option {} of {} has no reader", field.name, record.name);
                violations.push(Violation::new(record.path.display(), what));
            }
        }
    }
    violations
}

/// Whether a file belongs to a `config` module.
fn is_config(path: &Path) -> bool {
    let names = ["config", "config.rs"];
    path.components().any(|part| names.iter().any(|name| part.as_os_str() == *name))
}

/// The names of `Config` and of the structs of `config` modules that it holds, at any depth.
fn reachable(records: &[Record]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![VALIDATED];
    while let Some(name) = waiting.pop() {
        let named = records.iter().filter(|record| record.is_config && record.name == name);
        for record in named.take_while(|_| found.insert(name)) {
            let types = record.fields.iter().flat_map(|field| &field.types);
            waiting.extend(types.map(String::as_str));
        }
    }
    found
}

/// A struct that may hold options.
struct Record {
    name: String,
    path: PathBuf,
    package: PathBuf,
    is_config: bool,
    is_deserialized: bool,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    /// Every name in its type.
    types: BTreeSet<String>,
}

/// The structs of a `config` module, and those named `…Settings` elsewhere.
fn records(source: &Source) -> Vec<Record> {
    let mut structs = Structs { source, records: Vec::new() };
    structs.visit_file(&source.syntax);
    structs.records
}

struct Structs<'a> {
    source: &'a Source,
    records: Vec<Record>,
}

impl<'ast> Visit<'ast> for Structs<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let is_config = is_config(&self.source.path);
        let name = item.ident.to_string();
        if !is_config && !name.ends_with("Settings") {
            return;
        }
        let fields = item.fields.iter().filter_map(|field| {
            let is_public = matches!(field.vis, syn::Visibility::Public(_));
            let mut types = Names::default();
            types.visit_type(&field.ty);
            let name = field.ident.as_ref().filter(|_| is_config || is_public)?;
            Some(Field { name: name.to_string(), types: types.0 })
        });
        self.records.push(Record {
            name,
            path: self.source.path.clone(),
            package: self.source.package(),
            is_config,
            is_deserialized: item.attrs.iter().any(derives_deserialize),
            fields: fields.collect(),
        });
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }
}

/// Collects every name of a type: `Option<Vec<A>>` has three.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
        self.0.insert(name.to_string());
    }
}

fn derives_deserialize(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let is_it = |token| matches!(token, TokenTree::Ident(name) if name == "Deserialize");
    list.path.is_ident("derive") && list.tokens.clone().into_iter().any(is_it)
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
