//! The closed forms against what they stand for: integrals over the customers' own rates and chances to leave.

#![expect(
    clippy::many_single_char_names,
    reason = "the letters are those of the published formulas"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::numeric::special::ln_beta;

/// Σ f(t) over a fine even grid, times its step: exact to rounding for smooth f that vanishes at both ends.
fn trapezoid(from: f64, to: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    const STEPS: u32 = 1_000;
    let step = (to - from) / f64::from(STEPS);
    let points = (0..=STEPS).map(|i| f(from + step * f64::from(i)));
    points.sum::<f64>() * step
}

/// The mean of f(λ) over λ gamma distributed with this shape and rate.
fn mean_of_rates(shape: f64, rate: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let fixed = shape * libm::log(rate) - libm::lgamma(shape);
    trapezoid(-90.0, 9.0, |ln| {
        let own = libm::exp(ln);
        libm::exp(shape * ln - rate * own + fixed) * f(own)
    })
}

/// The mean of f(p) over p beta distributed.
fn mean_of_chances(a: f64, b: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let fixed = ln_beta(a, b);
    trapezoid(-120.0, 120.0, |z| {
        let (ln_p, ln_q) = (-libm::log1p(libm::exp(-z)), -libm::log1p(libm::exp(z)));
        libm::exp(a * ln_p + b * ln_q - fixed) * f(libm::exp(ln_p))
    })
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
        "{found}, not {expected}"
    );
}

/// Days of use, and the day on which they are looked at.
const CUSTOMERS: [(&[i32], i32); 5] = [
    (&[0], 30),
    (&[0, 9], 9),
    (&[0, 5, 12], 40),
    (&[3, 4, 10, 30, 31], 37),
    (&[0, 20, 40, 70, 75, 110, 111], 200),
];

fn summary(days: &[i32], as_of: i32) -> Summary {
    Record::of_days(days).unwrap().summary(as_of, 7.0)
}

/// (gone, alive) of a customer with these parameters: each stage by its own density, each use survived.
fn gone_and_alive(model: &BetaGeometric, customer: &Summary) -> (f64, f64) {
    let [r, alpha, a, b] = model.parameters();
    let stages = model.regularity();
    let (x, k) = (f64::from(customer.repeats()), f64::from(stages));
    let (stays_gone, stays_alive) = match model.dropout() {
        Dropout::AfterAny => (x, x + 1.0),
        Dropout::AfterRepeat => (x - 1.0, x),
    };
    let gaps = libm::exp((k - 1.0) * customer.ln_gaps() - x * libm::lgamma(k));
    let until_last = |own: f64| libm::exp(k * x * libm::log(own) - own * customer.recency());
    let silent = |own: f64| {
        let (mut term, mut sum) = (1.0, 1.0);
        for j in 1..stages {
            term *= own * customer.gap() / f64::from(j);
            sum += term;
        }
        sum * libm::exp(-own * customer.gap())
    };
    let left = if stays_gone < 0.0 {
        0.0
    } else {
        mean_of_chances(a, b, |p| p * libm::pow(1.0 - p, stays_gone))
    };
    let stayed = mean_of_chances(a, b, |p| libm::pow(1.0 - p, stays_alive));
    (
        gaps * left * mean_of_rates(r, alpha, until_last),
        gaps * stayed * mean_of_rates(r, alpha, |own| until_last(own) * silent(own)),
    )
}

#[test]
fn the_beta_geometric_likelihood_is_its_integral() {
    for (dropout, stages) in [
        (Dropout::AfterRepeat, 1),
        (Dropout::AfterAny, 1),
        (Dropout::AfterAny, 3),
    ] {
        let model = BetaGeometric::new(dropout, stages, 0.6, 4.5, 0.8, 2.4).unwrap();
        let mut expected = 0.0;
        for (days, as_of) in CUSTOMERS {
            let customer = summary(days, as_of);
            let (gone, alive) = gone_and_alive(&model, &customer);
            expected += libm::log(gone + alive);
            near(model.p_alive(&customer), alive / (gone + alive));
            let window = 5.0;
            let later = summary(days, as_of + 35);
            let (_, still) = gone_and_alive(&model, &later);
            let silent = (gone + still) / (gone + alive);
            near(model.p_silent(&customer, window), silent);
            let path = model.path(customer.repeats(), customer.recency(), customer.gap());
            near(path.at(window).0, silent);
            near(path.at(window).1, gone / (gone + still));
            near(path.at(0.0).1, gone / (gone + alive));
        }
        let sample = Sample::new(CUSTOMERS.map(|(days, as_of)| summary(days, as_of))).unwrap();
        near(model.ln_likelihood_of(&sample), expected);
    }
}

/// ∫ over the customer's rate and the time of leaving: the rate by its closed form, the time by a sum.
fn pareto_likelihood(model: &ParetoNbd, customer: &Summary) -> (f64, f64) {
    let [r, alpha, s, beta] = model.parameters();
    let x = f64::from(customer.repeats());
    let used =
        |until: f64| mean_of_rates(r, alpha, |own| libm::exp(x * libm::log(own) - own * until));
    let stays = |until: f64| mean_of_rates(s, beta, |own| libm::exp(-own * until));
    let leaves = |at: f64| mean_of_rates(s, beta, |own| own * libm::exp(-own * at));
    // Gauss's five points on each of ten pieces.
    let (nodes, weights) = (
        [0.0, 0.538_469_310_105_683_1, 0.906_179_845_938_664],
        [
            0.568_888_888_888_888_9,
            0.478_628_670_499_366_5,
            0.236_926_885_056_189_1,
        ],
    );
    let half = customer.gap() / 20.0;
    let mut left = 0.0;
    for piece in 0..10 {
        let middle = customer.recency() + half * (2.0 * f64::from(piece) + 1.0);
        for (node, weight) in nodes.into_iter().zip(weights) {
            for side in if node > 0.0 {
                vec![-1.0, 1.0]
            } else {
                vec![0.0]
            } {
                let at = middle + half * side * node;
                left += half * weight * used(at) * leaves(at);
            }
        }
    }
    (used(customer.age()) * stays(customer.age()), left)
}

#[test]
fn the_pareto_likelihood_is_its_integral() {
    for [r, alpha, s, beta] in [
        [0.55, 10.6, 0.61, 11.7],
        [1.4, 3.0, 2.2, 30.0],
        [0.8, 25.0, 0.5, 6.0],
    ] {
        let model = ParetoNbd::new(r, alpha, s, beta).unwrap();
        let mut expected = 0.0;
        for (days, as_of) in CUSTOMERS {
            let customer = summary(days, as_of);
            let (alive, left) = pareto_likelihood(&model, &customer);
            expected += libm::log(alive + left);
            near(model.p_alive(&customer), alive / (alive + left));
            let later = pareto_likelihood(&model, &summary(days, as_of + 35));
            near(
                model.p_silent(&customer, 5.0),
                (later.0 + later.1) / (alive + left),
            );
        }
        let sample = Sample::new(CUSTOMERS.map(|(days, as_of)| summary(days, as_of))).unwrap();
        near(model.ln_likelihood_of(&sample), expected);
    }
}

#[test]
fn parameters_that_are_none_are_refused_by_name() {
    let refused = |found: Result<(), ModelError>, name: &str| {
        let sentence = found.unwrap_err().to_string();
        assert!(
            sentence.starts_with(&format!("parameter {name} is ")),
            "{sentence}"
        );
    };
    for bad in [0.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        for (place, name) in ["r", "alpha", "a", "b"].into_iter().enumerate() {
            let mut given = [1.0; 4];
            given[place] = bad;
            let [r, alpha, a, b] = given;
            refused(
                BetaGeometric::new(Dropout::AfterAny, 1, r, alpha, a, b).map(|_| ()),
                name,
            );
            let name = ["r", "alpha", "s", "beta"][place];
            refused(ParetoNbd::new(r, alpha, a, b).map(|_| ()), name);
        }
        for (place, name) in ["p", "q", "v"].into_iter().enumerate() {
            let mut given = [1.0; 3];
            given[place] = bad;
            refused(
                GammaGamma::new(given[0], given[1], given[2]).map(|_| ()),
                name,
            );
        }
        refused(Spend::new(1, bad).map(|_| ()), "mean amount");
    }
    refused(Spend::new(0, 1.0).map(|_| ()), "events");
}

/// Samples of all kinds: days of use, and the day on which everybody is looked at.
fn any_sample() -> impl Strategy<Value = Sample> {
    let customer = prop::collection::btree_set(0..400_i32, 1..9);
    let customers = prop::collection::vec(customer, 1..12);
    let with_a_repeat =
        |customers: &Vec<BTreeSet<i32>>| customers.iter().any(|days| days.len() > 1);
    let lawful = customers.prop_filter("nobody came back", with_a_repeat);
    lawful.prop_map(|customers| {
        let summaries = customers.iter().map(|days| {
            let days: Vec<i32> = days.iter().copied().collect();
            summary(&days, 400)
        });
        Sample::new(summaries).unwrap()
    })
}

/// How much f rises with the logarithm of one parameter: five points, so that the error is of the fifth order.
fn rise(f: impl Fn([f64; 4]) -> f64, at: [f64; 4], place: usize) -> f64 {
    let moved = |by: f64| {
        let mut parameters = at;
        parameters[place] *= 1.0 + by;
        f(parameters)
    };
    (moved(-2e-3) - 8.0 * moved(-1e-3) + 8.0 * moved(1e-3) - moved(2e-3)) / 12e-3
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.min(256), ..ProptestConfig::default() })]

    #[test]
    fn the_slopes_of_the_beta_geometric_likelihood_are_its_rise(
        sample in any_sample(), ln in prop::array::uniform4(-2.0_f64..2.5), stages in 1_u32..4, any in prop::bool::ANY
    ) {
        let (dropout, stages) = if any { (Dropout::AfterAny, stages) } else { (Dropout::AfterRepeat, 1) };
        let at = ln.map(libm::exp);
        let model = |[r, alpha, a, b]: [f64; 4]| BetaGeometric::new(dropout, stages, r, alpha, a, b).unwrap();
        let value = |parameters| model(parameters).ln_likelihood_of(&sample);
        let size = 1.0 + value(at).abs();
        for (i, slope) in model(at).likelihood(&sample).1.into_iter().enumerate() {
            let (found, rise) = (slope * at[i], rise(value, at, i));
            prop_assert!((found - rise).abs() <= 1e-7 * (size + rise.abs()), "{i}: {found}, not {rise}");
        }
    }

    /// The likelihood that a fit climbs is the plain one, and its slopes are what it rises by.
    #[test]
    fn the_slopes_of_the_pareto_likelihood_are_its_rise(
        sample in any_sample(), ln in prop::array::uniform4(-2.5_f64..3.5)
    ) {
        let at = ln.map(libm::exp);
        let layout = pareto_nbd::Layout::of(&sample);
        let plain = |[r, alpha, s, beta]: [f64; 4]| {
            ParetoNbd::new(r, alpha, s, beta).unwrap().ln_likelihood_of(&sample)
        };
        let (value, slopes) = layout.ln_likelihood(at);
        let expected = plain(at);
        prop_assert!((value - expected).abs() <= 1e-11 * (1.0 + expected.abs()), "{value}, not {expected}");
        for (i, slope) in slopes.into_iter().enumerate() {
            let (found, rise) = (slope * at[i], rise(plain, at, i));
            prop_assert!((found - rise).abs() <= 1e-7 * (1.0 + rise.abs() + expected.abs()), "{i}: {found}, not {rise}");
        }
    }
}

/// Where one scale is nothing beside the other the series does not settle, and the point is refused.
#[test]
fn a_likelihood_that_does_not_settle_is_no_number() {
    let sample = Sample::new(CUSTOMERS.map(|(days, as_of)| summary(days, as_of))).unwrap();
    let layout = pareto_nbd::Layout::of(&sample);
    assert!(layout.ln_likelihood([0.5, 1e5, 0.5, 1e-5]).0.is_nan());
    assert!(layout.ln_likelihood([0.5, 1e-5, 0.5, 1e5]).0.is_nan());
    // Equal scales need no series at all.
    let equal = ParetoNbd::new(0.5, 4.0, 0.7, 4.0).unwrap();
    near(
        layout.ln_likelihood([0.5, 4.0, 0.7, 4.0]).0,
        equal.ln_likelihood_of(&sample),
    );
}
