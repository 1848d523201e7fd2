//! The stance as a document: golden text, round trips, and faults with their place.

use proptest::prelude::*;

use crate::calendar::DiscountRate;
use crate::fraction::Fraction;
use crate::money::{Currency, Money};
use crate::stance::*;

const GOLDEN: &str = r#"{
  "schema": "sortie/stance/1",
  "posture": {
    "aggressive_maintenance": {
      "cut_by": 0.05
    }
  },
  "convention": {
    "discount": 0.01,
    "arrival": "evenly"
  },
  "payback_limit": {
    "within": 12.0,
    "over": "each_customer"
  },
  "offensiveness_smallest": 0.2,
  "headroom_smallest": "500.00 USD"
}"#;

fn golden() -> Stance {
    Stance::aggressive_maintenance(Fraction::new(0.05).unwrap())
        .with_convention(Convention::discounted(DiscountRate::new(0.01).unwrap()))
        .with_payback_limit(Periods::new(12.0).unwrap(), PaybackOver::EachCustomer)
        .unwrap()
        .with_offensiveness_smallest(Fraction::new(0.2).unwrap())
        .with_headroom_smallest(Money::from_minor(50_000, Currency::USD))
        .unwrap()
}

#[test]
fn the_golden_document_is_read_and_written() {
    assert_eq!(serde_json::from_str::<Stance>(GOLDEN).unwrap(), golden());
    assert_eq!(serde_json::to_string_pretty(&golden()).unwrap(), GOLDEN);
}

#[test]
fn what_is_missing_means_the_default() {
    let bare: Stance = serde_json::from_str(r#"{"schema": "sortie/stance/1"}"#).unwrap();
    assert_eq!(bare, Stance::offence());
    let json = r#"{"schema": "sortie/stance/1", "posture": {"aggressive_maintenance": {}},
                   "payback_limit": {"within": 3}}"#;
    let some: Stance = serde_json::from_str(json).unwrap();
    assert_eq!(
        some.posture(),
        Posture::AggressiveMaintenance {
            cut_by: Fraction::ZERO
        }
    );
    assert_eq!(
        some.payback_limit().unwrap().over(),
        PaybackOver::EachCustomer
    );
}

#[test]
fn each_fault_names_its_place() {
    for (from, to, expected) in [
        (
            "\"cut_by\": 0.05",
            "\"cut_by\": 5",
            "posture.aggressive_maintenance.cut_by: fraction is 5; it must be a finite number from 0 to 1 (write 0.75 for 75 %)",
        ),
        (
            "12.0",
            "0",
            "payback_limit: payback limit is 0 periods; it must be longer, or left out",
        ),
        (
            "12.0",
            "-1",
            "payback_limit.within: length of time is -1 periods; it must be a finite number of at least 0",
        ),
        (
            "\"discount\": 0.01",
            "\"discount\": -1",
            "convention.discount: discount rate is -1 a period; it must be a finite number of at least 0",
        ),
        (
            "500.00 USD",
            "-1.00 USD",
            "headroom_smallest: smallest headroom is -1.00 USD; it must not be negative",
        ),
        (
            "stance/1",
            "stance/2",
            "schema: schema \"sortie/stance/2\" is newer than \"sortie/stance/1\", the newest that is read; update the crate or write the older version",
        ),
    ] {
        let error = serde_json::from_str::<Stance>(&GOLDEN.replace(from, to)).unwrap_err();
        assert!(
            error.to_string().starts_with(expected),
            "{error}\nnot: {expected}"
        );
    }
    let hold = GOLDEN.replace("aggressive_maintenance", "maintain");
    let error = serde_json::from_str::<Stance>(&hold)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("posture: ") && error.contains("aggressive_maintenance"),
        "{error}"
    );
    let extra = GOLDEN.replace("\"arrival\"", "\"arival\"");
    let error = serde_json::from_str::<Stance>(&extra)
        .unwrap_err()
        .to_string();
    assert!(error.contains("arival"), "{error}");
}

fn any_stance() -> impl Strategy<Value = Stance> {
    let share = || (0.0_f64..=1.0).prop_map(|value| Fraction::new(value).unwrap());
    let posture = prop::option::of(share());
    let limit = prop::option::of((1e-3_f64..1e3, any::<bool>()));
    let headroom = prop::option::of(0..=i64::MAX);
    (
        posture,
        limit,
        share(),
        headroom,
        0.0_f64..2.0,
        any::<bool>(),
    )
        .prop_map(|(cut_by, limit, smallest, headroom, rate, at_end)| {
            let mut stance = cut_by.map_or(Stance::offence(), Stance::aggressive_maintenance);
            let arrival = if at_end {
                Arrival::AtEnd
            } else {
                Arrival::Evenly
            };
            let discount = DiscountRate::new(rate).unwrap();
            stance = stance
                .with_convention(Convention { discount, arrival })
                .with_offensiveness_smallest(smallest);
            if let Some((within, whole)) = limit {
                let over = if whole {
                    PaybackOver::WholePlan
                } else {
                    PaybackOver::EachCustomer
                };
                stance = stance
                    .with_payback_limit(Periods::new(within).unwrap(), over)
                    .unwrap();
            }
            if let Some(minor) = headroom {
                let amount = Money::from_minor(minor, Currency::USD);
                stance = stance.with_headroom_smallest(amount).unwrap();
            }
            stance
        })
}

proptest! {
    #[test]
    fn parse_after_print_is_the_same(stance in any_stance()) {
        let json = serde_json::to_string(&stance).unwrap();
        prop_assert_eq!(serde_json::from_str::<Stance>(&json).unwrap(), stance);
    }
}
