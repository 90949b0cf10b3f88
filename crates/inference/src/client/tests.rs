use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use simulator::{Simulator, SimulatorSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::Protocol;

use super::*;

/// Of the public part of the address space, and given to nobody.
const PUBLIC: &str = "2d00::1";
const PRIVATE: &str = "127.0.0.1";

fn settings(url: &str) -> ProviderSettings {
    let id = "p".parse().unwrap();
    let mut settings = ProviderSettings::new(id, Protocol::OpenAiChat, url.parse().unwrap());
    settings.network.allow_plain_http = true;
    settings.timeouts.connect = Duration::from_millis(100);
    settings
}

fn connection(settings: &ProviderSettings) -> ConnectionSettings {
    ConnectionSettings::new(settings, &InferenceSettings::new(Vec::new()))
}

/// Asks once for each answer of a resolver. Returns how often the provider was connected to.
async fn connections(answers: &[&[&str]], allow_private_addresses: bool) -> u64 {
    let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
    let url = format!("http://provider.example:{}/v1", simulator.address().port());
    // Another address each time that it is asked.
    let answer = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
    let left: VecDeque<Vec<IpAddr>> = answers.iter().map(answer).collect();
    let left = Arc::new(Mutex::new(left));
    let resolver = Resolver::new(!allow_private_addresses, {
        let left = Arc::clone(&left);
        move |_| {
            let found = left.lock().pop_front().unwrap();
            let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Box::pin(async move { Ok(found) })
        }
    });
    let client = Client::with_resolver(&connection(&settings(&url)), resolver).unwrap();
    for _ in answers {
        drop(client.post(&url.parse().unwrap(), &HeaderMap::new(), &Bytes::new()).await);
    }
    assert!(left.lock().is_empty(), "the name was not looked up each time");
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

/// A listener that has as many waiting as it takes, so that it answers nobody else, and those.
#[cfg(target_os = "linux")]
async fn dead(address: SocketAddr) -> (tokio::net::TcpListener, Vec<tokio::net::TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(50);
    while let Ok(connected) =
        tokio::time::timeout(patience, tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(connected.unwrap());
    }
    (listener, waiting)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_is_dead_leaves_time_for_the_next() {
    let simulator = Simulator::start(SimulatorSettings::default()).await.unwrap();
    let port = simulator.address().port();
    let other: SocketAddr = ([127, 0, 0, 2], port).into();
    let _dead = dead(other).await;
    let found = vec![other, simulator.address()];
    let resolver = Resolver::new(false, move |_| {
        let found = found.clone();
        Box::pin(async move { Ok(found) })
    });
    let url = format!("http://provider.example:{port}/v1");
    let mut settings = settings(&url);
    settings.timeouts.connect = Duration::from_secs(1);
    let client = Client::with_resolver(&connection(&settings), resolver).unwrap();
    let asked = client.post(&url.parse().unwrap(), &HeaderMap::new(), &Bytes::new()).await;
    assert!(asked.is_ok(), "{asked:?}");
    assert_eq!(simulator.counts().connections, 1);
    simulator.stop().await;
}

#[tokio::test]
async fn who_never_ends_the_handshake_is_given_up_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    let client =
        Client::with_resolver(&connection(&settings(&url)), Resolver::system(false)).unwrap();
    let (url, headers, body) = (url.parse().unwrap(), HeaderMap::new(), Bytes::new());
    let (asked, _accepted) = tokio::join!(client.post(&url, &headers, &body), listener.accept());
    assert_eq!(asked.unwrap_err(), Failure::unbilled(FailureKind::Connect));
}

/// A client that speaks HTTP/2 without TLS.
fn over_http2(url: &str) -> Client {
    let settings = connection(&settings(url));
    let connector = Connector::new(&settings, Resolver::system(false)).unwrap();
    Client(builder(&settings).http2_only(true).build(connector))
}

/// Speaks HTTP/2 without TLS to a server that resets each stream, with the first of `reasons` that
/// are left, and then answers. Returns what a request comes to and how often the server saw it.
async fn reset_with(reasons: &[h2::Reason]) -> (Result<u16, Failure>, usize) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let client = over_http2(&url);
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let (mut left, mut seen) = (reasons.iter(), 0);
        while let Some(request) = connection.accept().await {
            let (_, mut respond) = request.unwrap();
            seen += 1;
            match left.next() {
                Some(reason) => respond.send_reset(*reason),
                None => drop(respond.send_response(http::Response::new(()), true).unwrap()),
            }
            if left.len() == 0 && seen > reasons.len() {
                connection.graceful_shutdown();
            }
        }
        seen
    };
    let ask = async {
        let headers = HeaderMap::new();
        let asked = client.post(&url.parse().unwrap(), &headers, &Bytes::new()).await;
        drop(client);
        asked.map(|response| response.status().as_u16())
    };
    tokio::join!(ask, serve)
}

#[tokio::test]
async fn only_what_a_server_has_not_looked_at_is_sent_again() {
    use h2::Reason;
    let (refused, internal) = (Reason::REFUSED_STREAM, Reason::INTERNAL_ERROR);
    assert_eq!(reset_with(&[]).await, (Ok(200), 1));
    assert_eq!(reset_with(&[refused, refused]).await, (Ok(200), 3));
    assert_eq!(reset_with(&[refused, refused, refused]).await, (Err(broken()), 3));
    assert_eq!(reset_with(&[internal]).await, (Err(broken()), 1));
    assert_eq!(reset_with(&[refused, internal]).await, (Err(broken()), 2));
}

/// Reads the frames of a client up to the head of its request, then says that none is looked at.
async fn go_away(stream: &mut tokio::net::TcpStream) {
    const PREFACE_BYTES: usize = 24;
    const HEADERS: u8 = 1;
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // The last stream that was looked at is 0; there is no error.
    const GO_AWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    stream.write_all(&SETTINGS).await.unwrap();
    stream.read_exact(&mut [0; PREFACE_BYTES]).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let [high, middle, low, kind, ..] = head;
        let length = u32::from_be_bytes([0, high, middle, low]);
        stream.read_exact(&mut vec![0; usize::try_from(length).unwrap()]).await.unwrap();
        if kind == HEADERS {
            break;
        }
    }
    stream.write_all(&GO_AWAY).await.unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_without_a_look_is_asked_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let client = over_http2(&url);
    let serve = async {
        let (mut first, _) = listener.accept().await.unwrap();
        go_away(&mut first).await;
        let (second, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(second).await.unwrap();
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        drop(respond.send_response(http::Response::new(()), true).unwrap());
        connection.graceful_shutdown();
        assert!(connection.accept().await.is_none());
    };
    let ask = async {
        let headers = HeaderMap::new();
        let asked = client.post(&url.parse().unwrap(), &headers, &Bytes::new()).await;
        drop(client);
        asked.unwrap().status().as_u16()
    };
    assert_eq!(tokio::join!(ask, serve).0, 200);
}
