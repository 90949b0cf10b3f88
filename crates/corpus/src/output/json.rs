//! JSON and JSONL.

use std::io::{self, Write};

use super::Output;
use crate::{Outcome, Summary};

/// One object a line.
pub(super) struct Jsonl<W>(pub(super) W);

impl<W: Write> Output for Jsonl<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, outcome)?;
        self.0.write_all(b"\n")
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.0.flush()
    }
}

/// One object over all, written as the documents come.
pub(super) struct Json<W> {
    out: W,
    documents: u64,
}

impl<W: Write> Json<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, documents: 0 }
    }
}

impl<W: Write> Output for Json<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        let before = if self.documents == 0 { "{\"documents\":[\n" } else { ",\n" };
        self.documents += 1;
        self.out.write_all(before.as_bytes())?;
        Ok(serde_json::to_writer(&mut self.out, outcome)?)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let before = if self.documents == 0 { "{\"documents\":[" } else { "\n" };
        self.out.write_all(before.as_bytes())?;
        self.out.write_all(b"],\n\"summary\":")?;
        serde_json::to_writer(&mut self.out, summary)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}
