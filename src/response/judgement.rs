//! Decision calculus: a curve from four answers of someone who knows the market (Little 1970).

use thiserror::Error;

use super::{Adbudg, ResponseError};

/// Four answers: sales (or contribution) with no effort, at saturation, at today's effort, and with half as much again.
///
/// The curve through them is `lo + (hi−lo)·x^c/(d+x^c)` with effort `x` relative to today's, where
/// `d = (hi−today)/(today−lo)`, `q = (more−lo)/(hi−lo)` and `c = ln(d·q/(1−q))/ln 1.5`. A fifth answer, for half
/// of today's effort, is no input but a check: see [`Judgement::residual`].
///
/// ```
/// use sortie::response::{Judgement, Response, Shape};
/// // Little's published example.
/// let judgement = Judgement::new(15.0, 135.0, 100.0, 120.0)?;
/// assert!((judgement.exponent() - 2.610846).abs() < 1e-6);
/// assert!((judgement.predict(0.5) - 49.1364).abs() < 1e-4);
/// // As a curve of money, where today's effort costs 800.00:
/// let curve = judgement.curve(800.0)?;
/// assert!((curve.value(800.0) - 85.0).abs() < 1e-9);
/// assert!(matches!(curve.shape(), Shape::SShaped { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    none: f64,
    saturation: f64,
    today: f64,
    half_more: f64,
}

/// Answers that no curve fits.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum JudgementError {
    /// An answer that is no finite number.
    #[error("the answer for {question} is {value}; it must be a finite number")]
    NotFinite {
        /// Which of the answers.
        question: &'static str,
        /// Its value.
        value: f64,
    },
    /// Answers out of order.
    #[error(
        "the answer for {lower} is {low} and for {upper} is {high}; answers must rise strictly from no effort over today and half more to saturation"
    )]
    Order {
        /// The question that must have the smaller answer.
        lower: &'static str,
        /// Its answer.
        low: f64,
        /// The question that must have the larger answer.
        upper: &'static str,
        /// Its answer.
        high: f64,
    },
    /// The curve's parameters would leave the range of the family.
    #[error(transparent)]
    Curve(#[from] ResponseError),
}

impl Judgement {
    /// Admits four answers, given in the order of effort none, saturation, today, half more.
    ///
    /// # Errors
    /// [`JudgementError`] unless none < today < half more < saturation, all finite.
    pub fn new(
        none: f64,
        saturation: f64,
        today: f64,
        half_more: f64,
    ) -> Result<Self, JudgementError> {
        let answers = [
            ("no effort", none),
            ("today's effort", today),
            ("half more effort", half_more),
            ("saturation", saturation),
        ];
        for (question, value) in answers {
            if !value.is_finite() {
                return Err(JudgementError::NotFinite { question, value });
            }
        }
        for pair in answers.windows(2) {
            if let [(lower, low), (upper, high)] = *pair {
                if low >= high {
                    return Err(JudgementError::Order {
                        lower,
                        low,
                        upper,
                        high,
                    });
                }
            }
        }
        Ok(Self {
            none,
            saturation,
            today,
            half_more,
        })
    }

    /// `d`: how far today is from saturation, against how far it has come.
    #[must_use]
    pub fn distance(&self) -> f64 {
        (self.saturation - self.today) / (self.today - self.none)
    }

    /// `c`: the steepness; above 1 the curve is S-shaped.
    #[must_use]
    pub fn exponent(&self) -> f64 {
        // q/(1−q) without the cancellation of 1−q.
        let odds = (self.half_more - self.none) / (self.saturation - self.half_more);
        libm::log(self.distance() * odds) / libm::log(1.5)
    }

    /// What the curve says for an effort relative to today's.
    #[must_use]
    pub fn predict(&self, effort: f64) -> f64 {
        let reached = libm::pow(effort, self.exponent());
        let share = if reached.is_infinite() {
            1.0
        } else {
            reached / (self.distance() + reached)
        };
        self.none + (self.saturation - self.none) * share
    }

    /// The fifth answer, for half of today's effort, less what the curve says: far from 0 means that the four
    /// answers and the fifth do not describe one curve, and should be asked again.
    #[must_use]
    pub fn residual(&self, answer_half_less: f64) -> f64 {
        answer_half_less - self.predict(0.5)
    }

    /// The increment over no effort as a curve of spend, where today's effort costs `spend_today` currency units.
    ///
    /// # Errors
    /// [`JudgementError::Curve`] if the spend is not positive or the answers demand parameters out of range.
    pub fn curve(&self, spend_today: f64) -> Result<Adbudg, JudgementError> {
        let exponent = self.exponent();
        let half = spend_today * libm::pow(self.distance(), 1.0 / exponent);
        let scale = self.saturation - self.none;
        Ok(Adbudg::new(scale, exponent, half)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Response;

    #[test]
    fn published_answers_give_published_parameters() {
        let cases = [
            ((15.0, 135.0, 100.0, 120.0), 2.610_846, 0.411_765, 49.136_4),
            ((47.0, 152.0, 100.0, 126.0), 2.693_951, 0.981_132, 61.288_2),
        ];
        for ((none, saturation, today, more), c, d, half) in cases {
            let judgement = Judgement::new(none, saturation, today, more).unwrap();
            assert!((judgement.exponent() - c).abs() < 5e-7);
            assert!((judgement.distance() - d).abs() < 5e-7);
            assert!((judgement.predict(0.5) - half).abs() < 5e-5);
            assert!((judgement.predict(1.5) - more).abs() < 1e-10);
            assert!((judgement.residual(half) / half).abs() < 1e-6);
            let curve = judgement.curve(250.0).unwrap();
            assert!((curve.value(125.0) + none - half).abs() < 5e-5);
            assert!((curve.value(250.0) + none - today).abs() < 1e-10);
        }
    }

    #[test]
    fn answers_out_of_order_are_named() {
        let error = Judgement::new(15.0, 135.0, 120.0, 100.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer for today's effort is 120 and for half more effort is 100; answers must rise strictly from no effort over today and half more to saturation"
        );
        assert!(Judgement::new(f64::NAN, 1.0, 0.5, 0.6).is_err());
        assert!(Judgement::new(1.0, 1.0, 1.0, 1.0).is_err());
    }
}
