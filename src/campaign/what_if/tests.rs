use proptest::prelude::*;

use super::*;
use crate::calendar::{DiscountRate, Horizon};
use crate::campaign::models::{Economy, Models};
use crate::campaign::plan;
use crate::census::CensusRecord;
use crate::customer::Standing;
use crate::customer::strategies::any_book;
use crate::fraction::Fraction;
use crate::money::Currency;
use crate::quantity::Quantity;
use crate::stance::{PaybackOver, Periods};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn terms(budget: i64) -> Terms {
    let economy = Economy {
        horizon: Horizon::new(12).unwrap(),
        discount: DiscountRate::new(0.01).unwrap(),
    };
    Terms::new(
        usd(budget),
        usd(100_000),
        Stance::offence().with_offensiveness_smallest(Fraction::new(0.1).unwrap()),
        Models::judged(economy, usd(15_000)).unwrap(),
    )
}

fn census_of(book: &Book) -> Census {
    let record = |customer: &Customer| CensusRecord {
        customer: customer.id().clone(),
        result: Quantity::from_micros(1),
        spend: usd(100),
    };
    let records: Vec<CensusRecord> = book.customers().iter().map(record).collect();
    Census::take(book, &records).unwrap()
}

#[test]
fn a_customer_of_another_book_is_refused() {
    let book = Book::empty(Currency::USD);
    let error = WhatIf::new(
        &book,
        &terms(1),
        [Change::Customer(Box::new(any_customer()))],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "customer \"x\" is not in the book; admit it first"
    );
}

#[test]
fn the_last_word_on_a_customer_counts() {
    let book = Book::of(Currency::USD, [any_customer()]).unwrap();
    let of = |contribution| {
        let standing = any_customer().standing().clone();
        let customer = Customer::new(any_customer().id().clone(), contribution, None, standing);
        Change::Customer(Box::new(customer.unwrap()))
    };
    let question = WhatIf::new(&book, &terms(1), [of(usd(7)), of(usd(8))]).unwrap();
    assert_eq!(question.book().customers()[0].contribution(), usd(8));

    let first = terms(1);
    let mut held = Held::open(&book, &first).unwrap();
    held.change(of(usd(7))).unwrap();
    let question = held.what_if(Some(of(usd(8)))).unwrap();
    assert_eq!(question.book().customers()[0].contribution(), usd(8));
}

fn any_customer() -> Customer {
    use crate::customer::willingness::Willingness;
    use crate::customer::{Prospect, Standing};
    let day = crate::calendar::Date::new(2026, 1, 1).unwrap();
    let prospect = Prospect::new(Willingness::new(day), vec![], vec![]).unwrap();
    let id = crate::id::Id::new("x").unwrap();
    Customer::new(id, usd(500), None, Standing::Prospect(prospect)).unwrap()
}

#[test]
fn one_customer_is_followed() {
    let prospects = (0..40).map(|n| {
        let name = format!("c{n:02}");
        let old = any_customer();
        let facts = crate::customer::strategies::scenario("s", "n", 0.5, 0.4);
        let Standing::Prospect(prospect) = old.standing() else {
            panic!("{old:?}");
        };
        let prospect =
            crate::customer::Prospect::new(prospect.willingness().clone(), vec![], vec![facts]);
        let id = crate::id::Id::new(name).unwrap();
        let contribution = usd(10_000 + 1_000 * n);
        Customer::new(
            id,
            contribution,
            None,
            Standing::Prospect(prospect.unwrap()),
        )
        .unwrap()
    });
    let book = Book::of(Currency::USD, prospects).unwrap();
    let terms = Terms {
        ceiling: usd(10_000_000),
        ..terms(150_000)
    };
    let mut held = Held::open(&book, &terms).unwrap();
    assert!(held.follows());
    let poorer = book.customers()[39].clone();
    let poorer = Customer::new(
        poorer.id().clone(),
        usd(5_000),
        None,
        poorer.standing().clone(),
    )
    .unwrap();
    let Replanned::Followed {
        difference,
        looked_at,
    } = held.change(Change::Customer(Box::new(poorer))).unwrap()
    else {
        panic!("a contribution is followed");
    };
    assert!(looked_at < 10, "{looked_at}");
    let words: Vec<String> = difference
        .changes()
        .iter()
        .map(LineChange::sentence)
        .collect();
    assert_eq!(
        words,
        [
            "c29 gains: 150.00 USD instead of 0.00 USD, since one more effort would add nothing",
            "c39 loses: 0.00 USD instead of 150.00 USD, since planting would bring no more than what is expected to be claimed for it",
        ]
    );
}

proptest! {
    /// A held market follows to the same bytes as a plan afresh, and says exactly what differs; what it hands back it has
    /// not changed.
    #[test]
    fn held_equals_afresh(
        book in any_book(10), other in any_book(10), budget in 0_i64..2_000_000, share in 0.0..0.4,
        changes in prop::collection::vec((0_usize..10, 0_i64..2_000_000, 0_u8..4), 1..6),
    ) {
        let census = census_of(&book);
        let stance = Stance::offence().with_offensiveness_smallest(Fraction::new(share).unwrap());
        let first = Terms { stance, ..terms(budget) };
        let mut held = Held::open(&book, &first).unwrap();
        let mut before = held.plan(&census).unwrap();
        prop_assert_eq!(&before, &plan(&book, &census, &first).unwrap());
        for (place, amount, kind) in changes {
            let change = match (kind, book.customers().get(place), other.customers().get(place)) {
                (0, _, _) => Change::Budget(usd(amount)),
                (1, _, _) => Change::Ceiling(usd(amount)),
                (_, Some(mine), Some(theirs)) => {
                    let changed = Customer::new(mine.id().clone(), theirs.contribution(), None, theirs.standing().clone());
                    Change::Customer(Box::new(changed.unwrap()))
                }
                _ => continue,
            };
            let question = held.what_if(Some(change.clone())).unwrap();
            let afresh = plan(question.book(), &census, question.terms()).unwrap();
            match held.change(change).unwrap() {
                Replanned::Followed { difference, .. } => {
                    let after = held.plan(&census).unwrap();
                    prop_assert_eq!(serde_json::to_string(&after).unwrap(), serde_json::to_string(&afresh).unwrap());
                    prop_assert_eq!(&*difference, &Difference::between(&before, &after).unwrap());
                    before = after;
                }
                Replanned::Afresh(asked) => {
                    prop_assert_eq!(&plan(asked.book(), &census, asked.terms()).unwrap(), &afresh);
                    prop_assert_eq!(&held.plan(&census).unwrap(), &before);
                }
            }
        }
    }

    /// What-if equals afresh, byte for byte, and its difference tells exactly the lines that differ.
    #[test]
    fn what_if_equals_afresh(
        book in any_book(10), other in any_book(10), budget in 0_i64..2_000_000, then in 0_i64..2_000_000,
        limit in 2.0_f64..12.0,
    ) {
        let census = census_of(&book);
        let first = plan(&book, &census, &terms(budget)).unwrap();
        let stance = terms(1).stance
            .with_payback_limit(Periods::new(limit).unwrap(), PaybackOver::EachCustomer)
            .unwrap();
        let mut changes = vec![Change::Budget(usd(then)), Change::Stance(stance)];
        // Facts of another book's customers under ids of this one.
        for (mine, theirs) in book.customers().iter().zip(other.customers()).take(2) {
            let changed = Customer::new(mine.id().clone(), theirs.contribution(), None, theirs.standing().clone());
            changes.extend(changed.map(|customer| Change::Customer(Box::new(customer))));
        }
        let what_if = WhatIf::new(&book, &terms(budget), changes).unwrap();
        let (after, difference) = what_if.plan(&first, &census).unwrap();
        let afresh = plan(what_if.book(), &census, what_if.terms()).unwrap();
        prop_assert_eq!(serde_json::to_string(&after).unwrap(), serde_json::to_string(&afresh).unwrap());

        let differs = first.lines().iter().zip(after.lines()).filter(|(a, b)| a.spend != b.spend).count();
        prop_assert_eq!(difference.changes().len(), differs);
        prop_assert_eq!(difference.gainers().len() + difference.losers().len(), differs);
        let moved: i64 = difference.changes().iter().map(|change| change.gain().unwrap().minor()).sum();
        prop_assert_eq!(moved, after.spent().minor() - first.spent().minor());
        let json = serde_json::to_string(&difference).unwrap();
        prop_assert_eq!(serde_json::from_str::<Difference>(&json).unwrap(), difference);
    }
}
