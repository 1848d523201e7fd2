//! The cap and the window that a payback limit puts on spend, against brute force.

use proptest::prelude::*;

use crate::calendar::DiscountRate;
use crate::numeric::cast;
use crate::response::*;
use crate::stance::*;

fn year() -> Periods {
    Periods::new(12.0).unwrap()
}

fn published() -> ModifiedExponential {
    ModifiedExponential::new(200.0, 0.002).unwrap()
}

fn yearly_test(rate: f64) -> PaybackTest {
    let convention = Convention::discounted(DiscountRate::new(rate).unwrap());
    PaybackTest::new(0.75, &Timing::level(12).unwrap(), year(), convention).unwrap()
}

#[test]
fn published_caps() {
    let curve = published();
    let simple = yearly_test(0.0).cap(1e9, |spend| curve.value(spend));
    assert!((simple - 1745.1106).abs() < 5e-5, "{simple}");
    let monthly = yearly_test(0.01);
    assert!((monthly.factor() / 0.75 - 11.255_077).abs() < 5e-7);
    let discounted = monthly.cap(1e9, |spend| curve.value(spend));
    assert!((discounted - 1622.4683).abs() < 5e-5, "{discounted}");
    let cents = monthly.window(&curve.into(), 0.01, 1 << 40).unwrap();
    assert_eq!(
        cents,
        Window::Open {
            minimum: 1,
            cap: 162_246
        }
    );
}

#[test]
fn a_response_too_weak_at_the_start_is_closed() {
    // m·A·ΔS′(0) = .75·12·200·.0005 = .9.
    let weak = ModifiedExponential::new(200.0, 0.0005).unwrap();
    let test = yearly_test(0.0);
    assert!(test.cap(1e6, |spend| weak.value(spend)).abs() < 1e-300);
    assert_eq!(
        test.window(&weak.into(), 0.01, 1_000_000).unwrap(),
        Window::Closed
    );
}

#[test]
fn a_limit_that_does_not_bind_leaves_the_most() {
    let test = yearly_test(0.0);
    assert!((test.cap(1000.0, |spend| published().value(spend)) - 1000.0).abs() < 1e-12);
    let window = test.window(&published().into(), 0.01, 100_000).unwrap();
    assert_eq!(
        window,
        Window::Open {
            minimum: 1,
            cap: 100_000
        }
    );
    assert_eq!(
        test.window(&published().into(), 0.01, 0).unwrap(),
        Window::Closed
    );
}

#[test]
fn whole_steps_round_inwards() {
    let window = Window::Open {
        minimum: 101,
        cap: 460,
    };
    assert_eq!(
        window.in_steps(150),
        Window::Open {
            minimum: 150,
            cap: 450
        }
    );
    assert_eq!(window.in_steps(0), window);
    assert_eq!(
        Window::Open {
            minimum: 151,
            cap: 299
        }
        .in_steps(150),
        Window::Closed
    );
    let top = Window::Open {
        minimum: u64::MAX - 1,
        cap: u64::MAX,
    };
    assert_eq!(top.in_steps(11), Window::Closed);
}

/// A curve of which only its rising is known.
#[derive(Debug)]
struct Own;
impl Response for Own {
    fn value(&self, spend: f64) -> f64 {
        spend.min(3.0)
    }
    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.value(cast::f64_of_u64(to) * unit) - self.value(cast::f64_of_u64(from) * unit)
    }
    fn shape(&self) -> Shape {
        Shape::Monotone
    }
}

#[test]
fn a_zero_limit_a_bad_margin_and_an_unknown_shape_are_refused() {
    let timing = Timing::level(12).unwrap();
    let simple = Convention::simple();
    let zero = PaybackTest::new(0.75, &timing, Periods::ZERO, simple).unwrap_err();
    assert_eq!(
        zero.to_string(),
        "payback limit is 0 periods; it must be longer, or left out"
    );
    let margin = PaybackTest::new(f64::NAN, &timing, year(), simple).unwrap_err();
    assert_eq!(
        margin.to_string(),
        "margin is NaN; it must be a finite number of at least 0 (0.75 keeps 75 of 100)"
    );
    let own = Curve::Custom(std::sync::Arc::new(Own));
    let unknown = yearly_test(0.0).window(&own, 0.01, 100).unwrap_err();
    assert_eq!(unknown, StanceError::ShapeUnknown);
}

/// Every spend of 0..=most, judged one by one.
fn brute(test: PaybackTest, curve: &Curve, most: u64) -> Vec<u64> {
    let passes = |n: &u64| test.passes(cast::f64_of_u64(*n), curve.gain(0, *n, 1.0));
    (0..=most).filter(passes).collect()
}

fn curve() -> impl Strategy<Value = Curve> {
    let scale = 5.0_f64..400.0;
    prop_oneof![
        (scale.clone(), 0.001_f64..0.3)
            .prop_map(|(a, b)| ModifiedExponential::new(a, b).unwrap().into()),
        (0.1_f64..20.0, 0.1_f64..0.9).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
        (scale.clone(), 1.0_f64..60.0).prop_map(|(a, b)| Logarithmic::new(a, b).unwrap().into()),
        (scale, 0.5_f64..8.0, 2.0_f64..150.0)
            .prop_map(|(a, c, h)| Adbudg::new(a, c, h).unwrap().into()),
    ]
}

fn pieces() -> impl Strategy<Value = Curve> {
    prop::collection::vec((0.5_f64..40.0, 0.0_f64..60.0), 1..6).prop_map(|steps| {
        let mut points = vec![(0.0, 2.0)];
        for (width, rise) in steps {
            let (x, y) = points[points.len() - 1];
            points.push((x + width, y + rise));
        }
        PiecewiseLinear::new(&points).unwrap().into()
    })
}

proptest! {
    #[test]
    fn the_window_is_what_brute_force_finds(curve in curve(), margin in 0.05_f64..3.0, most in 0_u64..300) {
        let timing = Timing::new(vec![0.5, 0.3, 0.2]).unwrap();
        let limit = Periods::new(2.5).unwrap();
        let test = PaybackTest::new(margin, &timing, limit, Convention::simple()).unwrap();
        let window = test.window(&curve, 1.0, most).unwrap();
        let admitted: Vec<u64> = (0..=most).filter(|n| window.admits(*n)).collect();
        prop_assert_eq!(admitted, brute(test, &curve, most));
    }

    #[test]
    fn the_window_of_pieces_is_an_unbroken_part_with_the_best_surplus(
        curve in pieces(), margin in 0.05_f64..3.0, most in 0_u64..250,
    ) {
        let test =
            PaybackTest::new(margin, &Timing::level(1).unwrap(), year(), Convention::simple()).unwrap();
        let window = test.window(&curve, 1.0, most).unwrap();
        let all = brute(test, &curve, most);
        let surplus = |n: u64| test.factor() * curve.gain(0, n, 1.0) - cast::f64_of_u64(n);
        match window {
            Window::Closed => prop_assert!(all.iter().skip(1).all(|n| surplus(*n) < 1e-9)),
            Window::Open { minimum, cap } => {
                prop_assert!((minimum..=cap).all(|n| surplus(n) >= -1e-9));
                // Maximal, and no other interval is better.
                prop_assert!(minimum == 1 || surplus(minimum - 1) < 1e-9);
                prop_assert!(cap == most || surplus(cap + 1) < 1e-9);
                let best = (minimum..=cap).map(surplus).fold(f64::MIN, f64::max);
                prop_assert!(all.iter().skip(1).all(|n| surplus(*n) <= best + 1e-9));
            }
        }
    }

    #[test]
    fn the_shortest_payback_is_a_lower_bound(
        curve in prop_oneof![curve(), pieces()], margin in 0.05_f64..3.0, least in 0_u64..50, more in 0_u64..200,
    ) {
        let timing = Timing::new(vec![0.1, 0.4, 0.3, 0.2]).unwrap();
        let simple = Convention::simple();
        let range = (least, least + more);
        let shortest = shortest_payback(&curve, 1.0, range, (margin, &timing, simple)).unwrap();
        for spend in least.max(1)..=least + more {
            let gain = curve.gain(0, spend, 1.0);
            let flow = CashFlow::of_response(cast::f64_of_u64(spend), gain, margin, &timing).unwrap();
            let payback = flow.payback(simple);
            let early = |payback: Payback| payback.periods().map_or(f64::INFINITY, Periods::get);
            prop_assert!(early(payback) >= early(shortest) - 1e-9, "{payback} before {shortest}");
        }
    }
}
