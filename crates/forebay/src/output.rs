//! Text for people, JSON for programs.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;
use types::Timestamp;

use crate::context::Context;

/// Writes a line to standard output; a reader that has left is no error.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a value as JSON on one line.
pub(crate) fn say_json(value: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string(value)?)
}

/// Tells that a command without an outcome of its own is done.
pub(crate) fn say_done(context: &Context, json: &Value, text: &str) -> anyhow::Result<()> {
    if context.json() { say_json(json) } else { say(text) }
}

/// Tells an error and its causes on standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    // In one piece, since several commands may write to one log.
    let line = format!("error: {}\n", types::chain(error.as_ref()));
    // There is nowhere left to tell a failure of this write.
    drop(io::stderr().lock().write_all(line.as_bytes()));
}

/// Tells on standard error what is not the outcome of a command.
pub(crate) fn note(line: &str) {
    // There is nowhere left to tell a failure of this write.
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// A table; columns whose title begins with `>` are aligned to the right.
pub(crate) fn table(titles: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(titles.iter().map(|title| title.trim_start_matches('>')));
    for row in rows {
        table.add_row(row);
    }
    for (column, title) in table.column_iter_mut().zip(titles) {
        column.set_padding((0, 2));
        if title.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A value, or a dash where there is none.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A moment in UTC to the second; a dash where there is none.
pub(crate) fn moment(at: Option<Timestamp>) -> String {
    let millis = at.and_then(|at| i64::try_from(at.as_millis()).ok());
    let moment = millis.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    or_dash(moment.map(|moment| moment.strftime("%Y-%m-%d %H:%M:%S").to_string()))
}
