use axum::routing::{get, post};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

/// One route that panics and one that answers when it is told to.
fn router(entered: &Arc<Notify>, go_on: &Arc<Notify>) -> Router {
    async fn broken() -> Response {
        panic!("a secret of the handler")
    }
    let (entered, go_on) = (Arc::clone(entered), Arc::clone(go_on));
    let held = async move || {
        entered.notify_one();
        go_on.notified().await;
        "held"
    };
    let router = Router::new().route("/v1/messages", post(broken)).route("/broken", get(broken));
    router.route("/held", get(held))
}

async fn listener() -> Listener {
    let span = PATIENCE;
    let settings = ListenerSettings {
        address: "127.0.0.1:0".parse().unwrap(),
        connections_max: 8,
        header_bytes_max: 8_192,
        header_read: span,
        write_stall: span,
        drain: span,
    };
    Listener::bind(settings).await.unwrap()
}

fn client() -> reqwest::ClientBuilder {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE)
}

async fn told(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert!(!text.contains("secret"), "{text}");
    (status, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn a_panic_is_a_500_for_its_client_and_nothing_to_others() {
    let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let listener = listener().await;
    let base = format!("http://{}", listener.address());
    let stop = CancellationToken::new();
    let router = router(&entered, &go_on);
    let mut serving = JoinSet::new();
    serving.spawn(listener.serve(router, RequestIds::new(1), stop.clone()));

    let one_connection = client().http2_prior_knowledge().build().unwrap();
    let held = one_connection.get(format!("{base}/held"));
    let mut asking = JoinSet::new();
    asking.spawn(async move { held.send().await.unwrap().text().await.unwrap() });
    entered.notified().await;
    let broken = one_connection.post(format!("{base}/v1/messages")).send().await.unwrap();
    let (status, body) = told(broken).await;
    assert_eq!((status, &body["error"]["type"]), (500, &"api_error".into()), "{body}");
    go_on.notify_one();
    assert_eq!(asking.join_next().await.unwrap().unwrap(), "held");

    let other = client().build().unwrap();
    for _ in 0..2 {
        let broken = other.get(format!("{base}/broken")).send().await.unwrap();
        assert!(broken.headers().contains_key("x-request-id"));
        let (status, body) = told(broken).await;
        assert_eq!((status, &body["error"]["type"]), (500, &"server_error".into()), "{body}");
    }
    drop((one_connection, other));
    stop.cancel();
    assert_eq!(serving.join_next().await.unwrap().unwrap(), 0);
}
