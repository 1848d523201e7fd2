//! Splitting money without losing a cent.

use core::cmp::Reverse;

use super::{Money, MoneyError};

/// Splits an amount in proportion to weights, exactly: the largest-remainder method (Hamilton 1792).
///
/// Each share is its quota rounded down or up in size, the shares sum to the amount, a weight of zero gets
/// nothing, and negative amounts mirror positive ones. The units left over go to the largest remainders,
/// equal remainders to the smaller key: the result depends on keys and weights, never on their order.
///
/// # Errors
/// [`MoneyError::NoWeight`] if all weights are zero or there are none; [`MoneyError::RecipientRepeated`].
///
/// `O(n log n)`; the answer stands in the order of the input.
///
/// ```
/// use sortie::money::{Currency, Money, apportion};
/// let shares = apportion(Money::parse("0.05", Currency::USD)?, &[("a", 1), ("b", 1), ("c", 1)])?;
/// let cents: Vec<i64> = shares.iter().map(|share| share.minor()).collect();
/// assert_eq!(cents, [2, 2, 1]);
/// # Ok::<(), sortie::money::MoneyError>(())
/// ```
pub fn apportion<K: Ord>(amount: Money, weights: &[(K, u64)]) -> Result<Vec<Money>, MoneyError> {
    refuse_repeats(weights)?;
    let total: u128 = weights.iter().map(|(_, weight)| u128::from(*weight)).sum();
    if total == 0 {
        return Err(MoneyError::NoWeight);
    }
    let size = u128::from(amount.minor().unsigned_abs());
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = size;
    for (place, (key, weight)) in weights.iter().enumerate() {
        // Both factors are below 2⁶⁴, so the product fits 128 bits.
        let product = size * u128::from(*weight);
        let share = product / total;
        left -= share;
        shares.push(share);
        remainders.push((Reverse(product % total), key, place));
    }
    remainders.sort_unstable();
    // Fewer units are left than there are non-zero remainders, so none goes to a zero weight.
    for (_, _, place) in remainders.iter().zip(0..left).map(|(row, _)| row) {
        if let Some(share) = shares.get_mut(*place) {
            *share += 1;
        }
    }
    let negative = amount.is_negative();
    let signed = |share: u128| {
        let share = i128::try_from(share).unwrap_or(i128::MAX);
        super::from_wide(if negative { -share } else { share }, amount.currency())
    };
    shares.into_iter().map(signed).collect()
}

fn refuse_repeats<K: Ord>(weights: &[(K, u64)]) -> Result<(), MoneyError> {
    let mut order: Vec<(&K, usize)> = weights
        .iter()
        .enumerate()
        .map(|(place, (key, _))| (key, place))
        .collect();
    order.sort_unstable();
    let repeats = order
        .iter()
        .zip(order.iter().skip(1))
        .filter(|(a, b)| a.0 == b.0);
    match repeats.map(|(_, second)| second.1).min() {
        Some(position) => Err(MoneyError::RecipientRepeated { position }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn split(amount: i64, weights: &[u64]) -> Vec<i64> {
        let keyed: Vec<(usize, u64)> = weights.iter().copied().enumerate().collect();
        let shares = apportion(Money::from_minor(amount, Currency::USD), &keyed).unwrap();
        shares.iter().map(|share| share.minor()).collect()
    }

    #[test]
    fn zero_weight_gets_no_cent_moneyphp_436() {
        assert_eq!(split(5, &[0, 1, 1]), [0, 3, 2]);
        assert_eq!(split(1, &[0, 0, 7]), [0, 0, 1]);
    }

    #[test]
    fn negative_amounts_mirror_moneyphp_258_rubymoney_652() {
        assert_eq!(split(-5, &[1, 1, 1]), [-2, -2, -1]);
        assert_eq!(split(-100, &[1, 1, 1]), [-34, -33, -33]);
    }

    #[test]
    fn ten_targets_stay_ten_sebastianbergmann_65() {
        assert_eq!(split(19, &[1; 10]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 1]);
    }

    #[test]
    fn fewer_cents_than_parties_moneyphp_466() {
        assert_eq!(split(2, &[1; 5]), [1, 1, 0, 0, 0]);
    }

    #[test]
    fn ratios_are_not_truncated_brick_46_73() {
        assert_eq!(split(1_000, &[3_333, 6_667]), [333, 667]);
        assert_eq!(split(100, &[1, u64::MAX]), [0, 100]);
    }

    #[test]
    fn no_penny_is_dropped_shopify_29_30_rubymoney_1034() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(7, &[2, 3, 5]).iter().sum::<i64>(), 7);
    }

    #[test]
    fn large_amounts_end_dinero_771() {
        assert_eq!(split(i64::MAX, &[1, 1, 1]).iter().sum::<i64>(), i64::MAX);
        assert_eq!(split(i64::MIN, &[1]), [i64::MIN]);
        assert_eq!(
            split(i64::MIN, &[u64::MAX, u64::MAX, 1])
                .iter()
                .sum::<i64>(),
            i64::MIN
        );
    }

    #[test]
    fn two_one_not_three_nothing_dinero_892() {
        assert_eq!(split(3, &[2, 1, 0]), [2, 1, 0]);
    }

    #[test]
    fn right_recipient_at_7e15_moneyphp_832() {
        let amount = 7_000_000_000_000_001;
        assert_eq!(
            split(amount, &[1, 1]),
            [3_500_000_000_000_001, 3_500_000_000_000_000]
        );
        assert_eq!(
            split(amount, &[1, 2]),
            [2_333_333_333_333_334, 4_666_666_666_666_667]
        );
    }

    #[test]
    fn weights_of_zero_are_refused_go_money_123() {
        let none: [(u8, u64); 0] = [];
        assert_eq!(
            apportion(Money::zero(Currency::USD), &none),
            Err(MoneyError::NoWeight)
        );
        let zero = apportion(Money::from_minor(5, Currency::USD), &[("a", 0), ("b", 0)]);
        assert_eq!(zero, Err(MoneyError::NoWeight));
    }

    #[test]
    fn a_recipient_named_twice_is_refused() {
        let twice = apportion(
            Money::from_minor(5, Currency::USD),
            &[("a", 1), ("b", 2), ("a", 0)],
        );
        assert_eq!(twice, Err(MoneyError::RecipientRepeated { position: 2 }));
    }

    fn weights() -> impl Strategy<Value = Vec<u64>> {
        let weight = prop_oneof![Just(0), 0..10_u64, any::<u64>()];
        prop::collection::vec(weight, 1..12)
            .prop_filter("some weight", |w| w.iter().any(|x| *x > 0))
    }

    proptest! {
        /// Law 1, against quotas in exact rational arithmetic.
        #[test]
        fn shares_sum_and_stay_within_one_unit_of_quota(amount in any::<i64>(), weights in weights()) {
            let shares = split(amount, &weights);
            let sum: i128 = shares.iter().copied().map(i128::from).sum();
            prop_assert_eq!(sum, i128::from(amount));
            let total: i128 = weights.iter().copied().map(i128::from).sum();
            for (share, weight) in shares.iter().zip(&weights) {
                // |share·total − amount·weight| < total, in parts so that nothing overflows 128 bits.
                let product = i128::from(amount) * i128::from(*weight);
                let (floor, rest) = (product.div_euclid(total), product.rem_euclid(total));
                let above = i128::from(*share) - floor;
                prop_assert!(above == 0 || (above == 1 && rest > 0), "{share} of {product}/{total}");
                prop_assert!(*weight > 0 || *share == 0);
            }
        }

        /// Law 2: the order of the input does not matter.
        #[test]
        fn shares_follow_their_keys(amount in any::<i64>(), weights in weights(), turn in 0_usize..12) {
            let keyed: Vec<(usize, u64)> = weights.iter().copied().enumerate().collect();
            let mut turned = keyed.clone();
            turned.rotate_left(turn % weights.len());
            let money = Money::from_minor(amount, Currency::USD);
            let mut plain: Vec<_> = keyed.iter().map(|k| k.0).zip(apportion(money, &keyed).unwrap()).collect();
            let mut other: Vec<_> = turned.iter().map(|k| k.0).zip(apportion(money, &turned).unwrap()).collect();
            plain.sort_by_key(|row| row.0);
            other.sort_by_key(|row| row.0);
            prop_assert_eq!(plain, other);
        }
    }
}
