//! Arithmetic at the edges of its types.

use sortie::calendar::{Date, DiscountRate, HORIZON_PERIODS_MOST, Horizon};
use sortie::customer::decision::Statement;
use sortie::customer::willingness::{Stage, StageCounts, Transitions, Willingness};
use sortie::fraction::Fraction;
use sortie::money::{Currency, Money, apportion};
use sortie::quantity::Quantity;
use sortie::virtual_budget::Terms;

const EDGES: [i64; 9] = [
    i64::MIN,
    i64::MIN + 1,
    -101,
    -1,
    0,
    1,
    99,
    i64::MAX - 1,
    i64::MAX,
];

#[test]
fn money_at_its_edges_is_exact_or_refused() {
    for code in ["USD", "JPY", "BHD"] {
        let currency = Currency::from_code(code).unwrap();
        for a in EDGES {
            let money = Money::from_minor(a, currency);
            assert_eq!(Money::parse(&money.amount_text(), currency).unwrap(), money);
            assert_eq!(
                Money::from_decimal(money.to_decimal(), currency).unwrap(),
                money
            );
            for b in EDGES {
                let other = Money::from_minor(b, currency);
                let minor = |found: Result<Money, _>| found.ok().map(Money::minor);
                assert_eq!(minor(money.checked_add(other)), a.checked_add(b));
                assert_eq!(minor(money.checked_sub(other)), a.checked_sub(b));
                assert_eq!(minor(money.checked_mul(b)), a.checked_mul(b));
                let total = Money::total([money; 3].into_iter().chain([other; 2]), currency);
                let exact = 3 * i128::from(a) + 2 * i128::from(b);
                assert_eq!(minor(total), i64::try_from(exact).ok());
                assert_eq!(money.compare(other).unwrap(), a.cmp(&b));
            }
        }
    }
}

#[test]
fn the_largest_amounts_are_split_by_the_largest_weights() {
    let weights = [
        (0, u64::MAX),
        (1, 1),
        (2, 0),
        (3, u64::MAX),
        (4, u64::MAX - 1),
    ];
    for amount in EDGES {
        let money = Money::from_minor(amount, Currency::USD);
        for many in 1..=weights.len() {
            let shares = apportion(money, &weights[..many]).unwrap();
            let sum: i128 = shares.iter().map(|share| i128::from(share.minor())).sum();
            assert_eq!(sum, i128::from(amount));
            assert!(
                shares
                    .iter()
                    .all(|share| share.minor().signum() * amount.signum() >= 0)
            );
            assert!(many < 3 || shares[2].is_zero());
        }
    }
}

#[test]
fn rates_horizons_and_quantities_keep_to_their_ranges() {
    for rate in [0.0, f64::MIN_POSITIVE, 5e-324, 1e-17, 1.0, 1e300, f64::MAX] {
        let factor = DiscountRate::new(rate).unwrap().factor();
        assert!(factor > 0.0 && factor <= 1.0, "{rate} gave {factor}");
    }
    for periods in [0, HORIZON_PERIODS_MOST + 1, u32::MAX] {
        let error = Horizon::new(periods).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("horizon is {periods} periods; it must be from 1 to 40000")
        );
    }
    let most = Quantity::from_micros(u64::MAX);
    assert_eq!(most.checked_add(Quantity::from_micros(1)), None);
    assert_eq!(Quantity::ZERO.checked_sub(Quantity::from_micros(1)), None);
    assert_eq!(most.checked_sub(most), Some(Quantity::ZERO));
}

#[test]
fn the_ends_of_the_calendar_are_ends() {
    let (first, last): (Date, Date) =
        ("0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap());
    assert!(first.plus_days(-1).is_err() && last.plus_days(1).is_err());
    for days in [i32::MIN, i32::MAX] {
        assert!(first.plus_days(days).is_err() && last.plus_days(days).is_err());
    }
    assert_eq!(first.plus_days(last.days_since(first)).unwrap(), last);
    assert_eq!(first.days_since(last), -last.days_since(first));
    for number in [i32::MIN, i32::MAX] {
        assert!(Date::from_day_number(number).is_err());
    }
    for (year, month, day) in [
        (i16::MIN, 1, 1),
        (i16::MAX, 1, 1),
        (2026, i8::MIN, 1),
        (2026, 1, i8::MAX),
        (0, 1, 1),
        (-1, 1, 1),
    ] {
        assert!(Date::new(year, month, day).is_err());
    }
}

/// Histories of ten thousand years, in periods of a day and of 65,535.
#[test]
fn stages_are_counted_over_the_whole_calendar() {
    let (first, last): (Date, Date) =
        ("0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap());
    let mut willingness = Willingness::new(first);
    willingness
        .advance(last, Statement::new("at last").unwrap())
        .unwrap();
    for (period, whole) in [(u16::MAX, 55), (365, 10_005)] {
        let mut counts = StageCounts::new();
        counts.observe(&willingness, period, last).unwrap();
        assert_eq!(counts.out_of(Stage::Unaware), whole);
        counts.observe(&willingness, period, first).unwrap();
        assert_eq!(
            counts.out_of(Stage::Unaware),
            whole,
            "nothing is over on the first day"
        );
    }
    let mut counts = StageCounts::new();
    counts.add(Stage::Aware, Stage::Aware, u64::MAX);
    counts.add(Stage::Aware, Stage::Resolved, u64::MAX);
    let found = counts
        .estimate(Stage::Aware, Stage::Aware, 1.96)
        .unwrap()
        .unwrap();
    assert!(
        found.low <= found.share && found.share <= found.high,
        "{found:?}"
    );
}

#[test]
fn terms_of_the_largest_amounts_expect_no_more_than_the_worst_case() {
    let most = Money::from_minor(i64::MAX, Currency::USD);
    let certain = Transitions::ladder([Fraction::ONE; 4], [Fraction::ZERO; 4]).unwrap();
    let terms = Terms::new(most, &[(Stage::Resolved, most)], Fraction::ONE).unwrap();
    assert_eq!(terms.worst_case(Stage::Unaware), most);
    let expected = terms.expected_claims(Stage::Unaware, &certain, u32::MAX);
    assert!(
        (expected / 92_233_720_368_547_758.07 - 1.0).abs() < 1e-12,
        "{expected}"
    );
    let cent = Money::from_minor(1, Currency::USD);
    assert!(
        Terms::new(
            most,
            &[(Stage::Aware, most), (Stage::Resolved, cent)],
            Fraction::ONE
        )
        .is_err()
    );
}
