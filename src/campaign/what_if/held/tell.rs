//! What a held market tells of a change: who moved, and the sums over all.

use super::{Held, Tally, Told};
use crate::allocate::{Line, Resolved};
use crate::campaign::assembly::{Flows, Telling};
use crate::campaign::what_if::difference::{Difference, LineChange, Side, Totals};
use crate::campaign::what_if::held::Replanned;
use crate::campaign::{CampaignError, PlanLimit};
use crate::customer::Tier;
use crate::money::Money;
use crate::numeric::cast;

impl Held<'_> {
    /// Tells every customer anew, without a difference.
    pub(super) fn tell_all(&mut self) {
        self.told = Vec::with_capacity(self.targets.len());
        self.tally = Tally {
            existing: 0,
            prospects: 0,
            attacked: 0,
            flows: Flows::new(&self.directions),
        };
        let Some(solved) = &self.solved else {
            return;
        };
        let telling = self.telling(solved);
        let mut told = Vec::with_capacity(self.targets.len());
        for (place, line) in solved.allocation().lines().enumerate() {
            told.push(self.told_of(&telling, place, &line));
        }
        for (place, one) in told.into_iter().enumerate() {
            self.count(place, &one, 1.0);
            self.told.push(one);
        }
    }

    /// Adds a customer to the sums, or takes it out.
    pub(super) fn count(&mut self, place: usize, one: &Told, sign: f64) {
        if one.spend == 0 {
            return;
        }
        let spend = if sign > 0.0 {
            i128::from(one.spend)
        } else {
            -i128::from(one.spend)
        };
        let customer = self
            .changed
            .get(&place)
            .or_else(|| self.book.customers().get(place));
        if customer.is_some_and(|customer| customer.tier() == Tier::Prospect) {
            self.tally.prospects += spend;
        } else {
            self.tally.existing += spend;
        }
        if sign > 0.0 {
            self.tally.attacked += 1;
        } else {
            self.tally.attacked = self.tally.attacked.saturating_sub(1);
        }
        if let Some(Ok((aim, _))) = self.targets.get(place) {
            let money = Money::from_minor(one.spend, self.book.currency());
            self.tally.flows.add(aim, money, sign * one.value);
        }
    }

    fn told_of(&self, telling: &Telling<'_>, place: usize, line: &Line<'_>) -> Told {
        let nothing = |limited_by: &PlanLimit| Told {
            spend: 0,
            value: 0.0,
            limited_by: limited_by.clone(),
        };
        match (self.targets.get(place), telling.customer(place)) {
            (Some(Ok(_)), Some(customer)) => Told {
                spend: line.spend.minor(),
                value: line.value,
                limited_by: telling.limit_of(customer, line),
            },
            (Some(Err(limit)), _) => nothing(limit),
            _ => nothing(&PlanLimit::Budget),
        }
    }

    /// How many customers were looked at, and the places of those that moved; `None` if the market was solved from the
    /// start.
    pub(super) fn followed(&self, resolved: Option<&Resolved>) -> Option<(usize, Vec<usize>)> {
        let Some(resolved) = resolved else {
            return Some((0, Vec::new()));
        };
        let moved = resolved.moved().iter();
        let places = moved.filter_map(|one| self.book.place(&one.id));
        Some((resolved.looked_at()?, places.collect()))
    }

    /// Tells what a change did: of those that moved, or of all where the market was solved from the start.
    pub(super) fn tell(
        &mut self,
        followed: Option<(usize, Vec<usize>)>,
        before: &Totals,
    ) -> Result<Replanned, CampaignError> {
        let mut changes = Vec::new();
        let looked_at;
        if let Some((looked, places)) = followed {
            looked_at = looked;
            for place in places {
                let Some(solved) = &self.solved else { break };
                let Some(customer) = self.book.customers().get(place) else {
                    continue;
                };
                let Some(line) = solved.allocation().line(customer.id()) else {
                    continue;
                };
                let one = self.told_of(&self.telling(solved), place, &line);
                changes.extend(self.retold(place, one));
            }
        } else {
            looked_at = self.targets.len();
            let old = core::mem::take(&mut self.told);
            self.tell_all();
            for (place, old) in old.into_iter().enumerate() {
                changes.extend(self.difference_of(place, &old));
            }
        }
        let unchanged = cast::u64_of_usize(self.told.len().saturating_sub(changes.len()));
        let difference = Difference::of_changes(before.clone(), self.totals()?, unchanged, changes);
        Ok(Replanned::Followed {
            difference: Box::new(difference),
            looked_at,
        })
    }

    fn retold(&mut self, place: usize, one: Told) -> Option<LineChange> {
        let old = self.told.get(place)?.clone();
        self.count(place, &old, -1.0);
        self.count(place, &one, 1.0);
        *self.told.get_mut(place)? = one;
        self.difference_of(place, &old)
    }

    fn difference_of(&self, place: usize, old: &Told) -> Option<LineChange> {
        let new = self.told.get(place)?;
        let customer = self.book.customers().get(place)?;
        let side = |one: &Told| Side {
            spend: Money::from_minor(one.spend, self.book.currency()),
            value: one.value,
            limited_by: one.limited_by.clone(),
        };
        (old.spend != new.spend).then(|| LineChange {
            customer: customer.id().clone(),
            before: Some(side(old)),
            after: Some(side(new)),
        })
    }
}
