//! Published paybacks, and the laws that tie a payback to its cash flow.

use proptest::prelude::*;

use crate::calendar::DiscountRate;
use crate::stance::*;

fn at(rate: f64) -> Convention {
    Convention::discounted(DiscountRate::new(rate).unwrap())
}

fn length(payback: Payback) -> f64 {
    payback.periods().unwrap().get()
}

#[test]
fn published_discounted_paybacks() {
    for (outlay, rate, flows, expected) in [
        (210.0, 0.11, vec![85.0, 75.0, 85.0, 105.0], 3.15037),
        (1000.0, 0.14, vec![347.0, 394.0, 424.0, 600.0], 3.29910),
        (8000.0, 0.15, vec![4800.0, 5900.0, 6700.0, 8000.0], 1.85763),
    ] {
        let flow = CashFlow::new(outlay, flows).unwrap();
        let found = length(flow.payback(at(rate)));
        assert!((found - expected).abs() < 5e-6, "{found} for {expected}");
    }
}

#[test]
fn published_costs_of_acquisition() {
    let simple = Convention::simple();
    let first = length(level_payback(1200.0, 180.0 * 0.75, simple).unwrap());
    assert!((first - 8.888_889).abs() < 1e-6);
    let second = length(level_payback(8000.0, 1200.0 * 0.78, simple).unwrap());
    assert!((second - 8.547).abs() < 5e-4);
}

#[test]
fn the_convention_says_what_happens_inside_a_period() {
    let flow = CashFlow::new(150.0, vec![100.0, 100.0]).unwrap();
    assert!((length(flow.payback(Convention::simple())) - 1.5).abs() < 1e-15);
    let whole = Convention {
        arrival: Arrival::AtEnd,
        ..Convention::simple()
    };
    assert!((length(flow.payback(whole)) - 2.0).abs() < 1e-15);
    let level = level_payback(150.0, 100.0, whole).unwrap();
    assert!((length(level) - 2.0).abs() < 1e-15);
    let limit = Periods::new(1.5).unwrap();
    let timing = Timing::level(2).unwrap();
    assert!((timing.factor_within(limit, Convention::simple()) - 1.5).abs() < 1e-15);
    assert!((timing.factor_within(limit, whole) - 1.0).abs() < 1e-15);
}

#[test]
fn never_is_an_answer() {
    let short = CashFlow::new(10.0, vec![3.0, 3.0, 3.0]).unwrap();
    assert_eq!(short.payback(Convention::simple()), Payback::Never);
    let empty = CashFlow::new(10.0, vec![]).unwrap();
    assert_eq!(empty.payback(Convention::simple()), Payback::Never);
    // 10 a period at 10 % is worth 100 for ever: 100 is never quite reached.
    assert_eq!(level_payback(100.0, 10.0, at(0.1)).unwrap(), Payback::Never);
    assert_eq!(level_payback(5.0, 0.0, at(0.1)).unwrap(), Payback::Never);
    assert_eq!(level_payback(5.0, -1.0, at(0.1)).unwrap(), Payback::Never);
    assert!(Payback::After(Periods::new(1e300).unwrap()) < Payback::Never);
    assert_eq!(Payback::Never.to_string(), "never");
}

#[test]
fn nothing_laid_out_is_back_at_once() {
    let nothing = CashFlow::new(0.0, vec![]).unwrap();
    assert_eq!(nothing.payback(Convention::simple()), Payback::AT_ONCE);
    assert_eq!(level_payback(0.0, 0.0, at(0.1)).unwrap(), Payback::AT_ONCE);
}

#[test]
fn a_loss_in_between_is_made_good_first() {
    let flow = CashFlow::new(10.0, vec![8.0, -4.0, 8.0]).unwrap();
    assert!((length(flow.payback(Convention::simple())) - 2.75).abs() < 1e-15);
}

#[test]
fn faults_are_sentences() {
    let sentence = |error: StanceError| error.to_string();
    assert_eq!(
        sentence(Periods::new(-1.0).unwrap_err()),
        "length of time is -1 periods; it must be a finite number of at least 0"
    );
    assert_eq!(
        sentence(Timing::new(vec![]).unwrap_err()),
        "timing has 0 periods; it must have 1 to 36525"
    );
    assert_eq!(
        sentence(Timing::new(vec![0.5, f64::NAN]).unwrap_err()),
        "timing weight of period 2 is NaN; it must be a finite number of at least 0"
    );
    assert_eq!(
        sentence(CashFlow::new(-2.0, vec![]).unwrap_err()),
        "outlay is -2; it must be a finite number of currency units of at least 0"
    );
    assert_eq!(
        sentence(CashFlow::new(2.0, vec![1.0, f64::INFINITY]).unwrap_err()),
        "contribution of period 2 is inf; it must be a finite number of currency units"
    );
    assert!(Timing::spread(0).is_err());
    assert!(Timing::level(PERIODS_MOST + 1).is_err());
    assert!(Timing::level(PERIODS_MOST).unwrap().delayed(1).is_err());
}

#[test]
fn serde_goes_through_the_constructors() {
    let json = serde_json::to_string(&Payback::After(Periods::new(2.5).unwrap())).unwrap();
    assert_eq!(json, r#"{"after":2.5}"#);
    assert_eq!(
        serde_json::to_string(&Payback::Never).unwrap(),
        r#""never""#
    );
    assert!(serde_json::from_str::<Payback>(r#"{"after":-2.5}"#).is_err());
    assert!(serde_json::from_str::<Timing>("[]").is_err());
    assert!(serde_json::from_str::<Timing>("[1,-1]").is_err());
}

fn flows() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0_f64..100.0, 1..24)
}

proptest! {
    #[test]
    fn paid_back_within_means_the_factor_says_so(
        weights in flows(), outlay in 1.0_f64..500.0, gain in 0.1_f64..5.0,
        rate in 0.0_f64..0.3, limit in 0.1_f64..30.0,
    ) {
        let timing = Timing::new(weights).unwrap();
        let limit = Periods::new(limit).unwrap();
        let flow = CashFlow::of_response(outlay, gain, 0.75, &timing).unwrap();
        let payback = flow.payback(at(rate));
        let back = PaybackTest::new(0.75, &timing, limit, at(rate)).unwrap().factor() * gain;
        // Away from the edge, where the two ways of rounding may differ.
        prop_assume!((back - outlay).abs() > 1e-9 * outlay);
        prop_assert_eq!(payback.is_within(limit), back > outlay);
    }

    #[test]
    fn a_level_flow_pays_back_as_its_annuity(
        outlay in 1.0_f64..400.0, each in 5.0_f64..100.0, rate in 0.0_f64..0.08,
    ) {
        let closed = level_payback(outlay, each, at(rate)).unwrap();
        let open = CashFlow::new(outlay, vec![each; 400]).unwrap().payback(at(rate));
        match (closed.periods(), open.periods()) {
            (Some(closed), Some(open)) => {
                prop_assert!((closed.get() - open.get()).abs() < 1e-6 * (1.0 + open.get()));
            }
            // Four hundred periods may be too few for what an endless flow just reaches.
            (closed, open) => prop_assert!(open.is_none() && closed.is_none_or(|n| n.get() > 399.0)),
        }
    }

    #[test]
    fn discounting_and_waiting_never_shorten(
        contributions in flows(), outlay in 0.0_f64..500.0, rate in 0.0_f64..0.5, more in 0.0_f64..0.5,
    ) {
        let flow = CashFlow::new(outlay, contributions.clone()).unwrap();
        let early = flow.payback(at(rate));
        prop_assert!(!flow.payback(at(rate + more)).is_shorter_than(early));
        let whole = Convention { arrival: Arrival::AtEnd, ..at(rate) };
        prop_assert!(!flow.payback(whole).is_shorter_than(early));
        let dearer = CashFlow::new(outlay + 1.0, contributions).unwrap();
        prop_assert!(!dearer.payback(at(rate)).is_shorter_than(early));
    }

    #[test]
    fn no_plan_pays_back_before_its_quickest_part(
        parts in prop::collection::vec((1.0_f64..100.0, flows()), 1..6), rate in 0.0_f64..0.3,
    ) {
        let parts: Vec<CashFlow> =
            parts.into_iter().map(|(outlay, flow)| CashFlow::new(outlay, flow).unwrap()).collect();
        let whole = CashFlow::together(&parts).unwrap().payback(at(rate));
        let backwards = CashFlow::together(parts.iter().rev()).unwrap().payback(at(rate));
        prop_assert_eq!(whole, backwards);
        let quickest = parts.iter().map(|part| part.payback(at(rate))).min_by(|a, b| a.order(*b));
        let slack = |payback: Payback| payback.periods().map_or(f64::INFINITY, Periods::get);
        prop_assert!(slack(whole) >= slack(quickest.unwrap()) - 1e-9);
        let slowest = parts.iter().map(|part| part.payback(at(rate))).max_by(|a, b| a.order(*b));
        prop_assert!(slack(whole) <= slack(slowest.unwrap()) + 1e-9);
    }
}
