//! The second model: a table of balances.

use std::collections::BTreeMap;

use sortie::{
    money::{Currency, Money},
    virtual_budget::{Entry, Event, PromiseId, VirtualBudget, VirtualBudgetId},
};

/// Buckets of a budget or promise, as (budget, promise or "", bucket).
pub(crate) type Bucket = (String, String, &'static str);

#[derive(Default)]
pub(crate) struct Model {
    balances: BTreeMap<Bucket, i128>,
    stages: BTreeMap<String, usize>,
    due: BTreeMap<(String, String), i32>,
    seen: BTreeMap<String, Entry>,
    ceiling: i128,
    last: i32,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Verdict {
    Now,
    Before,
    Refused,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            last: i32::MIN,
            ..Self::default()
        }
    }

    pub(crate) fn of(&self, budget: &str, promise: &str, bucket: &'static str) -> i128 {
        let key = (budget.to_owned(), promise.to_owned(), bucket);
        self.balances.get(&key).copied().unwrap_or(0)
    }

    pub(crate) fn put(&mut self, budget: &str, promise: &str, bucket: &'static str, amount: i128) {
        *self
            .balances
            .entry((budget.to_owned(), promise.to_owned(), bucket))
            .or_insert(0) += amount;
    }

    /// Moves an amount, or says no.
    pub(crate) fn shift(
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

    pub(crate) fn sum(&self, budget: &str, bucket: &'static str) -> i128 {
        self.balances
            .iter()
            .filter(|((b, _, k), _)| b == budget && *k == bucket)
            .map(|(_, amount)| amount)
            .sum()
    }

    pub(crate) fn outstanding(&self) -> i128 {
        self.balances
            .iter()
            .filter(|((_, _, k), _)| *k == "outstanding")
            .map(|(_, amount)| amount)
            .sum()
    }

    pub(crate) fn judge(&mut self, entry: &Entry, outstanding: i128) -> Verdict {
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

    pub(crate) fn takes(&mut self, entry: &Entry, day: i32, outstanding: i128) -> bool {
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

    pub(crate) fn audit(&self, budget: &VirtualBudget) {
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
