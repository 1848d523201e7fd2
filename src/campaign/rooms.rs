//! Everything that binds a plan's spends together, as sums between two bounds: what a part of the constraints left
//! out is checked by, and what is kept while an answer is mended.

use super::CampaignError;
use super::aims::Target;
use super::asking::{self, Asking, TerritoryNames};
use crate::allocate::{GroupLine, ResourceLine};
use crate::customer::{Customer, Tier};
use crate::money::Money;

/// One sum that is bounded.
struct Room {
    least: i128,
    most: i128,
    in_hours: bool,
}

/// The bounds of a plan: budget, tiers, hours, territories.
pub(super) struct Rooms<'a> {
    asking: &'a Asking<'a>,
    bounds: Vec<Room>,
    /// Where the rooms of territories begin; each has two, of money and of hours.
    territories: usize,
}

const BUDGET: usize = 0;
const EXISTING: usize = 1;
const PROSPECTS: usize = 2;
const HOURS: usize = 3;

impl<'a> Rooms<'a> {
    pub(super) fn new(asking: &'a Asking<'a>, existing_most: Money) -> Result<Self, CampaignError> {
        let terms = asking.terms;
        let money = |least: Option<Money>, most: Option<Money>| Room {
            least: least.map_or(0, |money| i128::from(money.minor())),
            most: most.map_or(i128::MAX, |money| i128::from(money.minor())),
            in_hours: false,
        };
        let hours = |most: Option<crate::quantity::Quantity>| Room {
            least: 0,
            most: most.map_or(i128::MAX, |hours| i128::from(hours.micros())),
            in_hours: true,
        };
        let mut rooms = vec![
            money(None, Some(terms.free()?)),
            money(None, Some(existing_most)),
            money(None, Some(terms.room()?)),
            hours(terms.hours.as_ref().map(super::terms::Hours::limit)),
        ];
        let territories = rooms.len();
        for territory in &terms.territories {
            rooms.push(money(territory.floor(), territory.cap()));
            rooms.push(hours(territory.hours()));
        }
        Ok(Self {
            asking,
            bounds: rooms,
            territories,
        })
    }

    /// The rooms that a customer's spend takes part in.
    fn of(&self, customer: &Customer) -> Vec<usize> {
        let tier = match customer.tier() {
            Tier::Habitual | Tier::Starting => EXISTING,
            Tier::Prospect => PROSPECTS,
        };
        let mut rooms = vec![BUDGET, tier];
        if self.asking.terms.hours.is_some() {
            rooms.push(HOURS);
        }
        if !self.asking.terms.territories.is_empty() {
            for at in self.asking.territories_around(customer) {
                rooms.extend([self.territories + 2 * at, self.territories + 2 * at + 1]);
            }
        }
        rooms
    }

    /// The sums of spends, by the book's order.
    pub(super) fn sums(&self, targets: &[Target], spends: &[i64]) -> Vec<i128> {
        let mut sums = vec![0; self.bounds.len()];
        let customers = self.asking.book.customers().iter();
        for ((customer, target), spend) in customers.zip(targets).zip(spends) {
            if *spend != 0 {
                self.shift(&mut sums, customer, target, (0, *spend));
            }
        }
        sums
    }

    /// Moves the sums from one spend of a customer to another.
    pub(super) fn shift(
        &self,
        sums: &mut [i128],
        customer: &Customer,
        target: &Target,
        (from, to): (i64, i64),
    ) {
        let currency = self.asking.book.currency();
        let hours = |minor| {
            let spend = Money::from_minor(minor, currency);
            i128::from(self.asking.hours_of(customer, target, spend))
        };
        let of_hours = if self.asking.terms.hours.is_some() {
            hours(to) - hours(from)
        } else {
            0
        };
        for at in self.of(customer) {
            if let (Some(sum), Some(room)) = (sums.get_mut(at), self.bounds.get(at)) {
                *sum += if room.in_hours {
                    of_hours
                } else {
                    i128::from(to) - i128::from(from)
                };
            }
        }
    }

    /// Whether sums keep every bound.
    pub(super) fn keep(&self, sums: &[i128]) -> bool {
        let both = self.bounds.iter().zip(sums);
        both.into_iter()
            .all(|(room, sum)| room.least <= *sum && *sum <= room.most)
    }

    /// The room of a name of the problem: of money, or of hours.
    fn named(&self, name: &str) -> Option<usize> {
        match name {
            asking::EXISTING => return Some(EXISTING),
            asking::PROSPECTS => return Some(PROSPECTS),
            _ => {}
        }
        let at =
            |wanted: &dyn Fn(&TerritoryNames) -> bool| self.asking.names.iter().position(wanted);
        let money = at(&|names| names.money.as_str() == name);
        let hours = at(&|names| names.hours.as_str() == name);
        money
            .map(|at| self.territories + 2 * at)
            .or_else(|| hours.map(|at| self.territories + 2 * at + 1))
    }

    /// The groups' lines with what these sums say that they spend.
    pub(super) fn group_lines(&self, sums: &[i128], lines: &[GroupLine]) -> Vec<GroupLine> {
        let told = |line: &GroupLine| {
            // The group of hours holds everybody.
            let room = self.named(line.id.as_str()).unwrap_or(BUDGET);
            let minor = sums.get(room).copied().unwrap_or(0);
            let minor = i64::try_from(minor).unwrap_or(i64::MAX);
            GroupLine {
                spent: Money::from_minor(minor, line.spent.currency()),
                ..line.clone()
            }
        };
        lines.iter().map(told).collect()
    }

    /// The resources' lines with what these sums say that they use.
    pub(super) fn resource_lines(
        &self,
        sums: &[i128],
        lines: &[ResourceLine],
    ) -> Vec<ResourceLine> {
        let told = |line: &ResourceLine| {
            let room = self.named(line.id.as_str()).unwrap_or(HOURS);
            let sum = sums.get(room).copied().unwrap_or(0);
            let in_hours = self.bounds.get(room).is_some_and(|room| room.in_hours);
            ResourceLine {
                used: self.asking.as_resource(sum, in_hours),
                ..line.clone()
            }
        };
        lines.iter().map(told).collect()
    }

    /// Hours that the whole takes, in millionths.
    pub(super) fn hours(sums: &[i128]) -> i128 {
        sums.get(HOURS).copied().unwrap_or(0)
    }

    /// Money and hours of the territory at a place of the terms.
    pub(super) fn territory(&self, sums: &[i128], at: usize) -> (i128, i128) {
        let place = self.territories + 2 * at;
        let sum = |place: usize| sums.get(place).copied().unwrap_or(0);
        (sum(place), sum(place + 1))
    }
}
