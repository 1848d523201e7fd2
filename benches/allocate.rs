//! How fast the market answers, with baselines in the same run.
//!
//! Every concave problem mixes four families of curves; a fifth of the activities has a floor, a fifth a cap. The
//! answer is exact to the minor unit and includes its certificate and the final check. Two baselines stand
//! beside it:
//!
//! * `exp_pass`: one pass of `libm::exp` over as many numbers, the unit in which the goals are stated;
//! * `bisection`: sixty halvings of the price, each asking every curve for its demand through the public trait. It
//!   gives real numbers, without floors, caps, rounding or proof.
//!
//! `solve_first` includes laying the problem out in columns, which later solves of the same problem share.
//! Set `SORTIE_BENCH_LARGE` to include ten million activities.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use sortie::allocate::{Activity, Group, Objective, Problem, Spending, solve};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::response::{
    Adbudg, Concave, Curve, Logarithmic, ModifiedExponential, Power, ResponseError,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A small multiplicative generator: the benches need variety, not randomness.
struct Variety(u64);

impl Variety {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = u32::try_from(self.0 >> 33).unwrap_or(0);
        low + (high - low) * f64::from(part) / f64::from(1_u32 << 31)
    }
}

fn curve(kind: usize, variety: &mut Variety) -> Result<Curve, ResponseError> {
    let scale = variety.between(50.0, 5_000.0);
    let spend = variety.between(20.0, 400.0);
    Ok(match kind % 4 {
        0 => ModifiedExponential::new(scale, 1.0 / spend)?.into(),
        1 => Logarithmic::new(scale, spend)?.into(),
        2 => Power::new(scale / 10.0, variety.between(0.2, 0.7))?.into(),
        _ => Adbudg::new(scale, variety.between(0.5, 1.0), spend)?.into(),
    })
}

/// `count` activities, 100.00 for each on average, in `groups` groups below ten regions.
fn problem(count: usize, groups: usize) -> Outcome<Problem> {
    let mut variety = Variety(7);
    let usd = Currency::from_code("USD")?;
    let money =
        |minor: usize| -> Outcome<Money> { Ok(Money::from_minor(i64::try_from(minor)?, usd)) };
    let name = |at: usize| Id::new(format!("a{at:08}"));
    let mut activities = Vec::with_capacity(count);
    for at in 0..count {
        let mut activity = Activity::curve(name(at)?, curve(at, &mut variety)?);
        if at % 5 == 1 {
            activity = activity.with_floor(money(2_000 + at % 3_000)?);
        }
        if at % 5 == 2 {
            activity = activity.with_cap(money(10_000 + at % 20_000)?);
        }
        activities.push(activity);
    }
    let mut tree = Vec::new();
    if let Some(size) = count.checked_div(groups) {
        let regions = 10;
        for region in 0..regions {
            let cap = money(count * 10_000 / regions * (8 + region % 5) / 10)?;
            tree.push(Group::new(Id::new(format!("r{region:04}"))?).with_cap(cap));
        }
        let fair = size * 10_000;
        for at in 0..groups {
            // A third of the groups is held by its cap, some are held up by a floor.
            let mut group = Group::new(Id::new(format!("t{at:04}"))?)
                .with_parent(Id::new(format!("r{:04}", at % regions))?);
            if at % 3 == 0 {
                group = group.with_cap(money(fair * 8 / 10)?);
            } else if at % 7 == 1 {
                group = group.with_floor(money(fair * 9 / 10)?);
            }
            let members: Result<Vec<Id>, _> = (at * size..(at + 1) * size).map(name).collect();
            tree.push(group.with_members(members?));
        }
    }
    let objective = Objective::Budget(money(count * 10_000)?);
    Ok(Problem::new(usd, objective, vec![], activities, tree)?)
}

/// A copy that has not been laid out yet.
fn afresh(problem: &Problem) -> Outcome<Problem> {
    Ok(Problem::new(
        problem.currency(),
        problem.objective(),
        problem.resources().to_vec(),
        problem.activities().to_vec(),
        problem.groups().to_vec(),
    )?)
}

fn bisection(curves: &[Curve], budget: f64) -> f64 {
    let (mut low, mut high) = (1e-9_f64, 1e9_f64);
    for _ in 0..60 {
        let price = (low * high).sqrt();
        let concave = curves.iter().filter_map(Curve::as_concave);
        let demand: f64 = concave.map(|curve| curve.spend_at(price)).sum();
        if demand > budget {
            low = price;
        } else {
            high = price;
        }
    }
    high
}

fn concave(criterion: &mut Criterion) -> Outcome<()> {
    let mut group = criterion.benchmark_group("concave");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    let large = std::env::var_os("SORTIE_BENCH_LARGE").is_some();
    for count in [100, 1_000, 100_000, 1_000_000, 10_000_000] {
        if count > 1_000_000 && !large {
            continue;
        }
        let problem = problem(count, 0)?;
        group.bench_function(BenchmarkId::new("solve", count), |bench| {
            bench.iter(|| solve(black_box(&problem)));
        });
        if count <= 1_000_000 {
            group.bench_function(BenchmarkId::new("solve_first", count), |bench| {
                bench.iter_batched(
                    || afresh(&problem),
                    |fresh| fresh.map(|fresh| (solve(&fresh), fresh)),
                    BatchSize::PerIteration,
                );
            });
        }
        let exponents = (0..700_u32).cycle().take(count);
        let numbers: Vec<f64> = exponents.map(|at| -f64::from(at)).collect();
        group.bench_function(BenchmarkId::new("exp_pass", count), |bench| {
            bench.iter(|| -> f64 { black_box(&numbers).iter().map(|&x| libm::exp(x)).sum() });
        });
        if count <= 100_000 {
            let terms = problem
                .activities()
                .iter()
                .filter_map(Activity::as_spending);
            let curves: Vec<Curve> = terms.map(Spending::curve).cloned().collect();
            let budget = 100.0 * f64::from(u32::try_from(count)?);
            group.bench_function(BenchmarkId::new("bisection", count), |bench| {
                bench.iter(|| bisection(black_box(&curves), budget));
            });
        }
    }
    group.finish();
    Ok(())
}

fn tree(criterion: &mut Criterion) -> Outcome<()> {
    let mut group = criterion.benchmark_group("tree");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    for (count, groups) in [(100_000, 100), (1_000_000, 1_000)] {
        for groups in [0, groups] {
            let problem = problem(count, groups)?;
            group.bench_function(
                BenchmarkId::new(format!("groups_{groups}"), count),
                |bench| {
                    bench.iter(|| solve(black_box(&problem)));
                },
            );
        }
    }
    group.finish();
    Ok(())
}

#[expect(
    clippy::panic,
    reason = "a bench that cannot be set up must not pass for a fast one"
)]
fn all(criterion: &mut Criterion) {
    for bench in [concave, tree] {
        if let Err(error) = bench(criterion) {
            panic!("{error}");
        }
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
