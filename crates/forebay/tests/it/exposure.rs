//! Who can reach the gateway, and what they must show.

use std::net::SocketAddr;

use crate::client::Ask;
use crate::place::{Place, assert_holds};
use crate::settings;

/// Beyond loopback a key is asked for, and there must be one.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_it_starts_with_keys_only_and_asks_for_them() {
    let simulator = settings::simulator().await;
    let mut settings = settings::with_provider(simulator.address());
    settings::set(&mut settings, "server", "listen", "0.0.0.0:0");
    let place = Place::with(&settings);

    let refusal = place.refused(&["serve"]).await;
    let advice = ["0.0.0.0:0", "which others can reach", "forebay keys create --developer NAME"];
    assert_holds(&refusal, &advice);

    let key = place.key(&["--developer", "ada"]).await;
    let gateway = place.serve().await;
    let address: SocketAddr = ([127, 0, 0, 1], gateway.address().port()).into();
    check_refused(&Ask::new("hello"), address).await;
    check_refused(&Ask::new("hello").with_key("sk-of-nobody"), address).await;
    let (rest, last) = key.split_at(key.len() - 1);
    let another = format!("{rest}{}", if last == "a" { "b" } else { "a" });
    check_refused(&Ask::new("hello").with_key(&another), address).await;
    Ask::new("hello").with_key(&key).answered(address).await;
    assert_eq!(simulator.counts().attempts(), 1);
    gateway.stop().await;
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback_a_key_is_asked_for_where_the_configuration_says_so() {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let gateway = place.serve().await;
    Ask::new("hello").answered(gateway.address()).await;
    gateway.stop().await;

    let mut settings = settings::with_provider(simulator.address());
    settings::set(&mut settings, "server", "require_keys", true);
    place.configure(&settings);
    let gateway = place.serve().await;
    check_refused(&Ask::new("hello"), gateway.address()).await;
    gateway.stop().await;
    simulator.stop().await;
}

async fn check_refused(ask: &Ask, gateway: SocketAddr) {
    let response = ask.send(gateway).await;
    assert_eq!(response.status, 401, "{response:?}");
    assert_holds(&response.body, &["error", "key"]);
}
