//! A curve that writes down what it is asked, and columns made by hand.
//!
//! A curve of the caller's own is asked once by every sweep, and by every price of a search that leaves more than 64 of its
//! steps open: so it counts them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::super::columns::{Columns, Family, Segment};
use super::{Activity, Curve, Group, Problem, Response, id, money, problem};
use crate::response::{Concave, Shape};

/// More looks than any search of these tests may take.
const LOOKS_MOST: usize = 20_000;

/// Steps of given gains in whole currency units.
#[derive(Debug)]
pub(in super::super) struct Spy {
    gains: Vec<f64>,
    prices: Mutex<Vec<f64>>,
    looks: AtomicUsize,
}

impl Spy {
    pub(in super::super) fn new(gains: Vec<f64>) -> Arc<Self> {
        Arc::new(Self {
            gains,
            prices: Mutex::default(),
            looks: AtomicUsize::new(0),
        })
    }

    /// A problem in yen with this as its only activity.
    pub(in super::super) fn problem(self: &Arc<Self>) -> Problem {
        let curve = Curve::CustomConcave(self.clone());
        problem("JPY", 0, vec![Activity::curve(id("spy"), curve)], vec![])
    }

    /// The prices it was asked about.
    pub(in super::super) fn prices(&self) -> Vec<f64> {
        self.prices.lock().unwrap().clone()
    }

    /// Their logarithms.
    pub(in super::super) fn ln_prices(&self) -> Vec<f64> {
        self.prices().into_iter().map(libm::log).collect()
    }

    /// How often the gain of a step was asked for.
    pub(in super::super) fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }

    fn look(&self) {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        assert!(looks < LOOKS_MOST, "the search does not end");
    }

    fn steps(&self, to: u64) -> &[f64] {
        let to = usize::try_from(to).unwrap_or(usize::MAX);
        &self.gains[..to.min(self.gains.len())]
    }
}

impl Response for Spy {
    fn value(&self, spend: f64) -> f64 {
        let whole = crate::numeric::cast::usize_of_f64(spend.floor()).unwrap_or(usize::MAX);
        self.gains.iter().take(whole).sum()
    }

    fn gain(&self, from: u64, to: u64, _: f64) -> f64 {
        self.look();
        let (from, to) = (self.steps(from).len(), self.steps(to).len());
        self.gains[from..to].iter().sum()
    }

    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for Spy {
    fn marginal(&self, spend: f64) -> f64 {
        let whole = crate::numeric::cast::usize_of_f64(spend.floor());
        let step = whole.and_then(|whole| self.gains.get(whole));
        step.copied().unwrap_or(0.0)
    }

    fn spend_at(&self, price: f64) -> f64 {
        self.look();
        self.prices.lock().unwrap().push(price);
        let reaching = self.gains.partition_point(|&gain| gain >= price);
        crate::numeric::cast::f64_of_usize(reaching)
    }
}

/// Adds a segment of items with these parameters to a node.
pub(in super::super) fn add(
    columns: &mut Columns,
    family: Family,
    node: usize,
    rows: impl IntoIterator<Item = [f64; 3]>,
) {
    let start = columns.a.len();
    for [a, b, c] in rows {
        columns.a.push(a);
        columns.b.push(b);
        columns.c.push(c);
    }
    let items = start..columns.a.len();
    columns.segments.push(Segment::new(family, node, items));
}

/// A place for a spy.
pub(in super::super) fn place_for_spy() -> Columns {
    let mut columns = Columns::default();
    add(&mut columns, Family::Other, 0, [[0.0; 3]]);
    columns
}

/// The same, and then so many powers of several sizes and exponents.
pub(in super::super) fn powers(count: u32) -> Columns {
    let mut columns = place_for_spy();
    let rows = (0..count).map(|at| {
        let (size, exponent) = (f64::from(at % 64), f64::from(at * 37 % 64));
        [8.0 + size / 32.0, 0.3 + exponent / 160.0, 0.0]
    });
    add(&mut columns, Family::Power, 0, rows);
    columns
}

/// A problem in yen over group `h` within group `g`, both with a floor and a cap, and activities without gains: each by its id,
/// its group if any, and its cap.
pub(in super::super) fn grouped(
    g: (i64, i64),
    h: (i64, i64),
    activities: &[(&str, &str, i64)],
) -> Problem {
    let group = |name: &str, (floor, cap)| {
        let members = activities.iter().filter(|activity| activity.1 == name);
        Group::new(id(name))
            .with_floor(money(floor, "JPY"))
            .with_cap(money(cap, "JPY"))
            .with_members(members.map(|activity| id(activity.0)).collect())
    };
    let groups = vec![group("g", g), group("h", h).with_parent(id("g"))];
    let activities = activities.iter().map(|&(name, _, cap)| {
        let curve = Curve::CustomConcave(Spy::new(vec![]));
        Activity::curve(id(name), curve).with_cap(money(cap, "JPY"))
    });
    problem("JPY", 0, activities.collect(), groups)
}

/// Group `at` of a list, in yen: its parent by its place in the list, its floor and its cap.
pub(in super::super) fn group_at(
    at: usize,
    (parent, floor, cap): (Option<usize>, i64, Option<i64>),
) -> Group {
    let mut group = Group::new(id(&format!("g{at}"))).with_floor(money(floor, "JPY"));
    if let Some(parent) = parent {
        group = group.with_parent(id(&format!("g{parent}")));
    }
    if let Some(cap) = cap {
        group = group.with_cap(money(cap, "JPY"));
    }
    group
}
