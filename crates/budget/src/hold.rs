//! Money set aside for a call that has not gone out.

use types::{Microdollars, ModelId, ProviderId};

use crate::reservation::Reservation;
use crate::{Error, Sent};

/// A reservation before its call. Dropped, it is released whole.
#[derive(Debug)]
#[must_use = "dropped, the reservation is released"]
pub struct Hold(Reservation);

/// The call that a reservation is for.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Who is called.
    pub provider: ProviderId,
    /// For which model.
    pub model: ModelId,
    /// What is charged at least if the call is given up: the price of its input.
    pub floor: Microdollars,
}

impl Hold {
    pub(crate) fn new(reservation: Reservation) -> Self {
        Self(reservation)
    }

    /// What is reserved on every account of the path.
    pub fn amount(&self) -> Microdollars {
        self.0.amount()
    }

    /// Writes the reservation down, so that it survives the death of this process; the call may
    /// go out when this returns. It is one small write to the system's memory, no wait.
    ///
    /// # Errors
    /// [`Error::Journal`]: the reservation is released and nothing may be sent.
    pub fn dispatched(mut self, call: Dispatch) -> Result<Sent, Error> {
        self.0.open(call)?;
        Ok(Sent::new(self.0))
    }
}
