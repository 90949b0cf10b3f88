//! Addresses that are not public are never connected to, however they are written.

use std::time::Duration;

use forebay_inference::{FailureKind, Inference, InferenceSettings, OpenGate};
use simulator::{Simulator, SimulatorSettings};
use wire::Protocol;

use crate::world::{body, call, provider, system_clock};

/// Hosts that lead to this machine, its network or a cloud's metadata, in many spellings. Names are
/// resolved, all others are refused when the settings are read.
const HOSTS: [&str; 82] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "0x0",
    "10.0.0.1",
    "0xa.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "3232235777",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.170.2",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "localhost",
    "localhost.",
    "LocalHost",
    "127.0.0.2",
    "127.1.1.1",
    "0177.1",
    "0x7F000001",
    "0X7F.0X0.0X0.0X1",
    "0x7f.0.1",
    "00000000177.0.0.1",
    "2130706433.",
    "0x7f.1.",
    "10.1",
    "172.31.255.255",
    "192.168.257",
    "169.16689662",
    "169.254.43518",
    "0xa9.0xfe.0xa9.0xfe",
    "0xA9.254.0251.254",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[::FFFF:A9FE:A9FE]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2001:db8::1]",
    "[100::1]",
    "[fc00::1]",
    "[ff02::1]",
    "public.example@127.0.0.1",
    "public.example:80@127.0.0.1",
    "127.0.0.1\\@public.example",
    "127.0.0.1%2523.public.example",
];

/// What tells whether the test can see a connection at all: with leave, the same way leads there.
#[tokio::test]
async fn with_leave_the_same_way_leads_there() {
    let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
    for host in ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"] {
        let url = format!("http://{host}:{}", simulator.address().port());
        let settings = provider(0, Protocol::OpenAiChat, &url);
        let inference = Inference::new(InferenceSettings::new(vec![settings]), system_clock());
        let inference = inference.unwrap();
        let before = simulator.counts().connections;
        let call = call(&inference, &body(Protocol::OpenAiChat, false), Protocol::OpenAiChat);
        drop(inference.dispatch(call, OpenGate).await);
        assert_eq!(simulator.counts().connections, before + 1, "{host}");
    }
    simulator.stop().await;
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_connected_to() {
    let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
    for host in HOSTS {
        let url = format!("http://{host}:{}", simulator.address().port());
        let Ok(base_url) = format!("{url}/v1").parse() else { continue };
        let mut settings = provider(0, Protocol::OpenAiChat, "http://replaced.example");
        settings.base_url = base_url;
        settings.network.allow_private_addresses = false;
        settings.timeouts.connect = Duration::from_secs(2);
        let settings = InferenceSettings::new(vec![settings]);
        let refused = match Inference::new(settings, system_clock()) {
            Err(_) => true,
            Ok(inference) => {
                let body = body(Protocol::OpenAiChat, false);
                let call = call(&inference, &body, Protocol::OpenAiChat);
                let error = inference.dispatch(call, OpenGate).await.unwrap_err();
                error.failure().is_some_and(|failure| failure.kind == FailureKind::Connect)
            }
        };
        assert!(refused, "{host}");
    }
    assert_eq!(simulator.counts().connections, 0);
    simulator.stop().await;
}

#[tokio::test]
async fn plain_http_needs_leave() {
    let mut settings = provider(0, Protocol::OpenAiChat, "http://api.example");
    settings.network.allow_plain_http = false;
    let result = Inference::new(InferenceSettings::new(vec![settings]), system_clock());
    assert!(result.unwrap_err().to_string().contains("allow_plain_http"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Simulator::start(SimulatorSettings::default()).await.unwrap();
    let world = crate::world::World::new(&[Protocol::OpenAiChat]).await;
    let location = format!("http://{}/v1/chat/completions", target.address());
    let fault = simulator::Fault::Redirect { location };
    world.providers[0].script(vec![fault.clone(), fault]);
    let body = body(Protocol::OpenAiChat, false);
    world.ask(&body, Protocol::OpenAiChat).await.unwrap_err();
    assert_eq!(target.counts().connections, 0);
    world.stop().await;
    target.stop().await;
}
