//! The laws of a response, as a public check: run it on your own curve before you hand it in.

use thiserror::Error;

use crate::numeric::cast::f64_of_u64;

use super::{Concave, Response, Shape};

/// How far two ways to the same number may differ, relative to the larger.
const AGREEMENT: f64 = 1e-9;

/// Gains below this are nothing: so near to underflow, f64 keeps no relative accuracy.
const NOTHING: f64 = 1e-250;

/// How far a gain may rise by rounding, relative to itself.
const ROUNDING: f64 = 1e-12;

/// A law that a curve broke, with the witness.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BrokenLaw {
    /// A result that is no number, or infinite where it may not be.
    #[error("{quantity} at spend {spend} is {value}; it must be finite")]
    NotFinite {
        /// What was asked.
        quantity: &'static str,
        /// Where, in currency units.
        spend: f64,
        /// The answer.
        value: f64,
    },
    /// A value that falls, or a negative gain.
    #[error("gain from {from} to {to} units is {gain}; a response never falls")]
    Falls {
        /// First unit.
        from: u64,
        /// Last unit.
        to: u64,
        /// The gain.
        gain: f64,
    },
    /// A gain that is not the difference of its two values.
    #[error("gain from {from} to {to} units is {gain}, but the values differ by {difference}")]
    GainDisagrees {
        /// First unit.
        from: u64,
        /// Last unit.
        to: u64,
        /// The gain.
        gain: f64,
        /// The difference.
        difference: f64,
    },
    /// Gains over adjoining ranges that do not add up.
    #[error("gain from {from} to {to} units is {gain}, but its two halves sum to {halves}")]
    NotAdditive {
        /// First unit.
        from: u64,
        /// Last unit.
        to: u64,
        /// The whole.
        gain: f64,
        /// The sum of the halves.
        halves: f64,
    },
    /// One-unit gains that bend against the stated shape.
    #[error(
        "the gain of unit {after} is {later} and of unit {before} is {earlier}; the stated shape does not allow it"
    )]
    Bends {
        /// The earlier unit.
        before: u64,
        /// Its gain.
        earlier: f64,
        /// The later unit.
        after: u64,
        /// Its gain.
        later: f64,
    },
    /// A one-unit gain outside the marginals at its two ends.
    #[error("unit {at} gains {gain}, outside the marginals {low} to {high} at its ends")]
    MarginalDisagrees {
        /// The unit.
        at: u64,
        /// Its gain per currency unit.
        gain: f64,
        /// The marginal at its right end.
        low: f64,
        /// The marginal at its left end.
        high: f64,
    },
    /// A demand that does not invert the marginal.
    #[error("at price {price} the demand is {spend}, where the marginal is {marginal}")]
    DemandDisagrees {
        /// The price.
        price: f64,
        /// The demand.
        spend: f64,
        /// The marginal there.
        marginal: f64,
    },
}

/// Checks the laws of [`Response`] on about a hundred points from 0 to `units_most` units of `unit` currency units.
///
/// # Errors
/// [`BrokenLaw`], the first law that fails with its witness.
pub fn check_laws(response: &dyn Response, unit: f64, units_most: u64) -> Result<(), BrokenLaw> {
    let grid = grid(units_most);
    for pair in grid.windows(2) {
        if let [from, to] = *pair {
            check_values(response, from, to, unit)?;
        }
    }
    check_shape(response, &grid, unit)
}

/// Checks the laws of [`Concave`], and those of [`Response`].
///
/// # Errors
/// [`BrokenLaw`], the first law that fails with its witness.
pub fn check_concave_laws(
    response: &dyn Concave,
    unit: f64,
    units_most: u64,
) -> Result<(), BrokenLaw> {
    let grid = grid(units_most);
    for pair in grid.windows(2) {
        if let [from, to] = *pair {
            check_values(response, from, to, unit)?;
        }
    }
    check_falling(response, &grid, unit)?;
    for &at in &grid {
        check_marginal(response, at, unit)?;
    }
    Ok(())
}

/// Every unit at first, then in steps that grow by about a quarter.
fn grid(units_most: u64) -> Vec<u64> {
    let mut grid = Vec::new();
    let mut at = 0_u64;
    while at < units_most && grid.len() < 400 {
        grid.push(at);
        at = at.saturating_add((at / 4).max(1));
    }
    grid.push(units_most);
    grid
}

fn check_values(
    response: &(impl Response + ?Sized),
    from: u64,
    to: u64,
    unit: f64,
) -> Result<(), BrokenLaw> {
    let (low, high) = (f64_of_u64(from) * unit, f64_of_u64(to) * unit);
    let (first, last) = (response.value(low), response.value(high));
    for (spend, value) in [(low, first), (high, last)] {
        finite("value", spend, value)?;
    }
    let gain = response.gain(from, to, unit);
    finite("gain", low, gain)?;
    if gain < 0.0 || last < first - AGREEMENT * first.abs() {
        return Err(BrokenLaw::Falls { from, to, gain });
    }
    let difference = last - first;
    let scale = last.abs().max(first.abs());
    if (gain - difference).abs() > AGREEMENT * scale {
        return Err(BrokenLaw::GainDisagrees {
            from,
            to,
            gain,
            difference,
        });
    }
    let middle = from + (to - from) / 2;
    let halves = response.gain(from, middle, unit) + response.gain(middle, to, unit);
    if (gain - halves).abs() > AGREEMENT * gain.max(NOTHING) {
        return Err(BrokenLaw::NotAdditive {
            from,
            to,
            gain,
            halves,
        });
    }
    Ok(())
}

fn check_shape(response: &dyn Response, grid: &[u64], unit: f64) -> Result<(), BrokenLaw> {
    match response.shape() {
        Shape::Monotone => Ok(()),
        Shape::Concave => check_falling(response, grid, unit),
        Shape::SShaped { inflection } => {
            let before = |at: &&u64| (f64_of_u64(**at) + 1.0) * unit <= inflection;
            let rising: Vec<u64> = grid.iter().take_while(before).copied().collect();
            let after = |at: &&u64| f64_of_u64(**at) * unit < inflection;
            let falling: Vec<u64> = grid.iter().skip_while(after).copied().collect();
            check_order(response, &rising, unit, |earlier, later| later >= earlier)?;
            check_falling(response, &falling, unit)
        }
    }
}

fn check_falling(
    response: &(impl Response + ?Sized),
    grid: &[u64],
    unit: f64,
) -> Result<(), BrokenLaw> {
    check_order(response, grid, unit, |earlier, later| later <= earlier)
}

fn check_order(
    response: &(impl Response + ?Sized),
    grid: &[u64],
    unit: f64,
    lawful: impl Fn(f64, f64) -> bool,
) -> Result<(), BrokenLaw> {
    for pair in grid.windows(2) {
        if let [before, after] = *pair {
            let earlier = response.gain(before, before.saturating_add(1), unit);
            let later = response.gain(after, after.saturating_add(1), unit);
            let alike = (earlier - later).abs() <= ROUNDING * earlier.max(later).max(NOTHING);
            if !alike && !lawful(earlier, later) {
                return Err(BrokenLaw::Bends {
                    before,
                    earlier,
                    after,
                    later,
                });
            }
        }
    }
    Ok(())
}

fn check_marginal(response: &dyn Concave, at: u64, unit: f64) -> Result<(), BrokenLaw> {
    let left = f64_of_u64(at) * unit;
    let high = response.marginal(left);
    let low = response.marginal((f64_of_u64(at) + 1.0) * unit);
    if high.is_nan() || low.is_nan() || low.is_infinite() {
        return Err(BrokenLaw::NotFinite {
            quantity: "marginal",
            spend: left,
            value: if high.is_nan() { high } else { low },
        });
    }
    let gain = response.unit_gain(at, unit) / unit;
    if high <= NOTHING {
        return Ok(());
    }
    if gain > high * (1.0 + AGREEMENT) || gain < low * (1.0 - AGREEMENT) {
        // A kink inside the unit leaves the right slope at its right end below the gain: lawful, and inside.
        return Err(BrokenLaw::MarginalDisagrees {
            at,
            gain,
            low,
            high,
        });
    }
    if gain <= NOTHING || !high.is_finite() {
        return Ok(());
    }
    let spend = response.spend_at(high);
    let at_demand = response.marginal(spend * (1.0 + AGREEMENT) + AGREEMENT * unit);
    let before = response.marginal(spend * (1.0 - AGREEMENT));
    if spend.is_nan() || at_demand > high * (1.0 + AGREEMENT) || before < high * (1.0 - AGREEMENT) {
        return Err(BrokenLaw::DemandDisagrees {
            price: high,
            spend,
            marginal: response.marginal(spend),
        });
    }
    Ok(())
}

fn finite(quantity: &'static str, spend: f64, value: f64) -> Result<(), BrokenLaw> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(BrokenLaw::NotFinite {
            quantity,
            spend,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::response::{
        Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power,
    };

    fn check(curve: &Curve, unit: f64, most: u64) -> Result<(), BrokenLaw> {
        check_laws(curve, unit, most)?;
        match curve.as_concave() {
            Some(concave) => check_concave_laws(&concave, unit, most),
            None => Ok(()),
        }
    }

    /// Ten to a uniform power.
    fn magnitude(low: f64, high: f64) -> impl Strategy<Value = f64> {
        (low..high).prop_map(|e| libm::pow(10.0, e))
    }

    fn curves() -> impl Strategy<Value = Curve> {
        prop_oneof![
            (magnitude(-6.0, 12.0), magnitude(-9.0, 1.0))
                .prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into()),
            (magnitude(-6.0, 12.0), 0.01..0.99).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
            (magnitude(-6.0, 12.0), magnitude(-3.0, 9.0))
                .prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into()),
            (magnitude(-6.0, 12.0), 0.05..1.0, magnitude(-2.0, 8.0))
                .prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into()),
            (magnitude(-6.0, 12.0), 1.001..20.0, magnitude(-2.0, 8.0))
                .prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into()),
            proptest::collection::vec((1..1000_i32, 0..1000_i32), 0..6).prop_map(|steps| {
                let mut points = vec![(0.0, 0.0)];
                for (dx, dy) in steps {
                    let &(x, y) = points.last().unwrap();
                    points.push((x + f64::from(dx), y + f64::from(dy)));
                }
                PiecewiseLinear::new(&points).unwrap().into()
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn every_family_keeps_the_laws(curve in curves(), unit in prop_oneof![Just(1.0), Just(0.01), Just(0.001)]) {
            let outcome = check(&curve, unit, 10_000_000);
            prop_assert!(outcome.is_ok(), "{curve:?}: {outcome:?}");
        }
    }

    #[derive(Debug)]
    struct Wrong(fn(f64) -> f64, Shape);

    impl Response for Wrong {
        fn value(&self, spend: f64) -> f64 {
            (self.0)(spend)
        }
        fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
            self.value(f64_of_u64(to) * unit) - self.value(f64_of_u64(from) * unit)
        }
        fn shape(&self) -> Shape {
            self.1
        }
    }

    #[test]
    fn a_curve_that_breaks_a_law_is_told_which() {
        let falls = check_laws(&Wrong(|x| -x, Shape::Monotone), 1.0, 100);
        assert!(matches!(
            falls,
            Err(BrokenLaw::Falls { from: 0, to: 1, .. })
        ));
        let bends = check_laws(&Wrong(|x| x * x, Shape::Concave), 1.0, 100);
        assert!(matches!(bends, Err(BrokenLaw::Bends { .. })));
        let nan = check_laws(&Wrong(|x| 0.0 / x, Shape::Monotone), 1.0, 100);
        assert!(matches!(nan, Err(BrokenLaw::NotFinite { .. })));
        let shaped = Shape::SShaped { inflection: 10.0 };
        assert!(check_laws(&Wrong(libm::sqrt, shaped), 1.0, 100).is_err());
    }
}
