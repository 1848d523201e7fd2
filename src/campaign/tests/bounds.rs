//! Territories, hours, payback of the whole and offensiveness, each against every plan there is.

use proptest::prelude::*;

use super::{census_of, prospect, terms, usd};
use crate::campaign::{Hours, Market, Plan, PlanLimit, Terms, Territory, plan};
use crate::customer::habit::{Anchoring, Depth, Ground, Habit, Practice, Scope};
use crate::customer::{Book, ByTier, Customer, Habitual, Standing, Tier};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast;
use crate::quantity::Quantity;
use crate::stance::{PaybackOver, Periods};

pub(super) const EFFORT: i64 = 15_000;
/// The most efforts that the search through every plan gives to one customer.
const MOST: u64 = 3;

pub(super) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(super) fn hours(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub(super) fn habitual(name: &str, contribution: i64, territory: Option<&str>) -> Customer {
    let practice = || Practice::new("a").unwrap();
    let depth = Depth::new(Scope::Individual, Ground::Profession, Anchoring::Custom).unwrap();
    let habit = Habit::new(practice(), practice(), depth, Fraction::ONE);
    let standing = Standing::Habitual(Habitual::new(vec![habit]).unwrap());
    Customer::new(id(name), usd(contribution), territory.map(id), standing).unwrap()
}

pub(super) fn admitted(name: &str, contribution: i64, territory: Option<&str>) -> Customer {
    let made = prospect(name, contribution, 0, &[0.8, 0.5, 0.4]);
    let standing = made.standing().clone();
    Customer::new(id(name), usd(contribution), territory.map(id), standing).unwrap()
}

/// Two habitual customers and two prospects, north and south.
fn any_small_book() -> impl Strategy<Value = Book> {
    let contribution = 1_000_i64..90_000;
    prop::collection::vec(contribution, 4).prop_map(|of| {
        let customers = [
            habitual("a", of[0], Some("north")),
            habitual("b", of[1], Some("south")),
            admitted("c", 2 * of[2], Some("north")),
            admitted("d", 2 * of[3], None),
        ];
        Book::of(Currency::USD, customers).unwrap()
    })
}

/// The best value among all plans that give whole efforts up to [`MOST`] to each and that `keeps` admits, with each
/// customer's efforts and value handed to it.
fn best_of_all(book: &Book, terms: &Terms, keeps: impl Fn(&[(i64, f64)]) -> bool) -> f64 {
    let free = Terms {
        stance: terms.stance.without_payback_limit(),
        territories: Vec::new(),
        hours: None,
        ..terms.clone()
    };
    let market = Market::open(book, &free).unwrap();
    let curves: Vec<Vec<f64>> = book
        .customers()
        .iter()
        .map(|customer| {
            let curve = market.curve_of(customer.id(), MOST);
            let values = curve.into_iter().map(|(_, value)| value);
            let values: Vec<f64> = values.collect();
            if values.is_empty() { vec![0.0] } else { values }
        })
        .collect();
    let mut best = f64::NEG_INFINITY;
    let mut chosen = vec![0_usize; curves.len()];
    loop {
        let given: Vec<(i64, f64)> = chosen
            .iter()
            .zip(&curves)
            .map(|(efforts, curve)| (cast::i64_of_usize(*efforts), curve[*efforts]))
            .collect();
        // An effort that adds nothing is no attack.
        let wastes = chosen
            .iter()
            .zip(&curves)
            .any(|(efforts, curve)| *efforts > 0 && curve[*efforts] <= curve[*efforts - 1]);
        if !wastes && keeps(&given) {
            best = best.max(given.iter().map(|(_, value)| value).sum());
        }
        let Some(place) = (0..chosen.len()).find(|at| chosen[*at] + 1 < curves[*at].len()) else {
            return best;
        };
        chosen[place] += 1;
        for at in &mut chosen[..place] {
            *at = 0;
        }
    }
}

/// Every spend is within reach of [`best_of_all`].
fn within_reach(plan: &Plan) -> bool {
    let most = i64::try_from(MOST).unwrap();
    plan.lines().iter().all(|line| plan.efforts(line) < most)
}

fn planned(book: &Book, terms: &Terms) -> Plan {
    plan(book, &census_of(book), terms).unwrap()
}

/// A plan that is called optimal is the best of all; any other is below its bound, which the best keeps.
fn judged(plan: &Plan, best: f64) -> Result<(), TestCaseError> {
    let totals = plan.totals();
    let near = 1e-9 * (1.0 + best.abs());
    prop_assert!(
        totals.bound >= best - near,
        "bound {} below the best {best}",
        totals.bound
    );
    if within_reach(plan) {
        prop_assert!(
            totals.value <= best + near,
            "{} above the best {best}",
            totals.value
        );
    }
    if totals.optimal {
        prop_assert!(
            totals.value >= best - near,
            "{} called best, {best} is",
            totals.value
        );
    }
    Ok(())
}

/// Hours leave room for three efforts among prospects, and the share asks for four beside what existing customers might have: that
/// there is no such plan takes longer to show than the search is given, and then the bound without it must do.
#[test]
fn a_search_that_is_cut_off_is_no_error() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let micros = |halves: u64| Quantity::from_micros(halves * 500_000);
    let each = ByTier {
        habitual: micros(1),
        starting: micros(1),
        prospect: micros(5),
    };
    for _ in 0..300 {
        let book = any_small_book().new_tree(&mut runner).unwrap().current();
        for offensiveness in [0.55, 0.617, 0.7] {
            let hours = Hours::new(micros(15), each);
            let terms = terms(8 * EFFORT, 90_000, offensiveness, None).with_hours(hours);
            let totals = *planned(&book, &terms).totals();
            assert!(totals.bound.is_finite() && totals.bound >= totals.value);
        }
    }
}

proptest! {
    /// Territories inside of territories, with floors and caps, beside the bounds of tiers.
    #[test]
    fn territories_keep_their_bounds(
        book in any_small_book(), budget in 0_i64..9, north in 0_i64..5, country in 0_i64..7, floor in 0_i64..2,
        offensiveness in 0.0..0.6, ceiling in 0_i64..5,
    ) {
        let territories = vec![
            Territory::new(id("country")).with_cap(usd(country.max(floor) * EFFORT)),
            Territory::new(id("north")).within(id("country")).with_cap(usd(north.max(floor) * EFFORT)).with_floor(usd(floor * EFFORT)),
            Territory::new(id("south")).within(id("country")),
        ];
        let terms = terms(budget.max(floor) * EFFORT, ceiling * EFFORT, 0.0, None).with_territories(territories);
        let share = Fraction::new(offensiveness).unwrap();
        let terms = Terms { stance: terms.stance.with_offensiveness_smallest(share), ..terms };
        let Ok(plan) = plan(&book, &census_of(&book), &terms) else {
            // Floors that only existing customers could fill, and a share that they may not have.
            prop_assert!(floor > 0);
            return Ok(());
        };
        let spent = |name: &str| plan.line(&id(name)).unwrap().spend.minor() / EFFORT;
        prop_assert!(spent("a") + spent("c") <= north.max(floor) && spent("a") + spent("c") >= floor);
        prop_assert!(spent("a") + spent("b") + spent("c") <= country.max(floor));
        prop_assert!(spent("c") + spent("d") <= ceiling);
        let line = |at: usize| &plan.resources().territories[at];
        prop_assert_eq!(line(1).spent, usd((spent("a") + spent("c")) * EFFORT));
        let keeps = |given: &[(i64, f64)]| {
            let at = |place: usize| given[place].0;
            let (existing, prospects) = (at(0) + at(1), at(2) + at(3));
            existing + prospects <= budget.max(floor) && prospects <= ceiling
                && (floor..=north.max(floor)).contains(&(at(0) + at(2))) && at(0) + at(1) + at(2) <= country.max(floor)
                && existing * EFFORT <= terms.stance.existing_most_beside(usd(prospects * EFFORT)).unwrap().minor()
        };
        let best = best_of_all(&book, &terms, keeps);
        if best.is_finite() {
            judged(&plan, best)?;
        }
    }

    /// The smallest offensiveness holds of what is spent, and the plan is the best of those that keep it.
    #[test]
    fn offensiveness_is_kept_at_the_least_price(
        book in any_small_book(), budget in 0_i64..12, odd in 0_i64..EFFORT, offensiveness in 0.0..0.9, ceiling in 0_i64..5,
    ) {
        let terms = terms(budget * EFFORT + odd, ceiling * EFFORT, offensiveness, None);
        let plan = planned(&book, &terms);
        let keeps = |given: &[(i64, f64)]| {
            let at = |place: usize| given[place].0 * EFFORT;
            let (existing, prospects) = (at(0) + at(1), at(2) + at(3));
            existing + prospects <= terms.budget.minor() && prospects <= ceiling * EFFORT
                && existing <= terms.stance.existing_most_beside(usd(prospects)).unwrap().minor()
        };
        prop_assert!(plan.totals().optimal);
        judged(&plan, best_of_all(&book, &terms, keeps))?;
    }

    /// Hours that differ by tier are a second resource.
    #[test]
    fn hours_are_a_resource(
        book in any_small_book(), budget in 0_i64..9, limit in 0_i64..20, each in prop::collection::vec(1_i64..6, 2),
    ) {
        let micros = |hours: i64| Quantity::from_micros(hours.unsigned_abs() * 500_000);
        let per_effort = ByTier { habitual: micros(each[0]), starting: micros(1), prospect: micros(each[1]) };
        let terms = terms(budget * EFFORT, 90_000, 0.0, None)
            .with_hours(Hours::new(micros(limit), per_effort).with_heads(2));
        let plan = planned(&book, &terms);
        let keeps = |given: &[(i64, f64)]| {
            let at = |place: usize| given[place].0;
            let used = (at(0) + at(1)) * each[0] + (at(2) + at(3)) * each[1];
            used <= limit && at(0) + at(1) + at(2) + at(3) <= budget && at(2) + at(3) <= 6
        };
        judged(&plan, best_of_all(&book, &terms, keeps))?;
        prop_assert!(plan.totals().optimal, "so small a search ends");
        let used = plan.resources().hours.unwrap();
        let of = |tier: Tier| plan.lines().iter().filter(|line| line.tier == tier).map(|line| plan.efforts(line)).sum::<i64>();
        let expected = of(Tier::Habitual) * each[0] + of(Tier::Prospect) * each[1];
        prop_assert_eq!(used.used, micros(expected));
        prop_assert!(used.used <= used.limit);
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }

    /// Where hours hold prospects back, the share is kept all the same, and the bound is one.
    #[test]
    fn the_share_is_kept_beside_hours(
        book in any_small_book(), budget in 0_i64..9, limit in 0_i64..20, each in prop::collection::vec(1_i64..6, 2),
        offensiveness in 0.05..0.8, within in prop::option::of(2.0..12.0),
    ) {
        let micros = |hours: i64| Quantity::from_micros(hours.unsigned_abs() * 500_000);
        let per_effort = ByTier { habitual: micros(each[0]), starting: micros(1), prospect: micros(each[1]) };
        let mut terms = terms(budget * EFFORT, 90_000, offensiveness, None).with_hours(Hours::new(micros(limit), per_effort));
        if let Some(within) = within {
            let within = Periods::new(within).unwrap();
            terms.stance = terms.stance.with_payback_limit(within, PaybackOver::WholePlan).unwrap();
        }
        let plan = planned(&book, &terms);
        let free = Terms { stance: terms.stance.without_payback_limit(), hours: None, ..terms.clone() };
        let free = Market::open(&book, &free).unwrap();
        let keeps = |given: &[(i64, f64)]| {
            let at = |place: usize| given[place].0;
            let (existing, prospects) = (at(0) + at(1), at(2) + at(3));
            let spends = book.customers().iter().zip(given);
            let spends: Vec<(&Customer, Money)> = spends.map(|(c, (n, _))| (c, usd(*n * EFFORT))).collect();
            existing * each[0] + prospects * each[1] <= limit && existing + prospects <= budget && prospects <= 6
                && existing * EFFORT <= terms.stance.existing_most_beside(usd(prospects * EFFORT)).unwrap().minor()
                && terms.stance.payback_limit().is_none_or(|limit| free.payback_of(&spends).unwrap().is_within(limit.within()))
        };
        let spent = |places: [usize; 2]| places.iter().map(|at| plan.lines()[*at].spend.minor()).sum::<i64>();
        let beside = terms.stance.existing_most_beside(usd(spent([2, 3]))).unwrap();
        prop_assert!(spent([0, 1]) <= beside.minor());
        judged(&plan, best_of_all(&book, &terms, keeps))?;
    }

    /// Hours that are the same for everyone are money of another colour: the plan is that of so much less money.
    #[test]
    fn equal_hours_are_money(book in any_small_book(), budget in 0_i64..9, limit in 0_i64..9) {
        let each = hours("1.5");
        let per_effort = ByTier { habitual: each, starting: each, prospect: each };
        let there = Quantity::from_micros(u64::try_from(limit).unwrap() * each.micros() + 7);
        let timed = terms(budget * EFFORT, 90_000, 0.0, None).with_hours(Hours::new(there, per_effort));
        let plain = terms(budget.min(limit) * EFFORT, 90_000, 0.0, None);
        let (timed, plain) = (planned(&book, &timed), planned(&book, &plain));
        prop_assert!(timed.totals().optimal);
        for (one, other) in timed.lines().iter().zip(plain.lines()) {
            prop_assert_eq!(&one.spend, &other.spend);
            if limit < budget && other.limited_by == PlanLimit::Budget {
                prop_assert_eq!(&one.limited_by, &PlanLimit::Hours);
            }
        }
    }

    /// A payback limit over the whole plan: kept, and the plan within its bound of the best.
    #[test]
    fn the_whole_pays_back(book in any_small_book(), budget in 0_i64..9, limit in 1.0..12.0) {
        let terms = terms(budget * EFFORT, 90_000, 0.0, None);
        let within = Periods::new(limit).unwrap();
        let over = |over| terms.stance.with_payback_limit(within, over).unwrap();
        let each = Terms { stance: over(PaybackOver::EachCustomer), ..terms.clone() };
        let whole = Terms { stance: over(PaybackOver::WholePlan), ..terms.clone() };
        let (each, plan) = (planned(&book, &each), planned(&book, &whole));
        prop_assert!(plan.payback().is_within(within), "{} after {limit}", plan.payback());
        // What holds of each holds of the whole, so the whole can never be worth less than its bound says.
        prop_assert!(plan.totals().bound >= each.totals().value - 1e-9);
        let free = Market::open(&book, &terms).unwrap();
        let keeps = |given: &[(i64, f64)]| {
            let spends = book.customers().iter().zip(given);
            let spends: Vec<(&Customer, Money)> = spends.map(|(c, (n, _))| (c, usd(*n * EFFORT))).collect();
            let efforts: i64 = given.iter().map(|(n, _)| n).sum();
            efforts <= budget && given[2].0 + given[3].0 <= 6
                && free.payback_of(&spends).unwrap().is_within(within)
        };
        judged(&plan, best_of_all(&book, &terms, keeps))?;
    }
}

#[test]
fn a_quick_customer_carries_a_slow_one() {
    let customers = [habitual("a", 2_000_000, None), admitted("c", 30_000, None)];
    let book = Book::of(Currency::USD, customers).unwrap();
    let base = terms(1_000_000, 90_000, 0.0, None);
    let limited = |over| {
        let within = Periods::new(4.0).unwrap();
        let stance = base.stance.with_payback_limit(within, over).unwrap();
        planned(
            &book,
            &Terms {
                stance,
                ..base.clone()
            },
        )
    };
    let (each, whole) = (
        limited(PaybackOver::EachCustomer),
        limited(PaybackOver::WholePlan),
    );
    assert!(each.line(&id("c")).unwrap().spend.is_zero());
    assert!(!whole.line(&id("c")).unwrap().spend.is_zero());
    assert!(whole.totals().value > each.totals().value);
}

#[test]
fn floors_that_come_back_too_late_are_told() {
    let book = Book::of(Currency::USD, [admitted("c", 20_000, Some("north"))]).unwrap();
    let north = Territory::new(id("north")).with_floor(usd(EFFORT));
    let terms = terms(100_000, 90_000, 0.0, None).with_territories(vec![north]);
    let within = Periods::new(1.0).unwrap();
    let stance = terms
        .stance
        .with_payback_limit(within, PaybackOver::WholePlan)
        .unwrap();
    let error = plan(&book, &census_of(&book), &Terms { stance, ..terms }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no plan pays back as a whole within 1 periods, since floors of territories demand a spend that comes back \
         later; lower a floor or accept a longer payback"
    );
}

#[test]
fn territories_that_do_not_fit_are_refused() {
    let book = Book::of(Currency::USD, [habitual("a", 90_000, Some("north"))]).unwrap();
    let refused = |territory: Territory| {
        let terms = terms(100_000, 0, 0.0, None).with_territories(vec![territory]);
        plan(&book, &census_of(&book), &terms)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(Territory::new(id("north")).with_hours(hours("3"))),
        "territory north has hours of its own and the terms have none; say how long an effort takes"
    );
    assert_eq!(
        refused(Territory::new(id("north")).with_cap(usd(-1))),
        "cap of a territory is -0.01 USD; it must be at least 0"
    );
    assert_eq!(
        refused(Territory::new(id("north")).within(id("nowhere"))),
        "territory north is inside nowhere, which is not listed; list it too"
    );
    assert_eq!(
        refused(Territory::new(id("north")).within(id("north"))),
        "territory north is inside itself by way of its parents; break the circle"
    );
    assert_eq!(
        refused(
            Territory::new(id("north"))
                .with_floor(usd(200))
                .with_cap(usd(100))
        ),
        "territory north has a floor of 2.00 USD above its cap of 1.00 USD; lower the floor or raise the cap"
    );
}
