//! Small problems of every kind, lawful by construction, built from a string of dice.
//!
//! Dice shrink well: a shorter or smaller string is a plainer problem. The tests at the end hold the
//! generator to its purpose, which is that every kind of constraint binds often.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::plain::{Activity, Aim, Choice, Curve, Group, Offer, Plain, float};

/// What may occur in a problem.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent kind of constraint"
)]
pub(crate) struct Mix {
    pub(crate) s_curves: bool,
    pub(crate) menus: bool,
    pub(crate) only_menus: bool,
    pub(crate) bounds: bool,
    pub(crate) minimums: bool,
    pub(crate) equal_steps: bool,
    pub(crate) unequal_steps: bool,
    pub(crate) groups: bool,
    pub(crate) resources: bool,
    pub(crate) target: bool,
}

impl Mix {
    pub(crate) const CONCAVE: Self = Self {
        s_curves: false,
        menus: false,
        only_menus: false,
        bounds: false,
        minimums: false,
        equal_steps: false,
        unequal_steps: false,
        groups: false,
        resources: false,
        target: false,
    };
    pub(crate) const CONCAVE_BOUNDED: Self = Self {
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const CONCAVE_TREE: Self = Self {
        bounds: true,
        groups: true,
        equal_steps: true,
        ..Self::CONCAVE
    };
    pub(crate) const MENUS: Self = Self {
        menus: true,
        only_menus: true,
        ..Self::CONCAVE
    };
    pub(crate) const MENUS_AND_CURVES: Self = Self {
        menus: true,
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const MENU_TREE: Self = Self {
        groups: true,
        ..Self::MENUS
    };
    pub(crate) const MENU_RESOURCES: Self = Self {
        resources: true,
        ..Self::MENUS
    };
    pub(crate) const S_CURVES: Self = Self {
        s_curves: true,
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const MINIMUMS: Self = Self {
        minimums: true,
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const STEPS: Self = Self {
        unequal_steps: true,
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const RESOURCES: Self = Self {
        resources: true,
        bounds: true,
        ..Self::CONCAVE
    };
    pub(crate) const EVERYTHING: Self = Self {
        s_curves: true,
        menus: true,
        only_menus: false,
        bounds: true,
        minimums: true,
        equal_steps: false,
        unequal_steps: true,
        groups: true,
        resources: true,
        target: false,
    };

    /// Any of the kinds together, by dice; nothing is left out that a mix could hold.
    pub(crate) fn any(dice: &mut Dice<'_>) -> Self {
        let steps = dice.roll(3);
        Self {
            s_curves: dice.chance(50),
            menus: dice.chance(50),
            only_menus: dice.chance(15),
            bounds: dice.chance(60),
            minimums: dice.chance(50),
            equal_steps: steps == 1,
            unequal_steps: steps == 2,
            groups: dice.chance(50),
            resources: dice.chance(50),
            target: false,
        }
    }

    pub(crate) const fn with_target(self) -> Self {
        Self {
            target: true,
            ..self
        }
    }
}

/// A source of choices; past its end every roll is 0, the plainest outcome.
pub(crate) struct Dice<'a> {
    rolls: &'a [u16],
}

impl<'a> Dice<'a> {
    pub(crate) fn new(rolls: &'a [u16]) -> Self {
        Self { rolls }
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u16) -> u16 {
        let Some((first, rest)) = self.rolls.split_first() else {
            return 0;
        };
        self.rolls = rest;
        first % sides
    }

    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let sides = u16::try_from(high - low + 1).unwrap();
        low + i64::from(self.roll(sides))
    }

    /// True `percent` times in a hundred; false is the plain outcome.
    pub(crate) fn chance(&mut self, percent: u16) -> bool {
        self.roll(100) >= 100 - percent
    }

    pub(crate) fn among<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::from(self.roll(u16::try_from(list.len()).unwrap()))]
    }
}

/// Problems of a mix, small enough for brute force.
pub(crate) fn problem(mix: Mix) -> impl Strategy<Value = Plain> {
    prop::collection::vec(any::<u16>(), 160)
        .prop_map(move |rolls| build(&mut Dice::new(&rolls), mix))
}

/// Problems of any mix.
pub(crate) fn problem_of_any_mix(target: bool) -> impl Strategy<Value = Plain> {
    prop::collection::vec(any::<u16>(), 172).prop_map(move |rolls| {
        let mut dice = Dice::new(&rolls);
        let mix = Mix::any(&mut dice);
        build(&mut dice, Mix { target, ..mix })
    })
}

/// One problem from dice.
pub(crate) fn build(dice: &mut Dice<'_>, mix: Mix) -> Plain {
    let currency = dice.among(&["JPY", "USD", "BHD"]);
    let count = usize::from(1 + dice.roll(4));
    // An order of ids that is not the order of places, and bytes that are not the order of letters.
    let ids = ["m", "b", "Z", "ä"];
    let turn = usize::from(dice.roll(4));
    let step = if mix.equal_steps {
        dice.among(&[1, 1, 1, 2, 5])
    } else {
        1
    };
    let mut plain = Plain {
        currency,
        aim: Aim::Budget(0),
        resources: vec![],
        activities: vec![],
        groups: vec![],
    };
    if mix.resources {
        for id in ["hours", "exposure"]
            .iter()
            .take(1 + usize::from(dice.roll(2)))
        {
            plain.resources.push(((*id).into(), 0));
        }
    }
    for number in 0..count {
        let id = ids[(number + turn) % ids.len()].to_owned();
        let is_menu = mix.only_menus || (mix.menus && dice.chance(50));
        let offer = if is_menu {
            menu(dice, &plain)
        } else {
            spend(dice, mix, step, &plain)
        };
        plain.activities.push(Activity { id, offer });
    }
    if mix.groups {
        groups(dice, &mut plain, step);
    }
    for (_, limit) in &mut plain.resources {
        let millionths = u64::try_from(dice.whole(1, 16)).unwrap() * 1_000_000;
        *limit = if dice.chance(20) {
            millionths / 7
        } else {
            millionths
        };
    }
    plain.aim = if mix.target {
        Aim::Target(float(dice.whole(0, 40)) * dice.among(&[1.0, 0.37, 5.0]))
    } else {
        // Most budgets can pay what is forced; what is left over is what is decided.
        let forced = if dice.chance(85) { forced(&plain) } else { 0 };
        Aim::Budget(forced + dice.whole(0, 10) * step + dice.whole(0, step - 1))
    };
    plain
}

/// What the activities spend at least.
fn forced(plain: &Plain) -> i64 {
    let least = |activity: &Activity| match &activity.offer {
        Offer::Spend { floor, .. } => *floor,
        Offer::Menu {
            options,
            required: true,
        } => options.iter().map(|o| o.cost).min().unwrap_or(0),
        Offer::Menu { .. } => 0,
    };
    let groups: i64 = plain.groups.iter().map(|group| group.floor).sum();
    plain.activities.iter().map(least).sum::<i64>().max(groups)
}

fn menu(dice: &mut Dice<'_>, plain: &Plain) -> Offer {
    let options = (0..=dice.roll(4))
        .map(|number| {
            let cost = dice.whole(0, 7);
            let value = match dice.roll(8) {
                0..=3 => float(dice.whole(0, 9)),
                4 => float(dice.whole(-4, 4)) * 0.7,
                // Strongly correlated: the hard class.
                5 | 6 => float(cost) + 2.0,
                _ => float(dice.whole(1, 99)) * 0.01,
            };
            let uses = uses(dice, plain, 1_000_000);
            Choice {
                id: ["call", "visit", "trial", "board"][usize::from(number)].into(),
                cost,
                value,
                uses,
            }
        })
        .collect();
    Offer::Menu {
        options,
        required: dice.chance(25),
    }
}

fn uses(dice: &mut Dice<'_>, plain: &Plain, scale: u64) -> BTreeMap<String, u64> {
    let mut uses = BTreeMap::new();
    for (id, _) in &plain.resources {
        if dice.chance(75) {
            let micros = u64::from(dice.roll(5)) * scale;
            uses.insert(
                id.clone(),
                if dice.chance(30) { micros / 3 } else { micros },
            );
        }
    }
    uses
}

fn spend(dice: &mut Dice<'_>, mix: Mix, equal: i64, plain: &Plain) -> Offer {
    let step = if mix.unequal_steps {
        dice.among(&[1, 2, 3, 4])
    } else {
        equal
    };
    let curve = curve(dice, mix, step, plain);
    let (mut floor, mut cap, mut minimum_if_any) = (0, None, None);
    if mix.minimums && dice.chance(50) {
        minimum_if_any = Some(step * dice.whole(1, 4));
    } else if mix.bounds && dice.chance(30) {
        floor = step * dice.whole(1, 3);
    }
    if mix.equal_steps && floor == 0 && dice.chance(20) {
        // No less than one step is no bound at all, but the answer must name it.
        minimum_if_any = Some(step);
    }
    if mix.bounds && dice.chance(40) {
        cap = Some(floor.max(minimum_if_any.unwrap_or(0)) + step * dice.whole(0, 4));
    }
    if mix.target {
        // Brute force needs an end.
        cap = Some(cap.unwrap_or(6 * step));
    }
    // A use for each currency unit; the unit is many steps, so it is scaled to bind.
    let scale = 1_000_000 * u64::try_from(plain.minor_in_unit()).unwrap();
    let uses = uses(dice, plain, scale);
    Offer::Spend {
        curve,
        floor,
        cap,
        minimum_if_any,
        step: (step != 1 || dice.chance(10)).then_some(step),
        uses,
    }
}

/// A curve whose bend lies within some ten steps.
fn curve(dice: &mut Dice<'_>, mix: Mix, step: i64, plain: &Plain) -> Curve {
    let unit = plain.units(step);
    let scale = dice.among(&[10.0, 10.0, 25.0, 3.3, 7.77, 1.0, 1e-6, 1e9]);
    match dice.roll(6) {
        0 => Curve::Exponential {
            scale,
            rate: dice.among(&[0.3, 0.1, 0.01, 2.0, 90.0]) / unit,
        },
        1 => Curve::Logarithmic {
            scale,
            half: dice.among(&[3.0, 1.0, 0.1, 40.0]) * unit,
        },
        2 => Curve::Power {
            scale,
            exponent: dice.among(&[0.5, 0.3, 0.9, 0.01]),
        },
        3 if mix.s_curves => s_curve(dice, scale, unit),
        4 if mix.s_curves => piecewise(dice, scale, unit, false),
        3 => Curve::Adbudg {
            scale,
            exponent: dice.among(&[1.0, 0.5, 0.9]),
            half: dice.among(&[3.0, 1.0, 0.2]) * unit,
        },
        _ => piecewise(dice, scale, unit, true),
    }
}

fn s_curve(dice: &mut Dice<'_>, scale: f64, unit: f64) -> Curve {
    Curve::Adbudg {
        scale,
        exponent: dice.among(&[3.0, 2.0, 1.5, 15.0, 200.0]),
        half: dice.among(&[3.0, 4.5, 1.0, 8.0]) * unit,
    }
}

fn piecewise(dice: &mut Dice<'_>, scale: f64, unit: f64, concave: bool) -> Curve {
    let pieces = usize::from(1 + dice.roll(3));
    let mut slopes: Vec<i64> = (0..pieces).map(|_| dice.whole(0, 4)).collect();
    if concave {
        slopes.sort_unstable_by(|a, b| b.cmp(a));
        slopes.dedup();
    }
    let (mut x, mut y) = (0.0, dice.among(&[0.0, 0.0, 0.0, 2.0, -1.0]));
    let mut points = vec![(x, y)];
    for slope in slopes {
        let width = dice.among(&[2.0, 1.0, 4.0, 1.5]);
        x = tidy(x + width * unit);
        y += width * float(slope) * scale * 0.25;
        points.push((x, y));
    }
    let curve = Curve::Piecewise(points);
    // Rounding can make neighbouring slopes cross; then one piece must do.
    if concave && !curve.is_concave() {
        return Curve::Piecewise(vec![(0.0, 0.0), (3.0 * unit, scale)]);
    }
    curve
}

/// A spend as a person would write it: decimals, not the last bits of arithmetic.
fn tidy(x: f64) -> f64 {
    format!("{x:.6}").parse().unwrap()
}

fn groups(dice: &mut Dice<'_>, plain: &mut Plain, step: i64) {
    let count = usize::from(dice.roll(4));
    let ids = ["north", "company", "Areas"];
    for number in 0..count {
        let parent = (number > 0 && dice.chance(60))
            .then(|| ids[usize::from(dice.roll(u16::try_from(number).unwrap()))].to_owned());
        let floor = if dice.chance(55) {
            dice.whole(1, 6) * step
        } else {
            0
        };
        let cap = dice
            .chance(80)
            .then(|| floor + dice.whole(0, 6) * step + dice.whole(0, step - 1));
        plain.groups.push(Group {
            id: ids[number].into(),
            parent,
            floor,
            cap,
            members: vec![],
        });
    }
    for activity in &plain.activities {
        let place = usize::from(dice.roll(u16::try_from(count + 1).unwrap()));
        if let Some(group) = plain.groups.get_mut(place) {
            group.members.push(activity.id.clone());
        }
    }
    // A floor on an empty group is lawful and infeasible: seldom is enough.
    for (place, insiders) in plain.insiders().iter().enumerate() {
        if insiders.is_empty() && !dice.chance(5) {
            plain.groups[place].floor = 0;
        }
    }
}

mod tests;
