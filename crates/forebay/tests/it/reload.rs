//! A running gateway reads its configuration again: on SIGHUP, and when the file has changed.

use crate::client::Ask;
use crate::place::{Place, within};
use crate::settings;

/// Waits until the log has this line so many times.
async fn logged(place: &Place, text: &str, times: usize) {
    within(text, async {
        while place.log().matches(text).count() < times {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_is_used_and_a_wrong_one_is_not() {
    let (first, second) = (settings::simulator().await, settings::simulator().await);
    let place = Place::beside(&first);
    let gateway = place.serve().await;
    let ask = async |text: &str| {
        assert_eq!(Ask::new(text).send(gateway.address()).await.status, 200);
    };
    ask("one").await;
    assert_eq!((first.counts().attempts(), second.counts().attempts()), (1, 0));

    // At once when asked to.
    place.configure(&settings::with_provider(second.address()));
    gateway.signal("HUP").await;
    logged(&place, "the configuration was read again", 1).await;
    ask("two").await;
    assert_eq!((first.counts().attempts(), second.counts().attempts()), (1, 1));

    // Soon when nobody asks. What is wrong with it is said, and the gateway goes on as before.
    let mut wrong = settings::with_provider(first.address());
    wrong.insert("no_such_option".to_owned(), 1.into());
    place.configure(&wrong);
    logged(&place, "the configuration is not used; the one before stays", 1).await;
    logged(&place, "no_such_option", 1).await;
    ask("three").await;
    assert_eq!((first.counts().attempts(), second.counts().attempts()), (1, 2));

    place.configure(&settings::with_provider(first.address()));
    logged(&place, "the configuration was read again", 2).await;
    ask("four").await;
    assert_eq!((first.counts().attempts(), second.counts().attempts()), (2, 2));
    gateway.stop().await;
    first.stop().await;
    second.stop().await;
}

/// Caught while it is written, a file may be empty or gone; neither is a configuration of defaults.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_file_and_one_that_is_gone_are_not_used() {
    let provider = settings::simulator().await;
    let place = Place::beside(&provider);
    let gateway = place.serve().await;
    let refused = "the configuration is not used; the one before stays";
    fs_err::write(place.home(".config/forebay/config.toml"), "\n").unwrap();
    gateway.signal("HUP").await;
    logged(&place, refused, 1).await;
    logged(&place, "config.toml is empty", 1).await;
    fs_err::remove_file(place.home(".config/forebay/config.toml")).unwrap();
    gateway.signal("HUP").await;
    logged(&place, refused, 2).await;
    assert_eq!(Ask::new("one").send(gateway.address()).await.status, 200);
    assert_eq!(provider.counts().attempts(), 1);
    gateway.stop().await;
    provider.stop().await;
}
