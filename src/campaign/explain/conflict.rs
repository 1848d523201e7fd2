//! Wishes that cannot all be kept: the smallest set that conflicts, and how far each would have to give.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::money::{Currency, Money};

/// Whether a wish holds spend up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WishKind {
    /// At least the amount.
    Floor,
    /// At most the amount.
    Cap,
}

/// One wish about the spend of a customer, or of a group of them such as a tier, a territory or all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// What is wished, in the words of whoever wished it; names it in a conflict.
    pub name: Id,
    /// The customer or group whose spend it is about.
    pub about: Id,
    /// At least or at most.
    pub kind: WishKind,
    /// The amount.
    pub amount: Money,
}

/// Wishes over a tree of groups and customers.
///
/// ```
/// use sortie::campaign::explain::{Wish, WishKind, Wishes};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
///
/// let (all, a, b) = (Id::new("all")?, Id::new("a")?, Id::new("b")?);
/// let wish = |name: &str, about: &Id, kind, text: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let amount = Money::parse(text, Currency::USD)?;
///     Ok(Wish { name: Id::new(name)?, about: about.clone(), kind, amount })
/// };
/// let wishes = Wishes::new(Currency::USD)
///     .with_inside(&a, &all)
///     .with_inside(&b, &all)
///     .with(wish("the budget", &all, WishKind::Cap, "100.00")?)
///     .with(wish("call on a", &a, WishKind::Floor, "70.00")?)
///     .with(wish("call on b", &b, WishKind::Floor, "50.00")?);
/// let conflict = wishes.conflict().ok_or("120.00 is more than 100.00")?;
/// assert_eq!(conflict.wishes.len(), 3);
/// assert!(conflict.wishes.iter().all(|(_, give)| give.amount_text() == "20.00"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Wishes {
    currency: Currency,
    parent: BTreeMap<Id, Id>,
    made: Vec<Wish>,
}

/// Wishes of which each is needed for the conflict, and the least by which each alone would have to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// Each wish with its least relaxation: a floor falls by it, a cap rises by it.
    pub wishes: Vec<(Wish, Money)>,
}

impl Wishes {
    /// No wishes yet.
    #[must_use]
    pub const fn new(currency: Currency) -> Self {
        Self {
            currency,
            parent: BTreeMap::new(),
            made: Vec::new(),
        }
    }

    /// The same with `inner` inside of `outer`; the last word on it counts.
    #[must_use]
    pub fn with_inside(mut self, inner: &Id, outer: &Id) -> Self {
        self.parent.insert(inner.clone(), outer.clone());
        self
    }

    /// The same with one more wish.
    #[must_use]
    pub fn with(mut self, wish: Wish) -> Self {
        self.made.push(wish);
        self
    }

    /// The smallest set of wishes that conflict, or `None` if all can be kept. Amounts in another currency,
    /// and parts of a tree that go round in a circle, take part in no conflict.
    ///
    /// Spend is a sum over the tree, so a conflict is one cap against floors inside it (or a floor against
    /// caps that cover all that is inside). For each cap the fewest floors that exceed it are found exactly,
    /// up to 64 of them, by the largest sums that k floors can force; `O(w·64²)` for w wishes and groups.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict> {
        let tree = Tree::of(self);
        let caps = || self.of_kind(WishKind::Cap);
        let against_caps = caps().filter_map(|cap| {
            let forced = tree.forced(&cap.about, &|wish| wish.kind == WishKind::Floor);
            let (count, _) = forced.first_above(cap.amount.minor())?;
            Some((count + 1, cap, forced))
        });
        let of_floors = against_caps
            .min_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)))
            .and_then(|(_, cap, forced)| conflict_of(self.currency, cap, &forced));
        let of_caps = self.of_kind(WishKind::Floor).filter_map(|floor| {
            let cover = tree.cover(&floor.about)?;
            let possible: i128 = cover.iter().map(|cap| i128::from(cap.amount.minor())).sum();
            let short = i128::from(floor.amount.minor()) - possible;
            (short > 0).then(|| covered(self.currency, floor, &cover, short))
        });
        let of_caps = of_caps.min_by(|a, b| {
            a.wishes
                .len()
                .cmp(&b.wishes.len())
                .then_with(|| a.names().cmp(b.names()))
        });
        [of_floors, of_caps]
            .into_iter()
            .flatten()
            .min_by_key(|conflict| conflict.wishes.len())
    }

    fn of_kind(&self, kind: WishKind) -> impl Iterator<Item = &Wish> {
        let lawful =
            move |wish: &&Wish| wish.kind == kind && wish.amount.currency() == self.currency;
        self.made.iter().filter(lawful)
    }
}

impl Conflict {
    fn names(&self) -> impl Iterator<Item = &Id> {
        self.wishes.iter().map(|(wish, _)| &wish.name)
    }
}

/// Floors counted in a conflict; beyond them a conflict is shown with as many as it takes, not the fewest.
const FLOORS_MOST: usize = 64;

/// The largest sum that k wishes can force, and which, for k = 0, 1, …
#[derive(Clone, Debug)]
struct Forced<'a> {
    by_count: Vec<(i128, Vec<&'a Wish>)>,
}

impl<'a> Forced<'a> {
    fn nothing() -> Self {
        Self {
            by_count: vec![(0, Vec::new())],
        }
    }

    fn first_above(&self, limit: i64) -> Option<(usize, &[&'a Wish])> {
        let at = self
            .by_count
            .iter()
            .position(|(sum, _)| *sum > i128::from(limit))?;
        self.by_count
            .get(at)
            .map(|(_, wishes)| (at, wishes.as_slice()))
    }

    /// Floors of disjoint parts add up.
    fn beside(&self, other: &Self) -> Self {
        let longest = (self.by_count.len() + other.by_count.len() - 1).min(FLOORS_MOST + 1);
        let mut by_count: Vec<(i128, Vec<&'a Wish>)> = Vec::with_capacity(longest);
        for count in 0..longest {
            let mut best: Option<(i128, usize)> = None;
            for mine in 0..=count.min(self.by_count.len() - 1) {
                let Some(theirs) = other.by_count.get(count - mine) else {
                    continue;
                };
                let sum = self.by_count.get(mine).map_or(0, |part| part.0) + theirs.0;
                if best.is_none_or(|best| sum > best.0) {
                    best = Some((sum, mine));
                }
            }
            let Some((sum, mine)) = best else { break };
            let parts = [self.by_count.get(mine), other.by_count.get(count - mine)];
            let wishes = parts
                .into_iter()
                .flatten()
                .flat_map(|part| part.1.iter().copied());
            by_count.push((sum, wishes.collect()));
        }
        Self { by_count }
    }

    /// A floor on the whole may force more than the floors inside it; it takes their place.
    fn or_whole(&mut self, floor: &'a Wish) {
        let amount = i128::from(floor.amount.minor());
        if self.by_count.len() == 1 && amount > 0 {
            self.by_count.push((amount, vec![floor]));
            return;
        }
        for (sum, wishes) in self.by_count.iter_mut().skip(1) {
            if amount > *sum {
                *sum = amount;
                *wishes = vec![floor];
            }
        }
    }
}

/// Who is inside whom, without what goes round in a circle.
struct Tree<'a> {
    children: BTreeMap<&'a Id, BTreeSet<&'a Id>>,
    wishes: BTreeMap<&'a Id, Vec<&'a Wish>>,
    nodes: usize,
}

impl<'a> Tree<'a> {
    fn of(all: &'a Wishes) -> Self {
        let mut tree = Self {
            children: BTreeMap::new(),
            wishes: BTreeMap::new(),
            nodes: 0,
        };
        for (inner, outer) in &all.parent {
            tree.children.entry(outer).or_default().insert(inner);
        }
        for kind in [WishKind::Floor, WishKind::Cap] {
            for wish in all.of_kind(kind) {
                tree.wishes.entry(&wish.about).or_default().push(wish);
            }
        }
        tree.nodes = all.parent.len() + 1;
        tree
    }

    fn inside(&self, node: &Id) -> impl Iterator<Item = &'a Id> + '_ {
        self.children.get(node).into_iter().flatten().copied()
    }

    /// Everything inside a node, inner parts before outer ones; a circle is cut where it closes.
    fn upwards(&self, node: &'a Id) -> Vec<&'a Id> {
        let mut order = vec![node];
        let mut seen = BTreeSet::from([node]);
        let mut next = 0;
        while let Some(outer) = order.get(next).copied() {
            next += 1;
            order.extend(self.inside(outer).filter(|inner| seen.insert(inner)));
        }
        order.reverse();
        order
    }

    fn forced(&self, node: &'a Id, counts: &impl Fn(&Wish) -> bool) -> Forced<'a> {
        let mut of: BTreeMap<&Id, Forced<'a>> = BTreeMap::new();
        for part in self.upwards(node) {
            let mut forced = Forced::nothing();
            for inner in self.inside(part) {
                if let Some(theirs) = of.remove(inner) {
                    forced = forced.beside(&theirs);
                }
            }
            let own = self
                .wishes
                .get(part)
                .into_iter()
                .flatten()
                .filter(|wish| counts(wish));
            // The largest floor on a part makes the others needless; of equal ones the smaller name.
            if let Some(floor) = own.max_by(|a, b| {
                a.amount
                    .minor()
                    .cmp(&b.amount.minor())
                    .then(b.name.cmp(&a.name))
            }) {
                forced.or_whole(floor);
            }
            of.insert(part, forced);
        }
        of.remove(node).unwrap_or_else(Forced::nothing)
    }

    /// Caps that together bound all spend inside a node, with the least total; `None` if some part has none.
    fn cover(&self, node: &'a Id) -> Option<Vec<&'a Wish>> {
        let mut of: BTreeMap<&Id, Option<Vec<&'a Wish>>> = BTreeMap::new();
        for part in self.upwards(node) {
            let total = |caps: &[&Wish]| {
                caps.iter()
                    .map(|cap| i128::from(cap.amount.minor()))
                    .sum::<i128>()
            };
            let mut inside = Some(Vec::new());
            let mut any = false;
            for inner in self.inside(part) {
                any = true;
                inside = inside
                    .zip(of.remove(inner).flatten())
                    .map(|(mut caps, more)| {
                        caps.extend(more);
                        caps
                    });
            }
            let inside = inside.filter(|_| any);
            let own = self
                .wishes
                .get(part)
                .into_iter()
                .flatten()
                .filter(|wish| wish.kind == WishKind::Cap);
            let own = own.min_by(|a, b| {
                a.amount
                    .minor()
                    .cmp(&b.amount.minor())
                    .then(a.name.cmp(&b.name))
            });
            let own = own.map(|cap| vec![*cap]);
            // One's own cap where it is as tight: it is one wish instead of many.
            let best = match (own, inside) {
                (Some(own), Some(inside)) if total(&inside) < total(&own) => Some(inside),
                (Some(own), _) => Some(own),
                (None, inside) => inside,
            };
            of.insert(part, best);
        }
        of.remove(node).flatten()
    }
}

fn conflict_of(currency: Currency, cap: &Wish, forced: &Forced<'_>) -> Option<Conflict> {
    let (_, floors) = forced.first_above(cap.amount.minor())?;
    let sum: i128 = floors
        .iter()
        .map(|floor| i128::from(floor.amount.minor()))
        .sum();
    let excess = i64::try_from(sum - i128::from(cap.amount.minor())).unwrap_or(i64::MAX);
    let give = Money::from_minor(excess, currency);
    let floors = floors.iter().map(|floor| ((*floor).clone(), give));
    Some(Conflict {
        wishes: core::iter::once((cap.clone(), give))
            .chain(floors)
            .collect(),
    })
}

fn covered(currency: Currency, floor: &Wish, cover: &[&Wish], short: i128) -> Conflict {
    let give = Money::from_minor(i64::try_from(short).unwrap_or(i64::MAX), currency);
    let caps = cover.iter().map(|cap| ((*cap).clone(), give));
    Conflict {
        wishes: core::iter::once((floor.clone(), give))
            .chain(caps)
            .collect(),
    }
}
