//! The log-likelihood of a sample with its slopes in the four parameters, for the fit.
//!
//! With A(t) = (α+t)^−(r+x) (β+t)^−s, a customer of x repeats, the last at u, seen until T, has the likelihood
//!
//! ```text
//! Γ(r+x)/Γ(r) αʳ βˢ · A(u) · [H(u) + (1 − H(T)) A(T)/A(u)]
//! ```
//!
//! where H(t) A(t) = s ∫ₜ^∞ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ is the part that leaves after t. H is a power series in
//! z = |α − β| / (max(α, β) + t), Euler's hypergeometric series, whose coefficients depend on x and not on t:
//!
//! ```text
//! α ≥ β:  H = Σ cₙ zⁿ,           c₀ = s/(r+s+x),  cₙ₊₁ = cₙ (r+x+n)/(r+s+x+1+n)
//! α < β:  H = (1 − z) Σ cₙ zⁿ,   c₀ = s/(r+s+x),  cₙ₊₁ = cₙ (s+1+n)/(r+s+x+1+n)
//! ```
//!
//! So the coefficients and their slopes in r and s are made once for all customers with as many repeats, logarithms
//! once for each time, and the series once for each pair of the two.

use crate::evidence::models::Sample;
use crate::numeric::cast;
use crate::numeric::special::{digamma, ln_gamma};

/// Terms after which a series that has not settled is given up.
const TERMS_MOST: f64 = 20_000.0;

/// ln of what may be left out of a series, beside its first term.
const LN_LEFT_OUT: f64 = -37.5;

/// A sample laid out for many evaluations: by number of repeats, which times are spoken of.
pub(in crate::evidence::models) struct Layout<'s> {
    sample: &'s Sample,
    groups: Vec<Group>,
}

/// Customers with as many repeats.
struct Group {
    repeats: f64,
    customers: f64,
    /// The times that its rows speak of, as ascending places among the sample's.
    times: Vec<usize>,
    rows: Vec<Row>,
}

/// Customers who share everything; times are places among those of the group.
struct Row {
    recency: usize,
    age: usize,
    count: f64,
}

impl<'s> Layout<'s> {
    pub(in crate::evidence::models) fn of(sample: &'s Sample) -> Self {
        let groups = sample.groups.iter().map(|(repeats, rows)| {
            let times = rows.iter().flat_map(|row| [row.recency_at, row.age_at]);
            let mut times: Vec<usize> = times.collect();
            times.sort_unstable();
            times.dedup();
            let place = |time| times.partition_point(|other| *other < time);
            let rows: Vec<Row> = (rows.iter())
                .map(|row| Row {
                    recency: place(row.recency_at),
                    age: place(row.age_at),
                    count: row.count,
                })
                .collect();
            Group {
                repeats: f64::from(*repeats),
                customers: rows.iter().map(|row| row.count).sum(),
                times,
                rows,
            }
        });
        let groups = groups.collect();
        Self { sample, groups }
    }

    /// The log-likelihood and its slopes in (r, α, s, β); not finite where a series does not settle.
    pub(in crate::evidence::models) fn ln_likelihood(
        &self,
        [r, alpha, s, beta]: [f64; 4],
    ) -> (f64, [f64; 4]) {
        let at: Vec<Moment> = self
            .sample
            .times
            .iter()
            .map(|t| Moment::of(*t, alpha, beta))
            .collect();
        let (ln_alpha, ln_beta) = (libm::log(alpha), libm::log(beta));
        let (ln_gamma_r, digamma_r) = (ln_gamma(r), digamma(r));
        let mut series = Series::default();
        let mut after: Vec<After> = Vec::new();
        let (mut value, mut slopes) = (0.0, [0.0; 4]);
        for group in &self.groups {
            let shape = r + group.repeats;
            let fixed = ln_gamma(shape) - ln_gamma_r + r * ln_alpha + s * ln_beta;
            value += group.customers * fixed;
            slopes[0] += group.customers * (digamma(shape) - digamma_r + ln_alpha);
            slopes[1] += group.customers * (r / alpha);
            slopes[2] += group.customers * ln_beta;
            slopes[3] += group.customers * (s / beta);

            let terms = group.times.iter().map(|time| at[*time].terms);
            let terms = terms.fold(0.0, f64::max);
            if terms > TERMS_MOST {
                return (f64::NAN, [f64::NAN; 4]);
            }
            series.make(shape, s, alpha >= beta, terms);
            after.clear();
            after.extend(group.times.iter().map(|time| series.at(&at[*time])));
            for row in &group.rows {
                let (last, now) = (&at[group.times[row.recency]], &at[group.times[row.age]]);
                let one = bracket(
                    (last, &after[row.recency]),
                    (now, &after[row.age]),
                    shape,
                    s,
                );
                value += row.count * one.0;
                for (sum, slope) in slopes.iter_mut().zip(one.1) {
                    *sum += row.count * slope;
                }
            }
        }
        (value, slopes)
    }
}

/// ln { A(u) [H(u) + (1 − H(T)) A(T)/A(u)] } and its slopes.
fn bracket(
    (last, gone): (&Moment, &After),
    (now, later): (&Moment, &After),
    shape: f64,
    s: f64,
) -> (f64, [f64; 4]) {
    let since = [now.ln_alpha - last.ln_alpha, now.ln_beta - last.ln_beta];
    let kept = libm::exp(-shape * since[0] - s * since[1]);
    let alive = (1.0 - later.share) * kept;
    let sum = gone.share + alive;
    let value = libm::log(sum) - shape * last.ln_alpha - s * last.ln_beta;
    // Slopes of ln A(u), and of −ln A(T)/A(u).
    let [of_alpha, of_beta] = [shape * last.inverse_alpha, s * last.inverse_beta];
    let start = [last.ln_alpha, of_alpha, last.ln_beta, of_beta];
    let fall = [
        since[0],
        shape * now.inverse_alpha - of_alpha,
        since[1],
        s * now.inverse_beta - of_beta,
    ];
    let inverse = 1.0 / sum;
    let mut slopes = [0.0; 4];
    for (i, slope) in slopes.iter_mut().enumerate() {
        let change = gone.slopes[i] - later.slopes[i] * kept - alive * fall[i];
        *slope = change * inverse - start[i];
    }
    (value, slopes)
}

/// What depends on a time alone.
struct Moment {
    /// ln(α + t), ln(β + t).
    ln_alpha: f64,
    ln_beta: f64,
    inverse_alpha: f64,
    inverse_beta: f64,
    z: f64,
    /// Slopes of z in α and β.
    slopes: [f64; 2],
    /// Terms that the series needs there; infinite where it never settles.
    terms: f64,
}

impl Moment {
    fn of(time: f64, alpha: f64, beta: f64) -> Self {
        let (ln_alpha, ln_beta) = (libm::log(alpha + time), libm::log(beta + time));
        let (inverse_alpha, inverse_beta) = (1.0 / (alpha + time), 1.0 / (beta + time));
        let (larger, ln_rest) = if alpha >= beta {
            (inverse_alpha, ln_beta - ln_alpha)
        } else {
            (inverse_beta, ln_alpha - ln_beta)
        };
        let z = (alpha - beta).abs() * larger;
        let rest = 1.0 - z;
        let slopes = if alpha >= beta {
            [rest * larger, -larger]
        } else {
            [-larger, rest * larger]
        };
        // Coefficients fall, so that zⁿ/(1 − z) bounds what is left out after n terms.
        let terms = ((LN_LEFT_OUT + ln_rest) / libm::log(z)).ceil();
        Self {
            ln_alpha,
            ln_beta,
            inverse_alpha,
            inverse_beta,
            z,
            slopes,
            terms: if z < 1.0 { terms } else { f64::INFINITY },
        }
    }
}

/// H and its slopes in (r, α, s, β).
struct After {
    share: f64,
    slopes: [f64; 4],
}

/// The power series of H for one number of repeats.
#[derive(Default)]
struct Series {
    /// Each coefficient with its slopes in r and s.
    coefficients: Vec<[f64; 3]>,
    /// Whether it stands behind 1 − z.
    is_turned: bool,
}

impl Series {
    fn make(&mut self, shape: f64, s: f64, alpha_larger: bool, terms: f64) {
        self.is_turned = !alpha_larger;
        let total = shape + s;
        let above = if alpha_larger { shape } else { s + 1.0 };
        self.coefficients.clear();
        // The coefficient, and its slopes relative to it.
        let mut term = s / total;
        let (mut in_r, mut in_s) = (-1.0 / total, 1.0 / s - 1.0 / total);
        let mut n = 0.0;
        while n <= terms {
            self.coefficients.push([term, term * in_r, term * in_s]);
            let (up, down) = (1.0 / (above + n), 1.0 / (total + 1.0 + n));
            term *= (above + n) * down;
            in_r -= down;
            in_s -= down;
            if alpha_larger {
                in_r += up;
            } else {
                in_s += up;
            }
            n += 1.0;
        }
    }

    /// By Horner's rule.
    fn at(&self, moment: &Moment) -> After {
        let z = moment.z;
        let count = usize::try_from(cast::i64_clamped(moment.terms, 0, i64::MAX)).unwrap_or(0);
        let used = self
            .coefficients
            .get(..=count)
            .unwrap_or(&self.coefficients);
        let (mut sum, mut slope, mut in_r, mut in_s) = (0.0, 0.0, 0.0, 0.0);
        for [term, term_r, term_s] in used.iter().rev() {
            slope = slope * z + sum;
            sum = sum * z + term;
            in_r = in_r * z + term_r;
            in_s = in_s * z + term_s;
        }
        let mut share = sum;
        if self.is_turned {
            let rest = 1.0 - z;
            slope = rest * slope - sum;
            share *= rest;
            in_r *= rest;
            in_s *= rest;
        }
        let [z_alpha, z_beta] = moment.slopes;
        After {
            share,
            slopes: [in_r, slope * z_alpha, in_s, slope * z_beta],
        }
    }
}
