//! The side that receives the items.

use std::sync::Arc;

use super::Lead;
use super::flight::{Flight, News};

/// What a subscriber is given next.
#[derive(Debug)]
pub enum Turn<I> {
    /// Nobody makes the call yet: this caller may. Given to a subscriber at most once.
    Lead(Lead<I>),
    /// The next item of the log.
    Item(I),
    /// All items have been given and the log is complete. Said again at every later turn.
    Landed,
    /// All items there are have been given and there will be no more: the producer is gone, or
    /// nobody is left who could lead. Said again at every later turn.
    Lost,
}

/// One caller's place in a flight.
pub struct Subscription<I> {
    flight: Arc<Flight<I>>,
    cursor: usize,
    may_lead: bool,
}

impl<I: Clone> Subscription<I> {
    pub(super) fn new(flight: Arc<Flight<I>>) -> Self {
        Self { flight, cursor: 0, may_lead: true }
    }

    /// The next turn. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Turn<I> {
        loop {
            // Made before the look, so that what happens in between still wakes it.
            let news = self.flight.news.notified();
            match self.flight.look(self.cursor, self.may_lead) {
                News::Lead => {
                    self.may_lead = false;
                    return Turn::Lead(Lead::new(Arc::clone(&self.flight)));
                }
                News::Item(item) => {
                    self.cursor += 1;
                    return Turn::Item(item);
                }
                News::Landed => return Turn::Landed,
                News::Lost => return Turn::Lost,
                News::Wait => {}
            }
            if self.may_lead {
                tokio::select! {
                    () = news => {}
                    () = self.flight.vacancy.notified() => {}
                }
            } else {
                news.await;
            }
        }
    }
}

impl<I> Drop for Subscription<I> {
    fn drop(&mut self) {
        self.flight.leave(self.may_lead);
    }
}

impl<I> std::fmt::Debug for Subscription<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Subscription").field("cursor", &self.cursor).finish()
    }
}
