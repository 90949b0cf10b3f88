//! The memory that a stream of plain text takes, however long it is.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::bench::series::now;
use crate::bench::{markdown_of_packages, usage};

const STREAM_BYTES: u64 = 1_000_000_000;
/// KiB at the most.
const MEMORY_GOAL: u64 = 64 << 10;

/// What is read of its report at once: more than that waits in no pipe.
const PIECE: usize = 64 << 10;

/// Streams the Markdown of all packages as plain text into `forebay`, again and again, and looks at
/// its memory until the last of its report.
pub(super) fn run(forebay: &Path) -> Result<()> {
    let mut text = Vec::new();
    for file in markdown_of_packages()? {
        text.extend(fs_err::read(file)?);
    }
    let began = now();
    let mut child = Command::new(forebay)
        .args(["analyze", "--stream", "--no-cache", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start forebay")?;
    let mut input = child.stdin.take().context("the standard input is piped")?;
    let mut written = 0;
    while written < STREAM_BYTES {
        input.write_all(&text)?;
        written += u64::try_from(text.len())?;
    }
    let mut peak = usage::memory(child.id())?.peak;
    drop(input);
    let mut output = child.stdout.take().context("the standard output is piped")?;
    let (mut report, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        let read = output.read(&mut piece)?;
        if read == 0 {
            break;
        }
        report.extend(piece.iter().take(read));
        // It may have ended between its last words and this, and its memory is gone then.
        peak = usage::memory(child.id()).map_or(peak, |memory| memory.peak);
    }
    child.wait()?;
    let report: Value = serde_json::from_slice(&report)?;
    let read = &report["documents"][0]["report"]["bytes"];
    if *read != written {
        bail!("{written} bytes were written and {read} were analysed");
    }
    let verdict = if peak <= MEMORY_GOAL { "met" } else { "NOT met" };
    println!(
        "stream of {written} bytes in {:.1} s: {peak} KiB of memory at most; goal {verdict}: {MEMORY_GOAL}",
        began.elapsed().as_secs_f64(),
    );
    Ok(())
}
