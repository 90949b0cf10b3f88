//! One reservation from decision to charge; what [`crate::Hold`] and [`crate::Sent`] share.

use std::sync::Arc;

use storage::Slot;
use types::{Microdollars, ModelId, ProviderId, RequestId, Timestamp, TokenUsage};

use crate::book::Booked;
use crate::core::Core;
use crate::journal::{Charge, Opening};
use crate::{AccountPath, ChargeKind, Dispatch, Error, Settled, Settlement};

/// Money set aside on a path. Dropped, it does what its stage demands.
#[derive(Debug)]
pub(crate) struct Reservation {
    core: Arc<Core>,
    id: i64,
    at: Timestamp,
    path: AccountPath,
    request: RequestId,
    booked: Booked,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// In memory alone: nothing was sent.
    Held,
    /// Written down; the call may have gone out.
    Sent(Call),
    /// Charged or released.
    Over,
}

#[derive(Debug)]
struct Call {
    slot: Slot,
    provider: ProviderId,
    model: ModelId,
    floor: Microdollars,
    /// What the attempt that runs has cost so far.
    metered: Microdollars,
    /// The tokens of that.
    usage: TokenUsage,
    /// What the attempts before it may have cost.
    carried: Microdollars,
}

impl Call {
    fn estimate(&self) -> Microdollars {
        self.carried.saturating_add(self.metered.max(self.floor))
    }
}

impl Reservation {
    pub(crate) fn new(
        core: Arc<Core>,
        path: AccountPath,
        request: RequestId,
        booked: Booked,
    ) -> Self {
        let (id, at) = (core.next_id(), core.clock.now());
        Self { core, id, at, path, request, booked, stage: Stage::Held }
    }

    pub(crate) fn amount(&self) -> Microdollars {
        self.booked.amount()
    }

    pub(crate) async fn cover(&self) -> Result<(), Error> {
        self.core.cover(&self.booked).await
    }

    /// Writes the reservation down.
    pub(crate) fn open(&mut self, call: Dispatch) -> Result<(), Error> {
        let Dispatch { provider, model, floor } = call;
        let slot = self.write_down(&provider, &model)?;
        let (metered, carried) = (Microdollars::ZERO, Microdollars::ZERO);
        let usage = TokenUsage::default();
        self.stage = Stage::Sent(Call { slot, provider, model, floor, metered, usage, carried });
        Ok(())
    }

    fn write_down(&self, provider: &ProviderId, model: &ModelId) -> Result<Slot, Error> {
        self.core.write_down(&Opening {
            id: self.id,
            principal: self.path.principal().clone(),
            request: self.request.clone(),
            at: self.at,
            window: self.booked.window(),
            provider: provider.clone(),
            model: model.clone(),
            amount: self.booked.amount(),
            outcome: None,
        })
    }

    pub(crate) fn at_stake(&mut self, with: Dispatch) {
        if let Stage::Sent(call) = &mut self.stage {
            let Dispatch { provider, model, floor } = with;
            (call.provider, call.model, call.floor) = (provider, model, floor);
        }
    }

    pub(crate) fn spared(&mut self) {
        if let Stage::Sent(call) = &mut self.stage {
            call.floor = Microdollars::ZERO;
        }
    }

    pub(crate) fn meter(&mut self, cost: Microdollars, usage: TokenUsage) {
        if let Stage::Sent(call) = &mut self.stage
            && cost >= call.metered
        {
            (call.metered, call.usage) = (cost, usage);
        }
    }

    /// Reserves for another attempt; the cost of the last is kept.
    pub(crate) async fn extend(&mut self, extra: Microdollars) -> Result<(), Error> {
        self.core.extend(&mut self.booked, extra)?;
        if let Err(error) = self.cover_and_write().await {
            self.core.reduce(&mut self.booked, extra);
            return Err(error);
        }
        if let Stage::Sent(call) = &mut self.stage {
            call.carried = call.estimate();
            call.metered = Microdollars::ZERO;
        }
        Ok(())
    }

    /// The larger amount is there before the smaller goes.
    async fn cover_and_write(&mut self) -> Result<(), Error> {
        self.cover().await?;
        let Stage::Sent(call) = &self.stage else { return Ok(()) };
        let larger = self.write_down(&call.provider, &call.model)?;
        if let Stage::Sent(call) = &mut self.stage {
            self.core.strike_out(std::mem::replace(&mut call.slot, larger));
        }
        Ok(())
    }

    pub(crate) fn settle(mut self, settlement: Settlement) -> Settled {
        let Settlement { cost, usage, provider, model } = settlement;
        let (slot, carried) = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Sent(call) => (Some(call.slot), call.carried),
            Stage::Held | Stage::Over => (None, Microdollars::ZERO),
        };
        let charge = self.charge_of(ChargeKind::Settled, provider, model);
        let charge = Charge { usage, cost: carried.saturating_add(cost), ..charge };
        let (pending, entry) = self.core.charge(&mut self.booked, charge, slot);
        Settled::new(Arc::clone(&self.core), pending, entry)
    }

    fn charge_of(&self, kind: ChargeKind, provider: ProviderId, model: ModelId) -> Charge {
        Charge {
            id: self.id,
            path: self.path.clone(),
            request: self.request.clone(),
            at: self.at,
            window: self.booked.window(),
            kind,
            provider,
            model,
            usage: TokenUsage::default(),
            reserved: self.booked.amount(),
            cost: Microdollars::ZERO,
            saved: Microdollars::ZERO,
            origin: None,
        }
    }

    /// Charges what was metered for a call whose end nobody saw.
    fn charge_estimate(&mut self, call: Call) {
        let (cost, usage) = (call.estimate(), call.usage);
        let charge = self.charge_of(ChargeKind::Estimated, call.provider, call.model);
        self.core.counters.estimated();
        let charge = Charge { cost, usage, ..charge };
        let (pending, entry) = self.core.charge(&mut self.booked, charge, Some(call.slot));
        self.core.follow(pending, entry);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Held => self.core.release(&mut self.booked),
            Stage::Sent(call) => self.charge_estimate(call),
            Stage::Over => {}
        }
    }
}
