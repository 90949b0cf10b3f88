//! Learns files and answers a question from them, without any model.
//!
//! ```sh
//! cargo run -p forebay-knowledge --example learn -- "how is money counted" README.md docs/*.md
//! ```
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::io::BufReader;

use forebay_knowledge::{
    Answer, Candidate, LearnFormat, Material, Query, Reader, Redactor, Store, Weights,
};
use types::{Clock, TenantId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(question) = arguments.next() else {
        println!("usage: learn QUESTION FILE…");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let clock = Clock::system();
    let store = Store::open(&folder.path().join("knowledge.db"), clock.clone())?;
    let tenant = TenantId::new("me")?;
    let redactor = Redactor::new()?;

    for name in arguments {
        let beginning: String = fs_err::read_to_string(&name)?.chars().take(4_096).collect();
        let format = LearnFormat::detect(&name, &beginning);
        let material = Material { name: name.clone(), format, project: None, seen_at: clock.now() };
        let input = BufReader::new(fs_err::File::open(&name)?);
        let before = store.lesson(&tenant, &name)?;
        let mut reader = Reader::open(input, material, before, &redactor)?;
        let mut added = 0;
        while let Some(step) = reader.next_step()? {
            let candidates = step.drafts.into_iter().map(Candidate::plain).collect();
            let outcomes = store.learn(&tenant, step.lesson, candidates)?;
            added += outcomes.iter().filter(|outcome| outcome.adds()).count();
        }
        println!("{name}: {added} learned");
    }

    let hits = store.search(&tenant, &Query::new(&question), None, &Weights::default())?;
    for hit in hits.iter().take(3) {
        let Some(source) = hit.sources.first() else { continue };
        println!("{:.3}  {}:{}  {}", hit.score, source.name, source.line, hit.item.title);
    }
    if let Some(answer) = Answer::extract(&question, &hits) {
        println!("{}", answer.text);
    }
    store.close()?;
    Ok(())
}
