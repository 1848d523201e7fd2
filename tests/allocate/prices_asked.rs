//! How many prices a market is asked before its budget is met: a curve of one's own counts how often it is looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sortie::allocate::{Activity, Group, Objective, Problem, Status, solve};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::response::{
    Adbudg, Concave, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response,
    Shape,
};

/// A logarithm that counts the prices it is asked for.
#[derive(Debug)]
struct Counting {
    inner: Logarithmic,
    asked: AtomicU64,
}

impl Response for Counting {
    fn value(&self, spend: f64) -> f64 {
        self.inner.value(spend)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.inner.gain(from, to, unit)
    }

    fn shape(&self) -> Shape {
        self.inner.shape()
    }
}

impl Concave for Counting {
    fn marginal(&self, spend: f64) -> f64 {
        self.inner.marginal(spend)
    }

    fn spend_at(&self, price: f64) -> f64 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.inner.spend_at(price)
    }
}

fn curve(at: u32, families: &[u32]) -> Curve {
    let size = f64::from(at * 7_919 % 1_009 + 10);
    match families[usize::try_from(at).unwrap() % families.len()] {
        0 => ModifiedExponential::new(9.0 * size, 1.0 / size)
            .unwrap()
            .into(),
        1 => Logarithmic::new(size, 0.1 * size).unwrap().into(),
        2 => Power::new(size / 9.0, 0.2 + size / 2_000.0).unwrap().into(),
        3 => Adbudg::new(4.0 * size, 0.3 + size / 2_000.0, size)
            .unwrap()
            .into(),
        4 => Adbudg::new(4.0 * size, 1.0, size).unwrap().into(),
        // All but without a bend at 0: a small change of the price moves some of them from nothing to much.
        6 => {
            let lack = f64::from(at % 97 + 1) / 97.0;
            Adbudg::new(4.0 * size, 1.0 - 0.3 * lack * lack * lack, size)
                .unwrap()
                .into()
        }
        _ => PiecewiseLinear::new(&[(0.0, 0.0), (20.0, 0.3 * size), (60.0, 0.5 * size)])
            .unwrap()
            .into(),
    }
}

/// How many prices a market of so many activities is asked; the budget is so much each.
fn asked(count: u32, each: i64, families: &[u32], grouped: bool) -> u64 {
    let usd = Currency::USD;
    let counting = Arc::new(Counting {
        inner: Logarithmic::new(700.0, 30.0).unwrap(),
        asked: AtomicU64::new(0),
    });
    let id = |at: u32| Id::new(format!("a{at:06}")).unwrap();
    let own: Arc<dyn Concave> = counting.clone();
    let mut all = vec![Activity::curve(
        Id::new("own").unwrap(),
        Curve::CustomConcave(own),
    )];
    all.extend((0..count).map(|at| Activity::curve(id(at), curve(at, families))));
    let half = Group::new(Id::new("half").unwrap())
        .with_cap(Money::from_minor(i64::from(count) * each / 5, usd))
        .with_members((0..count).step_by(2).map(id).collect());
    let budget = Objective::Budget(Money::from_minor(i64::from(count) * each, usd));
    let groups = if grouped { vec![half] } else { vec![] };
    let problem = Problem::new(usd, budget, vec![], all, groups).unwrap();
    counting.asked.store(0, Ordering::Relaxed);
    assert_eq!(solve(&problem).unwrap().status(), Status::Optimal);
    counting.asked.load(Ordering::Relaxed)
}

#[test]
fn few_prices_are_asked() {
    for families in [&[0][..], &[1], &[2], &[3], &[4], &[0, 1, 2, 3, 4, 5]] {
        for each in [50, 2_000, 70_000] {
            for grouped in [false, true] {
                let prices = asked(600, each, families, grouped);
                assert!(
                    (2..=11).contains(&prices),
                    "{prices} of {families:?} with {each} each, grouped: {grouped}"
                );
            }
        }
    }
}

/// So many activities are looked at through a sample first, and then as often as a few are.
#[test]
fn few_prices_are_asked_of_many_activities() {
    for (families, each) in [(&[0, 1, 2, 3, 4, 5][..], 2_000), (&[6], 2_000), (&[6], 100)] {
        let prices = asked(30_000, each, families, false);
        assert!((2..=6).contains(&prices), "{prices} of {families:?}");
    }
}
