//! The least spend that reaches a target, against the other solver's.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use sortie::allocate::{Objective, Verdict, solve, verify};
use sortie::numeric::cast;

use crate::asked::{Aim, by_cones};
use crate::optimum::{Frame, Priced, lead_back, lost_to_steps};
use crate::plain::Plain;
use crate::tests::{BOUNDED, CURVES, TREE, problem, shown_prices};

/// How far apart the two sides may lie for the other solver to count as right, relative to the spend.
const ACCURACY: f64 = 1e-7;

/// Rounding of sums, relative to the size of their terms.
const ROUNDING: f64 = 1e-12;

/// What prices show that nothing which reaches the target undercuts, and what rounding can make of it.
///
/// The frame's budget is nothing here, so that the bound is that of value less the price of what is spent.
fn least_spend(dual: &Priced<'_>, target: f64) -> (f64, f64) {
    let price = dual.prices[0];
    let slip = dual.blur() + ROUNDING * target.abs();
    ((target - dual.bound()) / price, slip / price)
}

/// Spends within every limit that reach the target, near to some that nearly do.
fn led_back(plain: &Plain, frame: &Frame<'_>, mut spends: Vec<f64>, target: f64) -> Vec<f64> {
    for (spend, (low, high)) in spends.iter_mut().zip(plain.own_ranges()) {
        *spend = spend.clamp(low, high);
    }
    let roomy = plain.roomy();
    lead_back(&mut spends, &roomy, &frame.limits[1..]);
    let (here, there) = (plain.value(&spends), plain.value(&roomy));
    if here < target {
        // No chord of a concave function lies above it.
        let part = (target - here) / (there - here);
        for (spend, roomy) in spends.iter_mut().zip(roomy) {
            *spend += part * (roomy - *spend);
        }
    }
    spends
}

/// Values are hundreds and so are spends, so that no currency unit at the margin is worth this.
const DEAREST: f64 = 1e6;

fn agree(plain: &Plain, part: f64) -> Result<(), TestCaseError> {
    let reached = plain.value(&plain.roomy());
    let target = reached - part * reached.abs();
    let mut frame = Frame::of(plain);
    frame.limits[0].most = Some(0.0);
    let (spends, prices) = by_cones(plain, &frame.limits, Aim::Reach(target));
    // A target that the floors reach has no price.
    prop_assume!(prices.iter().all(|price| price.abs() < DEAREST));
    let spends = led_back(plain, &frame, spends, target);
    let most: f64 = spends.iter().sum();
    let dual = Priced {
        frame: &frame,
        prices,
    };
    let (least, slip) = least_spend(&dual, target);
    // What the other solver does not find says nothing.
    prop_assume!((most - least).abs() <= ACCURACY * most);

    let problem = plain.market(Objective::Target(target));
    let answer = solve(&problem).unwrap();
    prop_assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved));
    let spent = cast::f64_of_i64(answer.spent().minor()) / 100.0;
    prop_assert!(spent >= least - slip, "spent {}, not {}", spent, least);
    prop_assert!(
        answer.bound() >= least - slip - plain.units(1),
        "bound {} below {}",
        answer.bound(),
        least
    );
    // The least spend rises with the target, ever faster, and in whole steps is the next whole one.
    let lost = lost_to_steps(plain, &spends) * answer.shadow_price();
    let dearest = most + lost + plain.units(1) + slip;
    prop_assert!(spent <= dearest, "spent {}, above {}", spent, dearest);
    let mut prices = shown_prices(plain, &answer);
    prices[0] = 1.0 / answer.shadow_price();
    let (own, slip) = least_spend(
        &Priced {
            frame: &frame,
            prices,
        },
        target,
    );
    prop_assert!(own <= most + slip, "prices show {}, above {}", own, most);
    prop_assert!(
        own >= least - dearest + spent - slip - plain.units(1),
        "prices show {}, not {}",
        own,
        least
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn targets_of_curves(plain in problem(CURVES), part in 0.02..0.5) {
        agree(&plain, part)?;
    }

    #[test]
    fn targets_of_curves_with_floors_and_caps(plain in problem(BOUNDED), part in 0.02..0.5) {
        agree(&plain, part)?;
    }

    #[test]
    fn targets_of_curves_in_a_tree_of_groups(plain in problem(TREE), part in 0.02..0.5) {
        agree(&plain, part)?;
    }
}
