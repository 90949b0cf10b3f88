//! A fixed rotation that spreads every direction over all components.

/// How many components are turned together with others at once, at least.
const GROUP: usize = 64;
/// Sign changes, each followed by a transform of the first or the last components in turn.
const ROUNDS: usize = 4;
const SEED: u64 = 0x666f_7265_6261_7921;

/// Turns vectors without changing the angles between them.
///
/// Afterwards no component stands out whatever the model is like, so few bits per component say much
/// about all of them, and what rounding loses is unrelated to any query.
/// Rounds of random signs and Walsh–Hadamard transforms: Ailon and Chazelle, "The fast
/// Johnson–Lindenstrauss transform", 2009.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    /// Each as long as a turned vector.
    signs: [Vec<f32>; ROUNDS],
    /// The largest power of two that is not more than the length.
    window: usize,
}

impl Rotation {
    /// For vectors of up to `components` components.
    pub(crate) fn new(components: usize) -> Self {
        let length = components.next_multiple_of(GROUP);
        let mut state = SEED;
        let mut sign = || if next(&mut state) & 1 == 0 { 1.0 } else { -1.0 };
        let signs = [(); ROUNDS].map(|()| (0..length).map(|_| sign()).collect());
        let window = 1 << length.ilog2();
        Self { signs, window }
    }

    /// The length of a turned vector, a multiple of 64.
    pub(crate) fn length(&self) -> usize {
        self.signs.first().map_or(0, Vec::len)
    }

    /// Turns `vector`, filled up with zeros.
    pub(crate) fn turn(&self, vector: &[f32]) -> Vec<f32> {
        let mut turned = vec![0.0; self.length()];
        for (to, from) in turned.iter_mut().zip(vector) {
            *to = *from;
        }
        let last = turned.len() - self.window;
        for (round, signs) in self.signs.iter().enumerate() {
            turned.iter_mut().zip(signs).for_each(|(component, sign)| *component *= sign);
            let start = if round % 2 == 0 { 0 } else { last };
            if let Some(window) = turned.get_mut(start..start + self.window) {
                transform(window);
            }
        }
        turned
    }
}

/// The orthonormal Walsh–Hadamard transform; the length is a power of two.
#[expect(clippy::cast_precision_loss, reason = "it is far below 2^24")]
fn transform(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let factor = (values.len() as f32).sqrt().recip();
    values.iter_mut().for_each(|value| *value *= factor);
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn angles_stay() {
        for length in [1, 3, 64, 384, 1_000] {
            let rotation = Rotation::new(length);
            let mut state = 7;
            let mut vector = || -> Vec<f32> {
                (0..length).map(|_| f32::from(next(&mut state).to_le_bytes()[0]) - 127.0).collect()
            };
            let (a, b) = (vector(), vector());
            let (turned_a, turned_b) = (rotation.turn(&a), rotation.turn(&b));
            for (before, after) in
                [(dot(&a, &b), dot(&turned_a, &turned_b)), (dot(&a, &a), dot(&turned_a, &turned_a))]
            {
                assert!((before - after).abs() <= 1e-5 * dot(&a, &a), "{before} {after}");
            }
        }
    }

    #[test]
    fn a_single_component_is_spread_over_all() {
        for at in [0, 100, 383] {
            let mut vector = vec![0.0; 384];
            vector[at] = 1.0;
            let largest =
                Rotation::new(384).turn(&vector).iter().fold(0.0_f32, |most, c| most.max(c.abs()));
            assert!(largest < 0.25, "{at}: {largest}");
        }
    }
}
