//! Gamma-Gamma: what an event of a customer is worth on average, from few observed amounts.
//!
//! Amounts are gamma(p, ν) per event, ν is gamma(q, v) over customers, independent of how often events come (Fader,
//! Hardie & Lee 2005, "RFM and CLV", Journal of Marketing Research 42, 415–430; Fader & Hardie 2013).

use super::{ModelError, positive};
use crate::numeric::{ExactSum, minimise::bfgs_numeric, special::ln_gamma};

const LN_PARAMETER_MOST: f64 = 15.0;
const TOLERANCE: f64 = 1e-7;
const WIDTH: f64 = 1e-5;

/// A customer's number of valued events and their mean amount, in currency units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spend {
    events: u32,
    mean: f64,
}

impl Spend {
    /// `events` events of mean amount `mean`.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if there is no event or the mean is not positive and finite.
    pub fn new(events: u32, mean: f64) -> Result<Self, ModelError> {
        if events == 0 {
            return Err(ModelError::Parameter {
                name: "events",
                value: 0.0,
            });
        }
        Ok(Self {
            events,
            mean: positive("mean amount", mean)?,
        })
    }

    /// How many events.
    #[must_use]
    pub const fn events(&self) -> u32 {
        self.events
    }

    /// Their mean amount.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }
}

/// The model with its parameters.
///
/// ```
/// use sortie::evidence::models::{GammaGamma, Spend};
/// let published = GammaGamma::new(6.25, 3.74, 15.44)?;
/// // One purchase far above the book is drawn towards the book's mean.
/// let expected = published.expected_mean(&Spend::new(1, 200.0)?);
/// assert!(expected > published.book_mean().unwrap_or(0.0) && expected < 200.0);
/// # Ok::<(), sortie::evidence::models::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaGamma {
    p: f64,
    q: f64,
    v: f64,
    ln_likelihood: f64,
}

impl GammaGamma {
    /// A model with these parameters; `v` is in currency units.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if one is not positive and finite.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, ModelError> {
        Ok(Self {
            p: positive("p", p)?,
            q: positive("q", q)?,
            v: positive("v", v)?,
            ln_likelihood: f64::NAN,
        })
    }

    /// The maximum-likelihood fit.
    ///
    /// # Errors
    /// [`ModelError::TooFew`] without customers, [`ModelError::Search`] if the likelihood has no value at the start.
    pub fn fit(customers: &[Spend]) -> Result<Self, ModelError> {
        if customers.is_empty() {
            return Err(ModelError::TooFew { needed: 1 });
        }
        // A fixed order, so that the order given cannot matter.
        let mut sorted = customers.to_vec();
        sorted.sort_by(|a, b| a.events.cmp(&b.events).then(a.mean.total_cmp(&b.mean)));
        let mut total = ExactSum::new();
        for customer in &sorted {
            total.add(customer.mean);
        }
        let mean = total.value() / crate::numeric::cast::f64_of_usize(sorted.len());
        let start = [2.0, 3.0, mean].map(libm::log);
        let found = bfgs_numeric(&start, TOLERANCE, WIDTH, |point| {
            if point.iter().any(|x| x.abs() > LN_PARAMETER_MOST) {
                return f64::INFINITY;
            }
            let [p, q, v] = exponentials(point);
            -Self {
                p,
                q,
                v,
                ln_likelihood: f64::NAN,
            }
            .ln_likelihood_of_sorted(&sorted)
        })?;
        let [p, q, v] = exponentials(&found.point);
        Ok(Self {
            p,
            q,
            v,
            ln_likelihood: -found.value,
        })
    }

    fn ln_likelihood_of_sorted(&self, sorted: &[Spend]) -> f64 {
        let fixed = self.q * libm::log(self.v) - ln_gamma(self.q);
        let mut value = 0.0;
        let mut kept = (0, 0.0);
        for customer in sorted {
            let x = f64::from(customer.events);
            let px = self.p * x;
            if kept.0 != customer.events {
                kept = (
                    customer.events,
                    ln_gamma(px + self.q) - ln_gamma(px) + px * libm::log(x) + fixed,
                );
            }
            value += kept.1 + (px - 1.0) * libm::log(customer.mean)
                - (px + self.q) * libm::log(x * customer.mean + self.v);
        }
        value
    }

    /// The customer's expected amount per event, between its own mean and the book's.
    ///
    /// p(v + x·m)/(p·x + q − 1); for p·x + q ≤ 1 no mean exists and the own mean is returned.
    #[must_use]
    pub fn expected_mean(&self, customer: &Spend) -> f64 {
        let x = f64::from(customer.events);
        let below = self.p * x + self.q - 1.0;
        if below <= 0.0 {
            return customer.mean;
        }
        self.p * (self.v + x * customer.mean) / below
    }

    /// The book's mean amount per event, p·v/(q − 1); `None` if q ≤ 1, where it has none.
    #[must_use]
    pub fn book_mean(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.p * self.v / (self.q - 1.0))
    }

    /// The parameters (p, q, v).
    #[must_use]
    pub const fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }

    /// The log-likelihood that the fit reached; NaN for a model that was not fitted.
    #[must_use]
    pub const fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }
}

fn exponentials(point: &[f64]) -> [f64; 3] {
    let mut out = [1.0; 3];
    for (o, x) in out.iter_mut().zip(point) {
        *o = libm::exp(*x);
    }
    out
}
