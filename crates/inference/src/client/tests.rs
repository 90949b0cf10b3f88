use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolving};
use simulator::{Simulator, SimulatorSettings};
use wire::Protocol;

use super::*;

/// Of the public part of the address space, and given to nobody.
const PUBLIC: &str = "2d00::1";
const PRIVATE: &str = "127.0.0.1";

/// Finds another address each time it is asked.
#[derive(Debug)]
struct Rebinding(Mutex<VecDeque<Vec<IpAddr>>>);

impl Rebinding {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answer = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(answer).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().len()
    }
}

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let found = self.0.lock().pop_front().unwrap();
        let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
        Box::pin(async move { Ok(Box::new(found) as Addrs) })
    }
}

/// Asks once for each answer of a resolver. Returns how often the provider was connected to.
async fn connections(answers: &[&[&str]], allow_private_addresses: bool) -> u64 {
    let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
    let url = format!("http://provider.example:{}/v1", simulator.address().port());
    let id = "p".parse().unwrap();
    let mut settings = ProviderSettings::new(id, Protocol::OpenAiChat, url.parse().unwrap());
    settings.network.allow_plain_http = true;
    settings.network.allow_private_addresses = allow_private_addresses;
    settings.timeouts.connect = Duration::from_millis(100);
    let resolver = Rebinding::new(answers);
    let client =
        build_with(&settings, &InferenceSettings::new(Vec::new()), Arc::clone(&resolver)).unwrap();
    for _ in answers {
        drop(client.post(&url).send().await);
    }
    assert_eq!(resolver.left(), 0, "the name was not looked up each time");
    let connections = simulator.counts().connections;
    simulator.stop().await;
    connections
}

#[tokio::test]
async fn a_name_that_turns_to_a_private_address_is_not_followed_there() {
    assert_eq!(connections(&[&[PUBLIC], &[PRIVATE], &[PRIVATE]], false).await, 0);
    assert_eq!(connections(&[&[PRIVATE, PUBLIC], &[PUBLIC, PRIVATE]], false).await, 0);
}

/// What tells whether the test can see a connection at all.
#[tokio::test]
async fn with_leave_it_is_followed() {
    assert_eq!(connections(&[&[PUBLIC], &[PRIVATE]], true).await, 1);
}
