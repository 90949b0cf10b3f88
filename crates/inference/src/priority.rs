//! Who goes first where not all can.

/// How urgent a request is. It matters only while a provider has no place; whoever waits rises to
/// the next class after a while, so nobody waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody is watching.
    High,
    /// Everything that says nothing.
    #[default]
    Normal,
    /// Nobody minds when it comes: batches.
    Low,
}

impl std::str::FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        match text {
            "high" => Ok(Self::High),
            "normal" => Ok(Self::Normal),
            "low" => Ok(Self::Low),
            _ => Err(UnknownPriority),
        }
    }
}

/// A text names no priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be high, normal or low")]
pub struct UnknownPriority;
