//! Learning, finding and editing by command, through a running gateway and without one.

use serde_json::Value;

use crate::place::{Place, assert_holds};
use crate::settings;

const PAGES: [(&str, &str); 3] = [
    (
        "money.md",
        "# Money\n\nWe decided to count money in integer micro-dollars, because floats round.\n",
    ),
    ("drain.md", "# Stopping\n\nThe gateway waits thirty seconds for open streams to end.\n"),
    (
        "talk.jsonl",
        "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"Decision: retries never \
         exceed a fifth of all requests, because storms feed themselves.\"}}\n",
    ),
];

/// A place with some documents in the folder `docs`.
fn place() -> Place {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    fs_err::create_dir(place.home("docs")).unwrap();
    for (name, text) in PAGES {
        fs_err::write(place.home("docs").join(name), text).unwrap();
    }
    place
}

async fn offline(place: &Place, command: &str) -> Value {
    let arguments: Vec<&str> = command.split(' ').chain(["--offline"]).collect();
    place.json(&arguments).await
}

/// Puts the model at `directory` where `place` looks for it.
fn put_model(place: &Place, directory: &str) {
    let models = place.data().join("models");
    fs_err::create_dir_all(&models).unwrap();
    fs_err::os::unix::fs::symlink(directory, models.join("all-MiniLM-L6-v2")).unwrap();
}

/// What the first hit says.
fn first(found: &Value) -> &str {
    found["hits"][0]["item"]["content"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learned_is_found_with_its_source_and_learned_once() {
    for through_gateway in [false, true] {
        let place = place();
        let gateway = if through_gateway { Some(place.serve().await) } else { None };
        let learned = offline(&place, "learn docs").await;
        assert_eq!((&learned["sources"], &learned["by_meaning"]), (&3.into(), &false.into()));
        assert_eq!(learned["created"], 3, "{learned}");
        let again = offline(&place, "learn docs").await;
        assert_eq!((&again["created"], &again["merged"]), (&0.into(), &0.into()), "{again}");

        let found = offline(&place, "search how is money counted").await;
        assert_holds(first(&found), &["micro-dollars"]);
        let source = &found["hits"][0]["sources"][0];
        assert!(source["name"].as_str().unwrap().ends_with("docs/money.md"), "{source}");
        assert_eq!(source["line"], 3);
        let answered = offline(&place, "ask how long does the gateway wait for streams").await;
        assert_holds(answered["answer"]["text"].as_str().unwrap(), &["thirty seconds", "[1]"]);
        let talk = offline(&place, "search retries and storms --kind architectural_decision").await;
        assert_holds(first(&talk), &["a fifth of all requests"]);
        let nothing = place.run(&["search", "zebra", "--offline"]).await;
        assert_eq!(nothing.code, Some(1), "{nothing:?}");
        if let Some(gateway) = gateway {
            gateway.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_edited_ended_and_forgotten_and_stays_so() {
    let place = place();
    offline(&place, "learn docs/money.md").await;
    let items = place.json(&["knowledge", "list"]).await;
    let id = items["items"][0]["id"].to_string();
    let edited = place.json(&["knowledge", "edit", &id, "Money is counted in nano-dollars."]).await;
    assert_eq!(edited["item"]["content"], "Money is counted in nano-dollars.");
    let shown = place.json(&["knowledge", "show", &id]).await;
    let names: Vec<_> = shown["items"][0]["sources"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2, "{shown}");
    place.json(&["knowledge", "invalidate", &id]).await;
    assert_eq!(place.run(&["search", "nano-dollars", "--offline"]).await.code, Some(1));
    place.json(&["knowledge", "confirm", &id]).await;
    assert_holds(first(&offline(&place, "search nano-dollars").await), &["nano-dollars"]);
    place.good(&["knowledge", "forget", &id]).await;
    assert_holds(&place.refused(&["knowledge", "show", &id]).await, &["there is no item"]);
    let added = place.json(&["knowledge", "add", "Tea is at four.", "--kind", "runbook"]).await;
    assert_eq!(added["outcome"], "created");
    assert_holds(&place.refused(&["knowledge", "add", " "]).await, &["empty"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_and_backups_bring_everything_to_another_place() {
    let (place, other, third) = (place(), Place::new(), Place::new());
    offline(&place, "learn docs").await;
    let file = place.home("all.jsonl");
    let path = file.to_str().unwrap();
    assert_eq!(place.json(&["knowledge", "export", path]).await["items"], 3);
    assert_holds(&place.refused(&["knowledge", "export", path]).await, &["exists already"]);
    assert_eq!(other.json(&["knowledge", "import", path]).await["added"], 3);
    assert_eq!(other.json(&["knowledge", "import", path]).await["known"], 3);
    let again = place.home("again.jsonl");
    other.json(&["knowledge", "export", again.to_str().unwrap()]).await;
    assert_eq!(fs_err::read(&file).unwrap(), fs_err::read(&again).unwrap());

    let copy = place.home("copy");
    place.good(&["backup", copy.to_str().unwrap()]).await;
    third.good(&["restore", copy.to_str().unwrap()]).await;
    assert_holds(first(&offline(&third, "search how is money counted").await), &["micro-dollars"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_what_needs_one_says_how_to_get_one() {
    let place = place();
    for command in ["classify", "embed"] {
        let ran = place.run(&[command, "fix the failing test", "--offline"]).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_holds(&ran.err, &["forebay models pull"]);
    }
    let rebuilt = place.json(&["index", "rebuild"]).await;
    assert_eq!((&rebuilt["texts"], &rebuilt["vectors"]), (&0.into(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_model_things_are_found_by_meaning_and_told_apart() {
    let Ok(model) = std::env::var("FOREBAY_TEST_MODEL") else {
        println!("skipped: FOREBAY_TEST_MODEL names no model");
        return;
    };
    let place = place();
    // What was learned without a model gets its vector once there is one.
    assert_eq!(offline(&place, "learn docs/drain.md").await["by_meaning"], false);
    // The place of a model that could not be fetched is there, and empty.
    fs_err::remove_dir_all(place.data().join("models")).unwrap();
    put_model(&place, &model);
    let learned = offline(&place, "learn docs").await;
    assert_eq!((&learned["by_meaning"], &learned["created"]), (&true.into(), &2.into()));
    // No word of the question stands in the page.
    let found = offline(&place, "search which unit do prices have").await;
    assert_holds(first(&found), &["micro-dollars"]);
    assert_eq!(place.json(&["index", "rebuild"]).await["vectors"], 3);
    let classified = offline(&place, "classify why_does_this_test_crash_with_a_null_pointer").await;
    assert_eq!(classified["results"][0]["label"], "debugging", "{classified}");
    let vector = offline(&place, "embed hello").await;
    assert_eq!(vector["vector"].as_array().unwrap().len(), 384);
}

#[cfg(feature = "qdrant")]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_qdrant_server_things_are_found_and_what_is_there_is_made_to_agree() {
    let (Ok(model), Ok(url)) =
        (std::env::var("FOREBAY_TEST_MODEL"), std::env::var("FOREBAY_TEST_QDRANT_URL"))
    else {
        println!("skipped: FOREBAY_TEST_MODEL or FOREBAY_TEST_QDRANT_URL is not set");
        return;
    };
    let mut settings = settings::with_provider(([127, 0, 0, 1], 9).into());
    let on_server = [("qdrant_url", url.as_str()), ("qdrant_index", "forebay-test-command")];
    let section = on_server.map(|(name, value)| (name.to_owned(), value.into()));
    settings.insert("knowledge".to_owned(), toml::Table::from_iter(section).into());
    let question: &[&str] = &["search", "which unit do prices have"];

    let (first, second) = (place(), place());
    for place in [&first, &second] {
        place.configure(&settings);
        put_model(place, &model);
    }
    let finds = async |place: &Place| {
        let ran = place.run(&[question, &["--offline"]].concat()).await;
        assert!(!ran.err.contains("error"), "{ran:?}");
        ran.out.contains("micro-dollars")
    };
    assert_eq!(offline(&first, "learn docs").await["created"], 3);
    assert!(finds(&first).await);
    // The other has its own truth, and the server what the first one put there.
    assert_eq!(offline(&second, "learn docs/drain.md").await["created"], 1);
    assert!(!finds(&second).await);
    assert!(finds(&first).await);

    let gateway = first.serve().await;
    let found = first.json(&[question, &["--offline"]].concat()).await;
    assert_holds(self::first(&found), &["micro-dollars"]);
    let id = found["hits"][0]["item"]["id"].to_string();
    first.good(&["knowledge", "forget", &id]).await;
    assert!(!finds(&first).await);
    gateway.stop().await;
    assert!(!finds(&first).await);
    assert_eq!(first.json(&["index", "rebuild"]).await["vectors"], 2);
}
