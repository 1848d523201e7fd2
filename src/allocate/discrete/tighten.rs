//! Takes from each choice what it could only have if the others had less than they must, or more than they can.
//!
//! An option that can never be afforded would otherwise set the price: a dear one makes a bound so wide that the
//! differences that matter are lost in its rounding.

use crate::numeric::cast;

use super::super::tree::Tree;
use super::form::{Form, Kind, Span};

/// What a choice may spend.
#[derive(Clone, Copy, Debug)]
struct Room {
    least: i128,
    most: i128,
}

/// Narrows every choice to what fits beside the others. What all must have must fit together.
pub(super) fn tighten(form: &mut Form<'_>, tree: &Tree, budget: i64) {
    let rooms = rooms(form, tree, i128::from(budget));
    let resources: Vec<usize> = (form.first_resource..form.rows.len()).collect();
    let least: Vec<Vec<i128>> = if resources.is_empty() {
        Vec::new()
    } else {
        (0..form.choices.len())
            .map(|choice| least_use(form, choice))
            .collect()
    };
    let spare: Vec<i128> = resources
        .iter()
        .map(|row| {
            let forced = (least.iter()).fold(0_i128, |sum, each| sum.saturating_add(each[*row]));
            form.rows[*row].most.saturating_sub(forced)
        })
        .collect();
    let mut used = vec![0_i128; form.rows.len()];
    for (choice, room) in rooms.iter().enumerate() {
        let mut fits = |form: &Form<'_>, at: i64| {
            if i128::from(form.choices[choice].spend(at)) > room.most {
                return false;
            }
            used.fill(0);
            if !resources.is_empty() {
                form.add_uses(choice, at, 1, &mut used);
            }
            (resources.iter().zip(&spare))
                .all(|(row, spare)| used[*row] - least[choice][*row] <= *spare)
        };
        if let Kind::Menu { options, .. } = &form.choices[choice].kind {
            let open: Vec<bool> = (0..)
                .zip(options)
                .map(|(at, option)| i128::from(option.cost) >= room.least && fits(form, at))
                .collect();
            keep(form, choice, &open);
        } else {
            let span = risen(form, choice, room.least);
            form.choices[choice].span = narrowed(span, |at| fits(form, at));
        }
    }
}

/// What each choice may spend: what is allowed around it less what its neighbours must, and what is demanded around it
/// less what they can.
fn rooms(form: &Form<'_>, tree: &Tree, budget: i128) -> Vec<Room> {
    let groups = tree.len();
    let nothing = Room { least: 0, most: 0 };
    // The last is the root.
    let mut inside = vec![nothing; groups + 1];
    let home = |group: u32| cast::usize_of_u32(group).min(groups);
    for (place, choice) in form.choices.iter().enumerate() {
        let (least, most) = choice.reach();
        let sum = &mut inside[home(tree.group_of(place))];
        sum.least += i128::from(least);
        sum.most += i128::from(most);
    }
    let down = || tree.downwards.iter().map(|at| cast::usize_of_u32(*at));
    let own = |at: usize, inside: Room| Room {
        least: inside.least.max(i128::from(tree.floor[at])),
        most: inside.most.min(i128::from(tree.cap[at])),
    };
    for at in down().rev() {
        let share = own(at, inside[at]);
        let above = &mut inside[home(tree.parent[at])];
        above.least += share.least;
        above.most += share.most;
    }
    let mut around = vec![nothing; groups + 1];
    around[groups] = Room {
        least: 0,
        most: budget,
    };
    for at in down() {
        let above = home(tree.parent[at]);
        let share = own(at, inside[at]);
        let room = beside(around[above], inside[above], share);
        around[at] = Room {
            least: room.least.max(i128::from(tree.floor[at])),
            most: room.most.min(i128::from(tree.cap[at])),
        };
    }
    (form.choices.iter().enumerate())
        .map(|(place, choice)| {
            let (least, most) = choice.reach();
            let share = Room {
                least: i128::from(least),
                most: i128::from(most),
            };
            let group = home(tree.group_of(place));
            beside(around[group], inside[group], share)
        })
        .collect()
}

/// What one of several may spend, beside the others.
fn beside(around: Room, inside: Room, own: Room) -> Room {
    Room {
        least: around.least - (inside.most - own.most),
        most: around.most - (inside.least - own.least),
    }
}

/// What a choice uses of each row at least.
fn least_use(form: &Form<'_>, choice: usize) -> Vec<i128> {
    let of = &form.choices[choice];
    let mut least = vec![i128::MAX; form.rows.len()];
    let mut here = vec![0_i128; form.rows.len()];
    let inner = matches!(of.kind, Kind::Menu { .. }).then_some(of.span.low..=of.span.high);
    let ends = [of.span.least(), of.span.high];
    for at in inner.into_iter().flatten().chain(ends) {
        here.fill(0);
        form.add_uses(choice, at, 1, &mut here);
        for (least, here) in least.iter_mut().zip(&here) {
            *least = (*least).min(*here);
        }
    }
    least
}

/// The options that stay open.
fn keep(form: &mut Form<'_>, choice: usize, open: &[bool]) {
    let resources = form.resources();
    let of = &mut form.choices[choice];
    let Kind::Menu { options, uses } = &mut of.kind else {
        return;
    };
    // With none open the problem has no answer; the search says so with its constraints.
    if open.iter().all(|open| *open) || !open.iter().any(|open| *open) {
        return;
    }
    let is_open = |at: usize| open.get(at).copied().unwrap_or(false);
    let mut at = 0;
    options.retain(|_| {
        at += 1;
        is_open(at - 1)
    });
    let mut at = 0;
    uses.retain(|_| {
        at += 1;
        is_open((at - 1) / resources.max(1))
    });
    let kept = open.iter().filter(|open| **open).count();
    of.span = Span::new(0, cast::i64_of_usize(kept) - 1);
}

/// The span from the first place that spends enough.
fn risen(form: &Form<'_>, choice: usize, least: i128) -> Span {
    let of = &form.choices[choice];
    let span = of.span;
    let Kind::Curve(steps) = &of.kind else {
        return span;
    };
    if least <= 0 {
        return span;
    }
    let step = i128::from(steps.step);
    let low = i64::try_from((least + step - 1) / step).unwrap_or(i64::MAX);
    // More than it can spend: the search says so with its constraints.
    if low > span.high {
        return span;
    }
    Span::new(low.max(span.low), span.high)
}

/// The span up to the last place that fits; uses rise with the place.
fn narrowed(span: Span, mut fits: impl FnMut(i64) -> bool) -> Span {
    if fits(span.high) {
        return span;
    }
    if !fits(span.low) {
        return if span.zero { Span::only(0) } else { span };
    }
    let (mut good, mut bad) = (span.low, span.high);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if fits(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Span { high: good, ..span }
}

#[cfg(test)]
mod tests;
