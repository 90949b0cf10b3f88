use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use forebay_budget::{Error, KeyRecord, KeyStore, NewKey};
use secrecy::{ExposeSecret, SecretString};
use storage::Database;
use tempfile::TempDir;
use types::{DeveloperId, KeyId, ManualClock, ModelId, Principal, TenantId};

use crate::rig::{NOW, folder, open_file, run};

struct Desk {
    keys: KeyStore,
    database: Database,
    hand: ManualClock,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = folder();
        let database = open_file(folder.path(), None).unwrap();
        let hand = ManualClock::new(NOW);
        let keys = KeyStore::open(database.clone(), folder.path(), hand.clock()).unwrap();
        Self { keys, database, hand, folder }
    }

    fn reopened(&self) -> KeyStore {
        KeyStore::open(self.database.clone(), self.folder.path(), self.hand.clock()).unwrap()
    }

    fn make(&self, lifetime: Option<Duration>) -> (KeyRecord, String) {
        let new = NewKey { principal: principal(), models: None, lifetime };
        let (record, secret) = run(self.keys.create(new)).unwrap();
        (record, text(&secret))
    }

    /// Before and after a restart.
    #[track_caller]
    fn check(&self, credential: &str, valid: bool) {
        for keys in [&self.keys, &self.reopened()] {
            match keys.authenticate(credential) {
                Ok(principal) => assert!(valid, "{principal:?}"),
                Err(error) => {
                    assert!(!valid, "{error}");
                    assert!(matches!(error, Error::Unauthorized));
                    assert_eq!(error.to_string(), "the key is not valid");
                }
            }
        }
    }
}

fn text(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

fn principal() -> Principal {
    Principal {
        tenant: TenantId::new("acme").unwrap(),
        team: None,
        project: None,
        developer: DeveloperId::new("ada").unwrap(),
        key: None,
    }
}

fn id(record: &KeyRecord) -> &KeyId {
    record.principal.key.as_ref().unwrap()
}

fn now(desk: &Desk) -> Option<types::Timestamp> {
    Some(desk.hand.clock().now())
}

#[test]
fn a_key_has_its_shape_and_names_its_principal() {
    let desk = Desk::new();
    let (record, credential) = desk.make(None);
    let parts: Vec<_> = credential.split('_').collect();
    assert_eq!((parts[0], parts[1].len(), parts[2].len()), ("fb", 16, 52));
    assert_eq!(parts[1], id(&record).as_str());
    let principal = desk.keys.authenticate(&credential).unwrap();
    assert_eq!(principal, Principal { key: Some(id(&record).clone()), ..self::principal() });
    assert_eq!(principal, record.principal);
    desk.check(&credential, true);
    let (_, other) = desk.make(None);
    assert_ne!(credential, other);
}

#[test]
fn whatever_is_not_the_whole_key_is_refused() {
    let desk = Desk::new();
    let (_, credential) = desk.make(None);
    let (_, other) = desk.make(None);
    let (public, secret) = credential.rsplit_once('_').unwrap();
    let other_secret = other.rsplit_once('_').unwrap().1;
    for length in 0..credential.len() {
        desk.keys.authenticate(&credential[..length]).unwrap_err();
    }
    for position in 0..credential.len() {
        let mut bytes = credential.clone().into_bytes();
        bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
        desk.keys.authenticate(&String::from_utf8(bytes).unwrap()).unwrap_err();
    }
    let wrong = [
        String::new(),
        "fb_".to_owned(),
        "fb__".to_owned(),
        format!("{public}_"),
        format!("{public}_{other_secret}"),
        format!("{credential} "),
        format!("{credential}a"),
        format!(" {credential}"),
        format!("Bearer {credential}"),
        credential.to_uppercase(),
        format!("fb_nobody_{secret}"),
        format!("fb_' OR 1=1 --_{secret}"),
        "x".repeat(1 << 20),
    ];
    for credential in wrong {
        desk.check(&credential, false);
    }
    desk.check(&credential, true);
}

#[test]
fn a_key_ends_when_it_expires() {
    let desk = Desk::new();
    let (record, credential) = desk.make(Some(Duration::from_secs(60)));
    assert_eq!(record.expires_at, Some(NOW.saturating_add(Duration::from_secs(60))));
    desk.hand.advance(Duration::from_millis(59_999));
    desk.check(&credential, true);
    desk.hand.advance(Duration::from_millis(1));
    desk.check(&credential, false);
    assert!(!desk.keys.permits(id(&record), &"any".parse().unwrap()));
}

#[test]
fn a_revoked_key_is_refused_at_once_and_for_good() {
    let desk = Desk::new();
    let (record, credential) = desk.make(None);
    let (_, other) = desk.make(None);
    let revoked = run(desk.keys.revoke(id(&record))).unwrap();
    assert_eq!(revoked.revoked_at, now(&desk));
    desk.check(&credential, false);
    desk.check(&other, true);
    desk.hand.advance(Duration::from_secs(5));
    // Again changes nothing; the clock stepping back neither.
    assert_eq!(run(desk.keys.revoke(id(&record))).unwrap().revoked_at, Some(NOW));
    let nobody = KeyId::new("nobody").unwrap();
    assert!(matches!(run(desk.keys.revoke(&nobody)), Err(Error::NotFound { .. })));
}

#[test]
fn a_revocation_holds_when_nobody_waits_for_it() {
    let desk = Desk::new();
    let (record, credential) = desk.make(None);
    {
        let mut revoke = std::pin::pin!(desk.keys.revoke(id(&record)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        _ = revoke.as_mut().poll(&mut context);
    }
    desk.keys.authenticate(&credential).unwrap_err();
}

#[test]
fn a_rotation_ends_the_old_key_after_the_grace_given() {
    let desk = Desk::new();
    let models = Some(vec![ModelId::new("fast").unwrap()]);
    let hour = Duration::from_secs(3_600);
    let new = NewKey { principal: principal(), models: models.clone(), lifetime: Some(hour) };
    let (first, first_key) = run(desk.keys.create(new)).unwrap();
    desk.hand.advance(Duration::from_secs(600));
    let grace = Duration::from_secs(60);
    let (second, second_key) = run(desk.keys.rotate(id(&first), grace)).unwrap();
    let second_key = text(&second_key);
    assert_ne!(id(&first), id(&second));
    assert_eq!((second.models.clone(), second.expires_at), (models, first.expires_at));
    desk.check(&text(&first_key), true);
    desk.check(&second_key, true);
    desk.hand.advance(grace);
    desk.check(&text(&first_key), false);
    desk.check(&second_key, true);
    let (_, third_key) = run(desk.keys.rotate(id(&second), Duration::ZERO)).unwrap();
    desk.check(&second_key, false);
    desk.check(&text(&third_key), true);
    let again = run(desk.keys.rotate(id(&second), Duration::ZERO));
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
    let listed = desk.keys.list();
    assert_eq!(listed, desk.reopened().list());
    let ended = listed.iter().find(|record| id(record) == id(&first)).unwrap();
    assert_eq!(ended.replaced_by.as_ref(), Some(id(&second)));
}

#[test]
fn a_key_may_be_held_to_some_models() {
    let desk = Desk::new();
    let [fast, smart] = ["fast", "smart"].map(|model| ModelId::new(model).unwrap());
    let new = |models| NewKey { principal: principal(), models, lifetime: None };
    let (some, _) = run(desk.keys.create(new(Some(vec![fast.clone()])))).unwrap();
    let (none, _) = run(desk.keys.create(new(Some(Vec::new())))).unwrap();
    let (all, _) = run(desk.keys.create(new(None))).unwrap();
    for keys in [&desk.keys, &desk.reopened()] {
        assert!(keys.permits(id(&some), &fast) && !keys.permits(id(&some), &smart));
        assert!(!keys.permits(id(&none), &fast));
        assert!(keys.permits(id(&all), &fast) && keys.permits(id(&all), &smart));
        assert!(!keys.permits(&KeyId::new("nobody").unwrap(), &fast));
    }
}

fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.file_name().unwrap() != "pepper");
    files.flat_map(|path| fs_err::read(path).unwrap()).collect()
}

#[test]
fn neither_the_database_nor_what_is_printed_holds_a_usable_key() {
    let desk = Desk::new();
    let (record, credential) = desk.make(None);
    let secret = credential.rsplit_once('_').unwrap().1;
    desk.database.backup_to(&desk.folder.path().join("copy.db")).unwrap();
    let pepper = fs_err::read(desk.folder.path().join("pepper")).unwrap();
    let hash =
        *blake3::keyed_hash(&pepper.clone().try_into().unwrap(), credential.as_bytes()).as_bytes();
    let stored = bytes_of(desk.folder.path());
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(holds(&hash), "the test looks in the wrong place");
    let raw = data_encoding::BASE32_NOPAD.decode(secret.to_uppercase().as_bytes()).unwrap();
    assert_eq!(raw.len(), 32);
    for secret in [secret.as_bytes(), &raw, &pepper, blake3::hash(credential.as_bytes()).as_bytes()]
    {
        assert!(!holds(secret));
    }
    let printed =
        format!("{:?} {:?} {}", desk.keys, record, serde_json::to_string(&record).unwrap());
    assert!(!printed.contains(secret) && !printed.contains("hash\":"), "{printed}");
    assert!(!printed.contains(blake3::Hash::from_bytes(hash).to_hex().as_str()));
    // The hash alone is not a key either.
    desk.check(&format!("fb_{}_{}", id(&record), blake3::Hash::from_bytes(hash)), false);
}

#[test]
fn another_pepper_knows_no_key() {
    let desk = Desk::new();
    let (_, credential) = desk.make(None);
    fs_err::write(desk.folder.path().join("pepper"), [7; 32]).unwrap();
    desk.reopened().authenticate(&credential).unwrap_err();
}

#[track_caller]
fn check_pepper_refused(desk: &Desk, advice: &str) {
    let opened = KeyStore::open(desk.database.clone(), desk.folder.path(), desk.hand.clock());
    let error = opened.unwrap_err();
    assert!(matches!(error, Error::Pepper { .. }));
    assert!(error.to_string().contains(advice), "{error}");
}

#[test]
fn a_pepper_that_is_lacking_short_empty_or_open_to_others_is_refused() {
    let desk = Desk::new();
    desk.make(None);
    let pepper = desk.folder.path().join("pepper");
    let mode = |mode| fs_err::set_permissions(&pepper, PermissionsExt::from_mode(mode)).unwrap();
    assert_eq!(fs_err::metadata(&pepper).unwrap().permissions().mode() & 0o777, 0o600);
    let good = fs_err::read(&pepper).unwrap();
    for bad in [&[][..], &good[..31], &[0; 32], &[good.clone(), vec![1]].concat()] {
        fs_err::write(&pepper, bad).unwrap();
        check_pepper_refused(&desk, "32 random bytes");
    }
    fs_err::write(&pepper, &good).unwrap();
    mode(0o640);
    check_pepper_refused(&desk, "0600");
    mode(0o600);
    desk.reopened();
    fs_err::remove_file(&pepper).unwrap();
    check_pepper_refused(&desk, "backup");
    assert!(!pepper.exists(), "a new one would make all keys useless");
}
