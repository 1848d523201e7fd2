//! How a standing responds to resources: one default model for each direction of attack \[F4\].
//!
//! Each model is a documented set of parameters, a judgement until a user calibrates it. A model turns what
//! is known of one customer into a [`Response`](crate::response::Response) curve over money and a timing of
//! what comes back; it looks at no other customer and at no price.

pub mod care;
pub mod doubts;
pub mod iteration;
pub mod menus;
pub mod planting;

use thiserror::Error;

pub use care::CareModel;
pub use doubts::{Hearsay, PricedDoubts};
pub use iteration::{IterationModel, Success};
pub use menus::{CareMeans, CareModes, Menus};
pub use planting::PlantingModel;

use crate::calendar::{DiscountRate, Horizon};
use crate::customer::habit::Depth;
use crate::fraction::Fraction;
use crate::money::{Currency, Money};
use crate::numeric::cast;

/// Why a parameter is refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A number outside its range.
    #[error("{parameter} is {value}; it must be {rule}")]
    Parameter {
        /// Which.
        parameter: &'static str,
        /// What was given.
        value: f64,
        /// Its range.
        rule: &'static str,
    },
    /// A mode of care in a place for another.
    #[error("{place} must be {rule}")]
    CareMode {
        /// Which place.
        place: &'static str,
        /// What belongs there.
        rule: &'static str,
    },
    /// Menus in another currency than the cost of an effort.
    #[error("care is priced in {found}; one effort costs {effort}")]
    MenuCurrency {
        /// The currency of the modes of care.
        found: Currency,
        /// The cost of an effort.
        effort: Money,
    },
    /// An effort that costs nothing.
    #[error("one effort costs {cost}; it must cost more than 0")]
    EffortFree {
        /// What was given.
        cost: Money,
    },
}

/// How far the plan looks, and what waiting costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Economy {
    /// Periods that count.
    pub horizon: Horizon,
    /// Discount rate a period.
    pub discount: DiscountRate,
}

/// The models of the three directions, with what they share.
///
/// ```
/// use sortie::campaign::models::{Economy, Models};
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::money::{Currency, Money};
///
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let models = Models::judged(economy, Money::parse("150.00", Currency::USD)?)?;
/// assert_eq!(models.effort().to_string(), "150.00 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Models {
    economy: Economy,
    effort: Money,
    iteration: IterationModel,
    care: CareModel,
    planting: PlantingModel,
    menus: Option<Menus>,
}

impl Models {
    /// The default judgements, for an economy and the cost of one effort: a visit, a call, a session.
    /// All spends are whole efforts.
    ///
    /// # Errors
    /// [`ModelError::EffortFree`].
    pub fn judged(economy: Economy, effort: Money) -> Result<Self, ModelError> {
        if effort.minor() <= 0 {
            return Err(ModelError::EffortFree { cost: effort });
        }
        Ok(Self {
            economy,
            effort,
            iteration: IterationModel::default(),
            care: CareModel::default(),
            planting: PlantingModel::default(),
            menus: None,
        })
    }

    /// The same with another model of iteration.
    #[must_use]
    pub fn with_iteration(self, iteration: IterationModel) -> Self {
        Self { iteration, ..self }
    }

    /// The same with another model of care.
    #[must_use]
    pub fn with_care(self, care: CareModel) -> Self {
        Self { care, ..self }
    }

    /// The same with another model of planting.
    #[must_use]
    pub fn with_planting(self, planting: PlantingModel) -> Self {
        Self { planting, ..self }
    }

    /// The same, but habitual and starting customers are offered menus in place of curves.
    ///
    /// # Errors
    /// [`ModelError::MenuCurrency`] for modes of care in another currency than the cost of an effort.
    pub fn with_menus(self, menus: Menus) -> Result<Self, ModelError> {
        let found = menus::currency(menus.care().visit());
        if found != self.effort.currency() {
            let effort = self.effort;
            return Err(ModelError::MenuCurrency { found, effort });
        }
        Ok(Self {
            menus: Some(menus),
            ..self
        })
    }

    /// The menus that are offered in place of curves, if any are.
    #[must_use]
    pub const fn menus(&self) -> Option<&Menus> {
        self.menus.as_ref()
    }

    /// Horizon and discount rate.
    #[must_use]
    pub const fn economy(&self) -> Economy {
        self.economy
    }

    /// Cost of one effort, more than 0.
    #[must_use]
    pub const fn effort(&self) -> Money {
        self.effort
    }

    /// The model of direction 1.
    #[must_use]
    pub const fn iteration(&self) -> &IterationModel {
        &self.iteration
    }

    /// The model of direction 2.
    #[must_use]
    pub const fn care(&self) -> &CareModel {
        &self.care
    }

    /// The model of direction 3.
    #[must_use]
    pub const fn planting(&self) -> &PlantingModel {
        &self.planting
    }

    /// One effort in currency units.
    pub(crate) fn effort_units(&self) -> f64 {
        units_of(self.effort)
    }

    /// What a customer yields, period by period and undiscounted, per unit of contribution, from a habit of
    /// this depth that begins after `lag` periods: `μ·ρ^(t−lag)` for t > lag.
    pub(crate) fn habit_flow(&self, depth: Depth, lag: u32) -> Vec<f64> {
        let usage = self.iteration.usage(depth);
        let retention = self.iteration.retention(depth).get();
        let mut kept = usage;
        (1..=self.economy.horizon.periods())
            .map(|period| {
                if period <= lag {
                    return 0.0;
                }
                kept *= retention;
                kept
            })
            .collect()
    }

    /// What a flow is worth today.
    pub(crate) fn present_value(&self, flow: &[f64]) -> f64 {
        let factor = self.economy.discount.factor();
        let mut discount = 1.0;
        flow.iter().fold(0.0, |sum, part| {
            discount *= factor;
            sum + discount * part
        })
    }
}

/// Money in currency units, for curves: the nearest float.
pub(crate) fn units_of(money: Money) -> f64 {
    cast::f64_of_i64(money.minor()) / cast::f64_of_i64(money.currency().minor_per_unit())
}

fn positive(parameter: &'static str, value: f64) -> Result<f64, ModelError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(ModelError::Parameter {
            parameter,
            value,
            rule: "a finite number above 0",
        })
    }
}

/// A literal fraction of a default, checked by the tests of this room.
const fn judged(value: f64) -> Judged {
    Judged(value)
}

/// See [`judged`].
struct Judged(f64);

impl Judged {
    fn fraction(&self) -> Fraction {
        Fraction::clamped(self.0)
    }
}
