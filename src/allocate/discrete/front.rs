//! The front of a group: what its members can take together, as one long menu.
//!
//! Sums are formed member by member. One that costs no less and is worth no more than another is dropped, and so is
//! one that loses more at the price of money than is asked for.

use crate::numeric::cast;

/// One thing that a member can take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) cost: i64,
    pub(super) value: f64,
    /// What it loses beside the member's best at the price; never negative.
    pub(super) loss: f64,
    /// Its place among all that the member can take.
    pub(super) place: u32,
}

/// What a member can take, by cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    pub(super) offers: Vec<Offer>,
}

impl Offers {
    /// Those of `all`, pairs of cost and value, that lose at most `wanted` at the price.
    pub(super) fn near(
        all: impl Iterator<Item = (i64, f64)> + Clone,
        price: f64,
        wanted: f64,
    ) -> Self {
        let score = |cost: i64, value: f64| value - price * cast::f64_of_i64(cost);
        let best = (all.clone())
            .map(|(cost, value)| score(cost, value))
            .fold(f64::NEG_INFINITY, f64::max);
        let mut offers = Vec::new();
        for (place, (cost, value)) in (0..).zip(all) {
            let loss = best - score(cost, value);
            if loss <= wanted {
                offers.push(Offer {
                    cost,
                    value,
                    loss,
                    place,
                });
            }
        }
        offers.sort_by(|a, b| a.cost.cmp(&b.cost).then(b.value.total_cmp(&a.value)));
        Self { offers }
    }

    /// The least and the most that is spent.
    fn reach(&self) -> (i64, i64) {
        let cost = |offer: Option<&Offer>| offer.map_or(0, |offer| offer.cost);
        (cost(self.offers.first()), cost(self.offers.last()))
    }
}

/// What limits the sums.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) floor: i64,
    pub(super) cap: i64,
    /// The price of money inside less that around: what each unit below the cap loses, or, negative, above the floor.
    pub(super) price: f64,
    /// Whether only sums of equal cost replace each other, since something around may need the dearer.
    pub(super) apart: bool,
}

impl Bounds {
    /// What a sum between these costs loses at least.
    fn slack(self, least: i64, most: i64) -> f64 {
        if self.price > 0.0 {
            self.price * cast::f64_of_i64(self.cap.saturating_sub(most).max(0))
        } else if self.price < 0.0 {
            -self.price * cast::f64_of_i64(least.saturating_sub(self.floor).max(0))
        } else {
            0.0
        }
    }
}

/// One sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    pub(super) cost: i64,
    pub(super) value: f64,
    /// What it loses at the price around: its members' losses, and the slack.
    pub(super) loss: f64,
    link: u32,
}

/// The sums of a group, and the way to each.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub(super) sums: Vec<Sum>,
    /// For each step of each sum the step before, and the place that its member takes.
    links: Vec<(u32, u32)>,
}

const START: u32 = u32::MAX;

impl Front {
    /// The sums that lose at most `wanted`; `None` if that takes more than is left of `states`.
    pub(super) fn of(
        members: &[Offers],
        bounds: Bounds,
        wanted: f64,
        states: &mut u64,
    ) -> Option<Self> {
        let mut rest: Vec<(i64, i64)> = vec![(0, 0)];
        for (least, most) in members.iter().rev().map(Offers::reach) {
            let after = rest[rest.len() - 1];
            rest.push((after.0.saturating_add(least), after.1.saturating_add(most)));
        }
        let mut front = Self {
            sums: vec![Sum {
                cost: 0,
                value: 0.0,
                loss: 0.0,
                link: START,
            }],
            links: Vec::new(),
        };
        let mut next: Vec<(Sum, u32)> = Vec::new();
        for (at, member) in members.iter().enumerate() {
            let rest = rest[members.len() - 1 - at];
            next.clear();
            for sum in &front.sums {
                front_of(sum, member, bounds, rest, wanted, &mut next);
            }
            *states = states.checked_sub(cast::u64_of_usize(next.len() + front.sums.len()))?;
            front.keep(&mut next, bounds, rest.0);
        }
        for sum in &mut front.sums {
            sum.loss += bounds.slack(sum.cost, sum.cost);
        }
        front.sums.retain(|sum| sum.loss <= wanted);
        Some(front)
    }

    /// Keeps those that nothing cheaper replaces.
    fn keep(&mut self, next: &mut [(Sum, u32)], bounds: Bounds, rest_least: i64) {
        next.sort_unstable_by(|(a, place_a), (b, place_b)| {
            (a.cost.cmp(&b.cost))
                .then(b.value.total_cmp(&a.value))
                .then(a.link.cmp(&b.link))
                .then(place_a.cmp(place_b))
        });
        self.sums.clear();
        let (mut highest, mut cost) = (f64::NEG_INFINITY, i64::MIN);
        for (sum, place) in next.iter() {
            if sum.cost == cost || sum.value <= highest {
                continue;
            }
            cost = sum.cost;
            // A cheaper one only serves as well if it keeps the floor whatever the rest takes.
            if !bounds.apart && sum.cost.saturating_add(rest_least) >= bounds.floor {
                highest = sum.value;
            }
            let link = cast::u32_of_usize(self.links.len());
            self.links.push((sum.link, *place));
            self.sums.push(Sum { link, ..*sum });
        }
    }

    /// The places that the members of a sum take, the first member's first.
    pub(super) fn places(&self, sum: usize) -> Vec<u32> {
        let mut places = Vec::new();
        let mut at = self.sums[sum].link;
        while let Some((before, place)) = self.links.get(cast::usize_of_u32(at)) {
            places.push(*place);
            at = *before;
        }
        places.reverse();
        places
    }

    /// The least loss of any.
    pub(super) fn least_loss(&self) -> Option<f64> {
        self.sums.iter().map(|sum| sum.loss).reduce(f64::min)
    }
}

/// A sum with all that one more member can take, where that can still keep the bounds and what is wanted.
fn front_of(
    sum: &Sum,
    member: &Offers,
    bounds: Bounds,
    rest: (i64, i64),
    wanted: f64,
    into: &mut Vec<(Sum, u32)>,
) {
    for offer in &member.offers {
        let cost = sum.cost.saturating_add(offer.cost);
        let (least, most) = (cost.saturating_add(rest.0), cost.saturating_add(rest.1));
        if least > bounds.cap {
            break;
        }
        let loss = sum.loss + offer.loss;
        if most < bounds.floor || loss + bounds.slack(least, most) > wanted {
            continue;
        }
        let value = sum.value + offer.value;
        into.push((
            Sum {
                cost,
                value,
                loss,
                link: sum.link,
            },
            offer.place,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Draws;

    type Menu = Vec<(i64, f64)>;

    fn menus(seed: u64) -> Vec<Menu> {
        let mut draw = Draws::new(seed).stream(&[]);
        (0..=draw.below(5))
            .map(|_| {
                (0..=draw.below(4))
                    .map(|_| {
                        let cost = i64::try_from(draw.below(12)).unwrap();
                        (cost, libm::floor(draw.uniform() * 20.0) - 4.0)
                    })
                    .collect()
            })
            .collect()
    }

    /// All sums, written plainly.
    fn plain(menus: &[Menu]) -> Vec<(i64, f64)> {
        menus.iter().fold(vec![(0, 0.0)], |sums, menu| {
            let of = |sum: &(i64, f64)| {
                menu.iter()
                    .map(move |m| (sum.0 + m.0, sum.1 + m.1))
                    .collect::<Vec<_>>()
            };
            sums.iter().flat_map(of).collect()
        })
    }

    fn front(menus: &[Menu], price: f64, bounds: Bounds, wanted: f64) -> Front {
        let members: Vec<Offers> = menus
            .iter()
            .map(|menu| Offers::near(menu.iter().copied(), price, wanted))
            .collect();
        Front::of(&members, bounds, wanted, &mut u64::MAX.clone()).unwrap()
    }

    /// Whatever is lawful and loses little is there, or something no dearer and no worse; and everything there is lawful.
    #[test]
    fn nothing_that_is_wanted_is_missing() {
        for seed in 0..3_000 {
            let menus = menus(seed);
            let mut draw = Draws::new(seed).stream(&[1]);
            let (price, around) = (draw.uniform() * 3.0, draw.uniform() * 3.0);
            let cap = i64::try_from(draw.below(30)).unwrap();
            let floor = i64::try_from(draw.below(8)).unwrap().min(cap);
            let bounds = Bounds {
                floor,
                cap,
                price: price - around,
                apart: seed % 3 == 0,
            };
            let wanted = draw.uniform() * 30.0;
            let front = front(&menus, price, bounds, wanted);
            let best: f64 = menus
                .iter()
                .map(|menu| {
                    menu.iter()
                        .map(|m| m.1 - price * cast::f64_of_i64(m.0))
                        .fold(f64::MIN, f64::max)
                })
                .sum();
            let bound = if price > around { cap } else { floor };
            let most = best + (price - around) * cast::f64_of_i64(bound);
            for (cost, value) in plain(&menus) {
                let loss = most - (value - around * cast::f64_of_i64(cost));
                if cost < floor || cost > cap || loss > wanted - 1e-9 {
                    continue;
                }
                let serves = |sum: &Sum| {
                    let replaces = if bounds.apart {
                        sum.cost == cost
                    } else {
                        sum.cost <= cost
                    };
                    replaces && sum.value >= value - 1e-9
                };
                assert!(front.sums.iter().any(serves), "seed {seed}: {cost} {value}");
            }
            for (at, sum) in front.sums.iter().enumerate() {
                let places = front.places(at);
                let picks = menus
                    .iter()
                    .zip(&places)
                    .map(|(menu, at)| menu[cast::usize_of_u32(*at)]);
                let (cost, value) =
                    picks.fold((0, 0.0), |all, pick| (all.0 + pick.0, all.1 + pick.1));
                assert_eq!((cost, places.len()), (sum.cost, menus.len()), "seed {seed}");
                assert!(
                    (value - sum.value).abs() < 1e-9 && (floor..=cap).contains(&cost),
                    "seed {seed}"
                );
                let loss = most - (value - around * cast::f64_of_i64(cost));
                assert!(
                    (loss - sum.loss).abs() < 1e-9 && loss <= wanted + 1e-9,
                    "seed {seed}"
                );
            }
        }
    }

    #[test]
    fn states_are_limited() {
        let menus: Vec<Menu> = (0..12).map(|at| vec![(0, 0.0), (1 << at, 1.0)]).collect();
        let members: Vec<Offers> = menus
            .iter()
            .map(|menu| Offers::near(menu.iter().copied(), 0.0, 1e9))
            .collect();
        let bounds = Bounds {
            floor: 0,
            cap: i64::MAX,
            price: 0.0,
            apart: true,
        };
        assert!(Front::of(&members, bounds, 1e9, &mut 1_000).is_none());
        let mut states = 100_000;
        assert_eq!(
            Front::of(&members, bounds, 1e9, &mut states)
                .unwrap()
                .sums
                .len(),
            4096
        );
        assert!(states < 100_000);
    }

    /// By hand: at a price of 2 the options score 0, 6 and 5.
    #[test]
    fn what_loses_little_is_near() {
        let all = [(3, 11.0), (0, 0.0), (2, 10.0)];
        let near = Offers::near(all.into_iter(), 2.0, 1.0);
        let found: Vec<_> = (near.offers.iter())
            .map(|offer| (offer.cost, offer.value, offer.loss, offer.place))
            .collect();
        assert_eq!(found, [(2, 10.0, 0.0, 2), (3, 11.0, 1.0, 0)]);
        assert_eq!(near.reach(), (2, 3));
        assert_eq!(Offers::default().reach(), (0, 0));
    }

    /// Each sum costs more than the one before, and is worth more where it could replace it.
    #[test]
    fn nothing_that_another_replaces_is_kept() {
        for seed in 0..500 {
            let bounds = Bounds {
                floor: 3,
                cap: 30,
                price: 0.0,
                apart: seed % 2 == 0,
            };
            let front = front(&menus(seed), 0.5, bounds, 20.0);
            for pair in front.sums.windows(2) {
                let rises = bounds.apart || pair[0].value < pair[1].value;
                assert!(pair[0].cost < pair[1].cost && rises, "seed {seed}");
            }
        }
    }

    fn offers(offers: &[(i64, f64)]) -> Offers {
        let offer = |(place, (cost, loss)): (u32, &(i64, f64))| Offer {
            cost: *cost,
            value: -loss,
            loss: *loss,
            place,
        };
        Offers {
            offers: (0..).zip(offers).map(offer).collect(),
        }
    }

    /// The states that a front takes, and the costs and losses of its sums.
    fn taken(members: &[Offers], bounds: Bounds, wanted: f64) -> (u64, Vec<(i64, f64)>) {
        let mut states = 1_000;
        let front = Front::of(members, bounds, wanted, &mut states).unwrap();
        let sums = front.sums.iter().map(|sum| (sum.cost, sum.loss));
        (1_000 - states, sums.collect())
    }

    /// Losses of 3, 4 and 0 twice: five of the nine sums lose at most 5, and those that lose 6 or more are not even formed.
    /// States are what is looked at and what it comes from: 1 + 3, and 3 + 5.
    #[test]
    fn sums_that_lose_too_much_are_not_formed() {
        let member = offers(&[(0, 3.0), (1, 4.0), (2, 0.0)]);
        let bounds = Bounds {
            floor: 0,
            cap: 9,
            price: 0.0,
            apart: true,
        };
        let (states, sums) = taken(&[member.clone(), member], bounds, 5.0);
        assert_eq!(states, 12);
        assert_eq!(sums, [(2, 3.0), (3, 4.0), (4, 0.0)]);
        // What loses just as much as is wanted counts.
        let member = offers(&[(0, 3.0), (1, 4.0), (2, 0.0)]);
        let (_, sums) = taken(&[member], bounds, 3.0);
        assert_eq!(sums, [(0, 3.0), (2, 0.0)]);
    }

    /// With a price of 1 for the cap, what spends nothing of 4 loses 4 besides; one of two is left, from one.
    #[test]
    fn what_leaves_too_much_of_a_cap_is_not_formed() {
        let bounds = Bounds {
            floor: 0,
            cap: 4,
            price: 1.0,
            apart: false,
        };
        let member = offers(&[(0, 0.0), (4, 0.0)]);
        assert_eq!(taken(&[member], bounds, 3.0), (2, vec![(4, 0.0)]));
    }

    #[test]
    fn the_least_loss_is_that_of_the_best_that_is_lawful() {
        // The best, which costs 2, is over the cap; none loses 6 beside it.
        let menu: Menu = vec![(0, 0.0), (2, 10.0), (3, 11.0)];
        let bounds = Bounds {
            floor: 0,
            cap: 1,
            price: 0.0,
            apart: false,
        };
        let least = |menu: Menu| front(&[menu], 2.0, bounds, 9.0).least_loss();
        assert_eq!(least(menu), Some(6.0));
        assert_eq!(least(vec![(2, 10.0)]), None);
    }
}
