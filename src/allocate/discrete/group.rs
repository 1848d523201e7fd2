//! What groups of menus can take together, at prices of money: one long menu each, of what loses little there.

use crate::numeric::cast;

use super::super::tree::{ROOT, Tree};
use super::form::{Choice, Form, Kind, Limit};
use super::front::{Bounds, Front, Offer, Offers};
use super::nest::{self, Settled};
use super::stock::Menus;

/// Places of a curve up to which it counts as a menu.
const PLACES: i64 = 64;
/// Groups in groups up to which they are combined: each level looks at those below it again.
const DEPTH: usize = 256;
/// How often the loss that is looked at grows, at most.
const TURNS: usize = 100;
/// By how much it grows, where it was too little.
pub(super) const GROWTH: f64 = 4.0;
/// Losses are rounded; those that are wanted are a hair more, as a share of all values.
pub(super) const HAIR: f64 = 1e-12;
/// Prices at which all that may be spent costs more than so many times all values are not used: they drown the values.
pub(super) const STEEP: f64 = 8.0;
/// No loss is larger, as a share of all values.
const HOPELESS: f64 = 8.0 * (1.0 + STEEP);

/// A member of a group, or of the whole.
#[derive(Clone, Copy, Debug)]
enum Member {
    Choice(usize),
    Group(usize),
}

/// A group, and what limits it.
struct Group {
    members: Vec<Member>,
    cap: i64,
    floor: i64,
    /// The rows of its cap and its floor, those that can bind.
    rows: Vec<usize>,
    /// Whether a group around it has a floor.
    apart: bool,
    /// What its best lost last time beside what prices alone would allow.
    lost: f64,
}

/// What each member of something can take, with the fronts of those that are groups.
pub(super) struct Members {
    offers: Vec<Offers>,
    fronts: Vec<Option<Inner>>,
}

/// A group's front, with what its members can take.
struct Inner {
    front: Front,
    members: Members,
}

/// All choices, and the groups that they stand in.
pub(super) struct Groups {
    /// Cost and value of each place of each choice, and the place.
    all: Vec<Vec<(i64, f64, i64)>>,
    each: Vec<Group>,
    top: Vec<Member>,
    pub(super) settled: Settled,
    /// States that may still be looked at.
    pub(super) states: u64,
    /// The size of all values: the largest of each choice.
    pub(super) size: f64,
    pub(super) budget: i64,
}

/// The places of a choice, if they are few.
fn places(choice: &Choice<'_>) -> Option<Vec<(i64, f64, i64)>> {
    let span = choice.span;
    if matches!(choice.kind, Kind::Curve(_)) && span.high - span.low >= PLACES {
        return None;
    }
    let nothing = (span.zero && span.low > 0).then_some(0);
    let places = nothing.into_iter().chain(span.low..=span.high);
    Some(
        places
            .map(|at| (choice.spend(at), choice.value(at), at))
            .collect(),
    )
}

/// How many groups stand in each other at most.
fn depth(tree: &Tree) -> usize {
    let mut depths = vec![1; tree.len()];
    for at in tree.downwards.iter().map(|at| cast::usize_of_u32(*at)) {
        if let Some(around) = depths.get(cast::usize_of_u32(tree.parent[at])) {
            depths[at] = around + 1;
        }
    }
    depths.into_iter().max().unwrap_or(0)
}

/// The groups, and what stands in none.
fn groups(form: &Form<'_>, tree: &Tree) -> (Vec<Group>, Vec<Member>) {
    let mut groups: Vec<Group> = (0..tree.len())
        .map(|_| Group {
            members: Vec::new(),
            cap: i64::MAX,
            floor: 0,
            rows: Vec::new(),
            apart: false,
            lost: 0.0,
        })
        .collect();
    for (at, row) in form.rows.iter().enumerate() {
        let limit = |amount: i128| i64::try_from(amount).unwrap_or(i64::MAX);
        match row.limit {
            Limit::Cap(group) => {
                groups[group].cap = limit(row.most);
                groups[group].rows.push(at);
            }
            Limit::Floor(group) => {
                groups[group].floor = limit(-row.most);
                groups[group].rows.push(at);
            }
            Limit::Budget | Limit::Resource(_) => {}
        }
    }
    let mut top = Vec::new();
    let mut join = |groups: &mut Vec<Group>, group: u32, member: Member| {
        let members = groups.get_mut(cast::usize_of_u32(group));
        members
            .map_or(&mut top, |group| &mut group.members)
            .push(member);
    };
    for choice in 0..form.choices.len() {
        join(&mut groups, tree.group_of(choice), Member::Choice(choice));
    }
    for at in tree.downwards.iter().map(|at| cast::usize_of_u32(*at)) {
        let parent = tree.parent[at];
        if parent != ROOT {
            let around = &groups[cast::usize_of_u32(parent)];
            groups[at].apart = around.apart || around.floor > 0;
        }
        join(&mut groups, parent, Member::Group(at));
    }
    (groups, top)
}

impl Groups {
    /// `None` where there are other things than menus and curves of few places, resources, groups in too many groups, or curves
    /// in no group.
    pub(super) fn of(form: &Form<'_>, tree: &Tree, states: u64, work_most: u64) -> Option<Self> {
        let curves = || (form.choices.iter()).any(|choice| matches!(choice.kind, Kind::Curve(_)));
        // Curves under a budget alone have a search of their own, whose leaves prove what it finds.
        if form.resources() > 0 || depth(tree) > DEPTH || (tree.len() == 0 && curves()) {
            return None;
        }
        let all = (form.choices.iter().map(places)).collect::<Option<Vec<_>>>()?;
        let spans = form.spans();
        let (settled, _) = nest::settled(form, &spans, &[], work_most);
        let (each, top) = groups(form, tree);
        let largest = |places: &Vec<(i64, f64, i64)>| {
            (places.iter().map(|each| each.1.abs())).fold(0.0, f64::max)
        };
        let size: f64 = all.iter().map(largest).sum();
        Some(Self {
            all,
            each,
            top,
            settled,
            states,
            size,
            budget: i64::try_from(form.rows.first()?.most).ok()?,
        })
    }

    /// How many choices there are.
    pub(super) fn choices(&self) -> usize {
        self.all.len()
    }

    /// Whether losses at a price can be told from its rounding, where so much may be spent.
    pub(super) fn is_usable(&self, price: f64, most: i64) -> bool {
        price.abs() * cast::f64_of_i64(most) <= STEEP * self.size
    }

    /// What members can take that loses at most `wanted` at the price; `None` if it takes too many states, or nothing that
    /// is lawful.
    fn members(&mut self, members: &[Member], price: f64, wanted: f64) -> Option<Members> {
        let mut all = Members {
            offers: Vec::with_capacity(members.len()),
            fronts: Vec::with_capacity(members.len()),
        };
        for member in members {
            match *member {
                Member::Choice(at) => {
                    self.spend(self.all[at].len())?;
                    let places = self.all[at].iter().map(|each| (each.0, each.1));
                    all.offers.push(Offers::near(places, price, wanted));
                    all.fronts.push(None);
                }
                Member::Group(at) => {
                    let inner = self.group(at, price, wanted)?;
                    self.spend(inner.front.sums.len())?;
                    let sums = inner.front.sums.iter().map(|sum| (sum.cost, sum.value));
                    all.offers.push(Offers::near(sums, price, wanted));
                    all.fronts.push(Some(inner));
                }
            }
        }
        Some(all)
    }

    /// Counts states that were looked at; `None` if that is too many.
    fn spend(&mut self, states: usize) -> Option<()> {
        self.states = self.states.checked_sub(cast::u64_of_usize(states))?;
        Some(())
    }

    /// What a group can take that loses at most `wanted` beside its best, if money costs this around it.
    fn group(&mut self, at: usize, price: f64, wanted: f64) -> Option<Inner> {
        let group = &self.each[at];
        let own = (group.rows.iter()).fold(price, |price, row| self.settled.inside(*row, price));
        // Any price bounds; the group's own bounds best.
        let inside = if self.is_usable(own, group.cap.min(self.budget)) {
            own
        } else {
            price
        };
        let bounds = Bounds {
            floor: group.floor,
            cap: group.cap,
            price: inside - price,
            apart: group.apart,
        };
        let list = group.members.clone();
        let mut within = wanted + group.lost;
        for _ in 0..TURNS {
            let members = self.members(&list, inside, within)?;
            let front = Front::of(&members.offers, bounds, within, &mut self.states)?;
            let least = front.least_loss();
            if let Some(least) = least.filter(|least| least + wanted <= within) {
                self.each[at].lost = least + HAIR * self.size;
                return Some(Inner { front, members });
            }
            within = match least {
                Some(least) => least + wanted + HAIR * self.size,
                None if within > HOPELESS * self.size => return None,
                None => within * GROWTH,
            };
        }
        None
    }

    /// What all loses at most `wanted` beside its best at the price; `None` as for [`Groups::members`].
    pub(super) fn near(&mut self, price: f64, wanted: f64) -> Option<Members> {
        let top = self.top.clone();
        self.members(&top, price, wanted)
    }

    /// The place of every choice, given what is taken of the whole's menus.
    pub(super) fn taken(&self, members: &Members, of_menus: &[u32]) -> Vec<i64> {
        let mut taken = vec![0; self.all.len()];
        self.write(&self.top, members, &members.places(of_menus), &mut taken);
        taken
    }

    /// Writes the places that members take, given for each its place on its menu.
    fn write(&self, list: &[Member], members: &Members, places: &[u32], taken: &mut [i64]) {
        for ((member, inner), place) in list.iter().zip(&members.fronts).zip(places) {
            let place = cast::usize_of_u32(*place);
            match (member, inner) {
                (Member::Choice(at), _) => taken[*at] = self.all[*at][place].2,
                (Member::Group(at), Some(inner)) => {
                    let below = &self.each[*at].members;
                    self.write(below, &inner.members, &inner.front.places(place), taken);
                }
                (Member::Group(_), None) => {}
            }
        }
    }
}

impl Members {
    /// What all can take, as menus by cost.
    pub(super) fn menus(&self) -> Menus {
        let count = self.offers.iter().map(|member| member.offers.len()).sum();
        let mut menus = Menus::with_capacity(self.offers.len(), count);
        for member in &self.offers {
            for offer in &member.offers {
                menus.option(offer.cost, offer.value);
            }
            menus.close();
        }
        menus
    }

    /// What is lost by what is taken of these menus.
    pub(super) fn loss(&self, taken: &[u32]) -> f64 {
        self.taken(taken).map(|offer| offer.loss).sum()
    }

    /// The places of what is taken of these menus.
    fn places(&self, taken: &[u32]) -> Vec<u32> {
        self.taken(taken).map(|offer| offer.place).collect()
    }

    fn taken(&self, taken: &[u32]) -> impl Iterator<Item = &Offer> {
        (self.offers.iter().zip(taken))
            .filter_map(|(member, at)| member.offers.get(cast::usize_of_u32(*at)))
    }
}

#[cfg(test)]
mod tests;
