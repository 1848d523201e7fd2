//! The beta-geometric family: BG/NBD, MBG/NBD and MBG/CNBD-k, in one likelihood with its gradient.
//!
//! While alive a customer's gaps are Erlang with k stages at a rate that is gamma(r, α) over customers; after an event
//! it leaves with a probability that is beta(a, b) over customers. BG/NBD: k = 1, leaving only after a repeat (Fader,
//! Hardie & Lee 2005, Marketing Science 24, 275–284). MBG/NBD: also after the first event (Batislam, Denizel &
//! Filiztekin 2007, IJRM 24, 201–209). MBG/CNBD-k: k stages (Platzer & Reutterer 2016, Marketing Science 35, 779–799).
//!
//! Both unknown rates integrate out in closed form. With R = r + k·x, the likelihood of x repeats, the last at tₓ, seen
//! until T is Π gaps^(k−1)/Γ(k)^x times the sum of a *gone* and an *alive* term,
//!
//! ```text
//! gone  = B(a+1, b+x')/B(a,b) · Γ(R)/Γ(r) · α^r/(α+tₓ)^R          x' = x, or x−1 in BG/NBD (none if x = 0)
//! alive = B(a, b+x'+1)/B(a,b) · Γ(R)/Γ(r) · α^r/(α+T)^R · Σ_{j<k} Γ(R+j)/(Γ(R) j!) ((T−tₓ)/(α+T))^j
//! ```
//!
//! so P(alive) and P(silent until T + w) are ratios of these, the latter with T + w in the alive term.

mod path;

pub(super) use self::path::Path;

use super::{ModelError, Sample, Summary, positive, sample::Row};
use crate::numeric::{
    minimise::{Minimum, bfgs},
    special::{digamma, hypergeometric, ln_beta, ln_gamma},
};

/// The most Erlang stages that are tried: gaps whose deviation is a third of their mean have nine.
pub const REGULARITY_MOST: u32 = 12;

/// Parameters are kept within e^±18 of one; a likelihood that still rises there has none.
const LN_PARAMETER_MOST: f64 = 18.0;

/// Largest slope, relative to 1 + |value|, at which a fit ends.
const TOLERANCE: f64 = 1e-9;

/// When a customer may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dropout {
    /// After a repeat only: BG/NBD. A customer without repeats is then alive by construction.
    AfterRepeat,
    /// After any event, also the first: MBG/NBD.
    AfterAny,
}

/// A member of the family with its parameters.
///
/// ```
/// use sortie::evidence::models::{BetaGeometric, Dropout, Summary};
/// let published = BetaGeometric::new(Dropout::AfterRepeat, 1, 0.243, 4.414, 0.793, 2.426)?;
/// let customer = Summary::new(2, 30.43, 38.86, 0.0)?;
/// assert!((published.p_alive(&customer) - 0.726579).abs() < 1e-6);
/// # Ok::<(), sortie::evidence::models::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaGeometric {
    dropout: Dropout,
    regularity: u32,
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    /// Of the fit, if fitted.
    ln_likelihood: f64,
}

/// A weak belief about the logarithms of the parameters, for samples too small to speak alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prior {
    pub(super) centre: [f64; 4],
    /// 1/variance of each logarithm.
    pub(super) weight: f64,
}

impl BetaGeometric {
    /// A model with these parameters; `alpha` is in the unit of time of the summaries.
    ///
    /// # Errors
    /// [`ModelError`] if a parameter is not positive and finite, or `regularity` is 0 or above [`REGULARITY_MOST`].
    pub fn new(
        dropout: Dropout,
        regularity: u32,
        r: f64,
        alpha: f64,
        a: f64,
        b: f64,
    ) -> Result<Self, ModelError> {
        if regularity == 0 || regularity > REGULARITY_MOST {
            return Err(ModelError::Regularity { value: regularity });
        }
        Ok(Self {
            dropout,
            regularity,
            r: positive("r", r)?,
            alpha: positive("alpha", alpha)?,
            a: positive("a", a)?,
            b: positive("b", b)?,
            ln_likelihood: f64::NAN,
        })
    }

    /// The maximum-likelihood fit for a given kind and regularity.
    ///
    /// BFGS on the logarithms of the parameters with the exact gradient: some 40 likelihoods.
    ///
    /// # Errors
    /// [`ModelError`] if the regularity is out of range or the likelihood has no value at the start.
    pub fn fit(sample: &Sample, dropout: Dropout, regularity: u32) -> Result<Self, ModelError> {
        Self::fit_with(sample, dropout, regularity, None)
    }

    /// The best MBG/CNBD-k: the regularity is raised from 1 while the likelihood rises.
    ///
    /// # Errors
    /// As [`BetaGeometric::fit`].
    pub fn fit_regular(sample: &Sample) -> Result<Self, ModelError> {
        Self::fit_regular_with(sample, None)
    }

    pub(super) fn fit_regular_with(
        sample: &Sample,
        prior: Option<Prior>,
    ) -> Result<Self, ModelError> {
        let mut best = Self::fit_with(sample, Dropout::AfterAny, 1, prior)?;
        for regularity in 2..=REGULARITY_MOST {
            let next = Self::fit_with(sample, Dropout::AfterAny, regularity, prior)?;
            if next.ln_likelihood <= best.ln_likelihood {
                break;
            }
            best = next;
        }
        Ok(best)
    }

    pub(super) fn fit_with(
        sample: &Sample,
        dropout: Dropout,
        regularity: u32,
        prior: Option<Prior>,
    ) -> Result<Self, ModelError> {
        let stages = f64::from(regularity);
        let start = [0.5 * stages, sample.mean_gap().max(1e-3), 0.9, 1.6];
        // Constants of the gaps, which the parameters do not touch.
        let repeats = crate::numeric::cast::f64_of_u64(sample.repeats());
        let constant = (stages - 1.0) * sample.ln_gaps() - repeats * ln_gamma(stages);
        let found: Minimum = bfgs(&start.map(libm::log), TOLERANCE, |point, slope| {
            if point.iter().any(|x| x.abs() > LN_PARAMETER_MOST) {
                return f64::INFINITY;
            }
            let [r, alpha, a, b] = parameters(point);
            let model = Self {
                dropout,
                regularity,
                r,
                alpha,
                a,
                b,
                ln_likelihood: f64::NAN,
            };
            let (value, gradient) = model.likelihood(sample);
            let mut price = -value - constant;
            for (i, (g, scale)) in slope.iter_mut().zip([r, alpha, a, b]).enumerate() {
                *g = -gradient[i] * scale;
                if let Some(prior) = prior {
                    let off = point[i] - prior.centre[i];
                    price += 0.5 * prior.weight * off * off;
                    *g += prior.weight * off;
                }
            }
            price
        })?;
        let [r, alpha, a, b] = parameters(&found.point);
        Ok(Self {
            dropout,
            regularity,
            r,
            alpha,
            a,
            b,
            ln_likelihood: -found.value,
        })
    }

    /// The log-likelihood of a sample, gaps included.
    #[must_use]
    pub fn ln_likelihood_of(&self, sample: &Sample) -> f64 {
        let stages = f64::from(self.regularity);
        let repeats = crate::numeric::cast::f64_of_u64(sample.repeats());
        self.likelihood(sample).0 + (stages - 1.0) * sample.ln_gaps() - repeats * ln_gamma(stages)
    }

    /// Log-likelihood without the constants of the gaps, and its gradient in (r, α, a, b).
    pub(super) fn likelihood(&self, sample: &Sample) -> (f64, [f64; 4]) {
        let mut value = 0.0;
        let mut gradient = [0.0; 4];
        let [psi_r, psi_stay, psi_both] = [self.r, self.b, self.a + self.b].map(digamma);
        let ln_alpha = libm::log(self.alpha);
        // Customers share their times: each logarithm is taken once.
        let ln: Vec<f64> = (sample.times.iter())
            .map(|time| libm::log(self.alpha + time))
            .collect();
        for (repeats, rows) in &sample.groups {
            let group = self.group(*repeats);
            let x = f64::from(*repeats);
            let (gone_b, alive_b) = self.dropouts(x);
            let psi_shape = digamma(group.shape);
            // Slopes of the two beta factors in a and b.
            let gone_slopes = if group.ln_gone.is_finite() {
                let psi_all = digamma(self.a + 1.0 + self.b + gone_b);
                [
                    1.0 / self.a - psi_all + psi_both,
                    digamma(self.b + gone_b) - psi_all - psi_stay + psi_both,
                ]
            } else {
                [0.0; 2]
            };
            let psi_all = digamma(self.a + self.b + alive_b);
            let alive_slopes = [
                psi_both - psi_all,
                digamma(self.b + alive_b) - psi_all - psi_stay + psi_both,
            ];
            for row in rows {
                let one = self.row(&group, row, &ln);
                value += row.count * one.ln_sum;
                let alive = 1.0 - one.gone;
                let rate = psi_shape - psi_r + ln_alpha;
                let until = self.alpha + row.age;
                gradient[0] += row.count
                    * (one.gone * (rate - one.ln_recency)
                        + alive * (rate - one.ln_age + one.stage_shape));
                gradient[1] += row.count
                    * (self.r / self.alpha
                        - one.gone * group.shape / (self.alpha + row.recency)
                        - alive * (group.shape + one.stage_power) / until);
                for i in 0..2 {
                    gradient[2 + i] +=
                        row.count * (one.gone * gone_slopes[i] + alive * alive_slopes[i]);
                }
            }
        }
        (value, gradient)
    }

    /// How many "stays" the gone and the alive term hold.
    fn dropouts(&self, x: f64) -> (f64, f64) {
        match self.dropout {
            Dropout::AfterRepeat => (x - 1.0, x),
            Dropout::AfterAny => (x, x + 1.0),
        }
    }

    /// What all customers with as many repeats share.
    fn group(&self, repeats: u32) -> Group {
        let x = f64::from(repeats);
        let shape = self.r + f64::from(self.regularity) * x;
        let (gone, alive) = self.dropouts(x);
        let rates = ln_gamma(shape) - ln_gamma(self.r) + self.r * libm::log(self.alpha);
        let beta = ln_beta(self.a, self.b);
        let ln_gone = if gone < 0.0 {
            f64::NEG_INFINITY
        } else {
            ln_beta(self.a + 1.0, self.b + gone) - beta + rates
        };
        Group {
            shape,
            ln_gone,
            ln_alive: ln_beta(self.a, self.b + alive) - beta + rates,
        }
    }

    fn row(&self, group: &Group, row: &Row, ln: &[f64]) -> RowTerms {
        let (ln_recency, ln_age) = (ln[row.recency_at], ln[row.age_at]);
        let stages = self.stages(
            group.shape,
            (row.age - row.recency) / (self.alpha + row.age),
        );
        let gone = group.ln_gone - group.shape * ln_recency;
        let alive = group.ln_alive - group.shape * ln_age + stages.ln_sum;
        let (ln_sum, share) = mix(gone, alive);
        RowTerms {
            ln_recency,
            ln_age,
            ln_sum,
            gone: share,
            stage_shape: stages.shape,
            stage_power: stages.power,
        }
    }

    /// Σ_{j<k} Γ(R+j)/(Γ(R) j!) uʲ: its logarithm, the slope of that in R, and its mean power of u.
    fn stages(&self, shape: f64, u: f64) -> Stages {
        let mut term = 1.0;
        let mut sum = 1.0;
        let mut slope = 0.0;
        let mut power = 0.0;
        let mut harmonic = 0.0;
        for j in 1..self.regularity {
            let j = f64::from(j);
            let factor = shape + j - 1.0;
            term *= factor * u / j;
            harmonic += 1.0 / factor;
            sum += term;
            slope += term * harmonic;
            power += term * j;
        }
        if self.regularity == 1 {
            return Stages {
                ln_sum: 0.0,
                shape: 0.0,
                power: 0.0,
            };
        }
        Stages {
            ln_sum: libm::log(sum),
            shape: slope / sum,
            power: power / sum,
        }
    }

    /// (ln gone, ln alive) of a customer, the alive term for silence until `age`.
    fn terms(&self, group: &Group, recency: f64, age: f64) -> (f64, f64) {
        let gone = group.ln_gone - group.shape * libm::log(self.alpha + recency);
        (gone, self.alive(group, recency, age))
    }

    /// The second of them alone: along a silence the first stays what it is.
    fn alive(&self, group: &Group, recency: f64, age: f64) -> f64 {
        let stages = self.stages(group.shape, (age - recency) / (self.alpha + age));
        group.ln_alive - group.shape * libm::log(self.alpha + age) + stages.ln_sum
    }

    /// Probability that the customer has not left.
    #[must_use]
    pub fn p_alive(&self, customer: &Summary) -> f64 {
        let group = self.group(customer.repeats());
        let (gone, alive) = self.terms(&group, customer.recency(), customer.age());
        1.0 - mix(gone, alive).1
    }

    /// Probability of no event in the next `window` units of time.
    #[must_use]
    pub fn p_silent(&self, customer: &Summary, window: f64) -> f64 {
        self.path(customer.repeats(), customer.recency(), customer.gap())
            .p_silent(window)
    }

    /// The way ahead of a customer that stays silent, for many questions about it.
    pub(super) fn path(&self, repeats: u32, recency: f64, gap: f64) -> Path {
        let group = self.group(repeats);
        self.path_of(&group, recency, gap)
    }

    pub(super) fn path_of(&self, group: &Group, recency: f64, gap: f64) -> Path {
        let (gone, alive) = self.terms(group, recency, recency + gap);
        let (ln_sum, share) = mix(gone, alive);
        Path {
            model: *self,
            group: *group,
            recency,
            gap,
            ln_sum,
            share,
        }
    }

    /// Shared terms of all customers with as many repeats, for callers that keep a table of them.
    pub(super) fn group_of(&self, repeats: u32) -> Group {
        self.group(repeats)
    }

    /// Expected events in the next `window` units of time, for regularity 1; `None` otherwise, where no closed form is
    /// known, and at a = 1, where this one is 0/0.
    ///
    /// Fader, Hardie & Lee (2005), equation 10; Batislam et al. (2007) for the modified model.
    #[must_use]
    pub fn expected_events(&self, customer: &Summary, window: f64) -> Option<f64> {
        if self.regularity != 1 || (self.a - 1.0).abs() < 1e-9 {
            return None;
        }
        let (_, stays) = self.dropouts(f64::from(customer.repeats()));
        let shape = self.r + f64::from(customer.repeats());
        let until = self.alpha + customer.age();
        let total = self.a + self.b + stays - 1.0;
        let ratio = window / (until + window);
        let decay = libm::exp(shape * (libm::log(until) - libm::log(until + window)))
            * hypergeometric(shape, self.b + stays, total, ratio);
        let if_alive = total / (self.a - 1.0) * (1.0 - decay);
        Some(if_alive * self.p_alive(customer))
    }

    /// When a customer may leave.
    #[must_use]
    pub const fn dropout(&self) -> Dropout {
        self.dropout
    }

    /// Erlang stages k: 1 is Poisson, more is more regular.
    #[must_use]
    pub const fn regularity(&self) -> u32 {
        self.regularity
    }

    /// The parameters (r, α, a, b).
    #[must_use]
    pub const fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// The log-likelihood that the fit reached; NaN for a model that was not fitted.
    #[must_use]
    pub const fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }
}

/// What all customers with as many repeats share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    shape: f64,
    ln_gone: f64,
    ln_alive: f64,
}

struct RowTerms {
    ln_recency: f64,
    ln_age: f64,
    ln_sum: f64,
    gone: f64,
    stage_shape: f64,
    stage_power: f64,
}

struct Stages {
    ln_sum: f64,
    shape: f64,
    power: f64,
}

/// ln(eᵃ + eᵇ) and the share of the first.
fn mix(gone: f64, alive: f64) -> (f64, f64) {
    let odds = libm::exp(-(gone - alive).abs());
    let high = gone.max(alive);
    let share = if gone >= alive {
        1.0 / (1.0 + odds)
    } else {
        odds / (1.0 + odds)
    };
    (high + libm::log1p(odds), share)
}

fn parameters(point: &[f64]) -> [f64; 4] {
    let mut out = [1.0; 4];
    for (o, x) in out.iter_mut().zip(point) {
        *o = libm::exp(*x);
    }
    out
}
