//! What a solve tells on its way is true: values that were reached, and bounds that nothing exceeds.

use std::ops::ControlFlow;

use proptest::prelude::*;
use sortie::allocate::{Options, Progress, solve_with};

use crate::answer::admitted;
use crate::brute::{self, Reach};
use crate::generate::problem_of_any_mix;
use crate::plain::Plain;

/// All that is told until the end.
fn told(plain: &Plain) -> Vec<Progress> {
    let mut told = Vec::new();
    let _ = solve_with(&admitted(plain), Options::default(), |progress| {
        told.push(*progress);
        ControlFlow::Continue(())
    });
    told
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_and_bounds_on_the_way_enclose_the_best(plain in problem_of_any_mix(false)) {
        let told = told(&plain);
        let Some(best) = brute::most_value(&plain) else {
            prop_assert!(told.iter().all(|progress| progress.value.is_none()));
            return Ok(());
        };
        let mut accuracy = 1e-12 * best.abs();
        let budget = plain.budget().unwrap();
        brute::every(&plain, budget, |picks| accuracy = accuracy.max(brute::accuracy(picks)));
        for progress in told {
            prop_assert!(progress.bound >= best - accuracy, "{progress:?}, best {best}");
            prop_assert!(progress.value.is_none_or(|value| value <= best + accuracy), "{progress:?}, best {best}");
        }
    }

    #[test]
    fn spends_on_the_way_to_a_target_enclose_the_least(plain in problem_of_any_mix(true)) {
        let told = told(&plain);
        let Reach::Least(least) = brute::least_spend(&plain, 50) else {
            return Ok(());
        };
        let least = plain.units(least);
        for progress in told {
            prop_assert!(progress.bound <= least * (1.0 + 1e-12), "{progress:?}, least {least}");
            prop_assert!(progress.value.is_none_or(|spend| spend >= least * (1.0 - 1e-12)), "{progress:?}, least {least}");
        }
    }
}
