//! The law of aggressive maintenance, and a good plan broken one figure at a time.

use proptest::prelude::*;

use crate::fraction::Fraction;
use crate::money::{Currency, Money};
use crate::stance::*;

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn share(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn months(length: f64) -> Payback {
    Payback::After(Periods::new(length).unwrap())
}

/// A plan of 1000.00 that invests 600.00 in existing customers and 200.00 in prospects.
fn good() -> PlanFigures {
    PlanFigures::new(usd(100_000), (usd(60_000), usd(20_000)), months(8.0), 12).unwrap()
}

fn plan(existing: i64, prospects: i64, payback: Payback, advanced: u64) -> PlanFigures {
    PlanFigures::new(
        usd(100_000),
        (usd(existing), usd(prospects)),
        payback,
        advanced,
    )
    .unwrap()
}

fn stance() -> Stance {
    Stance::aggressive_maintenance(share(0.05))
        .with_payback_limit(Periods::new(9.0).unwrap(), PaybackOver::WholePlan)
        .unwrap()
        .with_offensiveness_smallest(share(0.25))
        .with_headroom_smallest(usd(30_000))
        .unwrap()
}

fn sentence(plan: &PlanFigures, shortest: Payback) -> String {
    stance()
        .judge(Some(&good()), plan, shortest)
        .unwrap()
        .sentence()
}

#[test]
fn a_good_plan_is_lawful_with_all_its_reasons() {
    assert_eq!(
        sentence(&plan(60_000, 20_000, months(7.5), 12), Payback::AT_ONCE),
        "lawful: customers advanced: 12; payback shortens from 8.00 periods to 7.50 periods; \
         payback is 7.50 periods, within the limit of 9 periods; \
         prospects get 25.0 % of the money, at least 25.0 % as required; \
         headroom is 400.00 USD, at least 300.00 USD as required"
    );
    assert_eq!(
        sentence(&plan(57_000, 19_000, months(8.0), 12), months(8.0)),
        "lawful: customers advanced: 12; payback was 8.00 periods and no plan pays back before 8.00 periods: \
         it cannot shorten; investment falls from 800.00 USD to 760.00 USD, at most 760.00 USD as required; \
         payback is 8.00 periods, within the limit of 9 periods; \
         prospects get 25.0 % of the money, at least 25.0 % as required; \
         headroom is 430.00 USD, at least 300.00 USD as required"
    );
}

#[test]
fn each_broken_figure_has_its_sentence() {
    let short = months(7.0);
    assert_eq!(
        sentence(&plan(60_000, 20_000, short, 0), Payback::AT_ONCE),
        "stalled: the plan advances nobody: it is stalled, and a stalled plan is no attack"
    );
    assert_eq!(
        sentence(&plan(60_000, 20_000, months(8.0), 12), months(3.0)),
        "refused: payback is 8.00 periods after 8.00 periods before; it must be strictly shorter, \
         and 3.00 periods is not ruled out"
    );
    assert_eq!(
        sentence(&plan(57_000, 19_001, months(8.0), 12), months(8.0)),
        "refused: investment is 760.01 USD after 800.00 USD before; where payback cannot shorten, \
         it must fall to 760.00 USD or less"
    );
    assert_eq!(
        sentence(&plan(57_000, 19_000, months(8.5), 12), months(8.0)),
        "refused: payback lengthens from 8.00 periods to 8.50 periods; it must not"
    );
    assert_eq!(
        sentence(&plan(60_001, 20_000, short, 12), Payback::AT_ONCE),
        "refused: prospects get 25.0 % of the money; at least 25.0 % is required, \
         so existing customers may have 600.00 USD at most"
    );
    assert_eq!(
        sentence(&plan(70_001, 29_999, short, 12), Payback::AT_ONCE),
        "refused: headroom is 299.99 USD; at least 300.00 USD must be left for prospects"
    );
    let offence = Stance::offence()
        .with_payback_limit(Periods::new(9.0).unwrap(), PaybackOver::EachCustomer)
        .unwrap();
    let late = offence
        .judge(None, &plan(1, 1, Payback::Never, 1), Payback::AT_ONCE)
        .unwrap();
    assert_eq!(
        late.sentence(),
        "refused: payback is never; the limit is 9 periods"
    );
    assert_eq!(late.verdict(), Verdict::Refused);
    assert_eq!(late.faults().count(), 1);
}

#[test]
fn maintenance_needs_something_to_maintain() {
    let stance = Stance::aggressive_maintenance(Fraction::ZERO);
    let nothing = plan(0, 0, Payback::AT_ONCE, 0);
    for previous in [None, Some(&nothing)] {
        let judgement = stance.judge(previous, &good(), Payback::AT_ONCE).unwrap();
        assert_eq!(
            judgement.sentence(),
            "refused: maintenance has nothing to maintain: no earlier plan with an investment was given; \
             give one, or take the offence"
        );
    }
}

#[test]
fn every_finding_has_words() {
    let judged = stance()
        .judge(Some(&good()), &plan(1, 0, months(9.5), 0), months(8.0))
        .unwrap();
    assert!(
        judged
            .findings()
            .iter()
            .all(|finding| finding.sentence().len() > 10)
    );
    assert_eq!(judged.verdict(), Verdict::Stalled);
    let json = serde_json::to_string(&judged).unwrap();
    assert_eq!(serde_json::from_str::<Judgement>(&json).unwrap(), judged);
}

#[test]
fn figures_that_contradict_themselves_are_refused() {
    let figures = |budget, parts| PlanFigures::new(budget, parts, Payback::Never, 1);
    assert_eq!(
        figures(usd(100), (usd(60), usd(41)))
            .unwrap_err()
            .to_string(),
        "plan invests 1.01 USD, but its budget is 1.00 USD; spend at most the budget"
    );
    assert_eq!(
        figures(usd(100), (usd(60), usd(-1)))
            .unwrap_err()
            .to_string(),
        "spend on prospects is -0.01 USD; it must not be negative"
    );
    let yen = Money::from_minor(1, Currency::from_code("JPY").unwrap());
    assert!(matches!(
        figures(usd(100), (usd(60), yen)),
        Err(StanceError::Money(_))
    ));
    assert!(matches!(
        stance().existing_most(yen),
        Err(StanceError::Money(_))
    ));
    assert!(matches!(
        stance().existing_most(usd(-1)),
        Err(StanceError::Negative { .. })
    ));
}

#[test]
fn shares_of_money_are_exact() {
    let tenth = Stance::offence().with_offensiveness_smallest(share(0.1));
    // 0.1 is a little more than a tenth in binary; it must not cost a cent.
    assert_eq!(tenth.existing_most(usd(100_000)).unwrap(), usd(90_000));
    assert_eq!(tenth.existing_most(usd(100_001)).unwrap(), usd(90_000));
    assert_eq!(
        tenth.existing_most_beside(usd(10_000)).unwrap(),
        usd(90_000)
    );
    let all = Stance::offence().with_offensiveness_smallest(Fraction::ONE);
    assert_eq!(all.existing_most(usd(i64::MAX)).unwrap(), usd(0));
    assert_eq!(all.existing_most_beside(usd(i64::MAX)).unwrap(), usd(0));
    let headroom = Stance::offence().with_headroom_smallest(usd(500)).unwrap();
    assert_eq!(headroom.existing_most(usd(300)).unwrap(), usd(0));
    assert_eq!(
        headroom.existing_most_beside(usd(0)).unwrap(),
        usd(i64::MAX)
    );
    assert!(Stance::offence().with_headroom_smallest(usd(-1)).is_err());
}

fn payback() -> impl Strategy<Value = Payback> {
    prop_oneof![
        4 => (0_u32..20).prop_map(|half| months(f64::from(half) / 2.0)),
        1 => Just(Payback::Never),
    ]
}

proptest! {
    /// Law 11, told in its own words and not in the code's.
    #[test]
    fn maintenance_shortens_or_cuts(
        before in payback(), after in payback(), shortest in payback(),
        invested_before in 1_i64..50_000, invested in 0_i64..50_000, cut_by in 0.0_f64..=1.0,
    ) {
        let previous = plan(invested_before, 0, before, 1);
        let now = plan(invested, 0, after, 1);
        let stance = Stance::aggressive_maintenance(share(cut_by));
        let lawful =
            stance.judge(Some(&previous), &now, shortest).unwrap().verdict() == Verdict::Lawful;
        let length = |payback: Payback| payback.periods().map_or(f64::INFINITY, Periods::get);
        let shortens = length(after) < length(before);
        let provably_cannot = length(shortest) >= length(before);
        if lawful && !shortens {
            prop_assert!(provably_cannot);
            prop_assert!(length(after) <= length(before));
            prop_assert!(invested < invested_before);
            let cut = f64::from(i32::try_from(invested_before - invested).unwrap());
            prop_assert!(cut >= f64::from(i32::try_from(invested_before).unwrap()) * cut_by - 1e-4);
        }
        if shortens {
            prop_assert!(lawful);
        }
    }

    /// Both bounds on the first two tiers are the largest that keep the share, to the cent.
    #[test]
    fn bounds_on_existing_customers_are_tight(budget in 0_i64..=i64::MAX, billionths in 0_i64..=1_000_000_000) {
        let smallest = share(f64::from(i32::try_from(billionths).unwrap()) / 1e9);
        let stance = Stance::offence().with_offensiveness_smallest(smallest);
        let (budget_wide, billionths) = (i128::from(budget), i128::from(billionths));
        let kept = |existing: i128, of: i128| (of - existing) * 1_000_000_000 >= of * billionths;
        let most = i128::from(stance.existing_most(usd(budget)).unwrap().minor());
        prop_assert!(kept(most, budget_wide));
        prop_assert!(most == budget_wide || !kept(most + 1, budget_wide));
        let beside = i128::from(stance.existing_most_beside(usd(budget)).unwrap().minor());
        prop_assert!(kept(beside, budget_wide + beside));
        prop_assert!(beside == i128::from(i64::MAX) || !kept(beside + 1, budget_wide + beside + 1));
    }
}
