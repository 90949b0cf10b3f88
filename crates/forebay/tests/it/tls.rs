//! A provider behind TLS, as those outside are: over HTTP/2 where it offers that, and only with a
//! certificate that the system trusts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use parking_lot::Mutex;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Body, Client};
use rustls::ServerConfig;
use simulator::{Fault, Position, Script};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::client::Ask;
use crate::place::{Place, within};
use crate::process::{Process, serve};
use crate::settings;

const HTTP_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";
/// Requests at once over one connection, as many servers have it.
const STREAMS_MAX: u32 = 100;

/// Takes TLS off what comes for another server. Dropped, it listens no more.
struct Terminator {
    address: SocketAddr,
    /// Its certificate, which it has signed itself.
    certificate: String,
    behind: Arc<Behind>,
    _tasks: JoinSet<()>,
}

/// The other server, and what came for it.
struct Behind {
    upstream: SocketAddr,
    client: Client,
    connections: AtomicUsize,
    /// Of each request.
    versions: Mutex<Vec<Version>>,
}

impl Terminator {
    /// Is `name`, and speaks `protocols`.
    async fn start(upstream: SocketAddr, name: &str, protocols: &[&[u8]]) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([name.to_owned()]).unwrap();
        // Another test may have installed it.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], signing_key.into())
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let behind = Arc::new(Behind {
            upstream,
            client: Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
            connections: AtomicUsize::new(0),
            versions: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, acceptor, Arc::clone(&behind)));
        Self { address, certificate: cert.pem(), behind, _tasks: tasks }
    }

    fn connections(&self) -> usize {
        self.behind.connections.load(Ordering::Relaxed)
    }

    fn versions(&self) -> Vec<Version> {
        self.behind.versions.lock().clone()
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, behind: Arc<Behind>) {
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let (acceptor, behind) = (acceptor.clone(), Arc::clone(&behind));
        connections.spawn(async move {
            // Whoever does not trust the certificate goes away here.
            let Ok(socket) = acceptor.accept(socket).await else { return };
            behind.connections.fetch_add(1, Ordering::Relaxed);
            let service = service_fn(|request| pass(Arc::clone(&behind), request));
            let mut server = auto::Builder::new(TokioExecutor::new());
            server.http2().max_concurrent_streams(STREAMS_MAX);
            // How a connection ends shows in the answers.
            server.serve_connection(TokioIo::new(socket), service).await.ok();
        });
    }
}

async fn pass(
    behind: Arc<Behind>,
    request: Request<Incoming>,
) -> Result<Response<Body>, reqwest::Error> {
    behind.versions.lock().push(request.version());
    let (head, body) = request.into_parts();
    let url = format!("http://{}{}", behind.upstream, head.uri.path());
    let passed = behind.client.post(url).headers(head.headers).body(Body::wrap(body));
    Ok(passed.send().await?.into())
}

/// The way to a server, on which connections can be lost without a word to either end.
struct Network {
    address: SocketAddr,
    losses: watch::Sender<()>,
    _tasks: JoinSet<()>,
}

impl Network {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let losses = watch::Sender::new(());
        let mut tasks = JoinSet::new();
        tasks.spawn(relay(listener, server, losses.clone()));
        Self { address, losses, _tasks: tasks }
    }

    async fn lose_connections(&self) {
        self.losses.send_replace(());
        self.losses.closed().await;
    }
}

async fn relay(listener: TcpListener, server: SocketAddr, losses: watch::Sender<()>) {
    let mut relays = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(server).await.unwrap();
        let mut lost = losses.subscribe();
        relays.spawn(async move {
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                _ = lost.changed() => {}
            }
            drop(lost);
            std::future::pending::<()>().await;
        });
    }
}

/// A gateway whose provider is at `address` and whose system trusts `certificate`.
async fn gateway(place: &Place, address: SocketAddr, certificate: &str) -> Process {
    let mut settings = settings::with_provider(address);
    let provider = settings["providers"]["local"].as_table_mut().unwrap();
    provider.remove("allow_plain_http");
    provider.insert("base_url".to_owned(), format!("https://{address}/v1").into());
    place.configure(&settings);
    let trusted = place.home("trusted.pem");
    fs_err::write(&trusted, certificate).unwrap();
    let mut command = serve(place);
    command.env("SSL_CERT_FILE", trusted);
    Process::start(command, "listening on http://").await
}

/// Answers over what `protocols` offer, which must be `version`; how many connections they took.
async fn connections_for(protocols: &[&[u8]], version: Version) -> usize {
    let simulator = settings::simulator().await;
    let provider = Terminator::start(simulator.address(), "127.0.0.1", protocols).await;
    let place = Place::new();
    let gateway = gateway(&place, provider.address, &provider.certificate).await;
    let address = gateway.address();
    Ask::new("the first").answered(address).await;
    let mut asked = JoinSet::new();
    for number in 0..8 {
        let text = format!("question {number}");
        let ask = if number % 2 == 0 { Ask::streamed(&text) } else { Ask::new(&text) };
        asked.spawn(async move { ask.answered(address).await });
    }
    asked.join_all().await;
    assert_eq!(provider.versions(), [version; 9]);
    gateway.stop().await;
    simulator.stop().await;
    provider.connections()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_share_a_connection_where_the_provider_offers_http_2() {
    assert_eq!(connections_for(&[HTTP_2, HTTP_1], Version::HTTP_2).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_offers_only_http_1_is_asked_in_that() {
    assert!(connections_for(&[HTTP_1], Version::HTTP_11).await >= 1);
}

/// What is too much for one connection would wait there without being sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_requests_than_a_connection_takes_get_another() {
    const AT_ONCE: u64 = 130;
    let simulator = settings::simulator().await;
    let hold = Fault::Hold { at: Position::First };
    simulator.set_script(Script { always: hold, ..Script::default() });
    let provider = Terminator::start(simulator.address(), "127.0.0.1", &[HTTP_2]).await;
    let place = Place::new();
    let gateway = gateway(&place, provider.address, &provider.certificate).await;
    let address = gateway.address();
    let mut asked = JoinSet::new();
    for number in 0..AT_ONCE {
        let ask = Ask::streamed(&format!("question {number}"));
        asked.spawn(async move { ask.answered(address).await });
    }
    let all_there = simulator.counts_when(|counts| counts.in_flight == AT_ONCE);
    within("all requests at once", all_there).await;
    simulator.set_script(Script::default());
    simulator.release(130);
    asked.join_all().await;
    gateway.stop().await;
    simulator.stop().await;
}

/// Over HTTP/2 a connection that has died in silence would take all later requests with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_connection_is_given_up() {
    let simulator = settings::simulator().await;
    let provider = Terminator::start(simulator.address(), "127.0.0.1", &[HTTP_2]).await;
    let network = Network::to(provider.address).await;
    let place = Place::new();
    let gateway = gateway(&place, network.address, &provider.certificate).await;
    Ask::new("one").answered(gateway.address()).await;
    network.lose_connections().await;
    // A second attempt, after the first was given up.
    Ask::new("two").answered(gateway.address()).await;
    assert_eq!(provider.connections(), 2);
    gateway.stop().await;
    simulator.stop().await;
}

/// A certificate that another has signed, and one for another name: the request is not sent, and
/// nothing is paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_cannot_prove_who_it_is_gets_no_request() {
    let simulator = settings::simulator().await;
    let stranger = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap().cert.pem();
    for (name, trusted) in [("127.0.0.1", Some(&stranger)), ("provider.example", None)] {
        let provider = Terminator::start(simulator.address(), name, &[HTTP_1]).await;
        let place = Place::new();
        let trusted = trusted.unwrap_or(&provider.certificate);
        let gateway = gateway(&place, provider.address, trusted).await;
        let refused = Ask::new("a secret").send(gateway.address()).await;
        assert_eq!(refused.status, 502, "{refused:?}");
        assert_eq!(place.json(&["status"]).await["spent"], 0);
        gateway.stop().await;
        assert_eq!((provider.versions(), simulator.counts().attempts()), (vec![], 0));
    }
    simulator.stop().await;
}
