//! What a document is made of beside prose.

mod slugs;

use std::borrow::Cow;

use crate::Span;
use slugs::Slugs;

/// The parts of a document that are not prose, in the order in which they stand. Spans are of the
/// source.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Headings.
    pub headings: Vec<Heading>,
    /// Fenced and indented blocks of code.
    pub code_blocks: Vec<CodeBlock>,
    /// Links, reference definitions resolved.
    pub links: Vec<Link>,
    /// Images.
    pub images: Vec<Image>,
    /// Names of places that the author wrote: `id` and `name` of HTML, explicit targets.
    pub anchors: Vec<String>,
    /// Inline code and what else is not prose inside a paragraph.
    pub inline_code: Vec<Span>,
    /// YAML or TOML at the start.
    pub front_matter: Option<Span>,
    /// Items of lists.
    pub list_items: usize,
    /// Tables.
    pub tables: usize,
}

impl Outline {
    /// The anchor of each heading: the author's, else as GitHub makes it.
    pub fn heading_anchors(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let mut slugs = Slugs::default();
        self.headings.iter().map(move |heading| match heading.own_anchor.as_str() {
            "" => Cow::Owned(slugs.anchor(&heading.text)),
            own => Cow::Borrowed(own),
        })
    }
}

/// A heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// 1 is the highest.
    pub level: u8,
    /// With its markup.
    pub span: Span,
    /// Without markup.
    pub text: String,
    /// The anchor that the author wrote; empty where none is, and it gets one from its text.
    pub own_anchor: String,
}

/// A block of code.
#[derive(Clone, Debug)]
pub struct CodeBlock {
    /// With its fences.
    pub span: Span,
    /// What is inside.
    pub content: Span,
    /// Whether it has fences; else it is indented.
    pub is_fenced: bool,
    /// The language named after the fence; empty where none is.
    pub language: String,
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link {
    /// With its markup.
    pub span: Span,
    /// Where it leads; empty where its reference is not defined.
    pub target: String,
    /// What is shown.
    pub text: String,
}

/// An image.
#[derive(Clone, Debug)]
pub struct Image {
    /// With its markup.
    pub span: Span,
    /// Where it is.
    pub target: String,
    /// What stands for it.
    pub alternative: String,
}
