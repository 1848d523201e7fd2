//! A host that posts entries of every kind, lawful or not.

use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::Stream,
    virtual_budget::{Entry, EntryId, Event, Ledger, PromiseId, VirtualBudgetId},
};

/// Draws operations: mostly lawful ones, with every kind of mistake among them.
pub(crate) struct Host {
    draws: Stream,
    today: i32,
    number: u64,
    budgets: u64,
}

impl Host {
    pub(crate) const fn new(draws: Stream) -> Self {
        Self {
            draws,
            today: 20_000,
            number: 0,
            budgets: 0,
        }
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.draws.below(u64::try_from(from.len()).unwrap());
        from[usize::try_from(at).unwrap()]
    }

    pub(crate) fn amount(&mut self, around: i64) -> Money {
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

    pub(crate) fn entry(&mut self, ledger: &Ledger) -> Entry {
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
    pub(crate) fn retry(&mut self, ledger: &Ledger) -> Entry {
        let at = self
            .draws
            .below(u64::try_from(ledger.journal().len()).unwrap());
        let mut entry = ledger.journal().get(usize::try_from(at).unwrap()).unwrap();
        match self.draws.below(4) {
            0 => entry.on = entry.on.plus_days(1).unwrap(),
            1 => entry.event = self.event(ledger),
            _ => {}
        }
        entry
    }

    pub(crate) fn event(&mut self, ledger: &Ledger) -> Event {
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
