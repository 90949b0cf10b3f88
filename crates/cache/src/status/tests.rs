use super::*;

#[track_caller]
fn check(status: CacheStatus, expected: &str) {
    assert_eq!(status.to_string(), expected);
}

#[test]
fn is_written_as_in_rfc_9211() {
    let hit = |tier, millis| CacheStatus::Hit { tier, remaining: Duration::from_millis(millis) };
    check(hit(Tier::Memory, 240_999), "forebay; hit; ttl=240; detail=memory");
    check(hit(Tier::Disk, 0), "forebay; hit; ttl=0; detail=disk");
    check(CacheStatus::Miss(Storing::Stored), "forebay; fwd=miss; stored");
    check(CacheStatus::Miss(Storing::Undecided), "forebay; fwd=miss");
    let cut = Storing::Refused(Refusal::Length);
    check(CacheStatus::Miss(cut), "forebay; fwd=miss; detail=length");
    check(CacheStatus::Refresh(Storing::Stored), "forebay; fwd=request; stored");
    check(CacheStatus::Collapsed, "forebay; fwd=miss; collapsed");
    check(CacheStatus::Bypass(Refusal::Temperature), "forebay; fwd=bypass; detail=temperature");
    check(CacheStatus::NotCached, "forebay; detail=only-if-cached");
}

#[test]
fn every_reason_is_a_token_of_its_own() {
    let mut names: Vec<_> = Refusal::ALL.iter().map(|reason| reason.name()).collect();
    for name in &names {
        let is_token = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(name.starts_with(|first: char| first.is_ascii_lowercase()), "{name}");
        assert!(name.bytes().all(is_token), "{name}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Refusal::ALL.len());
}
