//! The gateway that an agent has started, which is no child of the test.

use crate::place::{Place, within};
use crate::process::signal;

/// A gateway that runs by itself. Dropped, it is killed.
pub(crate) struct Daemon<'a> {
    place: &'a Place,
    id: u32,
}

impl<'a> Daemon<'a> {
    /// The one that has the place's data directory.
    pub(crate) fn of(place: &'a Place) -> Self {
        let holder = fs_err::read_to_string(place.data().join("forebay.lock")).unwrap();
        Self { place, id: holder.trim().parse().unwrap() }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Asks it to stop and waits until it is gone.
    pub(crate) async fn stop(self) {
        signal(self.id, "TERM").await;
        within("the end of the gateway", async {
            while processes(self.place).contains(&self.id) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        if processes(self.place).contains(&self.id) {
            let id = self.id.to_string();
            std::process::Command::new("kill").args(["-s", "KILL", &id]).status().unwrap();
        }
    }
}

/// Processes whose command line names the place's data directory, but for those that have ended.
pub(crate) fn processes(place: &Place) -> Vec<u32> {
    let data = place.data().into_os_string().into_string().unwrap();
    let entries = fs_err::read_dir("/proc").unwrap();
    let ids = entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let names_it = |id: &u32| {
        // The command line of a process that has ended is empty or gone.
        let line = fs_err::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&data)
    };
    ids.filter(names_it).collect()
}

/// What the gateways have logged.
pub(crate) fn log(place: &Place) -> String {
    fs_err::read_to_string(place.data().join("daemon.log")).unwrap()
}
