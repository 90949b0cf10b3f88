use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Pair {
    class: String,
    expect: String,
    held_out: bool,
    a: String,
    b: String,
    cosine: f32,
}

fn pairs() -> Vec<Pair> {
    let text = include_str!("../../tests/data/pairs.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Of the pairs of a half: false merges, contradictions flagged, paraphrases merged, in percent.
fn measure(is_held_out: bool) -> (f64, f64, f64) {
    let (mut merged, mut others, mut flagged, mut contradictions, mut found, mut paraphrases) =
        (0, 0, 0, 0, 0, 0);
    for pair in pairs().iter().filter(|pair| pair.held_out == is_held_out) {
        let judged = judge(&pair.a, &pair.b, pair.cosine);
        let is_right = match pair.expect.as_str() {
            "same" => {
                paraphrases += 1;
                found += usize::from(judged == Sameness::Same);
                judged == Sameness::Same
            }
            expect => {
                others += 1;
                merged += usize::from(judged == Sameness::Same);
                contradictions += usize::from(expect == "contradicts");
                let is_flagged = judged == Sameness::Contradicts;
                flagged += usize::from(expect == "contradicts" && is_flagged);
                is_flagged == (expect == "contradicts") && judged != Sameness::Same
            }
        };
        // The held-out half is never shown, so that nobody tunes on it.
        if !is_right && !is_held_out {
            println!("{} {judged:?} {}: {} | {}", pair.class, pair.cosine, pair.a, pair.b);
        }
    }
    let percent = |part: usize, all: usize| ratio(part) * 100.0 / ratio(all);
    let shares =
        (percent(merged, others), percent(flagged, contradictions), percent(found, paraphrases));
    println!(
        "held out: {is_held_out}; false merges {merged} of {others} ({:.1} %), contradictions \
         flagged {flagged} of {contradictions} ({:.1} %), paraphrases merged {found} of \
         {paraphrases} ({:.1} %)",
        shares.0, shares.1, shares.2
    );
    shares
}

#[test]
fn pairs_are_enough_and_half_of_them_held_out() {
    let pairs = pairs();
    assert!(pairs.len() >= 300);
    let held_out = pairs.iter().filter(|pair| pair.held_out).count();
    assert!(held_out.abs_diff(pairs.len() - held_out) <= 10, "{held_out} of {}", pairs.len());
}

#[test]
fn the_half_for_tuning_meets_the_goals() {
    let (merged, flagged, found) = measure(false);
    assert!(merged <= 1.0 && flagged >= 90.0 && found >= 70.0);
}

#[test]
fn the_half_held_out_meets_the_goals() {
    let (merged, flagged, found) = measure(true);
    assert!(merged <= 1.0 && flagged >= 90.0 && found >= 70.0);
}

#[test]
fn judging_does_not_depend_on_which_came_first() {
    for pair in pairs() {
        let (one, other) =
            (judge(&pair.a, &pair.b, pair.cosine), judge(&pair.b, &pair.a, pair.cosine));
        assert_eq!(one, other, "{} | {}", pair.a, pair.b);
    }
}

#[test]
fn a_text_says_the_same_as_itself() {
    for pair in pairs() {
        assert_eq!(judge(&pair.a, &pair.a, 1.0), Sameness::Same, "{}", pair.a);
    }
}

/// Parts of a document speak of one subject with other words and numbers: neither is lost, and nobody
/// has to decide between them.
#[test]
fn long_texts_are_the_same_or_contradict_only_where_nearly_all_words_are_common() {
    let one = "A developer may spend 8 dollars a month unless a team lead raises the limit. A request \
               is refused before it is sent when the worst case does not fit into what is left. \
               Limits are checked in memory on leases that are written to disk before use, so that a \
               crash cannot give money away. Alerts go out at 50 percent.";
    let other = "A lease is a small block of an account's headroom. It is moved from the ledger into \
                 memory before it is needed, and the remainder is moved back when it expires after \
                 60 seconds. After a power loss open leases count as spent until somebody reconciles \
                 them, because nobody can tell how much money of the limit a developer used.";
    assert_eq!(judge(one, other, 0.85), Sameness::Different);
    assert_eq!(judge(one, &one.replace("8 dollars", "9 dollars"), 0.99), Sameness::Contradicts);
    assert_eq!(judge(one, &one.replace("when the", "where the"), 0.99), Sameness::Same);
}

proptest::proptest! {
    #[test]
    fn any_two_texts_are_judged_alike_in_both_orders(
        one in "([a-z]{1,6}|not|never|[0-9]{1,3}|Kafka|a_b|, | ){0,30}",
        other in "([a-z]{1,6}|not|never|[0-9]{1,3}|Redis|c_d|, | ){0,30}",
        cosine in 0.5_f32..1.0,
    ) {
        proptest::prop_assert_eq!(judge(&one, &other, cosine), judge(&other, &one, cosine));
    }
}
