//! How many requests a provider takes at once, learned from those that it refuses.

/// One place, so that growth by a fraction of one is exact.
const PLACE: u64 = 1_000_000;
/// Growth of a round is at least one place, and this part of the limit where that is more.
const GROWTH_PART: u64 = 16;

/// The round of requests that one was begun in; each cut of the limit begins a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round(u64);

/// Additive increase, multiplicative decrease over the requests in flight, told of answers and
/// refusals and asked for the limit. It knows no time, so a long answer changes nothing.
///
/// - A refusal cuts the limit to nine tenths of what was in flight, or to half where nothing that
///   was begun since the last cut was answered. Further refusals of the same round cut no more than to what is
///   left in flight: those were taken.
/// - An answer adds as much as makes one place a round. Below the limit that is known to have
///   worked it adds a whole place, which doubles the limit in a round.
/// - A limit of which less than half is in use does not grow: nothing was learned.
///
/// After Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988.
#[derive(Debug)]
pub(crate) struct AdaptiveLimit {
    most: u64,
    limit: u64,
    /// Below it the limit grows by doubling.
    known: u64,
    round: u64,
    /// What was answered since the last cut.
    answered: Answered,
}

/// What was answered since the last cut, from the least to the most that it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answered {
    Nothing,
    /// Something that was begun before the cut.
    Earlier,
    /// Something that was begun since: the limit is not far too high.
    Since,
}

impl AdaptiveLimit {
    /// A limit that begins at `most`, and never is more, nor less than 1.
    pub(crate) fn new(most: usize) -> Self {
        let most = millionths(most).max(PLACE);
        Self { most, limit: most, known: most, round: 0, answered: Answered::Since }
    }

    /// Another `most`. What refusals have taught stays below it; what only the old one held down
    /// follows the new one.
    pub(crate) fn follow(&mut self, most: usize) {
        let most = millionths(most).max(PLACE);
        let follow = |learned: u64| if learned == self.most { most } else { learned.min(most) };
        (self.limit, self.known) = (follow(self.limit), follow(self.known));
        self.most = most;
    }

    /// Requests that may be in flight now.
    pub(crate) fn places(&self) -> usize {
        usize::try_from(self.limit / PLACE).unwrap_or(usize::MAX)
    }

    /// The round that a request begun now belongs to.
    pub(crate) fn round(&self) -> Round {
        Round(self.round)
    }

    /// The answer to a request begun in `round` has begun, with `in_flight` requests, itself among
    /// them.
    pub(crate) fn answered(&mut self, round: Round, in_flight: usize) {
        let told = if round.0 == self.round { Answered::Since } else { Answered::Earlier };
        self.answered = std::cmp::max(self.answered, told);
        if millionths(in_flight).saturating_mul(2) < self.limit {
            return;
        }
        let growth = if self.limit < self.known {
            PLACE
        } else {
            (PLACE * PLACE / self.limit).max(PLACE / GROWTH_PART)
        };
        self.limit = self.limit.saturating_add(growth).min(self.most);
    }

    /// A request begun in `round` was refused, with `in_flight` requests, itself among them.
    ///
    /// Returns whether that tells of more than too many at once: it is the first refusal of its
    /// round, and nothing at all was answered since the last cut.
    pub(crate) fn refused(&mut self, round: Round, in_flight: usize) -> bool {
        if round.0 != self.round {
            let taken = millionths(in_flight.saturating_sub(1)).max(PLACE);
            self.limit = self.limit.min(taken);
            return false;
        }
        let used = millionths(in_flight).min(self.limit);
        let was_answered = std::mem::replace(&mut self.answered, Answered::Nothing);
        let is_near = was_answered == Answered::Since;
        let left = if is_near { used / 10 * 9 } else { used / 2 };
        let cut = left.max(PLACE);
        // Where most of the limit was free, it is not known what would work.
        if is_near && used.saturating_mul(2) >= self.limit {
            self.known = cut;
        }
        self.limit = cut;
        self.round = self.round.wrapping_add(1);
        was_answered == Answered::Nothing
    }
}

fn millionths(places: usize) -> u64 {
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    u64::from(places) * PLACE
}

#[cfg(test)]
mod tests;
