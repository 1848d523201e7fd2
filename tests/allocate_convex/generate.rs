//! Concave problems from a string of dice, built around a point at which every constraint has room.
//!
//! That point makes them feasible by construction, and lets the outcome of the other solver be led back into the
//! constraints that it misses by its accuracy.

use sortie::numeric::cast;

use crate::curve::Curve;
use crate::plain::{Group, Offer, Plain};

/// What may occur in a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    pub(crate) bounds: bool,
    pub(crate) groups: bool,
    pub(crate) resources: bool,
}

/// A source of choices; past its end every roll is 0, the plainest outcome.
pub(crate) struct Dice<'a> {
    rolls: &'a [u16],
}

impl<'a> Dice<'a> {
    pub(crate) const fn new(rolls: &'a [u16]) -> Self {
        Self { rolls }
    }

    fn roll(&mut self) -> u16 {
        let Some((first, rest)) = self.rolls.split_first() else {
            return 0;
        };
        self.rolls = rest;
        *first
    }

    fn below(&mut self, sides: u16) -> u16 {
        self.roll() % sides
    }

    /// True `percent` times in a hundred; false is the plain outcome.
    fn chance(&mut self, percent: u16) -> bool {
        self.below(100) >= 100 - percent
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.roll()) / 65_536.0
    }
}

/// How many rolls a problem asks for at most.
pub(crate) const ROLLS: usize = 160;

/// The least room of a constraint, as a part of what is spent there.
const ROOM: f64 = 0.05;

/// Currency units that an activity spends, in the order of size.
const USUAL: f64 = 100.0;

pub(crate) fn build(dice: &mut Dice<'_>, mix: Mix) -> Plain {
    let count = 2 + dice.below(5);
    let step = [1, 1, 25, 500][usize::from(dice.below(4))];
    let mut plain = Plain {
        step,
        budget: 0,
        limits: vec![],
        offers: vec![],
        groups: vec![],
    };
    let resources = if mix.resources { 1 + dice.below(2) } else { 0 };
    for _ in 0..count {
        let offer = offer(dice, mix, step, resources);
        plain.offers.push(offer);
    }
    if mix.groups {
        groups(dice, &mut plain);
    }
    for resource in 0..usize::from(resources) {
        let used =
            |offer: &Offer| cast::f64_of_u64(offer.uses[resource]) * plain.units(offer.roomy);
        let used: f64 = plain.offers.iter().map(used).sum();
        let limit = used * (1.0 + ROOM + dice.between(0.0, 0.6)) + 1e6;
        plain
            .limits
            .push(u64::try_from(cast::i64_of_f64(limit).unwrap()).unwrap());
    }
    let roomy: i64 = plain.offers.iter().map(|offer| offer.roomy).sum();
    let groups = plain.groups.iter().filter(|group| group.parent.is_none());
    // So that what groups must spend can be spent.
    let forced: i64 = groups.map(|group| group.floor).sum();
    plain.budget = above(dice, roomy.max(forced), 1.0);
    plain
}

/// An amount with room above this one, by up to a part of it more.
fn above(dice: &mut Dice<'_>, amount: i64, more: f64) -> i64 {
    let room = cast::f64_of_i64(amount) * (ROOM + dice.between(0.0, more));
    amount + 1 + cast::i64_of_f64(room).unwrap()
}

/// An amount with room below this one; 0 has none and needs none.
fn below(dice: &mut Dice<'_>, amount: i64) -> i64 {
    let left = cast::f64_of_i64(amount) * (1.0 - ROOM - dice.between(0.0, 0.8));
    (amount - 1).min(cast::i64_of_f64(left).unwrap()).max(0)
}

fn offer(dice: &mut Dice<'_>, mix: Mix, step: i64, resources: u16) -> Offer {
    let size = USUAL * [1.0, 1.0, 0.3, 4.0][usize::from(dice.below(4))];
    let steps = 100.0 * size * dice.between(0.1, 1.5) / cast::f64_of_i64(step);
    let roomy = 1 + cast::i64_of_f64(steps).unwrap();
    let curve = curve(dice, size);
    let floor = if mix.bounds && dice.chance(40) {
        below(dice, roomy)
    } else {
        0
    };
    let cap = (mix.bounds && dice.chance(50)).then(|| above(dice, roomy, 1.0));
    // Whole, halves and thirds of a unit.
    let used = |dice: &mut Dice<'_>| {
        let times = u64::from(dice.below(4));
        times * [1_000_000, 500_000, 333_333][usize::from(dice.below(3))]
    };
    Offer {
        curve,
        floor,
        cap,
        uses: (0..resources).map(|_| used(dice)).collect(),
        roomy,
    }
}

/// A curve that bends at spends of about this size.
fn curve(dice: &mut Dice<'_>, size: f64) -> Curve {
    let scale = dice.between(20.0, 400.0);
    match dice.below(6) {
        0 => Curve::Exponential {
            scale,
            rate: dice.between(0.3, 4.0) / size,
        },
        1 => Curve::Logarithmic {
            scale,
            half: dice.between(0.1, 2.0) * size,
        },
        2 => {
            let exponent = dice.between(0.15, 0.9);
            Curve::Power {
                scale: scale / libm::pow(size, exponent),
                exponent,
            }
        }
        3 => Curve::Adbudg {
            scale,
            exponent: 1.0,
            half: dice.between(0.1, 2.0) * size,
        },
        4 => Curve::Adbudg {
            scale,
            exponent: dice.between(0.3, 0.95),
            half: dice.between(0.1, 2.0) * size,
        },
        _ => piecewise(dice, scale, size),
    }
}

fn piecewise(dice: &mut Dice<'_>, scale: f64, size: f64) -> Curve {
    let start = scale * [0.0, 0.1, -0.1][usize::from(dice.below(3))];
    let mut slope = scale / size * dice.between(0.5, 2.0);
    let mut points = vec![(0.0, start)];
    for _ in 0..=dice.below(4) {
        let (spend, value) = points[points.len() - 1];
        let width = size * dice.between(0.1, 0.8);
        points.push((spend + width, value + slope * width));
        slope *= dice.between(0.1, 0.9);
    }
    Curve::Piecewise(points)
}

fn groups(dice: &mut Dice<'_>, plain: &mut Plain) {
    let count = 1 + dice.below(4);
    for at in 0..count {
        let parent = (at > 0 && dice.chance(65)).then(|| usize::from(dice.below(at)));
        plain.groups.push(Group {
            parent,
            floor: 0,
            cap: None,
            members: vec![],
        });
    }
    for member in 0..plain.offers.len() {
        let group = usize::from(dice.below(count + 1));
        if let Some(group) = plain.groups.get_mut(group) {
            group.members.push(member);
        }
    }
    for at in 0..plain.groups.len() {
        let inside = plain.inside(at);
        let spend = inside
            .iter()
            .map(|member| plain.offers[*member].roomy)
            .sum();
        let floor = dice.chance(45).then(|| below(dice, spend));
        let cap = dice.chance(60).then(|| above(dice, spend, 0.6));
        plain.groups[at].floor = floor.unwrap_or(0);
        plain.groups[at].cap = cap;
    }
}

mod tests;
