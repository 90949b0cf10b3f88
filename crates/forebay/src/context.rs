//! What every command starts from: the configuration and the environment.

use std::path::PathBuf;

use anyhow::Context as _;
use orchestrator::config::{Config, ConfigFile, Environment};

use crate::arguments::Common;

/// The common arguments, ready to use.
#[derive(Debug)]
pub(crate) struct Context {
    common: Common,
}

impl Context {
    pub(crate) fn new(common: Common) -> Self {
        Self { common }
    }

    /// Whether JSON is wanted.
    pub(crate) fn json(&self) -> bool {
        self.common.json
    }

    /// Whether nothing may be fetched.
    pub(crate) fn offline(&self) -> bool {
        self.common.offline
    }

    /// The directory that `--data` names.
    pub(crate) fn data(&self) -> Option<&PathBuf> {
        self.common.data.as_ref()
    }

    /// The configuration file that is used, if there is one.
    pub(crate) fn config_path(&self) -> Option<PathBuf> {
        let default = || ConfigFile::default_path(environment()).filter(|path| path.exists());
        self.common.config.clone().or_else(default)
    }

    /// The configuration as it is written, with `--data` over it.
    pub(crate) fn config_file(&self) -> anyhow::Result<ConfigFile> {
        let file = match self.config_path() {
            Some(path) => ConfigFile::read(&path)?,
            None => ConfigFile::default(),
        };
        Ok(self.with_data(file))
    }

    /// `file` with `--data` over it.
    pub(crate) fn with_data(&self, mut file: ConfigFile) -> ConfigFile {
        if let Some(directory) = &self.common.data {
            file.data.directory = Some(directory.clone());
        }
        file
    }

    /// The configuration, checked.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        resolve(self.config_file()?)
    }
}

/// Checks a configuration file against this process's environment.
pub(crate) fn resolve(file: ConfigFile) -> anyhow::Result<Config> {
    let mut config = file.resolve(environment())?;
    // A daemon and its commands must name the same directory wherever they are started.
    config.data_directory = std::path::absolute(&config.data_directory)
        .context("could not resolve the data directory")?;
    Ok(config)
}

/// What this process's environment says.
pub(crate) fn environment() -> Environment<'static> {
    Environment { variable: &|name| std::env::var(name).ok().filter(|value| !value.is_empty()) }
}
