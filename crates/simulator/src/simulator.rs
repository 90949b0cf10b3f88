//! The server and its handle.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time;
use tokio_util::task::TaskTracker;

use crate::connection::Connection;
use crate::shared::Shared;
use crate::{Counts, Error, Fault, RecordedRequest, Script, SimulatorSettings};

/// How long to wait when the system refuses to accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A running provider. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

impl Simulator {
    /// Listens and answers until stopped, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Settings that contradict themselves, and an address that cannot be listened on.
    pub async fn start(settings: SimulatorSettings) -> Result<Self, Error> {
        settings.check()?;
        let address = settings.address;
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Arc::new(Shared::new(settings));
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, Arc::clone(&shared), tasks.clone()));
        Ok(Self { address, shared, tasks })
    }

    /// Where it listens, with the port that was chosen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen. A client may have its answer a moment before that is counted: where it
    /// matters, ask [`Self::counts_when`].
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Waits until `condition` holds for what it has seen, and returns that.
    pub async fn counts_when(&self, condition: impl Fn(&Counts) -> bool) -> Counts {
        self.shared.counts_when(condition).await
    }

    /// Lets so many answers go on that [`Fault::Hold`] holds or will hold.
    pub fn release(&self, answers: u16) {
        self.shared.releases.add_permits(usize::from(answers));
    }

    /// The next attempts meet these faults, one each, in place of those that were still to come.
    pub fn script(&self, faults: Vec<Fault>) {
        self.shared.script.lock().next = faults.into();
    }

    /// Replaces the whole script.
    pub fn set_script(&self, script: Script) {
        *self.shared.script.lock() = script;
    }

    /// The newest requests, oldest first, as many as the settings keep.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.lock().requests()
    }

    /// Forgets script, counts and requests. Open connections stay.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Ends every connection, those that hang included, and waits until all tasks are gone.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let Ok((socket, _)) = accepted else {
            time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // A socket that refuses the option is already dead, and its first read will say so.
        let _ = socket.set_nodelay(true);
        shared.count_connection();
        let connection = Connection::new(socket, Arc::clone(&shared));
        let stop = shared.stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = connection.serve() => {}
                () = stop.cancelled() => {}
            }
        });
    }
}
