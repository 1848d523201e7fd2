use proptest::prelude::*;

use super::*;
use crate::allocate::{Activity, Allocation, Group, Objective, Problem, solve};
use crate::money::Currency;
use crate::response::{ModifiedExponential, Response as _};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn activity(name: &str, scale: f64) -> Activity {
    Activity::curve(id(name), ModifiedExponential::new(scale, 0.01).unwrap())
}

fn market(budget: i64, activities: Vec<Activity>, groups: Vec<Group>) -> (Problem, Allocation) {
    let objective = Objective::Budget(usd(budget));
    let problem = Problem::new(Currency::USD, objective, vec![], activities, groups).unwrap();
    let allocation = solve(&problem).unwrap();
    (problem, allocation)
}

fn sentence(problem: &Problem, allocation: &Allocation, name: &str) -> String {
    let explainer = Explainer::new(problem, allocation);
    explainer.line(&id(name), |_| None).unwrap().sentence()
}

/// Two customers that take whole calls of 10.00, of which a third is held at one call.
fn good() -> (Problem, Allocation) {
    let call = usd(1_000);
    let activities = vec![
        activity("a", 100.0).with_step(call),
        activity("b", 80.0).with_step(call),
        activity("c", 300.0).with_step(call).with_cap(call),
    ];
    market(10_000, activities, vec![])
}

#[test]
fn each_line_has_its_sentence() {
    let (problem, allocation) = good();
    assert_eq!(
        sentence(&problem, &allocation, "a"),
        "a gets 60.00 USD: the budget is spent on what brings more; \
         its last step returns 0.58 for 1, money is worth 0.56; the next-best use of it is b, at 0.56 for 1; \
         it gets more if the price of money falls from 0.56 to 0.52, or if it returns 1.08 times as much; \
         without it the plan loses 11.28 to 45.12"
    );
    assert_eq!(
        sentence(&problem, &allocation, "c"),
        "c gets 10.00 USD: its own cap is reached; its last step returns 2.85 for 1, money is worth 0.56; \
         the next-best use of it is b, at 0.56 for 1; it gets more if its cap rises from 10.00 USD to 20.00 USD; \
         without it the plan loses 22.91 to 28.55"
    );
}

#[test]
fn the_cause_of_a_cap_is_told() {
    let (problem, allocation) = good();
    let explainer = Explainer::new(&problem, &allocation);
    let payback = |_: &Id| {
        let limit = Periods::new(6.0).unwrap();
        let needed = Some(Periods::new(7.25).unwrap());
        Some((
            CapCause::Payback,
            Some(Remedy::AcceptPayback { limit, needed }),
        ))
    };
    let reasons = explainer.line(&id("c"), payback).unwrap();
    let words: Vec<String> = reasons.to_get_more.iter().map(Remedy::sentence).collect();
    assert_eq!(
        words,
        [
            "a payback of 7.25 periods is accepted instead of 6",
            "the cap that payback puts on it rises from 10.00 USD to 20.00 USD",
        ]
    );
    let gate = explainer
        .line(&id("c"), |_| Some((CapCause::Willingness, None)))
        .unwrap();
    assert_eq!(
        gate.to_get_more[0].sentence(),
        "its willingness passes the next gate"
    );
    assert_eq!(explainer.line(&id("z"), |_| None), None);
    let json = serde_json::to_string(&reasons).unwrap();
    assert_eq!(serde_json::from_str::<LineReasons>(&json).unwrap(), reasons);
}

#[test]
fn a_full_group_is_named_and_frees_money_inside() {
    let north = Group::new(id("north"))
        .with_cap(usd(3_000))
        .with_members(vec![id("a"), id("b")]);
    let activities = vec![
        activity("a", 100.0),
        activity("b", 80.0),
        activity("c", 5.0),
    ];
    let (problem, allocation) = market(20_000, activities, vec![north]);
    let explainer = Explainer::new(&problem, &allocation);
    let a = explainer.line(&id("a"), |_| None).unwrap();
    assert_eq!(a.limited_by, Limit::Group(id("north")));
    assert_eq!(a.to_get_more[0], Remedy::RaiseGroup { group: id("north") });
    assert!(matches!(a.next_best, Some(NextBest::Customer { ref id, .. }) if id.as_str() == "b"));
    let whole = explainer.whole();
    assert_eq!(whole.groups.len(), 1);
    assert!((whole.groups[0].price - a.price + whole.price).abs() < 1e-12);
}

#[test]
fn the_whole_says_why_the_budget_is_or_is_not_exhausted() {
    let whole = |(problem, allocation): (Problem, Allocation)| {
        Explainer::new(&problem, &allocation).whole().sentence()
    };
    assert_eq!(
        whole(good()),
        "all of 100.00 USD is spent; one more unit of money would bring 0.56"
    );
    let capped = vec![activity("a", 100.0).with_cap(usd(700))];
    assert_eq!(
        whole(market(10_000, capped, vec![])),
        "7.00 USD is spent; 93.00 USD is left over, since nobody can use more under these limits"
    );
    let coarse = vec![activity("a", 100.0).with_step(usd(3_000))];
    assert_eq!(
        whole(market(10_000, coarse, vec![])),
        "90.00 USD is spent; the 10.00 USD left over is less than one further step of 30.00 USD"
    );
}

#[test]
fn one_more_unit_is_worth_its_price() {
    let (problem, allocation) = market(
        10_000,
        vec![activity("a", 100.0), activity("b", 80.0)],
        vec![],
    );
    let more = worth_of_money(&problem, allocation.value(), usd(1)).unwrap();
    assert!(
        (more * 100.0 - allocation.shadow_price()).abs() < 1e-6,
        "{more}"
    );
}

#[test]
fn a_conflict_is_the_smallest_and_tells_how_far_each_must_give() {
    let wish = |name: &str, about: &str, kind, minor| Wish {
        name: id(name),
        about: id(about),
        kind,
        amount: usd(minor),
    };
    let mut wishes = Wishes::new(Currency::USD);
    for inner in ["a", "b", "c", "d"] {
        wishes = wishes.with_inside(&id(inner), &id("all"));
    }
    let lawful = wishes
        .with(wish("the budget", "all", WishKind::Cap, 100))
        .with(wish("see a", "a", WishKind::Floor, 40))
        .with(wish("see b", "b", WishKind::Floor, 30));
    assert_eq!(lawful.conflict(), None);
    let three = lawful
        .clone()
        .with(wish("see c", "c", WishKind::Floor, 35))
        .with(wish("see d", "d", WishKind::Floor, 1));
    assert_eq!(
        three.conflict().unwrap().sentence(),
        "these cannot all be kept: the budget (at most 1.00 USD), see a (at least 0.40 USD), \
         see b (at least 0.30 USD), see c (at least 0.35 USD); any one of them would have to give 0.05 USD"
    );
    // A payback cap below a floor is a smaller conflict.
    let two = three
        .clone()
        .with(wish("payback of a", "a", WishKind::Cap, 25));
    assert_eq!(
        two.conflict().unwrap().sentence(),
        "these cannot all be kept: payback of a (at most 0.25 USD), see a (at least 0.40 USD); \
         any one of them would have to give 0.15 USD"
    );
    let whole = lawful.with(wish("spend it all", "all", WishKind::Floor, 120));
    assert_eq!(whole.conflict().unwrap().wishes.len(), 2);
}

#[test]
fn a_floor_on_the_whole_may_ask_more_than_its_parts_can_take() {
    let wish = |name: &str, about: &str, kind, minor| Wish {
        name: id(name),
        about: id(about),
        kind,
        amount: usd(minor),
    };
    let wishes = Wishes::new(Currency::USD)
        .with_inside(&id("a"), &id("north"))
        .with_inside(&id("b"), &id("north"))
        .with(wish("north grows", "north", WishKind::Floor, 100))
        .with(wish("cap of a", "a", WishKind::Cap, 30))
        .with(wish("cap of b", "b", WishKind::Cap, 40));
    assert_eq!(
        wishes.conflict().unwrap().sentence(),
        "these cannot all be kept: north grows (at least 1.00 USD), cap of a (at most 0.30 USD), \
         cap of b (at most 0.40 USD); any one of them would have to give 0.30 USD"
    );
    // Parts that go round in a circle end.
    let round = wishes.with_inside(&id("north"), &id("a"));
    assert!(
        round
            .conflict()
            .is_none_or(|conflict| !conflict.wishes.is_empty())
    );
}

proptest! {
    /// What a plan loses without a customer lies between the two figures, to the rounding of a step.
    #[test]
    fn the_loss_is_bracketed(scales in prop::collection::vec(10.0_f64..200.0, 2..7), budget in 100_i64..20_000) {
        let names: Vec<String> = (0..scales.len()).map(|n| format!("c{n}")).collect();
        let all: Vec<Activity> = names.iter().zip(&scales).map(|(name, scale)| activity(name, *scale)).collect();
        let (problem, allocation) = market(budget, all.clone(), vec![]);
        let explainer = Explainer::new(&problem, &allocation);
        let (_, rest) = market(budget, all[1..].to_vec(), vec![]);
        let reasons = explainer.line(&id("c0"), |_| None).unwrap();
        let loss = allocation.value() - rest.value();
        prop_assert!(loss <= reasons.loss.most + 1e-9, "{loss} above {:?}", reasons.loss);
        prop_assert!(loss >= reasons.loss.least - 0.05, "{loss} below {:?}", reasons.loss);
    }

    /// Law 5 as the reasons tell it: nobody's last step returns less than its price or the next-best use.
    #[test]
    fn last_steps_pay_their_price(scales in prop::collection::vec(10.0_f64..200.0, 2..9), budget in 100_i64..20_000) {
        let names: Vec<String> = (0..scales.len()).map(|n| format!("c{n}")).collect();
        let all: Vec<Activity> = names.iter().zip(&scales).map(|(name, scale)| activity(name, *scale)).collect();
        let (problem, allocation) = market(budget, all, vec![]);
        let explainer = Explainer::new(&problem, &allocation);
        for reasons in explainer.lines(|_| None) {
            if let Some(last) = reasons.last_gain {
                prop_assert!(last >= reasons.price * (1.0 - 1e-12));
                if let Some(NextBest::Customer { gain, .. }) = reasons.next_best {
                    prop_assert!(last >= gain * (1.0 - 1e-12));
                }
            }
            prop_assert!(!reasons.sentence().is_empty());
        }
    }

    /// The conflict found is real, and every wish in it is needed.
    #[test]
    fn a_conflict_is_irreducible(
        floors in prop::collection::vec(0_i64..60, 1..7), caps in prop::collection::vec(prop::option::of(0_i64..60), 7), budget in 0_i64..200,
    ) {
        let wish = |name: String, about: &str, kind, minor| Wish { name: id(&name), about: id(about), kind, amount: usd(minor) };
        let mut base = Wishes::new(Currency::USD);
        let mut list = vec![wish("budget".into(), "all", WishKind::Cap, budget)];
        for (n, floor) in floors.iter().enumerate() {
            let name = format!("c{n}");
            base = base.with_inside(&id(&name), &id("all"));
            list.push(wish(format!("floor {n}"), &name, WishKind::Floor, *floor));
            if let Some(cap) = caps[n] {
                list.push(wish(format!("cap {n}"), &name, WishKind::Cap, cap));
            }
        }
        let with = |list: &[Wish]| list.iter().cloned().fold(base.clone(), Wishes::with);
        let feasible = floors.iter().sum::<i64>() <= budget
            && floors.iter().zip(&caps).all(|(floor, cap)| cap.is_none_or(|cap| *floor <= cap));
        let conflict = with(&list).conflict();
        prop_assert_eq!(conflict.is_none(), feasible);
        if let Some(conflict) = conflict {
            let found: Vec<Wish> = conflict.wishes.iter().map(|(wish, _)| wish.clone()).collect();
            prop_assert!(with(&found).conflict().is_some());
            for (at, (_, give)) in conflict.wishes.iter().enumerate() {
                let mut without = found.clone();
                let relaxed = without.remove(at);
                prop_assert!(with(&without).conflict().is_none());
                // The relaxation does, and a cent less does not.
                for (short, does) in [(0, true), (1, false)] {
                    let by = give.minor() - short;
                    let minor = match relaxed.kind {
                        WishKind::Floor => relaxed.amount.minor() - by,
                        WishKind::Cap => relaxed.amount.minor() + by,
                    };
                    let mut again = without.clone();
                    again.push(Wish { amount: usd(minor), ..relaxed.clone() });
                    prop_assert_eq!(with(&again).conflict().is_none(), does);
                }
            }
        }
    }

    #[test]
    fn curves_alone_decide_the_last_gain(spend in 1_i64..10_000) {
        let (problem, allocation) = market(spend, vec![activity("a", 50.0)], vec![]);
        let reasons = Explainer::new(&problem, &allocation).line(&id("a"), |_| None).unwrap();
        let curve = ModifiedExponential::new(50.0, 0.01).unwrap();
        let units = u64::try_from(reasons.spend.minor()).unwrap();
        prop_assert!((reasons.last_gain.unwrap() - curve.gain(units - 1, units, 0.01) * 100.0).abs() < 1e-12);
    }
}
