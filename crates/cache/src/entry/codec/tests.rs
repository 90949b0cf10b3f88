use proptest::prelude::*;
use types::{ModelId, ProviderId, RequestId};

use super::*;

fn entry(form: Form, frames: Vec<Bytes>, numbers: [u64; 8]) -> Entry {
    let [stored_at, cost, input, cache_read, five, hour, output, reasoning] = numbers;
    Entry {
        form,
        frames,
        provider: ProviderId::new("openai").unwrap(),
        model: ModelId::new("gpt-5-mini").unwrap(),
        usage: TokenUsage {
            input: TokenCount::new(input),
            cache_read: TokenCount::new(cache_read),
            cache_write_5m: TokenCount::new(five),
            cache_write_1h: TokenCount::new(hour),
            output: TokenCount::new(output),
            reasoning: TokenCount::new(reasoning),
        },
        cost: Microdollars::new(cost),
        origin: RequestId::new("req-1").unwrap(),
        stored_at: Timestamp::from_millis(stored_at),
    }
}

#[track_caller]
fn check_round_trip(entry: &Entry) -> Vec<u8> {
    let value = Encoder::new().unwrap().encode(entry).unwrap();
    assert_eq!(decode(&value).as_ref(), Ok(entry));
    value
}

#[test]
fn small_payloads_stay_raw_and_large_ones_are_compressed() {
    let small = check_round_trip(&entry(Form::Complete, vec!["hello".into()], [1; 8]));
    assert_eq!(small[0], RAW);
    let large = check_round_trip(&entry(Form::Stream, vec!["word ".repeat(1000).into()], [2; 8]));
    assert_eq!(large[0], ZSTD);
    assert!(large.len() < 500, "{}", large.len());
}

#[test]
fn what_does_not_shrink_stays_raw() {
    let noise = crate::testing::noise(0, 640);
    let numbers =
        std::array::from_fn(|at| u64::from_le_bytes(noise[8 * at..8 * at + 8].try_into().unwrap()));
    let frame = noise.slice(64..);
    let value = check_round_trip(&entry(Form::Stream, vec![frame], numbers));
    assert_eq!(value[0], RAW);
}

#[test]
fn a_length_beyond_the_bound_is_unreadable() {
    let mut value = vec![ZSTD];
    value.extend_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(decode(&value), Err(Unreadable));
}

#[test]
fn no_prefix_and_no_extension_of_an_entry_is_an_entry() {
    for text in ["hi", &"hi ".repeat(200)] {
        let value = check_round_trip(&entry(Form::Complete, vec![text.to_owned().into()], [3; 8]));
        for end in 0..value.len() {
            assert_eq!(decode(&value[..end]), Err(Unreadable), "cut at {end}");
        }
        assert_eq!(decode(&[&value[..], b"x"].concat()), Err(Unreadable));
    }
}

proptest! {
    #[test]
    fn every_entry_is_read_as_it_was_written(
        stream: bool,
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 0..8),
        numbers: [u64; 8],
    ) {
        let form = if stream { Form::Stream } else { Form::Complete };
        let frames = frames.into_iter().map(Bytes::from).collect();
        check_round_trip(&entry(form, frames, numbers));
    }

    #[test]
    fn no_bytes_panic(value in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _: Result<Entry, Unreadable> = decode(&value);
    }
}
