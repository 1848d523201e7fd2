//! Every refusal by its sentence, every limit to the cent.

use sortie::{
    customer::willingness::Stage,
    id::Id,
    money::{Currency, Money},
    numeric::Draws,
    virtual_budget::{Entry, EntryId, Event, Ledger, LedgerError, Posted, VirtualBudgetId},
};

use super::{
    host::Host,
    small::{a_small_ledger, b, commit, day, p, usd},
};

#[test]
fn every_refusal_says_what_forbids_it_and_changes_nothing() {
    let claim = |promise, amount| Event::Claim {
        budget: b(),
        promise: p(promise),
        amount: usd(amount),
    };
    let accrue = |gate, amount| Event::Accrue {
        budget: b(),
        gate,
        amount: usd(amount),
    };
    let plant = |budget: VirtualBudgetId, cap| Event::Plant {
        budget,
        customer: Id::new("c").unwrap(),
        cap,
        stage: Stage::Aware,
    };
    let other = VirtualBudgetId::new("other").unwrap();
    let yen = Money::from_minor(5, Currency::from_code("JPY").unwrap());
    let cases: Vec<(i32, Event, &str)> = vec![
        (
            1,
            claim("p", 1),
            "entry x is dated 2026-01-02, before 2026-01-03, the date of the last entry; post entries in the order of their dates",
        ),
        (
            3,
            claim("p", 2_001),
            "promise p on virtual budget b has 20.00 USD outstanding; 20.01 USD is more than that",
        ),
        (
            3,
            claim("p", 0),
            "entry x states 0.00 USD; the amount must be above 0 (a ceiling may be 0)",
        ),
        (
            3,
            claim("p", -1),
            "entry x states -0.01 USD; the amount must be above 0 (a ceiling may be 0)",
        ),
        (
            3,
            claim("q", 1),
            "promise q on virtual budget b is unknown; commit it first",
        ),
        (
            11,
            claim("p", 1),
            "promise p on virtual budget b was due on 2026-01-11; it cannot be claimed on 2026-01-12",
        ),
        (
            10,
            Event::Expire {
                budget: b(),
                promise: p("p"),
            },
            "promise p on virtual budget b may be claimed up to 2026-01-11; it cannot expire on 2026-01-11 already",
        ),
        (
            3,
            Event::Release {
                budget: b(),
                promise: p("p"),
                amount: usd(2_001),
            },
            "promise p on virtual budget b has 20.00 USD outstanding; 20.01 USD is more than that",
        ),
        (
            3,
            Event::ReleaseUncommitted {
                budget: b(),
                amount: usd(4_001),
            },
            "virtual budget b has 40.00 USD uncommitted; 40.01 USD is more than that",
        ),
        (
            3,
            Event::Return {
                budget: b(),
                promise: p("p"),
                amount: usd(4_001),
            },
            "promise p on virtual budget b has 40.00 USD claimed; 40.01 USD cannot come back",
        ),
        (
            3,
            Event::Return {
                budget: b(),
                promise: p("q"),
                amount: usd(1),
            },
            "promise q on virtual budget b is unknown; commit it first",
        ),
        (
            3,
            accrue(Stage::Interested, 1),
            "virtual budget b stands at interested and cannot accrue for interested; a gate above the rung held must have been passed",
        ),
        (
            3,
            accrue(Stage::Resolved, 5_001),
            "virtual budget b has accrued 100.00 USD of its cap 150.00 USD; 50.01 USD more would pass it",
        ),
        (
            3,
            Event::StepBack {
                budget: b(),
                to: Stage::Interested,
            },
            "virtual budget b stands at interested; interested is no step back",
        ),
        (
            3,
            commit("p", 1, 9),
            "promise p on virtual budget b is made already; a new promise takes a new id",
        ),
        (
            3,
            commit("q", 4_001, 9),
            "virtual budget b has 40.00 USD uncommitted; 40.01 USD is more than that",
        ),
        (
            3,
            commit("q", 1, 2),
            "promise q on virtual budget b, made on 2026-01-04, is due on 2026-01-03; it must be due on that day or later",
        ),
        (
            3,
            plant(b(), usd(1)),
            "virtual budget b is planted already; give the new one an id of its own",
        ),
        (
            3,
            plant(other.clone(), usd(0)),
            "entry x states 0.00 USD; the amount must be above 0 (a ceiling may be 0)",
        ),
        (
            3,
            plant(other.clone(), yen),
            "entry x is in JPY; this ledger is kept in USD",
        ),
        (
            3,
            Event::StepBack {
                budget: other,
                to: Stage::Unaware,
            },
            "virtual budget other is unknown; plant it first",
        ),
        (
            3,
            Event::Ceiling {
                ceiling: usd(1_999),
            },
            "ceiling 19.99 USD is below the 20.00 USD outstanding; what is promised must stay payable",
        ),
        (
            3,
            Event::Ceiling { ceiling: usd(-1) },
            "entry x states -0.01 USD; the amount must be above 0 (a ceiling may be 0)",
        ),
    ];
    for (on, event, message) in cases {
        let mut ledger = a_small_ledger();
        let entry = Entry {
            id: EntryId::new("x").unwrap(),
            on: day(on),
            event,
        };
        assert_eq!(ledger.post(entry.clone()).unwrap_err().to_string(), message);
        assert_eq!(ledger, a_small_ledger());
        assert_eq!(ledger.budgets(), a_small_ledger().budgets());
        // The id of a refused entry is still free, and the day has not passed.
        let sound = Entry {
            on: day(2),
            event: claim("p", 1),
            ..entry
        };
        assert_eq!(ledger.post(sound), Ok(Posted::Now));
    }
}

#[test]
fn each_limit_is_reached_to_the_cent() {
    let mut ledger = a_small_ledger();
    let mut number = 0;
    let mut post = |on, event| {
        number += 1;
        ledger.post(Entry {
            id: EntryId::new(format!("y{number}")).unwrap(),
            on: day(on),
            event,
        })
    };
    assert_eq!(
        post(
            3,
            Event::Ceiling {
                ceiling: usd(2_000)
            }
        ),
        Ok(Posted::Now)
    );
    assert_eq!(
        post(3, commit("q", 1, 3)).unwrap_err().to_string(),
        "a promise of 0.01 USD on virtual budget b would pass the ceiling 20.00 USD, of which 20.00 USD is outstanding"
    );
    assert_eq!(
        post(
            3,
            Event::Ceiling {
                ceiling: usd(6_000)
            }
        ),
        Ok(Posted::Now)
    );
    assert_eq!(post(3, commit("q", 4_000, 3)), Ok(Posted::Now));
    assert_eq!(
        post(
            3,
            Event::Accrue {
                budget: b(),
                gate: Stage::Resolved,
                amount: usd(5_000)
            }
        ),
        Ok(Posted::Now)
    );
    assert_eq!(
        post(
            10,
            Event::Claim {
                budget: b(),
                promise: p("p"),
                amount: usd(2_000)
            }
        ),
        Ok(Posted::Now)
    );
    let resolved = "promise p on virtual budget b is resolved; nothing of it is outstanding";
    assert_eq!(
        post(
            10,
            Event::Claim {
                budget: b(),
                promise: p("p"),
                amount: usd(1)
            }
        )
        .unwrap_err()
        .to_string(),
        resolved
    );
    assert_eq!(
        post(
            11,
            Event::Expire {
                budget: b(),
                promise: p("p")
            }
        )
        .unwrap_err()
        .to_string(),
        resolved
    );
    assert_eq!(
        post(
            11,
            Event::Release {
                budget: b(),
                promise: p("p"),
                amount: usd(1)
            }
        )
        .unwrap_err()
        .to_string(),
        resolved
    );
    assert_eq!(
        post(
            11,
            Event::Expire {
                budget: b(),
                promise: p("q")
            }
        ),
        Ok(Posted::Now)
    );
    assert_eq!(
        post(
            12,
            Event::Return {
                budget: b(),
                promise: p("p"),
                amount: usd(6_000)
            }
        ),
        Ok(Posted::Now)
    );
    assert_eq!(
        post(
            12,
            Event::StepBack {
                budget: b(),
                to: Stage::Unaware
            }
        ),
        Ok(Posted::Now)
    );
    // Accrual has stopped until a gate is passed again, and by then the cap is used up.
    let error = post(
        12,
        Event::Accrue {
            budget: b(),
            gate: Stage::Aware,
            amount: usd(1),
        },
    )
    .unwrap_err();
    assert!(matches!(error, LedgerError::CapPassed { .. }), "{error}");
    let budget = ledger.budget(&b()).unwrap();
    let figures = [
        budget.uncommitted(),
        budget.outstanding(),
        budget.claimed(),
        budget.expired(),
        budget.released(),
    ];
    assert_eq!(figures.map(Money::minor), [0, 0, 0, 4_000, 11_000]);
    assert!(budget.worst_case().is_zero());
    assert_eq!(ledger.headroom(), usd(6_000));
    assert_eq!(ledger.lapsed(day(99)), []);
}

#[test]
fn a_retry_is_known_whatever_its_date_and_other_content_is_refused() {
    let mut ledger = a_small_ledger();
    for entry in a_small_ledger().journal() {
        assert_eq!(ledger.post(entry.clone()), Ok(Posted::Before));
        assert_eq!(ledger.entry(&entry.id), Some(entry.clone()));
        let changed = Entry {
            on: entry.on.plus_days(9).unwrap(),
            ..entry.clone()
        };
        let message = format!(
            "entry {} was posted before with other content; a retry repeats the entry exactly, a new entry takes a new id",
            entry.id
        );
        assert_eq!(ledger.post(changed).unwrap_err().to_string(), message);
    }
    assert_eq!(ledger, a_small_ledger());
}

#[test]
fn a_replay_tells_which_entry_is_refused() {
    let currency = sortie::money::Currency::USD;
    for bad in [0, 1, 31, 32, 33, 70] {
        let entries = (0..100).map(|number| {
            let ceiling = usd(if number == bad { -1 } else { 100 });
            Entry {
                id: EntryId::new(format!("r{number}")).unwrap(),
                on: day(0),
                event: Event::Ceiling { ceiling },
            }
        });
        let (number, error) = Ledger::replay(currency, entries).unwrap_err();
        assert_eq!(number, bad);
        assert!(matches!(error, LedgerError::NotPositive { .. }), "{error}");
    }
}

/// Entries posted together take effect, are known for retries, and are refused as they are one by one.
#[test]
fn posting_together_is_posting_one_by_one() {
    let (mut single, mut entries, mut answers) =
        (Ledger::new(Currency::USD), Vec::new(), Vec::new());
    let mut host = Host::new(Draws::new(6).stream(&[1]));
    for _ in 0..3_000 {
        let entry = host.entry(&single);
        entries.push(entry.clone());
        answers.push(single.post(entry));
    }
    for most in [1, 31, 32, 33, 3_000] {
        let (mut together, mut from, mut taken) = (Ledger::new(Currency::USD), 0, 0);
        while from < entries.len() {
            let chunk = &entries[from..(from + most).min(entries.len())];
            let before = together.journal().len();
            match together.post_all(chunk.iter().cloned()) {
                Ok(count) => {
                    taken += count;
                    from += chunk.len();
                }
                Err((number, error)) => {
                    assert_eq!(Err(error), answers[from + number]);
                    taken += together.journal().len() - before;
                    from += number + 1;
                }
            }
        }
        assert_eq!(taken, single.journal().len());
        assert_eq!(together, single);
        assert_eq!(together.budgets(), single.budgets());
        assert_eq!(together.outstanding(), single.outstanding());
        // All of them again: nothing takes effect.
        assert_eq!(together.post_all(single.journal()), Ok(0));
        assert_eq!(together, single);
    }
    let counted = Ledger::new(Currency::USD).post_all(single.journal());
    assert_eq!(counted, Ok(single.journal().len()));
}
