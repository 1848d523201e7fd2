//! Territories and hours of a plan: what each may have, has, and what one more unit would bring.

use super::{Plan, PlanError};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast;
use crate::quantity::Quantity;

/// A territory in a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct TerritoryLine {
    /// Which.
    pub territory: Id,
    /// The least that it spends, if anything.
    pub floor: Option<Money>,
    /// The most that it spends, if there is a bound.
    pub cap: Option<Money>,
    /// What its customers, and those of the territories inside it, get.
    pub spent: Money,
    /// Value per currency unit that its cap holds back, beyond the price of money; negative where its floor binds.
    pub price: f64,
    /// The hours of its people, if they are bounded.
    pub hours: Option<HoursUsed>,
}

/// Hours there, hours used, and what one more would bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoursUsed {
    /// There.
    pub limit: Quantity,
    /// Used.
    pub used: Quantity,
    /// Value per further hour.
    pub price: f64,
}

impl HoursUsed {
    /// Hours used over hours there; `None` if there are none.
    #[must_use]
    pub fn utilisation(&self) -> Option<f64> {
        let (used, limit) = (self.used.micros(), self.limit.micros());
        (limit > 0).then(|| cast::f64_of_u64(used) / cast::f64_of_u64(limit))
    }
}

/// What is scarce beside the one budget; nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanResources {
    /// The territories of the terms, in their order there.
    pub territories: Vec<TerritoryLine>,
    /// People's time \[F3\].
    pub hours: Option<HoursUsed>,
    /// How many people there are; 0 if it was not said.
    pub heads: u64,
}

impl PlanResources {
    pub(super) fn check(&self, currency: Currency) -> Result<(), PlanError> {
        for line in &self.territories {
            let amounts = [line.floor, line.cap, Some(line.spent)];
            let known = amounts.iter().flatten();
            let rule = if known.clone().any(|amount| amount.currency() != currency) {
                "its amounts must be in the currency of the plan"
            } else if line.cap.is_some_and(|cap| line.spent.minor() > cap.minor()) {
                "it spends more than its cap"
            } else if line
                .floor
                .is_some_and(|floor| line.spent.minor() < floor.minor())
            {
                "it spends less than its floor"
            } else if !line.price.is_finite() {
                "its price must be finite"
            } else {
                check_hours(line.hours.as_ref())?;
                continue;
            };
            let territory = line.territory.clone();
            return Err(PlanError::Territory { territory, rule });
        }
        check_hours(self.hours.as_ref())
    }
}

fn check_hours(hours: Option<&HoursUsed>) -> Result<(), PlanError> {
    match hours {
        Some(hours) if hours.used > hours.limit => {
            let (used, limit) = (hours.used, hours.limit);
            Err(PlanError::Hours { used, limit })
        }
        _ => Ok(()),
    }
}

impl Plan {
    /// What the plan brings for each hour that it takes \[F3\], in currency units; `None` without hours.
    #[must_use]
    pub fn value_per_hour(&self) -> Option<f64> {
        let hours = self.resources().hours.as_ref()?;
        let used = cast::f64_of_u64(hours.used.micros()) * 1e-6;
        (used > 0.0).then(|| self.totals().value / used)
    }

    /// What the plan brings for each of the people who carry it out \[F3\], in currency units; `None` if nobody said how
    /// many there are.
    #[must_use]
    pub fn value_per_head(&self) -> Option<f64> {
        let heads = self.resources().heads;
        (heads > 0).then(|| self.totals().value / cast::f64_of_u64(heads))
    }
}
