//! Where windows of plain text end.

use crate::Position;

/// A window is at most so long, in bytes.
pub const WINDOW_BYTES: usize = 64 << 10;

/// Where the window ends that begins `text`: at the end of the text if that is at most 64 KiB away,
/// else behind the last line end within 64 KiB, else behind the last white space there, else at the
/// last character boundary. CR and LF are never parted. So it depends only on the text from the
/// window's start on, up to 64 KiB and one byte.
pub fn window_end(text: &str) -> usize {
    if text.len() <= WINDOW_BYTES {
        return text.len();
    }
    let limit = text.floor_char_boundary(WINDOW_BYTES);
    let longest = text.get(..limit).unwrap_or_default();
    // What follows a CR at the very end does not belong to the window.
    let longest = longest.strip_suffix('\r').unwrap_or(longest);
    let line_end = memchr::memrchr2(b'\n', b'\r', longest.as_bytes()).map(|at| at + 1);
    let white_space = || {
        let mut backwards = longest.char_indices().rev();
        let found = backwards.find(|(_, character)| character.is_whitespace());
        found.map(|(at, character)| at + character.len_utf8())
    };
    line_end.or_else(white_space).unwrap_or(longest.len())
}

/// The windows of a text, in order: their starts and what they hold. A stream of the same text is
/// cut into the same ones.
pub fn windows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let (window, _) = rest.split_at(window_end(rest));
        let found = (start, window);
        start += window.len();
        Some(found)
    })
}

/// Where the character behind `text` stands if `text` starts at `start`.
pub(super) fn position_after(start: Position, text: &str) -> Position {
    let bytes = text.as_bytes();
    let line_ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|at| bytes.get(*at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n'));
    let line = start.line + line_ends.count();
    let last_line = memchr::memrchr2(b'\n', b'\r', bytes).map_or(0, |at| at + 1);
    let column = text.get(last_line..).unwrap_or_default().chars().count();
    Position { line, column: column + if line == start.line { start.column } else { 1 } }
}

#[cfg(test)]
mod tests;
