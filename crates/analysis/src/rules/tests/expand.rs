//! Turns examples such as `AKIA<16 upper>` into text.

/// Fills in what examples leave out, the same for the same seed.
pub(crate) struct Expander {
    state: u64,
}

impl Expander {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `below`, by SplitMix64.
    pub(crate) fn number(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let scaled = (mixed ^ (mixed >> 31)) % u64::try_from(below).unwrap();
        usize::try_from(scaled).unwrap()
    }

    /// Each `<40 alnum>` as 40 random letters and digits.
    pub(crate) fn expand(&mut self, example: &str) -> String {
        let mut text = String::new();
        let mut rest = example;
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            match after.split_once('>').and_then(|(hole, tail)| Some((self.fill(hole)?, tail))) {
                Some((filled, tail)) => {
                    text.push_str(&filled);
                    rest = tail;
                }
                None => {
                    text.push('<');
                    rest = after;
                }
            }
        }
        text + rest
    }

    fn fill(&mut self, hole: &str) -> Option<String> {
        if hole == "card" {
            return Some(self.card());
        }
        let (count, kind) = hole.split_once(' ')?;
        let count: usize = count.parse().ok()?;
        let letters: &[u8] = match kind {
            "alnum" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "base64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "hex" => b"0123456789abcdef",
            "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "lower" => b"abcdefghijklmnopqrstuvwxyz",
            "digits" => b"123456789",
            _ => return None,
        };
        Some((0..count).map(|_| char::from(letters[self.number(letters.len())])).collect())
    }

    /// Sixteen digits with the right one at the end.
    fn card(&mut self) -> String {
        let mut digits: Vec<usize> = vec![4];
        while digits.len() < 15 {
            let next = self.number(10);
            digits.push(next);
        }
        let doubled = |digit: usize| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
        let sum: usize = digits.iter().step_by(2).map(|digit| doubled(*digit)).sum::<usize>()
            + digits.iter().skip(1).step_by(2).sum::<usize>();
        digits.push((10 - sum % 10) % 10);
        digits.iter().map(ToString::to_string).collect()
    }
}
