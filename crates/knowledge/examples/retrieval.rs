//! nDCG@10 of text only, vectors only and both on the retrieval set of the test data, with a paired
//! bootstrap, as one JSON object.
//!
//! ```sh
//! zcat "$FOREBAY_TEST_DATA"/retrieval/cacm-corpus.jsonl.gz > cacm.jsonl
//! awk -F'\t' '{ gsub(/"/, "\\\""); print "{\"id\":\"" $1 "\",\"text\":\"" $2 "\"}" }' \
//!     "$FOREBAY_TEST_DATA"/retrieval/cacm-queries.tsv > queries.jsonl
//! for name in cacm queries; do
//!     python tests/knowledge/embed.py texts MODEL $name.jsonl $name.f32
//! done
//! cargo run --release -p forebay-knowledge --example retrieval -- . \
//!     "$FOREBAY_TEST_DATA"/retrieval/cacm-qrels.tsv
//! ```
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a program that reports and may stop; its numbers are small"
)]

use std::collections::HashMap;
use std::path::Path;

use forebay_knowledge::{
    Candidate, Draft, Embedding, Near, Query, ScoreParts, Source, Store, Weights,
};
use serde::Deserialize;
use types::{Clock, ModelId, TenantId, Timestamp};

const DIMENSIONS: usize = 384;
const DEPTH: usize = 10;
const CANDIDATES: usize = 50;
const RESAMPLES: usize = 10_000;

#[derive(Deserialize)]
struct Text {
    id: String,
    text: String,
}

/// Relevant documents by query.
type Judgements = HashMap<String, HashMap<String, f64>>;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(judgements)) = (arguments.next(), arguments.next()) else {
        println!("skipped: name the folder of texts and vectors, and the judgements");
        return;
    };
    let folder = Path::new(&folder);
    let (documents, document_vectors) = read(folder, "cacm");
    let (queries, query_vectors) = read(folder, "queries");
    let judgements = judgements_of(&fs_err::read_to_string(judgements).unwrap());

    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&place.path().join("knowledge.db"), Clock::system()).unwrap();
    let tenant = TenantId::new("cacm").unwrap();
    let seen_at = Timestamp::from_millis(1_750_000_000_000);
    for (documents, vectors) in documents.chunks(500).zip(document_vectors.chunks(500)) {
        let plain = documents.iter().map(|document| {
            let (name, section) = (document.id.clone(), String::new());
            let source = Source { name, line: 0, section, seen_at };
            // Without a vector only equal texts are merged: documents stay as they are judged.
            Candidate::plain(Draft::new(document.text.clone(), source))
        });
        let plain = plain.collect();
        let outcomes = store.add(&tenant, plain).unwrap();
        let created = outcomes.iter().zip(vectors);
        let vectors =
            created.filter_map(|(outcome, vector)| Some((outcome.created()?, vector.clone())));
        store.put_vectors(&tenant, vectors.collect()).unwrap();
    }
    let stored = store.vectors(query_vectors[0].model(), None, usize::MAX).unwrap();

    let only = |text: f64| {
        Weights::new(ScoreParts { text, vector: 1.0 - text, ..ScoreParts::default() }).unwrap()
    };
    let mut scores = [Vec::new(), Vec::new(), Vec::new()];
    for (query, vector) in queries.iter().zip(&query_vectors) {
        let Some(relevant) = judgements.get(&query.id) else { continue };
        let mut items: Vec<_> =
            stored.iter().map(|row| (row.id, row.embedding.cosine(vector))).collect();
        items.sort_by(|a, b| b.1.total_cmp(&a.1));
        items.truncate(CANDIDATES);
        let near = Near { embedding: vector.clone(), items, matched: Vec::new() };
        let text = Query { limit: DEPTH, ..Query::new(query.text.clone()) };
        let runs = [
            (None, Weights::default()),
            (Some(&near), only(0.0)),
            (Some(&near), Weights::default()),
        ];
        for (scores, (near, weights)) in scores.iter_mut().zip(runs) {
            let hits = store.search(&tenant, &text, near, &weights).unwrap();
            let found: Vec<&str> = hits.iter().map(|hit| hit.sources[0].name.as_str()).collect();
            scores.push(gain(&found, relevant));
        }
    }
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    let [text, vectors, hybrid] = &scores;
    let report = serde_json::json!({
        "queries": hybrid.len(),
        "ndcg_at_10": { "text": mean(text), "vectors": mean(vectors), "hybrid": mean(hybrid) },
        "hybrid_is_better_than_text": bootstrap(hybrid, text),
        "hybrid_is_better_than_vectors": bootstrap(hybrid, vectors),
    });
    println!("{report:#}");
    store.close().unwrap();
}

fn read(folder: &Path, name: &str) -> (Vec<Text>, Vec<Embedding>) {
    let text = fs_err::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let texts: Vec<Text> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = fs_err::read(folder.join(format!("{name}.f32"))).unwrap();
    let model = ModelId::new("all-minilm-l6-v2").unwrap();
    let rows = bytes.as_chunks::<4>().0.chunks_exact(DIMENSIONS);
    let vectors = rows
        .map(|row| row.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        .map(|values| Embedding::new(model.clone(), values).unwrap());
    (texts, vectors.collect())
}

fn judgements_of(text: &str) -> Judgements {
    let mut judgements = Judgements::new();
    for line in text.lines() {
        let [query, document, grade] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let of_query = judgements.entry(query.to_owned()).or_default();
        of_query.insert(document.to_owned(), grade.parse().unwrap());
    }
    judgements
}

/// nDCG@10 with gain 2^grade − 1.
fn gain(found: &[&str], relevant: &HashMap<String, f64>) -> f64 {
    let discounted = |grades: &mut dyn Iterator<Item = f64>| -> f64 {
        let ranks = (2..).map(f64::from);
        grades.take(DEPTH).zip(ranks).map(|(grade, rank)| (grade.exp2() - 1.0) / rank.log2()).sum()
    };
    let grade = |name: &&str| relevant.get(*name).copied().unwrap_or(0.0);
    let mut best: Vec<f64> = relevant.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    discounted(&mut found.iter().map(grade)) / discounted(&mut best.into_iter())
}

/// The share of resampled sets of queries on which `one` is better than `other` on average.
fn bootstrap(one: &[f64], other: &[f64]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut better = 0_u32;
    for _ in 0..RESAMPLES {
        let mut difference = 0.0;
        for _ in 0..one.len() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state % one.len() as u64) as usize;
            difference += one[at] - other[at];
        }
        better += u32::from(difference > 0.0);
    }
    f64::from(better) / RESAMPLES as f64
}
