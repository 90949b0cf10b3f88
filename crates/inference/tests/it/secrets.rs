//! A provider's key goes to that provider and nowhere else.

use simulator::{Fault, Script};

use crate::world::{CLIENTS, PROVIDERS, World, body, hear, key};

#[tokio::test]
async fn an_echoed_key_reaches_no_client() {
    for upstream in PROVIDERS {
        for client in CLIENTS {
            for is_stream in [true, false] {
                let world = World::new(&[upstream]).await;
                let always = Fault::EchoHeaders;
                world.providers[0].set_script(Script { always, ..Script::default() });
                let shown = match world.ask(&body(client, is_stream), client).await {
                    Err(error) => format!("{error} {error:?}"),
                    Ok(reply) => {
                        let shown = format!("{reply:?}");
                        let heard = hear(reply.body).await;
                        let bytes = String::from_utf8(heard.bytes).unwrap();
                        format!("{shown} {bytes} {} {:?}", joined(&bytes), heard.error)
                    }
                };
                assert!(!shown.contains(&key(0)), "{upstream} {client} {is_stream}: {shown}");
                world.stop().await;
            }
        }
    }
}

/// The text of a stream put together again, as a client does.
fn joined(stream: &str) -> String {
    let frames = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = frames.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
    let texts = events.filter_map(|event| {
        let openai = event.pointer("/choices/0/delta/content");
        let text =
            openai.or_else(|| event.pointer("/delta/text")).or_else(|| event.get("delta"))?;
        text.as_str().map(str::to_owned)
    });
    texts.collect()
}

#[tokio::test]
async fn each_provider_is_shown_its_own_key_only() {
    for second in PROVIDERS {
        let world = World::new(&[PROVIDERS[0], second]).await;
        world.providers[0].script(vec![Fault::Refuse, Fault::Refuse]);
        world.ask(&body(CLIENTS[0], false), CLIENTS[0]).await.unwrap();
        for (index, provider) in world.providers.iter().enumerate() {
            let requests = provider.requests();
            assert!(!requests.is_empty());
            let shown = format!("{requests:?}");
            assert!(shown.contains(&key(index)), "{shown}");
            assert!(!shown.contains(&key(1 - index)), "{shown}");
        }
        world.stop().await;
    }
}

#[tokio::test]
async fn settings_and_inference_do_not_print_keys() {
    let world = World::with(&[PROVIDERS[0]], |settings| {
        assert!(!format!("{settings:?}").contains(&key(0)));
    })
    .await;
    assert!(!format!("{:?} {:?}", world.inference, world.inference.health()).contains(&key(0)));
    world.stop().await;
}
