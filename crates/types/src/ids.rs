//! Newtypes for names, checked once where they enter.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::Error;

/// The most bytes an id may have.
pub(crate) const MAX_ID_BYTES: usize = 128;

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:/@+-".contains(&byte)
}

fn check(kind: &'static str, value: &str) -> Result<(), Error> {
    let fits = !value.is_empty() && value.len() <= MAX_ID_BYTES;
    if fits && value.bytes().all(is_id_byte) {
        Ok(())
    } else {
        Err(Error::Id { kind, max: MAX_ID_BYTES, length: value.len() })
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and keeps `value`: 1 to 128 of `A-Z a-z 0-9 . _ : / @ + -`.
            pub fn new(value: &str) -> Result<Self, Error> {
                check($kind, value)?;
                Ok(Self(value.into()))
            }

            /// The id as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(value: &str) -> Result<Self, Error> {
                Self::new(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(value: String) -> Result<Self, Error> {
                Self::new(&value)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

id!(
    /// An organisation: the wall that cache, money and knowledge never cross.
    TenantId,
    "tenant"
);
id!(
    /// A group of developers inside a tenant.
    TeamId,
    "team"
);
id!(
    /// A piece of work inside a tenant that money can be counted against.
    ProjectId,
    "project"
);
id!(
    /// A person or a service that sends requests.
    DeveloperId,
    "developer"
);
id!(
    /// The public half of a virtual key.
    KeyId,
    "key id"
);
id!(
    /// A model's name as its provider or an alias spells it.
    ModelId,
    "model"
);
id!(
    /// A configured provider.
    ProviderId,
    "provider"
);
id!(
    /// One request of a client, the same over all its attempts upstream.
    RequestId,
    "request id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_model(value: &str, accepted: bool) {
        assert_eq!(ModelId::new(value).is_ok(), accepted, "{value:?}");
    }

    #[test]
    fn accepts_the_names_that_providers_use() {
        check_model("gpt-5.1-mini", true);
        check_model("meta-llama/llama-4-scout@fp8", true);
        check_model("ft:gpt-4o:team::id", true);
    }

    #[test]
    fn refuses_empty_long_and_control_characters() {
        check_model("", false);
        check_model(&"x".repeat(128), true);
        check_model(&"x".repeat(129), false);
        check_model("a\nb", false);
        check_model("a b", false);
        check_model("modèle", false);
    }
}
