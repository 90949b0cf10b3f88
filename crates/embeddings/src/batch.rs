//! Which texts are computed at once.

/// How large a batch may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchLimits {
    /// The most texts.
    pub(crate) texts_max: usize,
    /// The most tokens, padding included, but for a single text that has more.
    pub(crate) tokens_max: usize,
}

/// One part in so many of `tokens_max` is the most padding that a batch may have.
const PADDING_PARTS: usize = 8;

/// Divides texts of these lengths into batches of texts of about the same length: each is filled from
/// the shortest up until it would have too many texts, too many tokens or too much padding.
pub(crate) fn batches(lengths: &[usize], limits: BatchLimits) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|text| lengths[*text]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for text in order {
        let length = lengths[text];
        let fits = |batch: &&mut Vec<usize>| {
            let texts = batch.len() + 1;
            let padded = texts * length;
            let padding = padded - tokens - length;
            texts <= limits.texts_max
                && padded <= limits.tokens_max
                && padding <= limits.tokens_max / PADDING_PARTS
        };
        if let Some(batch) = batches.last_mut().filter(fits) {
            batch.push(text);
            tokens += length;
        } else {
            batches.push(vec![text]);
            tokens = length;
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: BatchLimits = BatchLimits { texts_max: usize::MAX, tokens_max: 2_048 };

    #[test]
    fn thirty_two_short_texts_are_one_batch() {
        let lengths: Vec<usize> = (0..32).map(|text| 6 + text * 7 % 15).collect();
        assert_eq!(batches(&lengths, LIMITS).len(), 1);
    }

    #[test]
    fn a_long_text_does_not_make_short_ones_long() {
        let mut lengths = vec![5; 31];
        lengths.push(250);
        let sizes: Vec<_> = batches(&lengths, LIMITS).iter().map(Vec::len).collect();
        assert_eq!(sizes, [31, 1]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_within_the_limits(
            lengths in prop::collection::vec(1..300_usize, 0..200),
            texts_max in 1..40_usize,
            tokens_max in 100..3_000_usize,
        ) {
            let batches = batches(&lengths, BatchLimits { texts_max, tokens_max });
            let mut seen: Vec<usize> = batches.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|text| lengths[*text]).max().unwrap();
                let padded = longest * batch.len();
                let padding = padded - batch.iter().map(|text| lengths[*text]).sum::<usize>();
                prop_assert!(batch.len() <= texts_max);
                prop_assert!(batch.len() == 1 || padded <= tokens_max);
                prop_assert!(padding * 8 <= tokens_max);
            }
        }
    }
}
