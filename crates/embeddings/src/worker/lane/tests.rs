use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use super::*;
use crate::{Embedding, EngineKind, Pending};

/// Makes a vector out of the length of a text, and tells how many texts it is given at once.
struct Fake {
    calls: mpsc::Sender<usize>,
}

impl Engine for Fake {
    fn embed(&mut self, texts: &[Tokenized<'_>]) -> Result<Vec<Embedding>, Error> {
        self.calls.send(texts.len()).unwrap();
        let vector = |text: &Tokenized<'_>| {
            assert_ne!(text.text, "panic");
            let source = "asked to fail".into();
            let failure =
                Error::Engine { engine: EngineKind::Rten, operation: "compute vectors", source };
            let length = u8::try_from(text.text.len()).map(f32::from);
            if text.text == "fail" { Err(failure) } else { Ok(vector(length.unwrap())) }
        };
        texts.iter().map(vector).collect()
    }

    fn another(&self) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Self { calls: self.calls.clone() }))
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Rten
    }
}

fn vector(length: f32) -> Embedding {
    Embedding::normalized(vec![1.0, length])
}

/// A queue and the threads that work on it.
struct Stand {
    queue: Arc<Queue>,
    calls: mpsc::Receiver<usize>,
    lanes: Vec<JoinHandle<()>>,
}

impl Stand {
    fn new(texts_max: usize) -> Self {
        let queue = Arc::new(Queue::new(1 << 30, 2));
        let tokenizer = Arc::new(Tokenizer::of_words());
        let limits = BatchLimits { texts_max, tokens_max: 2_048 };
        let (sender, calls) = mpsc::channel();
        let first: Box<dyn Engine> = Box::new(Fake { calls: sender });
        let engines = [first.another().unwrap(), first];
        let lanes = engines.map(|engine| {
            let lane = Lane::new(Arc::clone(&queue), engine, Arc::clone(&tokenizer), limits);
            thread::spawn(|| lane.run())
        });
        Self { queue, calls, lanes: lanes.into() }
    }

    fn submit(&self, texts: &[&str]) -> Pending {
        self.queue.submit(texts.iter().map(|text| (*text).to_owned()).collect()).unwrap()
    }

    /// Ends the threads and returns how many texts each call had.
    fn close(self) -> Vec<usize> {
        self.queue.close();
        self.lanes.into_iter().for_each(|lane| lane.join().unwrap());
        self.calls.iter().collect()
    }
}

#[test]
fn thirty_two_short_texts_are_one_call_and_with_eight_bits_one_each() {
    let texts = ["a few words", "some", "this is a little more than that"];
    let texts: Vec<_> = texts.into_iter().cycle().take(32).collect();
    for (texts_max, expect) in [(usize::MAX, vec![32]), (1, vec![1; 32])] {
        let stand = Stand::new(texts_max);
        assert_eq!(stand.submit(&texts).wait().unwrap().len(), 32);
        assert_eq!(stand.close(), expect);
    }
}

#[test]
fn vectors_come_in_the_order_of_their_texts() {
    let texts: Vec<String> = (0..2_000).map(|text| "a ".repeat(text * 37 % 100)).collect();
    for texts_max in [1, 7, usize::MAX] {
        let stand = Stand::new(texts_max);
        let found = stand.queue.submit(texts.clone()).unwrap().wait().unwrap();
        assert_eq!(found.len(), texts.len());
        for (text, found) in texts.iter().zip(&found) {
            assert_eq!(*found, vector(f32::from(u8::try_from(text.len()).unwrap())));
        }
        stand.close();
    }
}

#[test]
fn a_failure_or_a_panic_is_that_of_its_caller_alone() {
    let stand = Stand::new(usize::MAX);
    for bad in ["fail", "panic"] {
        for _ in 0..5 {
            let (before, wrong, after) =
                (stand.submit(&["good"]), stand.submit(&["good", bad]), stand.submit(&["good"]));
            assert!(matches!(wrong.wait(), Err(Error::Engine { .. })), "{bad}");
            assert_eq!(before.wait().unwrap(), [vector(4.0)]);
            assert_eq!(after.wait().unwrap(), [vector(4.0)]);
        }
    }
    stand.close();
}
