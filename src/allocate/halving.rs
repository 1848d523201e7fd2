//! Where a range of whole amounts is halved next.

use crate::numeric::cast::{f64_of_i64, i64_clamped};

/// An amount strictly between two that are more than one apart: their geometric mean while they lie magnitudes apart, so
/// that a small amount is found in as few steps as a large one, else half-way. `high` is not below 0.
pub(super) fn middle(low: i64, high: i64) -> i64 {
    let least = low.max(1);
    if high / 4 > least {
        // Above 2·least and below high/2, whatever the rounding.
        i64_clamped(libm::sqrt(f64_of_i64(least) * f64_of_i64(high)), low, high)
    } else {
        low + (high - low) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_apart_the_mean_is_geometric_and_else_plain() {
        for (low, high, right) in [
            (0, 10_000, 100),
            (-7, 10_000, 100),
            (100, 10_000, 1_000),
            (100, 404, 200),
            (100, 403, 251),
            (0, 7, 3),
            (0, 8, 2),
            (0, 4, 2),
            (-50, 2, -24),
            (-50, 0, -25),
            (4, 6, 5),
        ] {
            assert_eq!(middle(low, high), right, "{low} {high}");
        }
        // Five among all amounts there are: each step halves the magnitudes between, 63 in base two.
        let mut asked = 0;
        let (mut low, mut high) = (0, i64::MAX);
        while high - low > 1 {
            let between = middle(low, high);
            assert!(low < between && between < high);
            if between >= 5 {
                high = between;
            } else {
                low = between;
            }
            asked += 1;
        }
        assert!(high == 5 && asked < 10, "{asked}");
    }
}
