//! What the rules do where they look.

pub(crate) mod acronyms;
pub(crate) mod characters;
pub(crate) mod fences;
pub(crate) mod headings;
pub(crate) mod homoglyphs;
pub(crate) mod lines;
pub(crate) mod links;
pub(crate) mod markers;
pub(crate) mod passive;
pub(crate) mod personal;
pub(crate) mod references;
pub(crate) mod secrets;
pub(crate) mod sentences;
pub(crate) mod tables;

use crate::Document;
use crate::rules::sink::Sink;

/// For rules whose findings come from elsewhere.
pub(crate) fn never(_: &Document<'_>, _: &mut Sink<'_>) {}
