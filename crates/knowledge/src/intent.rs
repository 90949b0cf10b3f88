//! What somebody is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident, $what:literal, $rule:literal, {
        $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As written in the store, in exports and by users.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(name: &str) -> Result<Self, Error> {
                let found = Self::ALL.iter().copied().find(|one| one.name() == name);
                found.ok_or(Error::Value { what: $what, rule: $rule })
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

pub(crate) use names;

names!(
    /// What somebody who asks or works is about.
    Intent, "intent",
    "learning, debugging, feature_development, refactoring, testing, optimization, documentation \
     or exploration",
    {
        /// Wants to understand something.
        Learning = "learning",
        /// Looks for the cause of a fault.
        Debugging = "debugging",
        /// Builds something new.
        FeatureDevelopment = "feature_development",
        /// Changes the shape of code and not what it does.
        Refactoring = "refactoring",
        /// Writes or runs tests.
        Testing = "testing",
        /// Makes something faster, smaller or cheaper.
        Optimization = "optimization",
        /// Writes for readers.
        Documentation = "documentation",
        /// Looks around without a goal yet.
        Exploration = "exploration",
    }
);
