//! Money set aside for a call that may have gone out.

use types::{Microdollars, ModelId, ProviderId, TokenUsage};

use crate::reservation::Reservation;
use crate::{Dispatch, Error, Settled};

/// A reservation after its call. Dropped, whether by cancellation or panic, it charges the larger
/// of what was metered and the floor, as an estimate.
#[derive(Debug)]
#[must_use = "dropped, the call is charged as an estimate"]
pub struct Sent(Reservation);

/// What a call came to.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The cost of the attempt that answered.
    pub cost: Microdollars,
    /// Its tokens.
    pub usage: TokenUsage,
    /// Who answered.
    pub provider: ProviderId,
    /// As which model.
    pub model: ModelId,
}

impl Sent {
    pub(crate) fn new(reservation: Reservation) -> Self {
        Self(reservation)
    }

    /// What is reserved on every account of the path.
    pub fn amount(&self) -> Microdollars {
        self.0.amount()
    }

    /// Notes who gets the next attempt, and what that costs at least.
    pub fn at_stake(&mut self, with: Dispatch) {
        self.0.at_stake(with);
    }

    /// Notes that the last attempt costs nothing, so that there is no floor until the next one.
    pub fn spared(&mut self) {
        self.0.spared();
    }

    /// Notes what the attempt that runs has cost so far, and its tokens; a smaller amount changes
    /// nothing.
    pub fn meter(&mut self, cost: Microdollars, usage: TokenUsage) {
        self.0.meter(cost, usage);
    }

    /// Reserves `extra` before another attempt where the last may be billed. The larger of what
    /// the last one metered and the floor is kept and added to whatever is charged in the end.
    ///
    /// # Errors
    /// [`Error::Exhausted`], [`Error::Reserved`] or [`Error::Journal`]: nothing has changed and
    /// the other attempt must not go out.
    pub async fn extend(&mut self, extra: Microdollars) -> Result<(), Error> {
        self.0.extend(extra).await
    }

    /// Charges the cost, with what earlier attempts may have been billed, in the month of the
    /// reservation. In memory that is done when this returns; the value returned resolves when
    /// it survives the death of the process. A cost above the reservation is charged in full,
    /// counted and logged.
    pub fn settle(self, settlement: Settlement) -> Settled {
        self.0.settle(settlement)
    }
}
