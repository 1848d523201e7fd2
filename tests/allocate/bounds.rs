//! No bound, told or returned, is below the best value, however wild the values and however early the search ends.

use std::ops::ControlFlow;

use sortie::allocate::{Options, Problem, solve_with};
use sortie::numeric::{Draws, ExactSum};
use sortie::response::Response;

use crate::brute::{Pick, every};
use crate::generate::{Dice, Mix, build};
use crate::plain::{Curve, Offer, Plain};

/// Values of each activity times a power of ten of its own.
fn scaled(mut plain: Plain, draw: &mut impl FnMut() -> f64) -> Plain {
    let common = draw();
    for activity in &mut plain.activities {
        let by = if draw() > 1e3 { draw() } else { common };
        match &mut activity.offer {
            Offer::Menu { options, .. } => {
                for option in options.iter_mut() {
                    option.value *= by;
                }
            }
            Offer::Spend { curve, .. } => match curve {
                Curve::Exponential { scale, .. }
                | Curve::Power { scale, .. }
                | Curve::Logarithmic { scale, .. }
                | Curve::Adbudg { scale, .. } => *scale *= by,
                Curve::Piecewise(points) => points.iter_mut().for_each(|point| point.1 *= by),
            },
        }
    }
    plain
}

/// What the library itself says that picks are worth, summed exactly, and the sum of the sizes.
fn worth(plain: &Plain, problem: &Problem, picks: &[&Pick]) -> (f64, f64) {
    let values: Vec<f64> = (plain.activities.iter().zip(picks))
        .map(|(activity, pick)| {
            let place = problem.activities().iter();
            let found = place.clone().find(|a| a.id().as_str() == activity.id);
            let spending = found.and_then(|found| found.as_spending());
            spending.map_or(pick.value, |terms| {
                terms.curve().value(plain.units(pick.spend))
            })
        })
        .collect();
    let size = values.iter().map(|value| value.abs()).sum();
    (values.into_iter().collect::<ExactSum>().value(), size)
}

/// The best value, and the largest sum of sizes.
fn best(plain: &Plain, problem: &Problem) -> Option<(f64, f64)> {
    let mut best = None::<(f64, f64)>;
    every(plain, plain.budget().expect("a budget"), |picks| {
        let (value, size) = worth(plain, problem, picks);
        let (most, largest) = best.unwrap_or((f64::NEG_INFINITY, 0.0));
        best = Some((most.max(value), largest.max(size)));
    });
    best
}

fn hold(mix: Mix, seed: u64) {
    let mut stream = Draws::new(0xb0).stream(&[seed]);
    let rolls: Vec<u16> = (0..160)
        .map(|_| u16::try_from(stream.below(1 << 16)).expect("16 bits"))
        .collect();
    let plain = build(&mut Dice::new(&rolls), mix);
    let plain = scaled(plain, &mut || libm::exp10(-6.0 + 18.0 * stream.uniform()));
    let text = plain.text();
    let Ok(problem) = serde_json::from_str::<Problem>(&text) else {
        return;
    };
    let Some((best, size)) = best(&plain, &problem) else {
        return;
    };
    for nodes in [0, 1, 2, 5, 20, 100_000] {
        let mut told = f64::INFINITY;
        let answer = solve_with(
            &problem,
            Options::default().with_nodes_most(nodes),
            |progress| {
                assert!(
                    progress.bound >= best,
                    "seed {seed}, {nodes} nodes: told {} below {best}: {text}",
                    progress.bound
                );
                told = told.min(progress.bound);
                if let Some(value) = progress.value {
                    assert!(value <= told, "seed {seed}: {value} above {told}: {text}");
                }
                ControlFlow::Continue(())
            },
        );
        let Ok(answer) = answer else {
            continue;
        };
        // What values themselves are known to: within it value and bound count as one.
        let blur = 32.0 * f64::EPSILON * size;
        assert!(
            answer.bound() >= best - blur,
            "seed {seed}, {nodes} nodes: {} below {best}: {text}",
            answer.bound()
        );
        assert!(answer.bound() >= answer.value() && answer.gap() >= 0.0);
        assert!(
            !answer.is_optimal() || answer.value() >= best - 1.1e-12 * best.abs() - blur,
            "seed {seed}, {nodes} nodes: {} is not {best}: {text}",
            answer.value()
        );
    }
}

#[test]
fn bounds_of_wild_values_hold() {
    let all = Mix {
        s_curves: true,
        menus: true,
        bounds: true,
        minimums: true,
        unequal_steps: true,
        groups: true,
        resources: true,
        ..Mix::CONCAVE
    };
    let mixes = [
        all,
        Mix {
            resources: false,
            ..all
        },
        Mix {
            groups: false,
            ..all
        },
        Mix::MENUS,
        Mix::MENU_TREE,
        Mix::MENU_RESOURCES,
        Mix::S_CURVES,
    ];
    for seed in 0..CASES {
        for mix in mixes {
            hold(mix, seed);
        }
    }
}

const CASES: u64 = 150;
