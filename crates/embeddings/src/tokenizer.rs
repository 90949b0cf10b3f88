//! Text to tokens.

use tokenizers::TruncationParams;

use crate::model::TOKENIZER;
use crate::{Error, Model};

/// The most bytes of a text that are read for each token that counts; English has four or five. The
/// tokenizer cuts the whole of what it is given before it truncates, and needs many times its size
/// for that, so a long text must not reach it.
const TOKEN_BYTES_MAX: usize = 128;

/// The model's own tokenizer. Its file fixes a padding and a truncation of 128 tokens, which are
/// both set aside: padding would make every short text cost as much as a long one.
pub(crate) struct Tokenizer {
    tokenizer: tokenizers::Tokenizer,
    bytes_max: usize,
}

impl Tokenizer {
    /// `tokens_max` counts the tokens that every text has at its ends.
    pub(crate) fn load(model: &Model, tokens_max: usize) -> Result<Self, Error> {
        let failed = |source| Error::Tokenizer { operation: "load", source };
        let mut tokenizer =
            tokenizers::Tokenizer::from_bytes(model.read(TOKENIZER)?).map_err(failed)?;
        let truncation = TruncationParams { max_length: tokens_max, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(failed)?;
        Ok(Self { tokenizer, bytes_max: TOKEN_BYTES_MAX.saturating_mul(tokens_max) })
    }

    /// As much of `text` as is read.
    pub(crate) fn read<'a>(&self, text: &'a str) -> &'a str {
        &text[..text.floor_char_boundary(self.bytes_max)]
    }

    pub(crate) fn tokens(&self, text: &str) -> Result<Vec<u32>, Error> {
        let failed = |source| Error::Tokenizer { operation: "run", source };
        let encoded = self.tokenizer.encode_fast(self.read(text), true).map_err(failed)?;
        Ok(encoded.get_ids().to_vec())
    }

    /// One that knows no word, so that every word is the same token.
    #[cfg(test)]
    pub(crate) fn of_words() -> Self {
        use tokenizers::models::wordlevel::WordLevel;
        use tokenizers::pre_tokenizers::whitespace::Whitespace;
        let vocabulary = [("[UNK]".to_owned(), 0)].into_iter().collect();
        let model = WordLevel::builder().vocab(vocabulary).unk_token("[UNK]".to_owned());
        let mut tokenizer = tokenizers::Tokenizer::new(model.build().unwrap());
        tokenizer.with_pre_tokenizer(Some(Whitespace {}));
        Self { tokenizer, bytes_max: usize::MAX }
    }
}
