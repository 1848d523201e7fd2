//! Problems of every kind, drawn by number.

use sortie::allocate::{Activity, Group, MenuOption, Objective, Problem, Resource};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::{Draws, Stream, cast};
use sortie::quantity::Quantity;
use sortie::response::{Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn yen(minor: i64) -> Money {
    Money::from_minor(minor, Currency::from_code("JPY").unwrap())
}

pub(crate) fn option(name: &str, cost: i64, value: f64) -> MenuOption {
    MenuOption::new(id(name), yen(cost), value)
}

pub(crate) fn problem(
    budget: i64,
    resources: Vec<Resource>,
    activities: Vec<Activity>,
    groups: Vec<Group>,
) -> Problem {
    let jpy = Currency::from_code("JPY").unwrap();
    Problem::new(
        jpy,
        Objective::Budget(yen(budget)),
        resources,
        activities,
        groups,
    )
    .unwrap()
}

/// What a generated problem may contain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix {
    pub(crate) menus: bool,
    pub(crate) curves: bool,
    pub(crate) s_curves: bool,
    pub(crate) minimums: bool,
    pub(crate) steps: bool,
    pub(crate) resources: u64,
    pub(crate) groups: bool,
}

pub(crate) fn curve(s: &mut Stream, mix: Mix) -> Curve {
    let scale = 5.0 + 40.0 * s.uniform();
    let half = 1.0 + 8.0 * s.uniform();
    if mix.s_curves && s.happens(0.7) {
        if s.happens(0.2) {
            let mut points = vec![(0.0, 0.0)];
            for _ in 0..3 {
                let (x, y) = points[points.len() - 1];
                points.push((x + 0.5 + 5.0 * s.uniform(), y + 10.0 * s.uniform()));
            }
            return PiecewiseLinear::new(&points).unwrap().into();
        }
        return Adbudg::new(scale, 1.2 + 4.0 * s.uniform(), half)
            .unwrap()
            .into();
    }
    match s.below(4) {
        0 => ModifiedExponential::new(scale, 0.5 / half).unwrap().into(),
        1 => Power::new(scale, 0.2 + 0.7 * s.uniform()).unwrap().into(),
        2 => Adbudg::new(scale, 0.9, half).unwrap().into(),
        _ => Logarithmic::new(scale, half).unwrap().into(),
    }
}

/// A forest of up to three groups over some of the activities.
pub(crate) fn grouped(s: &mut Stream, names: &[Id]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for at in 0..=s.below(2) {
        let mut group = Group::new(id(&format!("g{at}")));
        if at > 0 && s.happens(0.6) {
            group = group.with_parent(id(&format!("g{}", s.below(at))));
        }
        let floor = if s.happens(0.3) { s.below(6) } else { 0 };
        if floor > 0 {
            group = group.with_floor(yen(i64::try_from(floor).unwrap()));
        }
        if s.happens(0.6) {
            group = group.with_cap(yen(i64::try_from(floor + s.below(15)).unwrap()));
        }
        groups.push(group);
    }
    let mut members: Vec<Vec<Id>> = vec![Vec::new(); groups.len()];
    for name in names {
        if s.happens(0.8) {
            let at = s.below(cast::u64_of_usize(members.len()));
            members[usize::try_from(at).unwrap()].push(name.clone());
        }
    }
    groups = groups
        .into_iter()
        .zip(members)
        .map(|(group, members)| group.with_members(members))
        .collect();
    groups
}

pub(crate) fn generate(seed: u64, mix: Mix) -> Problem {
    let mut s = Draws::new(seed).stream(&[77]);
    let count = 1 + s.below(4);
    let names: Vec<Id> = (0..count).map(|at| id(&format!("a{at}"))).collect();
    let resources: Vec<Id> = (0..mix.resources).map(|at| id(&format!("r{at}"))).collect();
    let mut activities = Vec::new();
    for name in &names {
        let menu = mix.menus
            && (s.happens(0.5) || !(mix.curves || mix.s_curves || mix.steps || mix.minimums));
        if menu {
            let options: Vec<MenuOption> = (0..=s.below(4))
                .map(|at| {
                    let value = if s.happens(0.1) {
                        -3.0
                    } else {
                        40.0 * s.uniform()
                    };
                    let cost = i64::try_from(s.below(14)).unwrap();
                    let mut made = option(&format!("o{at}"), cost, value);
                    for resource in &resources {
                        if s.happens(0.8) {
                            made = made.with_use(
                                resource.clone(),
                                Quantity::from_micros(s.below(9) * 250_000),
                            );
                        }
                    }
                    made
                })
                .collect();
            activities.push(if s.happens(0.2) {
                Activity::required_menu(name.clone(), options)
            } else {
                Activity::menu(name.clone(), options)
            });
            continue;
        }
        let mut activity = Activity::curve(name.clone(), curve(&mut s, mix));
        let step = if mix.steps {
            1 + i64::try_from(s.below(4)).unwrap()
        } else {
            1
        };
        if step > 1 {
            activity = activity.with_step(yen(step));
        }
        let mut low = 0;
        if mix.minimums && s.happens(0.6) {
            low = step * i64::try_from(1 + s.below(5)).unwrap();
            activity = activity.with_minimum_if_any(yen(low));
        } else if s.happens(0.2) {
            low = step * i64::try_from(s.below(3)).unwrap();
            activity = activity.with_floor(yen(low));
        }
        if s.happens(0.4) {
            activity = activity.with_cap(yen(low + step * i64::try_from(s.below(6)).unwrap()));
        }
        for resource in &resources {
            if s.happens(0.8) {
                activity = activity.with_use_per_unit(
                    resource.clone(),
                    Quantity::from_micros(s.below(9) * 50_000),
                );
            }
        }
        activities.push(activity);
    }
    let resources = resources
        .into_iter()
        .map(|name| Resource::new(name, Quantity::from_micros(s.below(20) * 250_000)))
        .collect();
    let groups = if mix.groups {
        grouped(&mut s, &names)
    } else {
        Vec::new()
    };
    problem(
        i64::try_from(s.below(26)).unwrap(),
        resources,
        activities,
        groups,
    )
}
