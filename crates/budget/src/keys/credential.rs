//! The text of a key.

use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use types::KeyId;

use crate::Error;
use crate::keys::pepper;

/// How every virtual key begins.
pub const KEY_PREFIX: &str = "fb_";
const ID_BYTES: usize = 10;
const SECRET_BYTES: usize = 32;

/// A whole key as a client shows it.
pub(super) struct Credential(SecretString);

/// The keyed hash of a whole key.
#[derive(Clone)]
pub(super) struct Hash([u8; 32]);

impl Credential {
    /// `fb_<id>_<secret>` from the system's randomness, in lower-case base32.
    pub(super) fn random() -> Result<Self, Error> {
        let mut bytes = [0; ID_BYTES + SECRET_BYTES];
        pepper::fill_random(&mut bytes)?;
        let (id, secret) = bytes.split_at(ID_BYTES);
        let text = format!("{KEY_PREFIX}{}_{}", encode(id), encode(secret));
        Ok(Self(text.into()))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(super) fn into_secret(self) -> SecretString {
        self.0
    }
}

/// The public part, where the text has the shape of a key.
pub(super) fn id_of(credential: &str) -> Option<KeyId> {
    let (id, _secret) = credential.strip_prefix(KEY_PREFIX)?.split_once('_')?;
    KeyId::new(id).ok()
}

fn encode(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

impl Hash {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes as long for a near miss as for a far one.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hash(..)")
    }
}
