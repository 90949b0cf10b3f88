//! Text to tokens.

use tokenizers::TruncationParams;

use crate::model::TOKENIZER;
use crate::{Error, Model};

/// The model's own tokenizer. Its file fixes a padding and a truncation of 128 tokens, which are
/// both set aside: padding would make every short text cost as much as a long one.
pub(crate) struct Tokenizer(tokenizers::Tokenizer);

impl Tokenizer {
    /// `tokens_max` counts the tokens that every text has at its ends.
    pub(crate) fn load(model: &Model, tokens_max: usize) -> Result<Self, Error> {
        let failed = |source| Error::Tokenizer { operation: "load", source };
        let mut tokenizer =
            tokenizers::Tokenizer::from_bytes(model.read(TOKENIZER)?).map_err(failed)?;
        let truncation = TruncationParams { max_length: tokens_max, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(failed)?;
        Ok(Self(tokenizer))
    }

    pub(crate) fn tokens(&self, text: &str) -> Result<Vec<u32>, Error> {
        let failed = |source| Error::Tokenizer { operation: "run", source };
        Ok(self.0.encode_fast(text, true).map_err(failed)?.get_ids().to_vec())
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
        Self(tokenizer)
    }
}
