//! The groups as a forest: bounds, members, parents, depth.

use crate::document::Fault;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast::{u32_of_usize, usize_of_u32};

use super::super::activity::Activity;
use super::super::problem::Group;
use super::super::tree::{ROOT, Tree};
use super::{DEPTH_MOST, Places, amount};

pub(super) fn check_bounds(
    index: usize,
    group: &Group,
    currency: Currency,
    faults: &mut Vec<Fault>,
) {
    let path = format!("groups[{index}].floor");
    let floor = amount(&path, group.floor, currency, faults);
    let cap = amount(&format!("groups[{index}].cap"), group.cap, currency, faults);
    if let (Some(floor), Some(cap)) = (floor, cap) {
        if floor > cap {
            let shown = |minor| Money::from_minor(minor, currency).amount_text();
            let rule = format_args!("{} is above the cap {}", shown(floor), shown(cap));
            faults.push(Fault::new(path, rule));
        }
    }
}

/// Parents and members exist, no activity is in two groups, and parents lead to a root.
pub(super) fn check_references(activities: &[Activity], groups: &[Group], faults: &mut Vec<Fault>) {
    if groups.is_empty() {
        return;
    }
    let by_id = Places::of(groups.iter().map(Group::id));
    let mut parents = vec![None; groups.len()];
    for (index, (group, slot)) in groups.iter().zip(&mut parents).enumerate() {
        let Some(parent) = &group.parent else {
            continue;
        };
        *slot = by_id.find(parent);
        if slot.is_none() {
            faults.push(Fault::new(
                format!("groups[{index}].parent"),
                format_args!("{:?} is no group of the problem", parent.as_str()),
            ));
        }
    }
    check_forest(groups, &parents, faults);
    check_members(activities, groups, faults);
}

fn check_members(activities: &[Activity], groups: &[Group], faults: &mut Vec<Fault>) {
    let places = Places::of(activities.iter().map(Activity::id));
    let mut home: Vec<Option<usize>> = vec![None; activities.len()];
    for (index, group) in groups.iter().enumerate() {
        let mut walk = 0;
        for (position, member) in group.members.iter().enumerate() {
            let path = || format!("groups[{index}].members[{position}]");
            let place = places.find_from(member, &mut walk);
            match place.and_then(|place| home.get_mut(place)) {
                None => faults.push(Fault::new(
                    path(),
                    format_args!("{:?} is no activity of the problem", member.as_str()),
                )),
                Some(Some(first)) => faults.push(Fault::new(
                    path(),
                    format_args!(
                        "{:?} is a member of groups[{first}] already; an activity is in at most one group",
                        member.as_str()
                    ),
                )),
                Some(slot) => *slot = Some(index),
            }
        }
    }
}

/// Every chain of parents ends, and is no deeper than [`DEPTH_MOST`]. Linear in the number of groups.
fn check_forest(groups: &[Group], parents: &[Option<usize>], faults: &mut Vec<Fault>) {
    const UNKNOWN: usize = 0;
    const ON_PATH: usize = usize::MAX;
    let mut depth = vec![UNKNOWN; groups.len()];
    let mut path = Vec::new();
    for start in 0..groups.len() {
        let mut next = Some(start);
        let mut base = 0;
        while let Some(at) = next {
            match depth.get(at).copied() {
                Some(UNKNOWN) => {
                    set(&mut depth, at, ON_PATH);
                    path.push(at);
                    next = parents.get(at).copied().flatten();
                }
                Some(ON_PATH) => {
                    let id = groups.get(at).map_or("", |group| group.id.as_str());
                    faults.push(Fault::new(
                        format!("groups[{at}].parent"),
                        format_args!(
                            "the parents of {id:?} lead back to itself; groups form a forest"
                        ),
                    ));
                    next = None;
                }
                known => {
                    base = known.unwrap_or(0);
                    next = None;
                }
            }
        }
        while let Some(at) = path.pop() {
            base += 1;
            set(&mut depth, at, base);
            if base == DEPTH_MOST + 1 {
                faults.push(Fault::new(
                    format!("groups[{at}].parent"),
                    format_args!("lies {base} groups deep; at most {DEPTH_MOST} are allowed"),
                ));
            }
        }
    }
}

fn set(list: &mut [usize], at: usize, value: usize) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

/// Resolves references by position; both lists are sorted by id.
pub(super) fn plant(activities: &[Activity], groups: &[Group]) -> Tree {
    if groups.is_empty() {
        return Tree::default();
    }
    let position = |id: &Id| groups.binary_search_by(|group| group.id.cmp(id)).ok();
    let parent: Vec<u32> = groups
        .iter()
        .map(|group| group.parent.as_ref().and_then(position))
        .map(|at| at.map_or(ROOT, u32_of_usize))
        .collect();
    let places = Places::of(activities.iter().map(Activity::id));
    let mut group_of = vec![ROOT; activities.len()];
    for (at, group) in (0..).zip(groups) {
        let mut walk = 0;
        for member in &group.members {
            let place = places.find_from(member, &mut walk);
            if let Some(home) = place.and_then(|place| group_of.get_mut(place)) {
                *home = at;
            }
        }
    }
    let minor = |money: Option<Money>, none: i64| money.map_or(none, Money::minor);
    Tree {
        group_of,
        floor: groups.iter().map(|g| minor(g.floor, 0)).collect(),
        cap: groups.iter().map(|g| minor(g.cap, i64::MAX)).collect(),
        downwards: downwards(&parent),
        parent,
    }
}

/// Every parent before its children, smaller positions first.
fn downwards(parent: &[u32]) -> Vec<u32> {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); parent.len()];
    let mut order = Vec::with_capacity(parent.len());
    for (at, &above) in (0..).zip(parent) {
        match children.get_mut(usize_of_u32(above)) {
            Some(list) => list.push(at),
            // The root has no place among them.
            None => order.push(at),
        }
    }
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        if let Some(list) = children.get_mut(usize_of_u32(at)) {
            order.append(list);
        }
        next += 1;
    }
    order
}

#[cfg(test)]
mod tests;
