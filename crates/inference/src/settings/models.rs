//! Which models a provider serves under their own names.

use std::fmt;
use std::str::FromStr;

use types::ModelId;

/// One model, or all whose names begin alike: `gpt-5-mini`, `claude-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeModels {
    /// This model.
    One(ModelId),
    /// Every model whose name begins with this id.
    Prefix(ModelId),
    /// Every model, written `*`: for a local server that is given all the rest.
    All,
}

impl NativeModels {
    /// Whether `model` is among them.
    pub fn include(&self, model: &ModelId) -> bool {
        match self {
            Self::One(one) => one == model,
            Self::Prefix(prefix) => model.as_str().starts_with(prefix.as_str()),
            Self::All => true,
        }
    }
}

impl FromStr for NativeModels {
    type Err = types::Error;

    fn from_str(text: &str) -> Result<Self, types::Error> {
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(prefix) => ModelId::new(prefix).map(Self::Prefix),
            None => ModelId::new(text).map(Self::One),
        }
    }
}

impl fmt::Display for NativeModels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(model) => model.fmt(formatter),
            Self::Prefix(prefix) => write!(formatter, "{prefix}*"),
            Self::All => formatter.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, model: &str, included: bool) {
        let models: NativeModels = pattern.parse().unwrap();
        assert_eq!(models.include(&model.parse().unwrap()), included, "{pattern} {model}");
        assert_eq!(models.to_string(), pattern);
    }

    #[test]
    fn names_and_prefixes() {
        check("claude-*", "claude-opus-4-1", true);
        check("claude-*", "anthropic/claude-opus", false);
        check("claude-*", "claude", false);
        check("gpt-5", "gpt-5-mini", false);
        check("gpt-5", "gpt-5", true);
        check("*", "anything", true);
        assert!("a*b".parse::<NativeModels>().is_err());
        assert!("".parse::<NativeModels>().is_err());
    }
}
