//! One data directory, one gateway.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::JoinSet;

use crate::place::{Place, assert_holds, within};
use crate::process::serve;
use crate::settings;

/// A place that serves on any port; the provider is never asked.
fn place() -> Place {
    Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_gateway_is_refused_and_told_who_has_the_directory() {
    let place = place();
    let gateway = place.serve().await;
    let refusal = place.refused(&["serve"]).await;
    let directory = place.data().display().to_string();
    let holder = format!("in use by process {};", gateway.id());
    assert_holds(&refusal, &[&directory, &holder, "use another data directory"]);
    place.good(&["status"]).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_that_start_at_once_one_serves() {
    let place = place();
    let mut starts = JoinSet::new();
    for _ in 0..20 {
        let mut child = serve(&place).stdout(Stdio::piped()).spawn().unwrap();
        starts.spawn(async move {
            let mut line = String::new();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            within("a start", out.read_line(&mut line)).await.unwrap();
            (line, child, out)
        });
    }
    let (serving, refused): (Vec<_>, Vec<_>) =
        starts.join_all().await.into_iter().partition(|(line, _, _)| !line.is_empty());
    assert_eq!(serving.len(), 1, "{}", place.log());
    for (_, mut child, _) in refused {
        assert_eq!(within("a refusal", child.wait()).await.unwrap().code(), Some(1));
    }
    let log = place.log();
    let told = log.lines().filter(|line| line.contains("is in use by process"));
    assert_eq!(told.count(), 19, "{log}");
    let status = place.json(&["status"]).await;
    let address = status["address"].as_str().unwrap().to_owned();
    assert_eq!(serving[0].0.trim_end(), format!("listening on http://{address}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_of_a_killed_gateway_is_in_nobodys_way() {
    let place = place();
    place.serve().await.kill().await;
    let socket = place.data().join("control.sock");
    assert!(socket.exists());
    let key = place.key(&["--developer", "ada"]).await;
    assert!(key.starts_with("fb_"), "{key}");
    assert!(socket.exists(), "a command has taken the socket away");
    let gateway = place.serve().await;
    let status = place.json(&["status"]).await;
    assert_eq!(status["address"], gateway.address().to_string());
    gateway.stop().await;
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told() {
    let first = place();
    let gateway = first.serve().await;
    let address = gateway.address().to_string();
    let refusal = place().refused(&["serve", "--listen", &address]).await;
    assert_holds(&refusal, &[&address, "is another program using it?"]);
    gateway.stop().await;
}
