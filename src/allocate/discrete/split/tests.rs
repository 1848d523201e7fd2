//! Splits of spans against every place, and prices of what cannot fit.

use super::super::form::Limit;
use super::super::made;
use super::*;
use crate::response::{Curve, Logarithmic};

/// Wherever a span is cut, every place is in one half, and neither half is the whole.
#[test]
fn halves_hold_every_place_once() {
    for low in 0..5 {
        for high in low..9 {
            for zero in [false, true] {
                let span = Span { low, high, zero };
                let places = |span: Span| (0..12).filter(|at| span.contains(*at)).count();
                if places(span) < 2 {
                    continue;
                }
                for cut in -2..12 {
                    let parts = halves(span, cut);
                    for at in 0..12 {
                        let held = parts.iter().filter(|part| part.contains(at)).count();
                        assert_eq!(held, usize::from(span.contains(at)), "{span:?} at {cut}");
                    }
                    assert!(
                        parts.iter().all(|part| places(*part) > 0),
                        "{span:?} at {cut}"
                    );
                    let apart = zero && low > 0;
                    if !apart && (low..high).contains(&cut) {
                        assert_eq!(parts[0].high, cut);
                    }
                }
            }
        }
    }
}

/// Two curves of 2 steps and more of 3 take 12 at least. Under 11, or 1, a price shows that nothing is worth so much.
#[test]
fn what_cannot_fit_is_shown_to_be_worth_less() {
    let curve: Curve = Logarithmic::new(1_000.0, 1.0).unwrap().into();
    let of = || made::curve(&curve, 3, Vec::new(), Span::new(2, 9), &[(0, 1)]);
    for (most, value, any) in [
        (12, 1.0, false),
        (11, 1.0, true),
        (1, 1.0, true),
        (1, -500.0, true),
        (1, f64::NEG_INFINITY, true),
    ] {
        let form = made::form(&[(Limit::Budget, most)], vec![of(), of()]);
        let prices = cannot_fit(&form, &form.spans(), value);
        assert_eq!(prices.is_some(), any, "{most}");
        if let Some(prices) = prices {
            let bound = dual::evaluate(&form, &form.spans(), &prices).bound;
            assert!(
                bound <= if value.is_finite() { value } else { 0.0 },
                "{bound} under {most}"
            );
        }
    }
}
