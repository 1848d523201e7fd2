//! What the two solvers must agree on.

use core::ops::ControlFlow;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use sortie::allocate::{Allocation, Options, Problem, Status, Verdict, solve_with, verify};
use sortie::numeric::cast;

use crate::generate::{Dice, Mix, ROLLS, build};
use crate::optimum::{Frame, Optimum, Priced, lost_to_steps};
use crate::plain::{Plain, id};
use crate::prices;
use crate::prices_alone::prices_alone;

/// What the prices of an answer prove by themselves, by the public checker.
fn bound_of_prices(problem: &Problem, answer: &Allocation) -> f64 {
    match verify(problem, &prices_alone(answer)).unwrap() {
        Verdict::FeasibleWithin { gap } => answer.value() + gap,
        _ => answer.value(),
    }
}

/// The prices that the answer shows, in the order of the limits.
pub(crate) fn shown_prices(plain: &Plain, answer: &Allocation) -> Vec<f64> {
    let budget = answer.shadow_price();
    let resources = (0..plain.limits.len()).map(|at| {
        let mut lines = answer.resources().iter();
        lines
            .find(|line| line.id == id('r', at))
            .unwrap()
            .shadow_price
    });
    let groups = (0..plain.groups.len()).map(|at| {
        let mut lines = answer.groups().iter();
        lines
            .find(|line| line.id == id('g', at))
            .unwrap()
            .shadow_price
    });
    core::iter::once(budget)
        .chain(resources)
        .chain(groups)
        .collect()
}

fn spends(plain: &Plain, answer: &Allocation) -> Vec<f64> {
    let spend = |at| answer.line(&id('a', at)).unwrap().spend.minor();
    (0..plain.offers.len())
        .map(|at| cast::f64_of_i64(spend(at)) / 100.0)
        .collect()
}

/// How many prices were compared to within a hundredth, and how many there were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) close: usize,
    pub(crate) all: usize,
}

impl Compared {
    /// Two prices that can differ by so much.
    fn compare(
        &mut self,
        (ours, other): (f64, f64),
        off: f64,
        scale: f64,
    ) -> Result<(), TestCaseError> {
        self.all += 1;
        self.close += usize::from(off <= 0.01 * scale);
        prop_assert!(
            (ours - other).abs() <= off,
            "price {}, not {} (within {})",
            ours,
            other,
            off
        );
        Ok(())
    }
}

/// Where resources bind, whole steps leave a gap that only a search closes. That is not what is compared here, so the
/// search is kept short.
const NODES: u64 = 3_000;

/// How far above the least bound prices may end, relative to the value, where resources bind: they are found column by
/// column, until what a further one gains drowns in rounding. Without resources they are exact.
const COLUMNS: f64 = 1e-10;

fn solved(problem: &Problem) -> Allocation {
    let options = Options::default().with_nodes_most(NODES);
    solve_with(problem, options, |_| ControlFlow::Continue(())).unwrap()
}

/// Value, bound and prices of an answer lie where the continuous optimum and the step say.
pub(crate) fn agree(plain: &Plain) -> Result<Compared, TestCaseError> {
    let frame = Frame::of(plain);
    let optimum = Optimum::of(&frame);
    // What the other solver does not find says nothing. It is counted elsewhere.
    prop_assume!(optimum.is_sure());
    let problem = plain.market(plain.budget());
    let answer = solved(&problem);
    let prices = shown_prices(plain, &answer);
    let dual = Priced {
        frame: &frame,
        prices,
    };
    let blur = dual.blur() + optimum.dual.blur();
    values_agree(&optimum, &answer, blur)?;

    let slow = if plain.limits.is_empty() {
        0.0
    } else {
        COLUMNS * optimum.most.abs()
    };
    let bound = bound_of_prices(&problem, &answer);
    prop_assert!(
        bound >= answer.value() - blur && bound <= optimum.most + blur + slow,
        "prices prove {}, value {}, at most {}",
        bound,
        answer.value(),
        optimum.most
    );
    // The same prices, for spends that need not be whole steps.
    let continuous = dual.bound();
    let most = optimum.most + dual.lost_to_steps() + blur + slow;
    prop_assert!(
        continuous >= optimum.least - blur && continuous <= most,
        "continuous bound {}, from {} to {}",
        continuous,
        optimum.least,
        most
    );
    let excess = continuous.max(optimum.most) - optimum.least + blur;
    prices_agree(&dual, &optimum, excess)
}

fn values_agree(
    optimum: &Optimum<'_>,
    answer: &Allocation,
    blur: f64,
) -> Result<(), TestCaseError> {
    let plain = optimum.dual.frame.plain;
    let value = answer.value();
    let own = plain.value(&spends(plain, answer));
    prop_assert!((value - own).abs() <= blur, "value {}, not {}", value, own);
    let bound = answer.bound();
    prop_assert!(
        value <= bound && bound <= optimum.most + blur,
        "bound {}, value {}, at most {}",
        bound,
        value,
        optimum.most
    );
    if plain.limits.is_empty() {
        prop_assert_eq!(answer.status(), Status::Optimal);
        let least = optimum.least - lost_to_steps(plain, &optimum.spends) - blur;
        prop_assert!(value >= least, "value {} below {}", value, least);
    }
    Ok(())
}

/// Compares prices as far as bounds that exceed the optimum by so much determine them.
fn prices_agree(
    ours: &Priced<'_>,
    optimum: &Optimum<'_>,
    excess: f64,
) -> Result<Compared, TestCaseError> {
    let other = &optimum.dual;
    let activities = 0..optimum.spends.len();
    let scale = activities.map(|at| other.full(at)).fold(0.0, f64::max);
    let mut compared = Compared::default();
    let of_activities = prices::of_activities(optimum, excess);
    for (at, off) in of_activities.iter().enumerate() {
        compared.compare((ours.full(at), other.full(at)), *off, scale)?;
    }
    let of_limits = prices::of_limits(optimum, excess, &of_activities);
    for (at, off) in of_limits.iter().enumerate() {
        // Each list can be off by so much.
        compared.compare((ours.prices[at], other.prices[at]), 2.0 * off, scale)?;
    }
    Ok(compared)
}

pub(crate) const CURVES: Mix = Mix {
    bounds: false,
    groups: false,
    resources: false,
};
pub(crate) const BOUNDED: Mix = Mix {
    bounds: true,
    ..CURVES
};
pub(crate) const TREE: Mix = Mix {
    groups: true,
    ..BOUNDED
};
pub(crate) const RESOURCES: Mix = Mix {
    resources: true,
    ..BOUNDED
};
pub(crate) const EVERYTHING: Mix = Mix {
    groups: true,
    ..RESOURCES
};

pub(crate) fn problem(mix: Mix) -> impl Strategy<Value = Plain> {
    prop::collection::vec(any::<u16>(), ROLLS)
        .prop_map(move |rolls| build(&mut Dice::new(&rolls), mix))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn curves_under_a_budget(plain in problem(CURVES)) {
        agree(&plain)?;
    }

    #[test]
    fn curves_with_floors_and_caps(plain in problem(BOUNDED)) {
        agree(&plain)?;
    }

    #[test]
    fn curves_in_a_tree_of_groups(plain in problem(TREE)) {
        agree(&plain)?;
    }
}

proptest! {
    // Each takes a search.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.div_ceil(4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn curves_with_resources(plain in problem(RESOURCES)) {
        agree(&plain)?;
    }

    #[test]
    fn curves_with_groups_and_resources(plain in problem(EVERYTHING)) {
        agree(&plain)?;
    }
}
