//! What must never happen, line by line: input that is refused by name, and the bugs that others shipped.

use sortie::{
    customer::willingness::Stage,
    id::Id,
    money::Money,
    virtual_budget::{
        Entry, EntryId, Event, Ledger, LedgerError, Posted, PromiseId, VirtualBudgetId,
    },
};

use super::small::{a_small_ledger, b, commit, day, p, usd};

fn entry(id: &str, on: i32, event: Event) -> Entry {
    Entry {
        id: EntryId::new(id).unwrap(),
        on: day(on),
        event,
    }
}

fn claim(promise: &str, minor: i64) -> Event {
    Event::Claim {
        budget: b(),
        promise: p(promise),
        amount: usd(minor),
    }
}

/// The five parts of the small ledger's budget, and the room under the ceiling.
fn figures(ledger: &Ledger) -> [i64; 6] {
    let budget = ledger.budget(&b()).unwrap();
    [
        budget.uncommitted(),
        budget.outstanding(),
        budget.claimed(),
        budget.expired(),
        budget.released(),
        ledger.headroom(),
    ]
    .map(Money::minor)
}

/// Posts what must be refused, and shows that nothing has changed.
fn refused(ledger: &mut Ledger, entry: Entry) -> LedgerError {
    let before = (
        ledger.clone(),
        ledger.budgets().to_vec(),
        ledger.outstanding(),
    );
    let error = ledger.post(entry).unwrap_err();
    assert_eq!(
        (
            ledger.clone(),
            ledger.budgets().to_vec(),
            ledger.outstanding()
        ),
        before,
        "{error}"
    );
    error
}

#[test]
fn a_claim_over_the_hold_is_refused() {
    let mut ledger = a_small_ledger();
    let error = refused(&mut ledger, entry("x", 3, claim("p", 2_001)));
    assert!(matches!(error, LedgerError::OverHold { .. }), "{error}");
    assert_eq!(
        ledger.post(entry("x", 3, claim("p", 2_000))),
        Ok(Posted::Now)
    );
}

#[test]
fn a_claim_made_twice_is_a_retry_under_its_id_and_refused_under_another() {
    let mut ledger = a_small_ledger();
    let rest = entry("x", 3, claim("p", 2_000));
    assert_eq!(ledger.post(rest.clone()), Ok(Posted::Now));
    let after = figures(&ledger);
    assert_eq!(ledger.post(rest.clone()), Ok(Posted::Before));
    assert_eq!(figures(&ledger), after);
    let id = EntryId::new("y").unwrap();
    let error = refused(&mut ledger, Entry { id, ..rest });
    assert!(
        matches!(error, LedgerError::PromiseResolved { .. }),
        "{error}"
    );
}

#[test]
fn a_claim_after_expiry_is_refused_whether_the_expiry_was_posted_or_not() {
    let mut ledger = a_small_ledger();
    let error = refused(&mut ledger, entry("x", 11, claim("p", 1)));
    assert!(
        matches!(error, LedgerError::ClaimAfterDue { .. }),
        "{error}"
    );
    let expire = Event::Expire {
        budget: b(),
        promise: p("p"),
    };
    assert_eq!(ledger.post(entry("x", 11, expire)), Ok(Posted::Now));
    let error = refused(&mut ledger, entry("y", 11, claim("p", 1)));
    assert!(
        matches!(error, LedgerError::PromiseResolved { .. }),
        "{error}"
    );
}

#[test]
fn the_same_id_with_other_content_is_refused() {
    let mut ledger = a_small_ledger();
    assert_eq!(ledger.post(entry("x", 3, claim("p", 500))), Ok(Posted::Now));
    for other in [
        entry("x", 4, claim("p", 500)),
        entry("x", 3, claim("p", 501)),
        entry(
            "x",
            3,
            Event::Ceiling {
                ceiling: usd(9_000),
            },
        ),
    ] {
        let error = refused(&mut ledger, other);
        assert!(matches!(error, LedgerError::EntryDiffers { .. }), "{error}");
    }
}

#[test]
fn time_that_goes_back_is_refused() {
    let mut ledger = a_small_ledger();
    let error = refused(&mut ledger, entry("x", 1, claim("p", 1)));
    assert!(matches!(error, LedgerError::TimeGoesBack { .. }), "{error}");
    assert_eq!(ledger.post(entry("x", 2, claim("p", 1))), Ok(Posted::Now));
}

/// Elsewhere a cancelled hold came back, but not the overdraft that it had used.
#[test]
fn what_is_released_gives_back_the_room_under_the_ceiling_it_had_taken() {
    let mut ledger = a_small_ledger();
    let before = figures(&ledger);
    assert_eq!(
        ledger.post(entry("x", 3, commit("q", 4_000, 9))),
        Ok(Posted::Now)
    );
    assert_eq!(figures(&ledger)[5], before[5] - 4_000);
    let release = Event::Release {
        budget: b(),
        promise: p("q"),
        amount: usd(4_000),
    };
    assert_eq!(ledger.post(entry("y", 4, release)), Ok(Posted::Now));
    let [
        uncommitted,
        outstanding,
        claimed,
        expired,
        released,
        headroom,
    ] = before;
    assert_eq!(
        figures(&ledger),
        [
            uncommitted - 4_000,
            outstanding,
            claimed,
            expired,
            released + 4_000,
            headroom
        ]
    );
}

/// Elsewhere a commit and a cancel damaged the account at the other end.
#[test]
fn what_happens_to_one_budget_or_promise_leaves_the_others_alone() {
    let mut ledger = a_small_ledger();
    let other = VirtualBudgetId::new("other").unwrap();
    let their = PromiseId::new("p").unwrap();
    for (id, event) in [
        (
            "a",
            Event::Plant {
                budget: other.clone(),
                customer: Id::new("c").unwrap(),
                cap: usd(5_000),
                stage: Stage::Unaware,
            },
        ),
        (
            "b",
            Event::Accrue {
                budget: other.clone(),
                gate: Stage::Aware,
                amount: usd(3_000),
            },
        ),
        ("c", commit("q", 1_000, 9)),
    ] {
        assert_eq!(ledger.post(entry(id, 3, event)), Ok(Posted::Now));
    }
    let mine = ledger.budget(&b()).unwrap().clone();
    for (number, event) in [
        Event::Commit {
            budget: other.clone(),
            promise: their.clone(),
            amount: usd(2_000),
            due: day(9),
            likelihood: sortie::fraction::Fraction::ONE,
        },
        Event::Claim {
            budget: other.clone(),
            promise: their.clone(),
            amount: usd(1_500),
        },
        Event::Return {
            budget: other.clone(),
            promise: their.clone(),
            amount: usd(500),
        },
        Event::Release {
            budget: other.clone(),
            promise: their,
            amount: usd(500),
        },
        Event::StepBack {
            budget: other.clone(),
            to: Stage::Unaware,
        },
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            ledger.post(entry(&format!("o{number}"), 4, event)),
            Ok(Posted::Now)
        );
        assert_eq!(ledger.budget(&b()), Some(&mine));
    }
    let q = mine.promise(&p("q")).unwrap().clone();
    assert_eq!(ledger.post(entry("x", 5, claim("p", 700))), Ok(Posted::Now));
    assert_eq!(ledger.budget(&b()).unwrap().promise(&p("q")), Some(&q));
}

/// Elsewhere two requests were decided on one balance and then both applied.
#[test]
fn two_promises_that_fit_one_by_one_and_not_together_are_decided_when_posted() {
    let mut ledger = a_small_ledger();
    let ceiling = Event::Ceiling {
        ceiling: usd(5_000),
    };
    assert_eq!(ledger.post(entry("c", 3, ceiling)), Ok(Posted::Now));
    // Both were drawn up while the room was 30.00.
    let room = ledger.headroom();
    let (first, second) = (commit("q", 2_000, 9), commit("r", 2_000, 9));
    assert!(room.minor() >= 2_000 && room.minor() < 4_000);
    assert_eq!(ledger.post(entry("x", 3, first)), Ok(Posted::Now));
    let error = refused(&mut ledger, entry("y", 3, second));
    assert!(
        matches!(error, LedgerError::CeilingPassed { .. }),
        "{error}"
    );
}

/// A return is an entry of its own: the claim stays in the journal, and what came back is not promised again.
#[test]
fn a_return_reverses_a_claim_by_its_own_entry() {
    let mut ledger = a_small_ledger();
    let back = Event::Return {
        budget: b(),
        promise: p("p"),
        amount: usd(1_500),
    };
    let [
        uncommitted,
        outstanding,
        claimed,
        expired,
        released,
        headroom,
    ] = figures(&ledger);
    let entries = ledger.journal().len();
    assert_eq!(ledger.post(entry("x", 20, back)), Ok(Posted::Now));
    assert_eq!(
        figures(&ledger),
        [
            uncommitted,
            outstanding,
            claimed - 1_500,
            expired,
            released + 1_500,
            headroom
        ]
    );
    assert_eq!(ledger.journal().len(), entries + 1);
    assert!(
        ledger
            .journal()
            .iter()
            .any(|e| e.event == claim("p", 4_000))
    );
}

/// No progress, no budget; and what a step back releases does not come back with the next gate.
#[test]
fn a_step_back_stops_accrual_and_releases_what_is_not_committed() {
    let mut ledger = a_small_ledger();
    let back = Event::StepBack {
        budget: b(),
        to: Stage::Unaware,
    };
    let [
        uncommitted,
        outstanding,
        claimed,
        expired,
        released,
        headroom,
    ] = figures(&ledger);
    assert_eq!(ledger.post(entry("x", 3, back)), Ok(Posted::Now));
    assert_eq!(
        figures(&ledger),
        [
            0,
            outstanding,
            claimed,
            expired,
            released + uncommitted,
            headroom
        ],
        "promises made stay made"
    );
    let accrue = |gate| Event::Accrue {
        budget: b(),
        gate,
        amount: usd(1),
    };
    let error = refused(&mut ledger, entry("y", 3, accrue(Stage::Unaware)));
    assert!(matches!(error, LedgerError::NoProgress { .. }), "{error}");
    assert_eq!(
        ledger.post(entry("y", 3, accrue(Stage::Aware))),
        Ok(Posted::Now)
    );
    assert_eq!(figures(&ledger)[0], 1);
}

/// The largest amounts there are: totals over budgets are refused, never wrapped.
#[test]
fn the_largest_amounts_do_not_overflow() {
    let mut ledger = Ledger::new(sortie::money::Currency::USD);
    let most = usd(i64::MAX);
    let mut number = 0;
    let mut post = |ledger: &mut Ledger, event| {
        number += 1;
        ledger.post(entry(&format!("m{number}"), 0, event))
    };
    post(&mut ledger, Event::Ceiling { ceiling: most }).unwrap();
    for name in ["u", "v"] {
        let budget = VirtualBudgetId::new(name).unwrap();
        post(
            &mut ledger,
            Event::Plant {
                budget: budget.clone(),
                customer: Id::new("c").unwrap(),
                cap: most,
                stage: Stage::Unaware,
            },
        )
        .unwrap();
        post(
            &mut ledger,
            Event::Accrue {
                budget: budget.clone(),
                gate: Stage::Aware,
                amount: most,
            },
        )
        .unwrap();
        let promised = post(
            &mut ledger,
            Event::Commit {
                budget,
                promise: p("p"),
                amount: most,
                due: day(9),
                likelihood: sortie::fraction::Fraction::ONE,
            },
        );
        assert_eq!(promised.is_ok(), name == "u", "{promised:?}");
    }
    assert_eq!(ledger.outstanding(), most);
    let error = ledger.report(day(0)).unwrap_err();
    assert!(matches!(error, LedgerError::Total(_)), "{error}");
}
