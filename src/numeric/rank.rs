//! Rank correlation: whether one thing rises with another, whatever the shape of the rise.

use super::cast::{f64_of_i128, f64_of_u64, f64_of_usize, i64_of_usize, u64_of_usize};
use super::special::{ln_gamma, student_t_cdf, student_t_two_sided};

/// Up to so many pairs every order is tried, so that the p-values are exact.
const PAIRS_TRIED: usize = 9;

/// Spearman's rank correlation of pairs, with its p-values.
///
/// Equal values share the mean of their ranks, and the coefficient is Pearson's of the ranks, so ties need
/// no correction. Ranks are kept doubled, as integers: the coefficient is the same in any order of the
/// pairs, to the last bit.
///
/// ```
/// use sortie::numeric::RankCorrelation;
///
/// let pairs = [(1, 10), (2, 20), (3, 20), (4, 40)];
/// let found = RankCorrelation::of(&pairs).ok_or("nothing varies")?;
/// // Ranks 1 2 3 4 against 1 2.5 2.5 4: 4.5 / √(5 · 4.5).
/// assert!((found.coefficient() - 0.9_f64.sqrt()).abs() < 1e-15);
/// // Of the 24 orders 2 do as well.
/// assert_eq!(found.p_rising(), 2.0 / 24.0);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankCorrelation {
    coefficient: f64,
    p_rising: f64,
    p_either: f64,
    pairs: u64,
}

impl RankCorrelation {
    /// The correlation of pairs, in any order; none for fewer than three, or where one side does not vary.
    ///
    /// P-values are exact, by all orders of the one side, for up to nine pairs; for more they are those of
    /// Student's t with two degrees of freedom fewer than pairs. O(n log n).
    #[must_use]
    pub fn of<A: Ord, B: Ord>(pairs: &[(A, B)]) -> Option<Self> {
        let count = pairs.len();
        if count < 3 {
            return None;
        }
        let left = centred_ranks(pairs, |pair| &pair.0);
        let right = centred_ranks(pairs, |pair| &pair.1);
        let (spread, other) = (product(&left, &left), product(&right, &right));
        if spread == 0 || other == 0 {
            return None;
        }
        let together = product(&left, &right);
        let scale = f64_of_i128(spread).sqrt() * f64_of_i128(other).sqrt();
        let coefficient = if together.abs() == spread && spread == other {
            // A perfect order is exactly that.
            f64_of_i128(together.signum())
        } else {
            (f64_of_i128(together) / scale).clamp(-1.0, 1.0)
        };
        let (p_rising, p_either) = if count <= PAIRS_TRIED {
            by_all_orders(&left, right, together)
        } else {
            by_students_t(coefficient, &left)
        };
        Some(Self {
            coefficient,
            p_rising,
            p_either,
            pairs: u64_of_usize(count),
        })
    }

    /// From −1, one falls as the other rises, to 1, they rise together.
    #[must_use]
    pub const fn coefficient(&self) -> f64 {
        self.coefficient
    }

    /// The chance of a coefficient at least this high if the two had nothing to do with each other.
    #[must_use]
    pub const fn p_rising(&self) -> f64 {
        self.p_rising
    }

    /// The chance of one at least this far from 0, on either side.
    #[must_use]
    pub const fn p_either(&self) -> f64 {
        self.p_either
    }

    /// How many pairs it rests on.
    #[must_use]
    pub const fn pairs(&self) -> u64 {
        self.pairs
    }
}

/// Twice the rank of each, less twice the mean rank: integers that add up to 0. Equal values share theirs.
pub(crate) fn centred_ranks<'a, T, K: Ord>(values: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<i64> {
    let mut order: Vec<(K, usize)> = values
        .iter()
        .enumerate()
        .map(|(place, value)| (key(value), place))
        .collect();
    order.sort_unstable();
    let middle = i64_of_usize(values.len()) + 1;
    let mut ranks = vec![0; values.len()];
    let mut start = 0;
    for run in order.chunk_by(|a, b| a.0 == b.0) {
        // Ranks from start + 1 to start + run: twice their mean is the sum of the first and the last.
        let doubled = i64_of_usize(2 * start + run.len() + 1);
        for (_, place) in run {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = doubled - middle;
            }
        }
        start += run.len();
    }
    ranks
}

fn product(left: &[i64], right: &[i64]) -> i128 {
    let terms = left.iter().zip(right);
    terms.map(|(a, b)| i128::from(*a) * i128::from(*b)).sum()
}

/// Shares of all orders of the right side that do at least as well, and at least as far from 0.
fn by_all_orders(left: &[i64], mut right: Vec<i64>, together: i128) -> (f64, f64) {
    let (mut orders, mut rising, mut either) = (0_u64, 0_u64, 0_u64);
    let mut judge = |right: &[i64]| {
        let other = product(left, right);
        orders += 1;
        rising += u64::from(other >= together);
        either += u64::from(other.abs() >= together.abs());
    };
    // Heap's algorithm: each order from the last by one exchange.
    let mut turns = vec![0; right.len()];
    judge(&right);
    let mut at = 1;
    while at < right.len() {
        let turn = turns.get(at).copied().unwrap_or(at);
        if turn < at {
            right.swap(if at % 2 == 0 { 0 } else { turn }, at);
            judge(&right);
            if let Some(turn) = turns.get_mut(at) {
                *turn += 1;
            }
            at = 1;
        } else {
            if let Some(turn) = turns.get_mut(at) {
                *turn = 0;
            }
            at += 1;
        }
    }
    let share = |count: u64| f64_of_u64(count) / f64_of_u64(orders);
    (share(rising), share(either))
}

fn by_students_t(coefficient: f64, ranks: &[i64]) -> (f64, f64) {
    let freedom = f64_of_usize(ranks.len()) - 2.0;
    let unexplained = 1.0 - coefficient * coefficient;
    if unexplained <= 0.0 {
        // Only a perfect order does as well: of n! orders the Π t! that exchange equals among themselves.
        let perfect = libm::exp(ln_orders_of_equals(ranks) - ln_gamma(freedom + 3.0));
        let rising = if coefficient > 0.0 { perfect } else { 1.0 };
        return (rising, (2.0 * perfect).min(1.0));
    }
    let t = coefficient * (freedom / unexplained).sqrt();
    (
        student_t_cdf(-t, freedom),
        student_t_two_sided(t, freedom).min(1.0),
    )
}

/// ln Π t! over the runs of equal ranks.
fn ln_orders_of_equals(ranks: &[i64]) -> f64 {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.map(|run| ln_gamma(f64_of_usize(run.len()) + 1.0))
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_textbook_case_by_students_t() {
        // Ten people, a score and hours before a screen: Σd² = 194, so ρ = 1 − 6·194/990 = −29/165;
        // p as R's cor.test(exact = FALSE, method = "spearman") has it.
        let scores = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        let hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        let pairs: Vec<(i32, i32)> = scores.into_iter().zip(hours).collect();
        let found = RankCorrelation::of(&pairs).unwrap();
        assert!((found.coefficient() + 29.0 / 165.0).abs() < 1e-15);
        assert!((found.p_either() - 0.627_188).abs() < 1e-6, "{found:?}");
        assert!((found.p_rising() - (1.0 - 0.627_188 / 2.0)).abs() < 1e-6);
        assert_eq!(found.pairs(), 10);
    }

    #[test]
    fn few_pairs_are_judged_by_all_orders() {
        let ranks = |right: &[i32]| {
            let pairs: Vec<(i32, i32)> = (0..).zip(right.iter().copied()).collect();
            let found = RankCorrelation::of(&pairs).unwrap();
            (found.coefficient(), found.p_rising(), found.p_either())
        };
        // Of the 24 orders of four, those with Σd² ≤ 2 are 1 + 3; as far from 0 on either side, twice as many.
        let (coefficient, rising, either) = ranks(&[1, 2, 4, 3]);
        assert!((coefficient - 0.8).abs() < 1e-15);
        assert_eq!((rising, either), (4.0 / 24.0, 8.0 / 24.0));
        assert_eq!(ranks(&[1, 2, 3]), (1.0, 1.0 / 6.0, 2.0 / 6.0));
        assert_eq!(ranks(&[3, 2, 1]), (-1.0, 1.0, 2.0 / 6.0));
        // Nine: the critical value of the tables for 5 % on both sides is .700 (Zar 1972: exceeded with p < .05).
        let (coefficient, _, either) = ranks(&[1, 2, 3, 5, 8, 4, 7, 6, 9]);
        assert!(coefficient > 0.7 && either < 0.05, "{coefficient} {either}");
    }

    #[test]
    fn a_perfect_order_of_many_is_as_rare_as_it_is() {
        let pairs: Vec<(i32, i32)> = (0..12).map(|n| (n, n * n)).collect();
        let found = RankCorrelation::of(&pairs).unwrap();
        assert!((found.coefficient() - 1.0).abs() < f64::EPSILON);
        assert!((found.p_rising() * 479_001_600.0 - 1.0).abs() < 1e-9);
        assert!((found.p_either() * 479_001_600.0 - 2.0).abs() < 1e-9);
        // With two equals at the top, two orders are perfect.
        let tied: Vec<(i32, i32)> = (0..12).map(|n| (n.min(10), n.min(10))).collect();
        let found = RankCorrelation::of(&tied).unwrap();
        assert!((found.p_rising() * 479_001_600.0 - 2.0).abs() < 1e-9);
        let falling: Vec<(i32, i32)> = (0..12).map(|n| (n, -n)).collect();
        assert!(RankCorrelation::of(&falling).unwrap().p_rising() >= 1.0);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(RankCorrelation::of::<i32, i32>(&[]), None);
        assert_eq!(RankCorrelation::of(&[(1, 1), (2, 2)]), None);
        assert_eq!(RankCorrelation::of(&[(1, 1), (1, 2), (1, 3)]), None);
        assert_eq!(RankCorrelation::of(&[(1, 5), (2, 5), (3, 5)]), None);
    }

    proptest! {
        #[test]
        fn it_is_lawful_symmetric_and_free_of_order(
            pairs in prop::collection::vec((0..9_i32, 0..9_i32), 3..14),
            turn in 0_usize..14,
        ) {
            let Some(found) = RankCorrelation::of(&pairs) else { return Ok(()) };
            prop_assert!((-1.0..=1.0).contains(&found.coefficient()));
            prop_assert!(found.p_rising() > 0.0 && found.p_rising() <= 1.0);
            prop_assert!(found.p_either() > 0.0 && found.p_either() <= 1.0);
            let mut turned = pairs.clone();
            turned.rotate_left(turn % pairs.len());
            turned.reverse();
            let again = RankCorrelation::of(&turned).unwrap();
            prop_assert_eq!(again.coefficient().to_bits(), found.coefficient().to_bits());
            prop_assert!((again.p_either() - found.p_either()).abs() < 1e-12);
            // A rising change of scale changes nothing; a falling one turns the sign.
            let bent: Vec<(i32, i32)> = pairs.iter().map(|(a, b)| (a * a * a + 7, -b)).collect();
            let bent = RankCorrelation::of(&bent).unwrap();
            prop_assert!((bent.coefficient() + found.coefficient()).abs() < f64::EPSILON);
            prop_assert!((bent.p_either() - found.p_either()).abs() < 1e-12);
            let swapped: Vec<(i32, i32)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let swapped = RankCorrelation::of(&swapped).unwrap();
            prop_assert!((swapped.coefficient() - found.coefficient()).abs() < 1e-15);
            prop_assert!((swapped.p_rising() - found.p_rising()).abs() < 1e-12);
        }

        #[test]
        fn ranks_add_up_to_nothing(values in prop::collection::vec(0..6_i32, 0..40)) {
            let ranks = centred_ranks(&values, |value| value);
            prop_assert_eq!(ranks.iter().sum::<i64>(), 0);
            for (a, rank) in values.iter().zip(&ranks) {
                let below = i64::try_from(values.iter().filter(|b| *b < a).count()).unwrap();
                let above = i64::try_from(values.iter().filter(|b| *b > a).count()).unwrap();
                prop_assert_eq!(*rank, below - above);
            }
        }
    }
}
