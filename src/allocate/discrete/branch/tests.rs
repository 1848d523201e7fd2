use proptest::prelude::*;

use super::above;

/// Numbers of both signs and many sizes.
fn number() -> impl Strategy<Value = f64> {
    let size = (-12.0..12.0).prop_map(libm::exp10);
    let signed = (size, any::<bool>());
    prop_oneof![
        8 => signed.prop_map(|(size, negative)| if negative { -size } else { size }),
        1 => (-1_000..1_000_i32).prop_map(f64::from),
        1 => Just(0.0),
    ]
}

/// What rounding to nearest takes off a sum, exactly (Knuth's two-sum).
fn lost(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let of_b = sum - a;
    (a - (sum - of_b)) + (b - of_b)
}

proptest! {
    #[test]
    fn a_sum_rounded_upwards_is_the_sum_or_just_above(a in number(), b in number()) {
        let (nearest, rounded) = (a + b, above(a, b));
        prop_assert!(rounded - nearest >= lost(a, b), "{a} + {b} is more than {rounded}");
        prop_assert!(rounded - nearest <= 4.0 * f64::EPSILON * nearest.abs());
        if lost(a, b) == 0.0 {
            prop_assert_eq!(rounded.to_bits(), nearest.to_bits());
        }
    }
}
