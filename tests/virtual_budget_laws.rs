//! The ledger against a second, simpler model that audits every entry.
//!
//! The model knows no ledger types: it keeps a table of balances and moves amounts from one named bucket to
//! another, refusing whatever would overdraw one. It shares no code with the library.
//!
//! `SORTIE_LEDGER_OPERATIONS` sets the number of operations (20 000 unless told; 1 000 000 before a release).

use std::collections::BTreeMap;

use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::{Draws, Stream},
    virtual_budget::{
        Entry, EntryId, Event, JournalWriter, Ledger, LedgerError, Posted, PromiseId,
        VirtualBudget, VirtualBudgetId, recover,
    },
};

/// Buckets of a budget or promise, as (budget, promise or "", bucket).
type Bucket = (String, String, &'static str);

#[derive(Default)]
struct Model {
    balances: BTreeMap<Bucket, i128>,
    stages: BTreeMap<String, usize>,
    due: BTreeMap<(String, String), i32>,
    seen: BTreeMap<String, Entry>,
    ceiling: i128,
    last: i32,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Verdict {
    Now,
    Before,
    Refused,
}

impl Model {
    fn of(&self, budget: &str, promise: &str, bucket: &'static str) -> i128 {
        let key = (budget.to_owned(), promise.to_owned(), bucket);
        self.balances.get(&key).copied().unwrap_or(0)
    }

    fn put(&mut self, budget: &str, promise: &str, bucket: &'static str, amount: i128) {
        *self
            .balances
            .entry((budget.to_owned(), promise.to_owned(), bucket))
            .or_insert(0) += amount;
    }

    /// Moves an amount, or says no.
    fn shift(
        &mut self,
        budget: &str,
        promise: &str,
        from: &'static str,
        to: &'static str,
        amount: i128,
    ) -> bool {
        let source = if from == "uncommitted" { "" } else { promise };
        if amount <= 0 || self.of(budget, source, from) < amount {
            return false;
        }
        self.put(budget, source, from, -amount);
        self.put(budget, promise, to, amount);
        true
    }

    fn sum(&self, budget: &str, bucket: &'static str) -> i128 {
        self.balances
            .iter()
            .filter(|((b, _, k), _)| b == budget && *k == bucket)
            .map(|(_, amount)| amount)
            .sum()
    }

    fn outstanding(&self) -> i128 {
        self.balances
            .iter()
            .filter(|((_, _, k), _)| *k == "outstanding")
            .map(|(_, amount)| amount)
            .sum()
    }

    fn judge(&mut self, entry: &Entry, outstanding: i128) -> Verdict {
        if let Some(earlier) = self.seen.get(entry.id.as_str()) {
            return if earlier == entry {
                Verdict::Before
            } else {
                Verdict::Refused
            };
        }
        let day = entry.on.day_number();
        if day < self.last || !self.takes(entry, day, outstanding) {
            return Verdict::Refused;
        }
        self.last = day;
        self.seen
            .insert(entry.id.as_str().to_owned(), entry.clone());
        Verdict::Now
    }

    fn takes(&mut self, entry: &Entry, day: i32, outstanding: i128) -> bool {
        let event = &entry.event;
        let amount = event.amount().map_or(0, |money| i128::from(money.minor()));
        if event
            .amount()
            .is_some_and(|money| money.currency() != Currency::USD)
        {
            return false;
        }
        let b = event
            .budget()
            .map_or("", VirtualBudgetId::as_str)
            .to_owned();
        let p = event.promise().map_or("", PromiseId::as_str).to_owned();
        let planted = self.stages.contains_key(&b);
        let promised = self.due.get(&(b.clone(), p.clone())).copied();
        match event {
            Event::Ceiling { .. } => {
                let may = amount >= outstanding;
                if may {
                    self.ceiling = amount;
                }
                may
            }
            Event::Plant { stage, .. } => {
                if planted || amount <= 0 {
                    return false;
                }
                self.stages.insert(b.clone(), stage.place());
                self.put(&b, "", "cap left", amount);
                true
            }
            Event::Accrue { gate, .. } => {
                let progress = self.stages.get(&b).is_some_and(|held| gate.place() > *held);
                let may = progress && self.shift(&b, "", "cap left", "uncommitted", amount);
                if may {
                    self.put(&b, "", "accrued", amount);
                    self.stages.insert(b, gate.place());
                }
                may
            }
            Event::StepBack { to, .. } => {
                let may = self.stages.get(&b).is_some_and(|held| to.place() < *held);
                if may {
                    let rest = self.of(&b, "", "uncommitted");
                    self.shift(&b, "", "uncommitted", "released", rest);
                    self.stages.insert(b, to.place());
                }
                may
            }
            Event::ReleaseUncommitted { .. } => {
                self.shift(&b, "", "uncommitted", "released", amount)
            }
            Event::Commit { due, .. } => {
                let may = planted
                    && promised.is_none()
                    && due.day_number() >= day
                    && outstanding + amount <= self.ceiling
                    && self.shift(&b, &p, "uncommitted", "outstanding", amount);
                if may {
                    self.due.insert((b, p), due.day_number());
                }
                may
            }
            Event::Claim { .. } => {
                promised.is_some_and(|due| day <= due)
                    && self.shift(&b, &p, "outstanding", "claimed", amount)
            }
            Event::Expire { .. } => {
                let rest = self.of(&b, &p, "outstanding");
                promised.is_some_and(|due| day > due)
                    && self.shift(&b, &p, "outstanding", "expired", rest)
            }
            Event::Release { .. } => self.shift(&b, &p, "outstanding", "released", amount),
            Event::Return { .. } => self.shift(&b, &p, "claimed", "released", amount),
            other => panic!("the model does not know {other:?}"),
        }
    }

    fn audit(&self, budget: &VirtualBudget) {
        let id = budget.id().as_str();
        let minor = |money: Money| i128::from(money.minor());
        let parts = [
            ("uncommitted", budget.uncommitted()),
            ("outstanding", budget.outstanding()),
            ("claimed", budget.claimed()),
            ("expired", budget.expired()),
            ("released", budget.released()),
        ];
        let mut sum = 0;
        for (bucket, found) in parts {
            assert_eq!(minor(found), self.sum(id, bucket), "{bucket} of {id}");
            assert!(!found.is_negative());
            sum += minor(found);
        }
        assert_eq!(minor(budget.accrued()), sum, "the law of the ledger, {id}");
        assert_eq!(minor(budget.accrued()), self.of(id, "", "accrued"));
        assert!(minor(budget.accrued()) <= minor(budget.cap()));
        assert_eq!(minor(budget.cap()) - sum, self.of(id, "", "cap left"));
        assert_eq!(budget.stage().place(), self.stages[id]);
        let promised: i128 = budget
            .promises()
            .iter()
            .map(|promise| minor(promise.outstanding()))
            .sum();
        assert_eq!(promised, minor(budget.outstanding()));
        for promise in budget.promises() {
            let parts = [
                promise.outstanding(),
                promise.claimed(),
                promise.expired(),
                promise.released(),
            ];
            assert!(parts.iter().all(|part| !part.is_negative()), "{promise:?}");
            assert_eq!(
                parts.into_iter().map(minor).sum::<i128>(),
                minor(promise.amount())
            );
            assert_eq!(
                minor(promise.claimed()),
                self.of(id, promise.id().as_str(), "claimed")
            );
        }
    }
}

/// Draws operations: mostly lawful ones, with every kind of mistake among them.
struct Host {
    draws: Stream,
    today: i32,
    number: u64,
    budgets: u64,
}

impl Host {
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.draws.below(u64::try_from(from.len()).unwrap());
        from[usize::try_from(at).unwrap()]
    }

    fn amount(&mut self, around: i64) -> Money {
        let most = u64::try_from(around.max(1)).unwrap();
        let minor = match self.draws.below(20) {
            0 => 0,
            1 => -5,
            2 => around + 1,
            3..=8 => around,
            _ => i64::try_from(self.draws.below(most)).unwrap() + 1,
        };
        let currency = if self.draws.below(200) == 0 {
            Currency::from_code("JPY").unwrap()
        } else {
            Currency::USD
        };
        Money::from_minor(minor, currency)
    }

    fn entry(&mut self, ledger: &Ledger) -> Entry {
        if self.draws.below(3) == 0 {
            self.today += 1;
        }
        if self.draws.below(20) == 0 && !ledger.journal().is_empty() {
            return self.retry(ledger);
        }
        let on = match self.draws.below(40) {
            0 => self.today - 2,
            _ => self.today,
        };
        self.number += 1;
        let event = self.event(ledger);
        Entry {
            id: EntryId::new(format!("e{}", self.number)).unwrap(),
            on: Date::from_day_number(on).unwrap(),
            event,
        }
    }

    /// An entry posted before, sometimes with other content.
    fn retry(&mut self, ledger: &Ledger) -> Entry {
        let at = self
            .draws
            .below(u64::try_from(ledger.journal().len()).unwrap());
        let mut entry = ledger.journal()[usize::try_from(at).unwrap()].clone();
        match self.draws.below(4) {
            0 => entry.on = entry.on.plus_days(1).unwrap(),
            1 => entry.event = self.event(ledger),
            _ => {}
        }
        entry
    }

    fn event(&mut self, ledger: &Ledger) -> Event {
        let planted = ledger.budgets().len();
        if planted == 0 || self.draws.below(60) == 0 {
            self.budgets += 1 - self.draws.below(8) / 7;
            let budget = VirtualBudgetId::new(format!("b{}", self.budgets)).unwrap();
            let stage = self.pick(&Stage::ALL[..3]);
            let cap = self.amount(50_000);
            return Event::Plant {
                budget,
                customer: Id::new("c").unwrap(),
                cap,
                stage,
            };
        }
        if self.draws.below(50) == 0 {
            let ceiling = self.amount(300_000);
            return Event::Ceiling { ceiling };
        }
        let recent = u64::try_from(planted.min(12)).unwrap();
        let back = usize::try_from(self.draws.below(recent)).unwrap();
        let found = &ledger.budgets()[planted - 1 - back];
        let budget = if self.draws.below(100) == 0 {
            VirtualBudgetId::new("nobody").unwrap()
        } else {
            found.id().clone()
        };
        let count = u64::try_from(found.promises().len()).unwrap();
        let chosen = (count > 0)
            .then(|| &found.promises()[usize::try_from(self.draws.below(count)).unwrap()]);
        let promise = chosen.map_or(PromiseId::new("p0").unwrap(), |promise| {
            promise.id().clone()
        });
        let (held, claimed) = chosen.map_or((9, 9), |promise| {
            (promise.outstanding().minor(), promise.claimed().minor())
        });
        match self.draws.below(12) {
            0..=2 => {
                let gate = match self.draws.below(4) {
                    0 => self.pick(&Stage::ALL),
                    _ => found.stage().next().unwrap_or(Stage::Aware),
                };
                let amount = self.amount(found.cap().minor() / 4);
                Event::Accrue {
                    budget,
                    gate,
                    amount,
                }
            }
            3 => Event::StepBack {
                budget,
                to: self.pick(&Stage::ALL),
            },
            4..=6 => {
                let number = self.draws.below(40);
                let due = Date::from_day_number(
                    self.today + i32::try_from(self.draws.below(30)).unwrap() - 1,
                )
                .unwrap();
                Event::Commit {
                    budget,
                    promise: PromiseId::new(format!("p{number}")).unwrap(),
                    amount: self.amount(found.uncommitted().minor() / 2),
                    due,
                    likelihood: Fraction::new(self.draws.uniform()).unwrap(),
                }
            }
            7 | 8 => Event::Claim {
                budget,
                promise,
                amount: self.amount(held),
            },
            9 => Event::Expire { budget, promise },
            10 => match self.draws.below(2) {
                0 => Event::Release {
                    budget,
                    promise,
                    amount: self.amount(held),
                },
                _ => Event::ReleaseUncommitted {
                    budget,
                    amount: self.amount(found.uncommitted().minor()),
                },
            },
            _ => Event::Return {
                budget,
                promise,
                amount: self.amount(claimed),
            },
        }
    }
}

fn operations() -> u64 {
    let told = std::env::var("SORTIE_LEDGER_OPERATIONS").ok();
    told.map_or(20_000, |text| {
        text.parse().expect("SORTIE_LEDGER_OPERATIONS is a number")
    })
}

#[test]
fn a_second_model_agrees_with_every_entry() {
    // Several shorter lives rather than one long one: the model is slow on purpose.
    let life = 4_000;
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for seed in 0..operations().div_ceil(life) {
        one_life(seed, life, &mut counts);
    }
    // The mix must have reached every verb, taken and refused, and retries of both kinds.
    let verbs = [
        "plant",
        "accrue",
        "step_back",
        "commit",
        "claim",
        "expire",
        "release",
        "release_uncommitted",
        "return",
        "ceiling",
    ];
    for verb in verbs {
        for verdict in ["Now", "Refused"] {
            let count = counts
                .get(&(verb.to_owned(), verdict.to_owned()))
                .copied()
                .unwrap_or(0);
            assert!(count > 0, "{verb} was never {verdict}: {counts:?}");
        }
    }
    println!("{counts:?}");
}

fn one_life(seed: u64, length: u64, counts: &mut BTreeMap<(String, String), u64>) {
    let (mut ledger, mut model) = (
        Ledger::new(Currency::USD),
        Model {
            last: i32::MIN,
            ..Model::default()
        },
    );
    let mut host = Host {
        draws: Draws::new(77).stream(&[seed]),
        today: 20_000,
        number: 0,
        budgets: 0,
    };
    let mut bytes = Vec::new();
    let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
    for step in 0..length {
        let entry = host.entry(&ledger);
        let touched = entry
            .event
            .budget()
            .and_then(|id| ledger.budget(id))
            .cloned();
        let totals = (
            ledger.journal().len(),
            ledger.outstanding(),
            ledger.ceiling(),
            ledger.last_date(),
        );
        let before = i128::from(ledger.outstanding().minor());
        let predicted = model.judge(&entry, before);
        let posted = ledger.post(entry.clone());
        let verdict = match &posted {
            Ok(Posted::Now) => Verdict::Now,
            Ok(Posted::Before) => Verdict::Before,
            Err(_) => Verdict::Refused,
        };
        assert_eq!(
            verdict, predicted,
            "life {seed}, step {step}: {entry:?} gave {posted:?}"
        );
        *counts
            .entry((entry.event.verb().to_owned(), format!("{verdict:?}")))
            .or_insert(0) += 1;
        let now = entry.event.budget().and_then(|id| ledger.budget(id));
        if verdict == Verdict::Now {
            writer.append(&entry, &mut bytes);
            assert_eq!(ledger.journal().len(), totals.0 + 1);
        } else {
            assert_eq!(
                now,
                touched.as_ref(),
                "a refused entry changed its budget: {entry:?}"
            );
            assert_eq!(
                (
                    ledger.journal().len(),
                    ledger.outstanding(),
                    ledger.ceiling(),
                    ledger.last_date()
                ),
                totals
            );
        }
        if let Some(budget) = now {
            model.audit(budget);
        }
        assert!(ledger.outstanding().minor() <= ledger.ceiling().minor());
        if step % 500 == 0 {
            assert_eq!(
                i128::from(ledger.outstanding().minor()),
                model.outstanding()
            );
            ledger
                .budgets()
                .iter()
                .for_each(|budget| model.audit(budget));
        }
    }
    // State is the fold of the journal: in memory, and through bytes.
    let again = Ledger::replay(Currency::USD, ledger.journal().iter().cloned()).unwrap();
    assert_eq!(again.budgets(), ledger.budgets());
    assert_eq!(
        (again.outstanding(), again.ceiling()),
        (ledger.outstanding(), ledger.ceiling())
    );
    let recovered = recover(&bytes, Currency::USD).unwrap();
    assert_eq!(recovered.ledger, ledger);
    assert_eq!(recovered.ledger.budgets(), ledger.budgets());
}

#[test]
fn a_report_of_a_past_day_is_the_report_of_that_day() {
    let mut ledger = Ledger::new(Currency::USD);
    let mut host = Host {
        draws: Draws::new(5).stream(&[9]),
        today: 20_000,
        number: 0,
        budgets: 0,
    };
    let mut reports = BTreeMap::new();
    for _ in 0..1_500 {
        let entry = host.entry(&ledger);
        let _ = ledger.post(entry);
        if let Some(day) = ledger.last_date() {
            reports.insert(day, ledger.report(day).unwrap());
        }
    }
    assert!(reports.len() > 100);
    for (day, report) in reports.iter().step_by(37) {
        assert_eq!(&ledger.report(*day).unwrap(), report);
        let parts = [
            report.uncommitted,
            report.outstanding,
            report.claimed,
            report.expired,
            report.released,
        ];
        assert_eq!(Money::total(parts, Currency::USD).unwrap(), report.accrued);
        let due: i64 = report
            .falling_due
            .iter()
            .map(|due| due.amount.minor())
            .sum();
        assert_eq!(due + report.lapsed.minor(), report.exposure.minor());
        assert!(
            report
                .falling_due
                .iter()
                .all(|due| due.due >= *day && due.promises > 0)
        );
        let expected: f64 = report.falling_due.iter().map(|due| due.expected).sum();
        assert!((expected - report.expected_claims).abs() < 1e-6);
        let worst = sortie::numeric::cast::f64_of_i64(report.exposure.minor()) / 100.0;
        assert!(report.expected_claims <= worst && report.expected_claims >= 0.0);
        assert!(report.budgets_open <= report.budgets);
    }
}

/// A ledger with one budget of 100.00 accrued under a cap of 150.00, a promise `p` of 60.00 due on day 10
/// (40.00 of it claimed), and a ceiling of 80.00. Last date: day 2.
fn a_small_ledger() -> Ledger {
    let mut ledger = Ledger::new(Currency::USD);
    for (number, (on, event)) in [
        (
            0,
            Event::Ceiling {
                ceiling: usd(8_000),
            },
        ),
        (
            0,
            Event::Plant {
                budget: b(),
                customer: Id::new("c").unwrap(),
                cap: usd(15_000),
                stage: Stage::Aware,
            },
        ),
        (
            1,
            Event::Accrue {
                budget: b(),
                gate: Stage::Interested,
                amount: usd(10_000),
            },
        ),
        (1, commit("p", 6_000, 10)),
        (
            2,
            Event::Claim {
                budget: b(),
                promise: p("p"),
                amount: usd(4_000),
            },
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = EntryId::new(format!("e{number}")).unwrap();
        assert_eq!(
            ledger.post(Entry {
                id,
                on: day(on),
                event
            }),
            Ok(Posted::Now)
        );
    }
    ledger
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn b() -> VirtualBudgetId {
    VirtualBudgetId::new("b").unwrap()
}

fn p(text: &str) -> PromiseId {
    PromiseId::new(text).unwrap()
}

fn day(number: i32) -> Date {
    Date::new(2026, 1, 1).unwrap().plus_days(number).unwrap()
}

fn commit(promise: &str, amount: i64, due: i32) -> Event {
    let likelihood = Fraction::new(0.5).unwrap();
    Event::Commit {
        budget: b(),
        promise: p(promise),
        amount: usd(amount),
        due: day(due),
        likelihood,
    }
}

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
        assert_eq!(ledger.entry(&entry.id), Some(entry));
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
fn what_has_lapsed_is_told_apart_from_what_may_still_be_claimed() {
    let ledger = a_small_ledger();
    let (before, after) = (
        ledger.report(day(10)).unwrap(),
        ledger.report(day(11)).unwrap(),
    );
    assert_eq!((before.lapsed, after.lapsed), (usd(0), usd(2_000)));
    assert_eq!((before.exposure, after.exposure), (usd(2_000), usd(2_000)));
    assert!((before.expected_claims - 10.0).abs() < 1e-12 && after.expected_claims.abs() < 1e-12);
    assert_eq!((before.falling_due.len(), after.falling_due.len()), (1, 0));
    assert_eq!(
        (before.falling_due[0].due, before.falling_due[0].amount),
        (day(10), usd(2_000))
    );
    assert_eq!(ledger.lapsed(day(10)), []);
    assert_eq!(ledger.lapsed(day(11)), [(&b(), &p("p"))]);
    let budget = ledger.budget(&b()).unwrap();
    assert!((budget.expected_claims(day(10)) - 10.0).abs() < 1e-12);
    assert!(budget.expected_claims(day(11)).abs() < 1e-12);
    assert_eq!(budget.worst_case(), usd(11_000));
}
