//! Stub.
use anyhow::Result;
#[derive(clap::Args, Default)]
pub(crate) struct Options {}
impl Options {
    pub(crate) fn quick() -> Self {
        Self::default()
    }
}
pub(crate) fn run(_: &Options) -> Result<()> {
    Ok(())
}
