//! A good plan, broken in one way at a time: what it says then, in full.

use super::bounds::{EFFORT, admitted, habitual, hours, id};
use super::{census_of, prospect, terms, usd};
use crate::campaign::explain::OneMore;
use crate::campaign::{Hours, Market, Terms, Territory, plan};
use crate::customer::{Book, ByTier};
use crate::fraction::Fraction;
use crate::money::Currency;
use crate::stance::{PaybackOver, Periods};

/// Two territories of one habitual customer each, and a prospect outside.
fn good() -> (Book, Terms) {
    let customers = [
        habitual("a", 40_000, Some("north")),
        habitual("b", 30_000, Some("south")),
        admitted("c", 90_000, None),
    ];
    let territories = ["north", "south"].map(|name| Territory::new(id(name)));
    let terms = terms(150_000, 90_000, 0.0, None).with_territories(territories.to_vec());
    (Book::of(Currency::USD, customers).unwrap(), terms)
}

fn sentence(book: &Book, terms: &Terms, name: &str) -> String {
    let market = Market::open(book, terms).unwrap();
    let explainer = market.explainer();
    market.reasons(&explainer, &id(name)).unwrap().sentence()
}

#[test]
fn every_limit_has_its_sentence_and_its_remedy() {
    let (book, good) = good();
    let within = |limit: f64, over| {
        let stance = good
            .stance
            .with_payback_limit(Periods::new(limit).unwrap(), over)
            .unwrap();
        Terms {
            stance,
            ..good.clone()
        }
    };
    let mut told = Vec::new();
    let capped = Territory::new(id("north")).with_cap(usd(EFFORT));
    told.push(sentence(
        &book,
        &good.clone().with_territories(vec![capped]),
        "a",
    ));
    told.push(sentence(
        &book,
        &Terms {
            ceiling: usd(EFFORT),
            ..good.clone()
        },
        "c",
    ));
    let share = good
        .stance
        .with_offensiveness_smallest(Fraction::new(0.5).unwrap());
    told.push(sentence(
        &book,
        &Terms {
            stance: share,
            ..good.clone()
        },
        "a",
    ));
    let each = hours("1");
    let short = Hours::new(
        hours("3"),
        ByTier {
            habitual: each,
            starting: each,
            prospect: each,
        },
    );
    told.push(sentence(&book, &good.clone().with_hours(short), "a"));
    told.push(sentence(
        &book,
        &within(1.0, PaybackOver::EachCustomer),
        "c",
    ));
    told.push(sentence(&book, &within(5.0, PaybackOver::WholePlan), "a"));
    let idle = Book::of(Currency::USD, [prospect("p", 90_000, 0, &[])]).unwrap();
    told.push(sentence(
        &idle,
        &Terms {
            territories: vec![],
            ..good
        },
        "p",
    ));
    assert_eq!(
        told,
        [
            "a gets 150.00 USD: what territory north may have is spent; its last step returns 0.99 for 1, \
             money is worth 0.60; the next-best use of it is b, at 0.04 for 1; it gets more if territory \
             north is allowed more; without it the plan loses 58.29 to 148.15",
            "c gets 150.00 USD: the ceiling on promises is reached; its last step returns 5.03 for 1, money \
             is worth 1.74; the next-best use of it is b, at 0.10 for 1; it gets more if the ceiling on \
             promises rises; without it the plan loses 494.00 to 755.24",
            "a gets 300.00 USD: what the stance leaves to existing customers is spent; its last step returns \
             0.60 for 1, money is worth 0.45; the next-best use of it is b, at 0.45 for 1; it gets more if \
             the stance leaves more to existing customers, or if the price of money falls from 0.45 to 0.36, \
             or if it returns 1.24 times as much; without it the plan loses 103.22 to 238.01",
            "a gets 150.00 USD: the hours are used up; its last step returns 0.99 for 1, money is worth 0.95; \
             the next-best use of it is c, at 0.95 for 1; it gets more if there are more hours, or if the \
             price of money falls from 0.95 to 0.60, or if it returns 1.59 times as much; without it the plan \
             loses 5.47 to 148.15",
            "c gets 0.00 USD: one more effort would not pay back in time; it gets more if a payback of 3.23 \
             periods is accepted instead of 1",
            "a gets 0.00 USD: the whole would then pay back too late; it gets more if the whole may take \
             longer to pay back than 5 periods",
            "p gets 0.00 USD: no decision scenario is left to plant; write one; it gets more if another \
             decision scenario is written for it",
        ]
    );
}

#[test]
fn floors_beyond_the_budget_are_told_with_what_would_do() {
    let (book, good) = good();
    let floors = |north: i64, south: i64| {
        let floor = |name: &str, floor: i64| Territory::new(id(name)).with_floor(usd(floor));
        let territories = vec![floor("north", north), floor("south", south)];
        let terms = Terms {
            budget: usd(60_000),
            ..good.clone()
        }
        .with_territories(territories);
        plan(&book, &census_of(&book), &terms)
    };
    assert!(floors(30_000, 30_000).is_ok());
    assert_eq!(
        floors(45_000, 30_000).unwrap_err().to_string(),
        "infeasible: these cannot all be kept: the budget (at most 600.00 USD), the floor of territory north (at least \
         450.00 USD), the floor of territory south (at least 300.00 USD); any one of them would have to give 150.00 USD"
    );
}

#[test]
fn one_more_of_everything_is_worth_what_planning_again_says() {
    let (book, good) = good();
    let capped = Territory::new(id("north")).with_cap(usd(EFFORT));
    let each = hours("1");
    let all = Hours::new(
        hours("4"),
        ByTier {
            habitual: each,
            starting: each,
            prospect: hours("2"),
        },
    );
    let terms = Terms {
        budget: usd(75_000),
        ..good
    }
    .with_territories(vec![capped])
    .with_hours(all);
    let market = Market::open(&book, &terms).unwrap();
    let told: Vec<String> = market
        .one_more()
        .unwrap()
        .iter()
        .map(OneMore::sentence)
        .collect();
    let worth = |terms: &Terms| Market::open(&book, terms).unwrap().allocation().value();
    let more = worth(&Terms {
        budget: usd(90_000),
        ..terms.clone()
    }) - worth(&terms);
    assert_eq!(
        told[0],
        format!("150.00 USD more of budget would bring {more:.2}")
    );
    assert_eq!(told.len(), 4, "{told:?}");
}
