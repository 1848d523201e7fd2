//! How a response becomes money over time: its timing, and the cash flow of an outlay.

use serde::{Deserialize, Serialize};

use super::{Arrival, Convention, Payback, Periods, StanceError};
use crate::numeric::{ExactSum, cast};

/// Most periods that a [`Timing`] or a [`CashFlow`] may have: a century of days.
pub const PERIODS_MOST: usize = 36_525;

/// When a response arrives: κₜ ≥ 0 for t = 1, 2, …, the part of it that falls in period t.
///
/// Two readings, and the type serves both: with a response *a period* (a run rate) every κₜ is 1
/// ([`Timing::level`]); with a response *over the horizon* the κₜ sum to 1 ([`Timing::spread`]).
///
/// ```
/// use sortie::stance::Timing;
/// let late = Timing::spread(12)?.delayed(3)?;
/// assert_eq!(late.weights().len(), 15);
/// assert_eq!(late.weights()[..3], [0.0, 0.0, 0.0]);
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Timing {
    weights: Vec<f64>,
}

impl Timing {
    /// Admits weights κ₁, κ₂, …: at least one, each finite and not negative.
    ///
    /// # Errors
    /// [`StanceError::TimingLength`] without a weight or with more than [`PERIODS_MOST`];
    /// [`StanceError::TimingWeight`] for a weight that is NaN, infinite or negative.
    pub fn new(weights: Vec<f64>) -> Result<Self, StanceError> {
        if weights.is_empty() || weights.len() > PERIODS_MOST {
            return Err(StanceError::TimingLength {
                periods: weights.len(),
            });
        }
        let fault = weights
            .iter()
            .zip(1_usize..)
            .find(|(weight, _)| !is_weight(**weight));
        if let Some((value, period)) = fault {
            return Err(StanceError::TimingWeight {
                period,
                value: *value,
            });
        }
        Ok(Self { weights })
    }

    /// The whole response in each of so many periods: κₜ = 1.
    ///
    /// # Errors
    /// [`StanceError::TimingLength`] for 0 periods or more than [`PERIODS_MOST`].
    pub fn level(periods: usize) -> Result<Self, StanceError> {
        Self::uniform(periods, 1.0)
    }

    /// A response over the horizon, evenly spread over its periods: κₜ = 1/H.
    ///
    /// # Errors
    /// [`StanceError::TimingLength`] for 0 periods or more than [`PERIODS_MOST`].
    pub fn spread(periods: usize) -> Result<Self, StanceError> {
        Self::uniform(periods, 1.0 / cast::f64_of_usize(periods.max(1)))
    }

    /// The same timing after so many periods in which nothing comes.
    ///
    /// # Errors
    /// [`StanceError::TimingLength`] if the whole is longer than [`PERIODS_MOST`].
    pub fn delayed(&self, periods: usize) -> Result<Self, StanceError> {
        let length = self.weights.len().saturating_add(periods);
        if length > PERIODS_MOST {
            return Err(StanceError::TimingLength { periods: length });
        }
        let mut weights = vec![0.0; periods];
        weights.extend_from_slice(&self.weights);
        Ok(Self { weights })
    }

    /// κ₁, κ₂, … in order.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// A = Σ κₜ·δᵗ over t ≤ P: what a response of 1 has contributed within `limit`, under `convention`.
    /// A part of a period counts in part if contributions arrive evenly, and not at all otherwise.
    ///
    /// ```
    /// use sortie::calendar::DiscountRate;
    /// use sortie::stance::{Convention, Periods, Timing};
    /// let year = Timing::level(12)?;
    /// let monthly = Convention::discounted(DiscountRate::new(0.01)?);
    /// let factor = year.factor_within(Periods::new(12.0)?, monthly);
    /// assert!((factor - 11.255077).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn factor_within(&self, limit: Periods, convention: Convention) -> f64 {
        let delta = convention.factor();
        let mut discount = 1.0;
        let mut sum = 0.0;
        let mut left = limit.get();
        for weight in &self.weights {
            discount *= delta;
            if left >= 1.0 {
                sum += weight * discount;
                left -= 1.0;
                continue;
            }
            if convention.arrival == Arrival::Evenly {
                sum += weight * discount * left;
            }
            break;
        }
        sum
    }

    fn uniform(periods: usize, weight: f64) -> Result<Self, StanceError> {
        if periods == 0 || periods > PERIODS_MOST {
            return Err(StanceError::TimingLength { periods });
        }
        Ok(Self {
            weights: vec![weight; periods],
        })
    }
}

impl TryFrom<Vec<f64>> for Timing {
    type Error = StanceError;

    fn try_from(weights: Vec<f64>) -> Result<Self, StanceError> {
        Self::new(weights)
    }
}

impl From<Timing> for Vec<f64> {
    fn from(timing: Timing) -> Self {
        timing.weights
    }
}

/// Finite and not negative.
pub(super) fn is_weight(value: f64) -> bool {
    (0.0..f64::INFINITY).contains(&value)
}

/// An outlay now and what it contributes in each period after, in currency units.
///
/// ```
/// use sortie::calendar::DiscountRate;
/// use sortie::stance::{CashFlow, Convention, Payback};
/// let flow = CashFlow::new(8000.0, vec![4800.0, 5900.0, 6700.0, 8000.0])?;
/// let discounted = Convention::discounted(DiscountRate::new(0.15)?);
/// assert_eq!(flow.payback(discounted).to_string(), "1.86 periods");
/// assert!(flow.payback(Convention::simple()) < flow.payback(discounted));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CashFlow {
    outlay: f64,
    contributions: Vec<f64>,
}

impl CashFlow {
    /// An outlay and the contributions of periods 1, 2, …; a contribution may be negative.
    ///
    /// # Errors
    /// [`StanceError::Outlay`] if the outlay is NaN, infinite or negative; [`StanceError::Contribution`] if a
    /// contribution is not finite; [`StanceError::TimingLength`] for more than [`PERIODS_MOST`] periods.
    pub fn new(outlay: f64, contributions: Vec<f64>) -> Result<Self, StanceError> {
        if !is_weight(outlay) {
            return Err(StanceError::Outlay { value: outlay });
        }
        if contributions.len() > PERIODS_MOST {
            return Err(StanceError::TimingLength {
                periods: contributions.len(),
            });
        }
        match contributions
            .iter()
            .zip(1_usize..)
            .find(|(value, _)| !value.is_finite())
        {
            Some((value, period)) => Err(StanceError::Contribution {
                period,
                value: *value,
            }),
            None => Ok(Self {
                outlay,
                contributions,
            }),
        }
    }

    /// The flow of a response: period t contributes `margin`·κₜ·`gain`, where `gain` = ΔS(x) at the outlay x.
    ///
    /// # Errors
    /// As [`CashFlow::new`].
    pub fn of_response(
        outlay: f64,
        gain: f64,
        margin: f64,
        timing: &Timing,
    ) -> Result<Self, StanceError> {
        Self::new(
            outlay,
            timing
                .weights
                .iter()
                .map(|weight| margin * weight * gain)
                .collect(),
        )
    }

    /// The flow of several outlays made together, in any order with the same bits.
    ///
    /// # Errors
    /// [`StanceError::Outlay`] or [`StanceError::Contribution`] if a sum is beyond `f64`.
    pub fn together<'a>(flows: impl IntoIterator<Item = &'a Self>) -> Result<Self, StanceError> {
        let mut outlay = ExactSum::new();
        let mut sums: Vec<ExactSum> = Vec::new();
        for flow in flows {
            outlay.add(flow.outlay);
            if sums.len() < flow.contributions.len() {
                sums.resize_with(flow.contributions.len(), ExactSum::new);
            }
            for (sum, contribution) in sums.iter_mut().zip(&flow.contributions) {
                sum.add(*contribution);
            }
        }
        Self::new(outlay.value(), sums.iter().map(ExactSum::value).collect())
    }

    /// What is laid out now, in currency units.
    #[must_use]
    pub const fn outlay(&self) -> f64 {
        self.outlay
    }

    /// What comes back in periods 1, 2, …, in currency units, undiscounted.
    #[must_use]
    pub fn contributions(&self) -> &[f64] {
        &self.contributions
    }

    /// The first time at which the cumulative contribution reaches the outlay.
    #[must_use]
    pub fn payback(&self, convention: Convention) -> Payback {
        if self.outlay == 0.0 {
            return Payback::AT_ONCE;
        }
        let delta = convention.factor();
        let (mut discount, mut back, mut elapsed) = (1.0, 0.0, 0.0);
        for contribution in &self.contributions {
            discount *= delta;
            let flow = contribution * discount;
            if back + flow >= self.outlay {
                let part = match convention.arrival {
                    // The flow is positive here: `back` was below the outlay, and is not any more.
                    Arrival::Evenly => ((self.outlay - back) / flow).min(1.0),
                    Arrival::AtEnd => 1.0,
                };
                return Payback::After(Periods::known(elapsed + part));
            }
            back += flow;
            elapsed += 1.0;
        }
        Payback::Never
    }

    /// Net present value: discounted contributions less the outlay, in currency units.
    #[must_use]
    pub fn net_present_value(&self, convention: Convention) -> f64 {
        let delta = convention.factor();
        let mut discount = 1.0;
        let discounted = self.contributions.iter().map(|contribution| {
            discount *= delta;
            contribution * discount
        });
        let mut sum: ExactSum = discounted.collect();
        sum.add(-self.outlay);
        sum.value()
    }
}
