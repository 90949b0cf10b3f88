//! The lines and columns of what was found.

use crate::{Position, Span};

/// Tells the places of offsets that ascend, in time linear in the text however long its lines are.
pub(crate) struct Places<'t> {
    text: &'t str,
    at: usize,
    position: Position,
}

impl<'t> Places<'t> {
    /// Of `text`, which starts at `start`.
    pub(crate) fn new(text: &'t str, start: Position) -> Self {
        Self { text, at: 0, position: start }
    }

    /// The place of `at`, which is not before the one asked last.
    fn next(&mut self, at: usize) -> Position {
        let bytes = self.text.as_bytes();
        let mut line_start = None;
        let between = bytes.get(self.at..at).unwrap_or_default();
        for end in memchr::memchr2_iter(b'\n', b'\r', between) {
            let end = self.at + end;
            let is_half_of_crlf = bytes.get(end..end + 2) == Some(b"\r\n");
            if !is_half_of_crlf {
                self.position.line += 1;
                line_start = Some(end + 1);
            }
        }
        if let Some(start) = line_start {
            self.position.column = 1;
            self.at = start;
        }
        self.position.column += self.text.get(self.at..at).map_or(0, |text| text.chars().count());
        self.at = at;
        self.position
    }

    /// The places of spans in any order.
    pub(crate) fn of(mut self, spans: &[Span]) -> Vec<(Position, Position)> {
        let mut offsets: Vec<(usize, usize, bool)> = Vec::with_capacity(spans.len() * 2);
        for (index, span) in spans.iter().enumerate() {
            offsets.push((span.start, index, false));
            offsets.push((span.end, index, true));
        }
        offsets.sort_unstable();
        let mut places = vec![(self.position, self.position); spans.len()];
        for (at, index, is_end) in offsets {
            let position = self.next(at);
            if let Some(place) = places.get_mut(index) {
                *(if is_end { &mut place.1 } else { &mut place.0 }) = position;
            }
        }
        places
    }
}
