//! Prints how similar lines are to the first one: `embed MODEL LINE...`, best first.
//!
//! `MODEL` is a directory that the example `install` has filled. Where it holds the library of ONNX
//! Runtime and that engine is built in, the faster engine is used.
#![expect(clippy::print_stdout, reason = "it speaks to a terminal")]

use std::path::PathBuf;

use forebay_embeddings::{Embedder, EmbedderSettings, ModelSpec, RuntimeLibrary};
use types::{Clock, ModelId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("which model?")?);
    let lines: Vec<String> = arguments.map(|line| line.to_string_lossy().into_owned()).collect();

    let spec = ModelSpec::known(&ModelId::new(ModelSpec::DEFAULT)?).ok_or("a known model")?;
    let model = spec.open(&directory)?;
    let library = RuntimeLibrary::for_this_machine();
    let settings = EmbedderSettings {
        onnx_runtime: library.and_then(|library| library.find(&directory).ok()),
        ..EmbedderSettings::default()
    };
    let embedder = Embedder::start(&model, &settings, &Clock::system())?;
    println!("{} with {}", embedder.space(), embedder.engine());

    let vectors = embedder.embed_now(lines.clone())?;
    let first = vectors.first().ok_or("which lines?")?;
    let mut found: Vec<_> =
        vectors.iter().map(|vector| vector.similarity(first)).zip(&lines).skip(1).collect();
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (similarity, line) in found {
        println!("{similarity:6.3}  {line}");
    }
    Ok(())
}
