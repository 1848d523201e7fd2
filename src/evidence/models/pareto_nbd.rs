//! Pareto/NBD: Poisson events, exponential lifetimes, both rates gamma over customers.
//!
//! Schmittlein, Morrison & Colombo (1987), Management Science 33, 1–24; the likelihood in the form of Fader & Hardie
//! (2005, "A note on deriving the Pareto/NBD model"), with one hypergeometric function per time.

mod slopes;

pub(super) use self::slopes::Layout;
use super::{ModelError, Sample, Summary, positive};
use crate::numeric::{
    minimise::bfgs,
    special::{hypergeometric, ln_gamma, ln_sum_exp},
};

const LN_PARAMETER_MOST: f64 = 12.0;

/// Largest slope in the logarithm of a parameter, relative to 1 + |value|, at which the fit ends.
const TOLERANCE: f64 = 1e-9;

/// The model with its parameters: events gamma(r, α), lifetimes gamma(s, β).
///
/// ```
/// use sortie::evidence::models::{ParetoNbd, Summary};
/// let published = ParetoNbd::new(0.5533, 10.578, 0.6062, 11.667)?;
/// let customer = Summary::new(2, 30.43, 38.86, 0.0)?;
/// assert!((0.0..1.0).contains(&published.p_alive(&customer)));
/// # Ok::<(), sortie::evidence::models::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
    ln_likelihood: f64,
}

impl ParetoNbd {
    /// A model with these parameters, `alpha` and `beta` in the unit of time of the summaries.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if one is not positive and finite.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, ModelError> {
        Ok(Self {
            r: positive("r", r)?,
            alpha: positive("alpha", alpha)?,
            s: positive("s", s)?,
            beta: positive("beta", beta)?,
            ln_likelihood: f64::NAN,
        })
    }

    /// The maximum-likelihood fit: BFGS on the logarithms of the parameters, with the slopes of the likelihood. An
    /// evaluation costs two transcendental functions for each distinct customer, and one series for each number of repeats
    /// and distinct time.
    ///
    /// # Errors
    /// [`ModelError::Search`] if the likelihood has no value at the start.
    pub fn fit(sample: &Sample) -> Result<Self, ModelError> {
        let scale = sample.mean_gap().max(1e-3);
        let start = [0.5, 1.5 * scale, 0.5, 1.7 * scale].map(libm::log);
        let layout = Layout::of(sample);
        let found = bfgs(&start, TOLERANCE, |point, slope| {
            if point.iter().any(|x| x.abs() > LN_PARAMETER_MOST) {
                return f64::INFINITY;
            }
            let parameters = exponentials(point);
            let (value, slopes) = layout.ln_likelihood(parameters);
            for ((out, slope), parameter) in slope.iter_mut().zip(slopes).zip(parameters) {
                *out = -slope * parameter;
            }
            -value
        })?;
        let [r, alpha, s, beta] = exponentials(&found.point);
        Ok(Self {
            r,
            alpha,
            s,
            beta,
            ln_likelihood: -found.value,
        })
    }

    /// The log-likelihood of a sample, customer by customer as the formula stands.
    #[must_use]
    pub fn ln_likelihood_of(&self, sample: &Sample) -> f64 {
        let fixed = self.r * libm::log(self.alpha) + self.s * libm::log(self.beta);
        let mut value = 0.0;
        for (repeats, rows) in &sample.groups {
            let x = f64::from(*repeats);
            let rates = ln_gamma(self.r + x) - ln_gamma(self.r) + fixed;
            // Many customers of a group share their age: the last term is kept.
            let mut kept: Vec<(u64, f64)> = Vec::new();
            for row in rows {
                let key = row.age.to_bits();
                let at_age = match kept.binary_search_by_key(&key, |entry| entry.0) {
                    Ok(i) => kept[i].1,
                    Err(i) => {
                        let term = self.ln_integral(x, row.age);
                        kept.insert(i, (key, term));
                        term
                    }
                };
                value += row.count * (rates + self.ln_sum(x, row.recency, row.age, at_age));
            }
        }
        value
    }

    /// ln of ∫ over lifetimes up to infinity from `time`: 2F1 / (larger scale + time)^(r+s+x), without s/(r+s+x).
    fn ln_integral(&self, x: f64, time: f64) -> f64 {
        let total = self.r + self.s + x;
        let (larger, smaller, power) = if self.alpha >= self.beta {
            (self.alpha, self.beta, self.s + 1.0)
        } else {
            (self.beta, self.alpha, self.r + x)
        };
        let z = (larger - smaller) / (larger + time);
        // Euler's transformation: (1−z)^(c−a−b) 2F1(c−a, c−b; c; z) with c = a + 1, whose series settles sooner for
        // large a.
        let c = total + 1.0;
        let turned = hypergeometric(1.0, c - power, c, z);
        (1.0 - power) * libm::log1p(-z) + libm::log(turned) - total * libm::log(larger + time)
    }

    /// ln of the bracket of the likelihood: alive at `age`, or left between `recency` and `age`.
    fn ln_sum(&self, x: f64, recency: f64, age: f64, at_age: f64) -> f64 {
        let total = self.r + self.s + x;
        let alive =
            -(self.r + x) * libm::log(self.alpha + age) - self.s * libm::log(self.beta + age);
        let weight = libm::log(self.s / total);
        let from_recency = self.ln_integral(x, recency);
        if from_recency <= at_age {
            return alive;
        }
        let left = from_recency + libm::log1p(-libm::exp(at_age - from_recency));
        ln_sum_exp(alive, weight + left)
    }

    /// Probability that the customer has not left.
    #[must_use]
    pub fn p_alive(&self, customer: &Summary) -> f64 {
        self.p_alive_silent(customer, 0.0)
    }

    /// Probability of being alive at the end of a silent `window`, given the past.
    fn p_alive_silent(&self, customer: &Summary, window: f64) -> f64 {
        let x = f64::from(customer.repeats());
        let age = customer.age() + window;
        let alive =
            -(self.r + x) * libm::log(self.alpha + age) - self.s * libm::log(self.beta + age);
        let now = self.ln_sum(
            x,
            customer.recency(),
            customer.age(),
            self.ln_integral(x, customer.age()),
        );
        libm::exp(alive - now).min(1.0)
    }

    /// Probability of no event in the next `window` units of time.
    #[must_use]
    pub fn p_silent(&self, customer: &Summary, window: f64) -> f64 {
        let x = f64::from(customer.repeats());
        let ahead = customer.age() + window;
        let now = self.ln_sum(
            x,
            customer.recency(),
            customer.age(),
            self.ln_integral(x, customer.age()),
        );
        let then = self.ln_sum(x, customer.recency(), ahead, self.ln_integral(x, ahead));
        libm::exp(then - now).min(1.0)
    }

    /// Expected events in the next `window` units of time; `None` at s = 1, where the closed form is 0/0.
    #[must_use]
    pub fn expected_events(&self, customer: &Summary, window: f64) -> Option<f64> {
        if (self.s - 1.0).abs() < 1e-9 {
            return None;
        }
        let x = f64::from(customer.repeats());
        let until = self.beta + customer.age();
        let kept = libm::exp((self.s - 1.0) * (libm::log(until) - libm::log(until + window)));
        let if_alive =
            (self.r + x) * until / ((self.alpha + customer.age()) * (self.s - 1.0)) * (1.0 - kept);
        Some(if_alive * self.p_alive(customer))
    }

    /// The parameters (r, α, s, β).
    #[must_use]
    pub const fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    /// The log-likelihood that the fit reached; NaN for a model that was not fitted.
    #[must_use]
    pub const fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }
}

fn exponentials(point: &[f64]) -> [f64; 4] {
    let mut out = [1.0; 4];
    for (o, x) in out.iter_mut().zip(point) {
        *o = libm::exp(*x);
    }
    out
}
