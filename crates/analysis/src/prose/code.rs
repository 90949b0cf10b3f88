//! Source code: its comments.

use super::sink::Sink;

pub(crate) fn read(sink: &mut Sink<'_>) {
    super::plain::read(sink);
}
