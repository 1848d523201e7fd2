use proptest::prelude::*;

use super::super::form::Limit;
use super::super::made;
use super::*;
use crate::response::{Curve, Logarithmic};

proptest! {
    #[test]
    fn a_span_is_narrowed_to_what_fits(low in 0..50_i64, room in 0..2_000_i64, most in -5..2_100_i64, zero: bool) {
        let low = if zero { low.max(1) } else { low };
        let span = Span { low, high: low + room, zero };
        let mut looks = 0;
        let narrow = narrowed(span, |at| {
            looks += 1;
            // Both ends, and as often as 2,000 can be halved.
            assert!(looks <= 2 + 11, "{looks} looks");
            at <= most
        });
        let expected = if most < low {
            // Nothing, if that is allowed; otherwise the search says what is wrong.
            if zero { Span::only(0) } else { span }
        } else {
            Span { high: span.high.min(most), ..span }
        };
        prop_assert_eq!(narrow, expected);
    }

    #[test]
    fn a_span_rises_to_the_first_place_that_spends_enough(
        step in 1..9_i64, low in 0..20_i64, room in 0..30_i64, zero: bool, least in -5..300_i64,
    ) {
        let low = if zero { low.max(1) } else { low };
        let span = Span { low, high: low + room, zero };
        let curve = Curve::from(Logarithmic::new(1.0, 1.0).unwrap());
        let choice = made::curve(&curve, step, Vec::new(), span, &[(0, 1)]);
        let form = made::form(&[(Limit::Budget, 1_000)], vec![choice]);
        let expected = match (low..=span.high).find(|at| step * at >= least) {
            // Nothing spent is less than is demanded.
            Some(first) if least > 0 => Span::new(first, span.high),
            _ => span,
        };
        prop_assert_eq!(risen(&form, 0, i128::from(least)), expected);
        // Also just what it can spend at most, and one more.
        let most = i128::from(step * span.high);
        let all = if most > 0 { Span::only(span.high) } else { span };
        prop_assert_eq!((risen(&form, 0, most), risen(&form, 0, most + 1)), (all, span));
    }
}
