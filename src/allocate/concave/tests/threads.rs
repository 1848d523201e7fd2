//! The same bytes for any number of threads, with the feature and without it.

use super::super::super::{Activity, Group, Objective, Problem, solve};
use super::{currency, id, money};
use crate::response::{Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

/// More activities than one job holds, some alike so that ties cross the jobs' borders, in groups that bind.
fn large(count: u32, groups: u32, percent: i64) -> Problem {
    let activity = |at: u32| -> Activity {
        let size = f64::from(at % 89 + 3);
        let curve: Curve = match at % 6 {
            0 => ModifiedExponential::new(9.0 * size, 1.0 / size)
                .unwrap()
                .into(),
            1 => Logarithmic::new(size, size).unwrap().into(),
            2 => Power::new(size / 9.0, 0.2 + size / 200.0).unwrap().into(),
            3 => Adbudg::new(4.0 * size, 0.3 + size / 150.0, size)
                .unwrap()
                .into(),
            4 => Adbudg::new(4.0 * size, 1.0, size).unwrap().into(),
            _ => PiecewiseLinear::new(&[(0.0, 0.0), (20.0, 30.0), (60.0, 50.0)])
                .unwrap()
                .into(),
        };
        let activity = Activity::curve(id(&format!("a{at:06}")), curve);
        match at % 5 {
            1 => activity.with_floor(money(700, "USD")),
            2 => activity.with_cap(money(3_000, "USD")),
            _ => activity,
        }
    };
    let size = count.checked_div(groups).unwrap_or(0);
    let group = |at: u32| {
        let members = (at * size..(at + 1) * size).map(|at| id(&format!("a{at:06}")));
        let group = Group::new(id(&format!("g{at:03}"))).with_members(members.collect());
        match at % 3 {
            0 => group.with_cap(money(i64::from(size) * 900, "USD")),
            1 => group.with_floor(money(i64::from(size) * 1_600, "USD")),
            _ => group,
        }
    };
    let budget = Objective::Budget(money(i64::from(count) * 15 * percent, "USD"));
    let activities = (0..count).map(activity).collect();
    let groups = (0..groups).map(group).collect();
    Problem::new(currency("USD"), budget, vec![], activities, groups).unwrap()
}

#[cfg(feature = "rayon")]
fn document(problem: &Problem) -> String {
    serde_json::to_string(&solve(problem).unwrap()).unwrap()
}

/// Of the spends and prices alone, which do not hang on how values are rounded.
fn digest(problem: &Problem) -> u64 {
    let allocation = solve(problem).unwrap();
    let spends = allocation.lines().map(|line| line.spend.minor());
    let prices = allocation.groups().iter().map(|group| group.shadow_price);
    let prices = prices.chain([allocation.shadow_price()]);
    let words = spends.map(i64::unsigned_abs);
    words
        .chain(prices.map(f64::to_bits))
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, word| {
            (hash ^ word).wrapping_mul(0x0100_0000_01b3)
        })
}

fn problems() -> [Problem; 3] {
    [
        large(50_000, 0, 100),
        large(50_000, 9, 100),
        large(40_000, 400, 90),
    ]
}

/// One figure for each problem, the same with the feature and without it.
#[test]
fn the_feature_changes_nothing() {
    let digests = problems().each_ref().map(digest);
    assert_eq!(
        digests,
        [
            12_591_777_377_976_525_994,
            14_494_304_665_081_813_317,
            8_237_561_175_763_958_898
        ]
    );
}

#[cfg(feature = "rayon")]
#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let documents = problems().each_ref().map(document);
    for threads in [1, 2, 7] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let found = pool.install(|| problems().each_ref().map(document));
        assert!(found == documents, "{threads} threads");
    }
}
