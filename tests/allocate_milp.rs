//! The market against an independent solver of linear and mixed-integer programmes.
//!
//! The same problem is written twice: as a problem of the market, and as rows and columns for the other solver, which
//! shares nothing with the library. Its optimum is good to about 10⁻⁷, so that is what is compared.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use microlp::{ComparisonOp, OptimizationDirection, Variable};
use sortie::allocate::{
    Activity, Allocation, Group, MenuOption, Objective, Problem, Resource, Status, Verdict, solve,
    verify,
};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::{Draws, Stream, cast};
use sortie::quantity::Quantity;
use sortie::response::{Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response};

#[path = "support/prices_alone.rs"]
mod prices_alone;

use prices_alone::prices_alone;

/// Relative accuracy of the other solver.
const ACCURACY: f64 = 1e-6;

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn usd() -> Currency {
    Currency::from_code("USD").unwrap()
}

fn money(minor: u64) -> Money {
    Money::from_minor(i64::try_from(minor).unwrap(), usd())
}

/// One thing that can be taken: minor units, value, and tenths of a unit of each resource.
#[derive(Clone)]
struct Piece {
    cost: u64,
    value: f64,
    uses: Vec<u64>,
}

/// A problem in both languages: per activity its pieces; limits of money and resources; groups of activities.
struct Twice {
    budget: u64,
    limits: Vec<u64>,
    /// Members (a range of activities), floor and cap.
    groups: Vec<(core::ops::Range<usize>, u64, u64)>,
    offers: Vec<Vec<Piece>>,
}

fn tenths(amount: u64) -> Quantity {
    Quantity::from_micros(amount * 100_000)
}

impl Twice {
    fn menus(seed: u64, count: u64, resources: u64, grouped: bool) -> Self {
        let mut draw = Draws::new(seed).stream(&[0]);
        let offers: Vec<Vec<Piece>> = (0..count)
            .map(|_| {
                let piece = |draw: &mut Stream| Piece {
                    cost: 1 + draw.below(900),
                    value: (1_000.0 * draw.uniform()).round() / 8.0,
                    uses: (0..resources).map(|_| draw.below(40)).collect(),
                };
                (0..=draw.below(4)).map(|_| piece(&mut draw)).collect()
            })
            .collect();
        let groups = if grouped {
            let third = offers.len() / 3;
            let cap = 150 * cast::u64_of_usize(third) + draw.below(300);
            vec![(0..third, 0, cap), (third..2 * third, cap / 4, 2 * cap)]
        } else {
            Vec::new()
        };
        Self {
            budget: count * (60 + draw.below(250)),
            limits: (0..resources)
                .map(|_| count * (3 + draw.below(10)))
                .collect(),
            groups,
            offers,
        }
    }

    fn market(&self) -> Problem {
        let activities = (0..).zip(&self.offers).map(|(place, pieces): (u64, _)| {
            let options = pieces.iter().enumerate().map(|(at, piece)| {
                let option = MenuOption::new(id(&format!("o{at}")), money(piece.cost), piece.value);
                (piece.uses.iter().enumerate()).fold(option, |option, (resource, used)| {
                    option.with_use(id(&format!("r{resource}")), tenths(*used))
                })
            });
            Activity::menu(id(&format!("a{place:03}")), options.collect())
        });
        self.problem(activities.collect())
    }

    fn problem(&self, activities: Vec<Activity>) -> Problem {
        let resources = self.limits.iter().enumerate();
        let resources =
            resources.map(|(at, limit)| Resource::new(id(&format!("r{at}")), tenths(*limit)));
        let groups = self
            .groups
            .iter()
            .enumerate()
            .map(|(at, (range, floor, cap))| {
                let members = range.clone().map(|place| id(&format!("a{place:03}")));
                Group::new(id(&format!("g{at}")))
                    .with_floor(money(*floor))
                    .with_cap(money(*cap))
                    .with_members(members.collect())
            });
        let budget = Objective::Budget(money(self.budget));
        Problem::new(
            usd(),
            budget,
            resources.collect(),
            activities,
            groups.collect(),
        )
        .unwrap()
    }

    /// The optimum of the other solver: of pieces taken whole or not at all, or in any part; at most one of an activity,
    /// or all. `None` if it is infeasible.
    fn other(&self, whole: bool, one: bool) -> Option<f64> {
        let mut model = microlp::Problem::new(OptimizationDirection::Maximize);
        let mut taken: Vec<Vec<(Variable, &Piece)>> = Vec::new();
        for pieces in &self.offers {
            let variable = |piece: &Piece, model: &mut microlp::Problem| {
                if whole {
                    model.add_binary_var(piece.value)
                } else {
                    model.add_var(piece.value, (0.0, 1.0))
                }
            };
            let of = pieces
                .iter()
                .map(|piece| (variable(piece, &mut model), piece));
            taken.push(of.collect());
        }
        let row =
            |range: core::ops::Range<usize>, of: &dyn Fn(&Piece) -> f64| -> Vec<(Variable, f64)> {
                let all = taken[range].iter().flatten();
                all.map(|(variable, piece)| (*variable, of(piece)))
                    .collect()
            };
        let all = 0..taken.len();
        let cost = |piece: &Piece| cast::f64_of_u64(piece.cost);
        let most = |amount: u64| cast::f64_of_u64(amount);
        model.add_constraint(row(all.clone(), &cost), ComparisonOp::Le, most(self.budget));
        for (range, floor, cap) in &self.groups {
            model.add_constraint(row(range.clone(), &cost), ComparisonOp::Le, most(*cap));
            model.add_constraint(row(range.clone(), &cost), ComparisonOp::Ge, most(*floor));
        }
        for (at, limit) in self.limits.iter().enumerate() {
            let used = |piece: &Piece| cast::f64_of_u64(piece.uses[at]);
            model.add_constraint(row(all.clone(), &used), ComparisonOp::Le, most(*limit));
        }
        if one {
            for place in all {
                model.add_constraint(row(place..place + 1, &|_| 1.0), ComparisonOp::Le, 1.0);
            }
        }
        match model.solve() {
            Ok(outcome) => outcome.into_solution().ok().map(|found| found.objective()),
            Err(microlp::Error::Infeasible) => None,
            Err(error) => unreachable!("{error}"),
        }
    }
}

/// What the prices of an answer prove by themselves, by the public checker.
fn bound_of_prices(problem: &Problem, answer: &Allocation) -> f64 {
    match verify(problem, &prices_alone(answer)).unwrap() {
        Verdict::FeasibleWithin { gap } => answer.value() + gap,
        _ => answer.value(),
    }
}

fn against_the_other(seed: u64, count: u64, resources: u64, grouped: bool) -> bool {
    let twice = Twice::menus(seed, count, resources, grouped);
    let problem = twice.market();
    let whole = twice.other(true, true);
    let Ok(answer) = solve(&problem) else {
        assert_eq!(whole, None, "seed {seed}: feasible after all");
        return false;
    };
    let (whole, relaxed) = (whole.unwrap(), twice.other(false, true).unwrap());
    let slack = ACCURACY * whole.abs().max(1.0);
    let value = answer.value();
    assert_eq!(answer.status(), Status::Optimal, "seed {seed}");
    assert!(
        (value - whole).abs() <= slack,
        "seed {seed}: {value}, not {whole}"
    );
    let bound = bound_of_prices(&problem, &answer);
    assert!(bound >= whole - slack, "seed {seed}: {bound} below {whole}");
    assert!(
        bound <= relaxed + slack,
        "seed {seed}: {bound} above the relaxation's {relaxed}"
    );
    true
}

#[test]
fn menus_under_a_budget() {
    assert!((0..40).all(|seed| against_the_other(seed, 12, 0, false)));
}

#[test]
fn menus_with_one_resource() {
    assert!((0..30).all(|seed| against_the_other(seed, 12, 1, false)));
}

#[test]
fn menus_with_three_resources() {
    assert!((0..20).all(|seed| against_the_other(seed, 10, 3, false)));
}

#[test]
fn menus_with_groups() {
    let feasible = (0..30)
        .filter(|seed| against_the_other(*seed, 15, 0, true))
        .count();
    assert!(feasible >= 15, "{feasible} of 30 feasible");
}

#[test]
fn menus_with_groups_and_a_resource() {
    let feasible = (0..30)
        .filter(|seed| against_the_other(*seed, 12, 1, true))
        .count();
    assert!(feasible >= 15, "{feasible} of 30 feasible");
}

/// Concave curves in steps are the linear programme of their steps, whose relaxation the prices prove.
#[test]
fn concave_curves_with_resources() {
    for seed in 0..12 {
        let mut draw = Draws::new(100 + seed).stream(&[1]);
        let steps = 8;
        let step = 25;
        let mut activities = Vec::new();
        let mut offers = Vec::new();
        let mut largest = 0.0_f64;
        for place in 0..5_u64 {
            let scale = 20.0 + 100.0 * draw.uniform();
            let curve: Curve = match place % 4 {
                0 => ModifiedExponential::new(scale, 0.2 + draw.uniform())
                    .unwrap()
                    .into(),
                1 => Logarithmic::new(scale, 1.0 + draw.uniform())
                    .unwrap()
                    .into(),
                2 => Power::new(scale, 0.2 + 0.6 * draw.uniform())
                    .unwrap()
                    .into(),
                _ => {
                    let points = [
                        (0.0, 0.0),
                        (2.0, scale),
                        (5.0, 1.5 * scale),
                        (6.0, 1.6 * scale),
                    ];
                    PiecewiseLinear::new(&points).unwrap().into()
                }
            };
            let used = draw.below(30);
            largest = curve.gain(0, 1, 0.25).max(largest);
            let pieces = (0..steps).map(|at| Piece {
                cost: step,
                value: curve.gain(at, at + 1, 0.25),
                uses: vec![used],
            });
            offers.push(pieces.collect::<Vec<_>>());
            let activity = Activity::curve(id(&format!("a{place:03}")), curve)
                .with_step(money(step))
                .with_cap(money(step * steps))
                // Tenths a step of a quarter unit.
                .with_use_per_unit(id("r0"), tenths(4 * used));
            activities.push(activity);
        }
        let twice = Twice {
            budget: 200 + draw.below(500),
            limits: vec![100 + draw.below(200)],
            groups: vec![(0..3, 0, 200 + draw.below(300))],
            offers,
        };
        let problem = twice.problem(activities);
        let answer = solve(&problem).unwrap();
        let relaxed = twice.other(false, false).unwrap();
        let slack = ACCURACY * relaxed;
        let value = answer.value();
        assert_eq!(answer.status(), Status::Optimal, "seed {seed}");
        // A corner of the relaxation has no more parts of steps than there are rows; without them it is whole.
        let rows = 3.0;
        let parts = rows * largest;
        assert!(
            value <= relaxed + slack && value >= relaxed - parts - slack,
            "seed {seed}: {value}, relaxed {relaxed}"
        );
        let bound = bound_of_prices(&problem, &answer);
        assert!(
            bound >= value && bound <= relaxed + slack,
            "seed {seed}: {bound}, relaxed {relaxed}"
        );
    }
}
