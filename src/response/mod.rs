//! How customers respond: what a spend returns over the horizon, as a curve.
//!
//! A curve maps a spend in currency units (not minor units) to an incremental contribution. Each family is a
//! type of its own whose constructor checks the parameters, so a curve that exists is lawful: finite, never
//! falling, with the [`Shape`] that it states. The optimiser asks only what two small traits promise:
//!
//! * [`Response`]: the value of a spend, and the gain between two whole numbers of units *without*
//!   cancellation (the gain of one cent on a million is far below what subtracting two values can see);
//! * [`Concave`]: what a price search is entitled to, the marginal return and its inverse.
//!
//! An S-shaped curve is no [`Concave`]; [`Curve::as_concave`] is the only way to one, and gives `None` for it.
//! Your own curve enters through [`Curve::Custom`] or [`Curve::CustomConcave`]; [`check_laws`] and
//! [`check_concave_laws`] are the tests that our own families pass.
//!
//! | family | value of spend `x` | marginal | concave |
//! |---|---|---|---|
//! | [`ModifiedExponential`] | `scale·(1−e^(−rate·x))` | `scale·rate·e^(−rate·x)` | yes |
//! | [`Power`] | `scale·x^exponent`, `0<exponent<1` | `scale·exponent·x^(exponent−1)` | yes |
//! | [`Logarithmic`] | `scale·ln(1+x/half)` | `scale/(half+x)` | yes |
//! | [`Adbudg`] | `scale·x^exponent/(half^exponent+x^exponent)` | | only for `exponent ≤ 1` |
//! | [`PiecewiseLinear`] | through given points | slope | if slopes fall |
//!
//! ```
//! use sortie::response::{Concave, ModifiedExponential, Response};
//! let curve = ModifiedExponential::new(120.0, 0.004)?;
//! assert_eq!(curve.value(0.0), 0.0);
//! assert!((curve.value(310.0) - 85.27389384731391).abs() < 1e-12);
//! let price = curve.marginal(310.0);
//! assert!((curve.spend_at(price) - 310.0).abs() < 1e-9);
//! # Ok::<(), sortie::response::ResponseError>(())
//! ```

mod adbudg;
mod curve;
mod exponential;
mod judgement;
mod laws;
mod logarithmic;
mod parameter;
mod piecewise;
mod power;
#[cfg(test)]
pub(crate) mod strategies;

use core::fmt;

pub use adbudg::Adbudg;
pub use curve::{ConcaveCurve, Curve};
pub use exponential::ModifiedExponential;
pub use judgement::{Judgement, JudgementError};
pub use laws::{BrokenLaw, check_concave_laws, check_laws};
pub use logarithmic::Logarithmic;
pub use parameter::{MAGNITUDE_LEAST, MAGNITUDE_MOST, ResponseError};
pub use piecewise::PiecewiseLinear;
pub use power::Power;

/// What a curve states of its own bends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// Each further unit returns no more than the one before.
    Concave,
    /// Returns rise up to the inflection, in currency units, and fall after it.
    SShaped {
        /// Where the marginal return is highest.
        inflection: f64,
    },
    /// Never falls; nothing else is known.
    Monotone,
}

/// What a spend returns.
///
/// Laws, which [`check_laws`] tests: every value is finite; the value never falls as the spend rises; `gain`
/// agrees with the difference of two values, is never negative, and adds up over adjoining ranges; the curve
/// bends as [`Response::shape`] says.
pub trait Response: fmt::Debug + Send + Sync {
    /// The value of a spend in currency units, `spend ≥ 0`.
    fn value(&self, spend: f64) -> f64;

    /// The value of `to` units less the value of `from` units, `from ≤ to`, a unit being `unit` currency
    /// units (0.01 for a cent). Accurate to a few units in the last place of the *gain*.
    fn gain(&self, from: u64, to: u64, unit: f64) -> f64;

    /// How the curve bends.
    fn shape(&self) -> Shape;
}

/// A response whose returns diminish: what a search for a price is entitled to.
///
/// Laws, which [`check_concave_laws`] tests besides those of [`Response`]: the marginal return never rises with the
/// spend; a one-unit gain lies between the marginals at its two ends; `spend_at` inverts `marginal`.
pub trait Concave: Response {
    /// The slope at a spend, value per currency unit; at a kink the slope to its right. May be infinite at 0.
    fn marginal(&self, spend: f64) -> f64;

    /// The largest spend at which a further currency unit still returns at least `price`: 0 if none does,
    /// infinite if all do.
    fn spend_at(&self, price: f64) -> f64;

    /// The gain of the unit after the first `from`.
    fn unit_gain(&self, from: u64, unit: f64) -> f64 {
        self.gain(from, from.saturating_add(1), unit)
    }
}
