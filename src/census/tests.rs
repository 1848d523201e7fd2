use proptest::prelude::*;

use super::*;
use crate::customer::strategies::{any_book, id};

fn record(name: &str, result: u64, minor: i64) -> CensusRecord {
    let spend = Money::from_minor(minor, Currency::USD);
    CensusRecord {
        customer: id(name),
        result: Quantity::from_micros(result),
        spend,
    }
}

fn book_and_records() -> impl Strategy<Value = (Book, Vec<CensusRecord>)> {
    any_book(10).prop_flat_map(|book| {
        let most = if book.is_empty() { 0 } else { 20 };
        let row = (
            any::<prop::sample::Index>(),
            0..1_000_000_u64,
            0..1_000_000_i64,
        );
        let rows = prop::collection::vec(row, 0..=most);
        (Just(book), rows).prop_map(|(book, rows)| {
            let records = rows
                .iter()
                .map(|(index, result, minor)| {
                    let customer = &book.customers()[index.index(book.customers().len())];
                    record(customer.id().as_str(), *result, *minor)
                })
                .collect();
            (book, records)
        })
    })
}

#[test]
fn an_empty_book_has_a_census_without_shares() {
    let census = Census::take(&Book::empty(Currency::USD), &[]).unwrap();
    assert_eq!((census.customers(), census.headroom().minor()), (0, 0));
    for tier in Tier::ALL {
        assert_eq!(census.share_of_customers(tier), None);
        assert_eq!(census.share_of_results(tier), None);
        assert_eq!(census.tilt(tier), None);
    }
    assert_eq!((census.offensiveness(), census.tilts_to()), (None, None));
}

#[test]
fn records_that_do_not_fit_are_all_named() {
    let yen = Currency::from_code("JPY").unwrap();
    let standing = r#"{"starting": {"untroubled": 0.5, "behaviour": {"first_use": "2026-01-05"}}}"#;
    let row = crate::customer::CustomerRow {
        id: "a".to_owned(),
        contribution: 1.into(),
        territory: None,
        standing: serde_json::from_str(standing).unwrap(),
    };
    let book = Book::admit(Currency::USD, [row]).unwrap();
    let records = [
        record("a", 1, 5),
        record("b", 1, 5),
        record("a", 1, -5),
        CensusRecord {
            spend: Money::zero(yen),
            ..record("a", 1, 0)
        },
    ];
    assert_eq!(
        Census::take(&book, &records).unwrap_err().to_string(),
        "record 1: customer b is not in the book; admit it first or leave its records out; \
         record 2: spend of customer a is -0.05 USD; it must be at least 0 (book refunds as their own records elsewhere); \
         record 3: spend of customer a is in JPY; the book is kept in USD"
    );
}

proptest! {
    #[test]
    fn shares_are_those_of_the_records((book, records) in book_and_records()) {
        let census = Census::take(&book, &records).unwrap();
        let total: i64 = records.iter().map(|record| record.spend.minor()).sum();
        let by_tier: i64 = Tier::ALL.iter().map(|tier| census.tier(*tier).spend.minor()).sum();
        prop_assert_eq!(total, by_tier);
        prop_assert_eq!(census.customers(), u64::try_from(book.customers().len()).unwrap());
        let shares: Vec<f64> = Tier::ALL.iter().filter_map(|tier| census.share_of_spend(*tier)).map(Fraction::get).collect();
        prop_assert!(shares.is_empty() == (total == 0));
        prop_assert!(shares.is_empty() || (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        if let Some(offensiveness) = census.offensiveness() {
            // C2: one less what the first two tiers take.
            let defence = shares[0] + shares[1];
            prop_assert!((offensiveness.get() - (1.0 - defence)).abs() < 1e-12);
            let most = census.tilts_to().unwrap();
            prop_assert!(Tier::ALL.iter().all(|tier| census.tier(*tier).spend.minor() <= census.tier(most).spend.minor()));
        }
    }

    /// Law 2 and law 6: any order of the records, one census.
    #[test]
    fn order_does_not_matter((book, mut records) in book_and_records(), turn in 0_usize..20) {
        let census = Census::take(&book, &records).unwrap();
        let turn = turn % records.len().max(1);
        records.rotate_left(turn);
        prop_assert_eq!(&Census::take(&book, &records).unwrap(), &census);
    }

    /// Law 12.
    #[test]
    fn documents_round_trip((book, records) in book_and_records()) {
        let census = Census::take(&book, &records).unwrap();
        let text = serde_json::to_string(&census).unwrap();
        prop_assert_eq!(serde_json::from_str::<Census>(&text).unwrap(), census);
    }
}
