//! Names for requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use types::RequestId;

/// Gives every request a name that no other request of any gateway has. Cheap to clone; all clones
/// give names in turn.
#[derive(Clone, Debug)]
pub struct RequestIds {
    gateway: u64,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    /// Names that begin with `gateway`, which is drawn at random once for each process.
    pub fn new(gateway: u64) -> Self {
        Self { gateway, next: Arc::new(AtomicU64::new(1)) }
    }

    /// The next name.
    pub fn next(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("req_{:016x}{number:08x}", self.gateway);
        #[expect(clippy::expect_used, reason = "hexadecimal digits and `_` are an id's characters")]
        RequestId::new(&name).expect("a request's name is an id")
    }
}
