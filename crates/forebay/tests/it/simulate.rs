//! The simulated provider as a command.

use crate::client::Ask;
use crate::place::{Place, assert_holds, parse};
use crate::process::Process;

async fn simulate(place: &Place, arguments: &[&str]) -> Process {
    let all = [&["simulate", "--listen", "127.0.0.1:0"], arguments].concat();
    Process::start(place.command(&all), "simulating answers on http://").await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_where_it_says() {
    let place = Place::new();
    let simulator = simulate(&place, &["--output-tokens", "50"]).await;
    let ask = Ask { max_tokens: 100, ..Ask::new("hello") }.with_key("any");
    let answer = ask.answered(simulator.address()).await;
    assert_eq!(answer.usage(&ask).unwrap().1, 50);
    let streamed = Ask::streamed("hello").with_key("any");
    streamed.answered(simulator.address()).await;
    assert_eq!(Ask::new("hello").send(simulator.address()).await.status, 401);
    simulator.stop().await;
    assert!(fs_err::read_dir(place.home("")).unwrap().next().is_none(), "it needs no files");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_the_faults_of_a_file() {
    let place = Place::new();
    fs_err::write(place.home("faults"), r#"[{"status": {"code": 503}}, "none"]"#).unwrap();
    let simulator = simulate(&place, &["--faults", "faults"]).await;
    let ask = Ask::new("hello").with_key("any");
    assert_eq!(ask.send(simulator.address()).await.status, 503);
    ask.answered(simulator.address()).await;
    simulator.signal("INT").await;
    assert_eq!(simulator.end().await.0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_its_address_as_json() {
    let place = Place::new();
    let arguments = ["simulate", "--listen", "127.0.0.1:0", "--json"];
    let command = place.command(&arguments);
    let (mut child, line) = crate::process::first_line(command).await;
    let address = parse(&line)["address"].as_str().unwrap().parse().unwrap();
    Ask::new("hello").with_key("any").answered(address).await;
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_do_is_told() {
    let place = Place::new();
    fs_err::write(place.home("faults"), r#"["explode"]"#).unwrap();
    let refusal = place.refused(&["simulate", "--faults", "faults"]).await;
    assert_holds(&refusal, &["faults is not a list of faults", "explode"]);
    let refusal = place.refused(&["simulate", "--faults", "nowhere"]).await;
    assert_holds(&refusal, &["nowhere"]);
    let refusal = place.refused(&["simulate", "--output-tokens", "0"]).await;
    assert_holds(&refusal, &["output_tokens is 0"]);
}
