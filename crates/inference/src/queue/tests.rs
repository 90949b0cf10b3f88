use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn queue(waiting_max: usize) -> WaitQueue<u64> {
    WaitQueue::new(QueueSettings { waiting_max, ..Default::default() })
}

#[test]
fn the_urgent_come_first_and_the_old_rise() {
    let mut queue = queue(10);
    queue.join(Priority::Low, 60 * SECOND, Duration::ZERO, 1).unwrap();
    queue.join(Priority::Normal, 60 * SECOND, Duration::ZERO, 2).unwrap();
    queue.join(Priority::High, 60 * SECOND, SECOND, 3).unwrap();
    queue.join(Priority::Normal, 60 * SECOND, 6 * SECOND, 4).unwrap();
    queue.join(Priority::High, 60 * SECOND, 7 * SECOND, 5).unwrap();
    let order: Vec<_> = std::iter::from_fn(|| queue.take(7 * SECOND)).collect();
    // After 5 s what is normal counts as high, after 10 s what is low does.
    assert_eq!(order, [3, 2, 5, 1, 4]);
}

#[test]
fn who_waited_too_long_is_passed_over() {
    let mut queue = queue(10);
    queue.join(Priority::Normal, SECOND, Duration::ZERO, 1).unwrap();
    queue.join(Priority::Normal, 20 * SECOND, Duration::ZERO, 2).unwrap();
    queue.join(Priority::Normal, 3 * SECOND, Duration::ZERO, 3).unwrap();
    assert_eq!(queue.take(2 * SECOND), Some(2));
    assert_eq!(queue.take(3 * SECOND), None);
    queue.join(Priority::Normal, 60 * SECOND, Duration::ZERO, 4).unwrap();
    assert_eq!(queue.take(10 * SECOND), None, "nobody waits longer than the queue allows");
}

#[test]
fn a_full_queue_sends_the_least_urgent_away() {
    let mut queue = queue(2);
    queue.join(Priority::Normal, 9 * SECOND, Duration::ZERO, 1).unwrap();
    queue.join(Priority::Low, 9 * SECOND, Duration::ZERO, 2).unwrap();
    let shed = queue.join(Priority::Low, 9 * SECOND, Duration::ZERO, 3).unwrap_err();
    assert_eq!(shed.retry_after, SECOND);
    queue.join(Priority::Normal, 9 * SECOND, Duration::ZERO, 4).unwrap();
    let left: Vec<_> = std::iter::from_fn(|| queue.take(Duration::ZERO)).collect();
    assert_eq!(left, [1, 4]);
}

#[test]
fn whoever_waits_stays_where_fewer_may() {
    let mut queue = queue(3);
    for (number, priority) in [(1, Priority::Normal), (2, Priority::Normal), (3, Priority::Low)] {
        queue.join(priority, 9 * SECOND, Duration::ZERO, number).unwrap();
    }
    let fewer = |waiting_max| QueueSettings { waiting_max, wait_max: SECOND, ..Default::default() };
    queue.follow(fewer(1));
    queue.join(Priority::High, 9 * SECOND, Duration::ZERO, 4).unwrap_err();
    assert_eq!(queue.take(Duration::ZERO), Some(1));
    queue.follow(fewer(2));
    queue.join(Priority::High, 9 * SECOND, Duration::ZERO, 5).unwrap();
    assert_eq!(queue.len(), 2, "the least urgent gave way");
    queue.follow(fewer(0));
    queue.join(Priority::High, 9 * SECOND, Duration::ZERO, 6).unwrap_err();
    assert_eq!(queue.take(8 * SECOND), Some(2), "it waits as long as it was let in for");
    assert_eq!(queue.len(), 0, "who came later only so long as the later settings say");
}

#[test]
fn who_cannot_be_served_in_time_is_told_at_once() {
    let mut queue = queue(100);
    let join = |queue: &mut WaitQueue<u64>, now| queue.join(Priority::Normal, 60 * SECOND, now, 0);
    for _ in 0..5 {
        join(&mut queue, Duration::ZERO).unwrap();
    }
    // One is served every second: in five seconds, which is half of what one waits, five are.
    queue.take(SECOND).unwrap();
    queue.take(2 * SECOND).unwrap();
    join(&mut queue, 2 * SECOND).unwrap();
    join(&mut queue, 2 * SECOND).unwrap();
    let shed = join(&mut queue, 2 * SECOND).unwrap_err();
    assert_eq!(shed.retry_after, 5 * SECOND);
    // It has stood still for three seconds: two are too many.
    assert_eq!((0..4).filter_map(|_| queue.take(2 * SECOND)).count(), 4);
    assert!(join(&mut queue, 5 * SECOND).is_err());
}

#[test]
fn whoever_is_next_may_wait_however_slow_it_was() {
    let mut queue = queue(100);
    let join =
        |queue: &mut WaitQueue<u64>, priority, now| queue.join(priority, 60 * SECOND, now, 0);
    join(&mut queue, Priority::Normal, Duration::ZERO).unwrap();
    queue.take(9 * SECOND).unwrap();
    assert_eq!(queue.len(), 0);
    join(&mut queue, Priority::Normal, 20 * SECOND).unwrap();
    join(&mut queue, Priority::Normal, 20 * SECOND).unwrap_err();
    join(&mut queue, Priority::High, 20 * SECOND).unwrap();
    // It is fast again, which those who wait show.
    while queue.take(20 * SECOND).is_some() {}
    for _ in 0..20 {
        join(&mut queue, Priority::Normal, 20 * SECOND).unwrap();
        queue.take(20 * SECOND).unwrap();
    }
    join(&mut queue, Priority::Normal, 20 * SECOND).unwrap();
    join(&mut queue, Priority::Normal, 20 * SECOND).unwrap();
}

#[test]
fn without_room_nobody_waits() {
    assert!(queue(0).join(Priority::High, SECOND, Duration::ZERO, 1).is_err());
}

/// Somebody who waits, as the model knows it.
#[derive(Clone, Copy, Debug)]
struct Waits {
    id: u64,
    since: u64,
    class: u64,
    until: u64,
}

/// How far somebody has come at a time: priorities passed by waiting, and then by age. The larger
/// one is served first.
fn rank(waits: &Waits, now: u64) -> (i128, std::cmp::Reverse<u64>) {
    let waited = i128::from(now - waits.since);
    (waited - 5_000 * i128::from(waits.class), std::cmp::Reverse(waits.id))
}

#[test]
fn random_traffic_goes_as_the_model_says() {
    for seed in 0..2_000 {
        check_traffic(seed);
    }
}

/// The model keeps everyone in a list and looks through all of it; only the pace is the queue's own.
fn check_traffic(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let room = random.random_range(1..12);
    let settings =
        QueueSettings { waiting_max: room, wait_max: Duration::MAX, ..Default::default() };
    let mut queue = WaitQueue::new(settings);
    let mut model: Vec<Waits> = Vec::new();
    let mut turns = Vec::new();
    let mut now = 0_u64;
    for id in 0..80 {
        now += random.random_range(0..3_000);
        let at = Duration::from_millis(now);
        match random.random_range(0..10) {
            0..6 => {
                let class = random.random_range(0..3);
                let patience = random.random_range(1_000..200_000);
                let priority = [Priority::High, Priority::Normal, Priority::Low][class];
                let pace = queue.pace.clone();
                let joined = queue.join(priority, Duration::from_millis(patience), at, id);
                let new = Waits { id, since: now, class: class as u64, until: now + patience };
                model.retain(|waits| waits.until > now);
                let ahead = model.iter().filter(|waits| rank(waits, now) > rank(&new, now)).count();
                let patience = Duration::from_millis(patience);
                let in_time = pace.expect(ahead + 1, at).is_none_or(|wait| wait <= patience / 2);
                if ahead == 0 || in_time {
                    model.push(new);
                }
                let last = model.iter().min_by_key(|waits| rank(waits, now)).map(|last| last.id);
                if model.len() > room {
                    model.retain(|waits| Some(waits.id) != last);
                }
                let stays = model.iter().any(|waits| waits.id == id);
                assert_eq!(joined.is_ok(), stays, "seed {seed} {id}");
                turns.extend(joined.map(|turn| (id, turn)));
            }
            6..9 => {
                model.retain(|waits| waits.until > now);
                let first = model.iter().max_by_key(|waits| rank(waits, now)).map(|waits| waits.id);
                model.retain(|waits| Some(waits.id) != first);
                assert_eq!(queue.take(at), first, "seed {seed} {id}");
            }
            _ if !turns.is_empty() => {
                let (gone, turn) = turns.swap_remove(random.random_range(0..turns.len()));
                queue.leave(turn);
                model.retain(|waits| waits.id != gone);
            }
            _ => now += 100_000,
        }
    }
}
