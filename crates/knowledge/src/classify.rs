//! What a text is about, by examples.

mod classified;
mod classifier;
mod example;
mod label_prompt;
mod matrix;
mod model;
#[cfg(test)]
mod tests;

pub use classified::Classified;
pub use classifier::Classifier;
pub use example::Example;
pub use label_prompt::LabelPrompt;
