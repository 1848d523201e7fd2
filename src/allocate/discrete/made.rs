//! Forms made by hand, for tests.

use crate::allocate::tree::{ROOT, Tree};
use crate::numeric::cast;
use crate::response::Curve;

use super::branch::Limits;
use super::form::{Choice, Form, Kind, Limit, Place, Row, Span};
use super::steps::Steps;

/// A choice among options, each of a cost, a value and its uses of the resources; its spend enters rows with a sign.
pub(super) fn menu(options: &[(i64, f64, &[i128])], money: &[(u32, i8)]) -> Choice<'static> {
    let place = |((cost, value, _), choice): (&(i64, f64, &[i128]), u32)| Place {
        cost: *cost,
        value: *value,
        choice,
    };
    Choice {
        kind: Kind::Menu {
            options: options.iter().zip(0..).map(place).collect(),
            uses: options
                .iter()
                .flat_map(|option| option.2.to_vec())
                .collect(),
        },
        money: money.to_vec(),
        span: Span::new(0, cast::i64_of_usize(options.len()) - 1),
    }
}

/// The same of options of a cost and a value alone.
pub(super) fn plain(options: &[(i64, f64)], money: &[(u32, i8)]) -> Choice<'static> {
    let options: Vec<(i64, f64, &[i128])> = (options.iter())
        .map(|(cost, value)| (*cost, *value, &[][..]))
        .collect();
    menu(&options, money)
}

/// A menu of options with uses of one resource.
pub(super) fn using(options: &[(i64, f64, i128)], money: &[(u32, i8)]) -> Choice<'static> {
    let uses: Vec<[i128; 1]> = options.iter().map(|option| [option.2]).collect();
    let options: Vec<(i64, f64, &[i128])> = (options.iter().zip(&uses))
        .map(|((cost, value, _), uses)| (*cost, *value, &uses[..]))
        .collect();
    menu(&options, money)
}

/// A menu of steps: each costs one minor unit and gains so much more.
pub(super) fn steps(gains: &[f64], money: &[(u32, i8)]) -> Choice<'static> {
    let mut options = vec![(0, 0.0)];
    for gain in gains {
        let (cost, value) = options[options.len() - 1];
        options.push((cost + 1, value + gain));
    }
    plain(&options, money)
}

/// Rows with their limits, resources last.
pub(super) fn form<'a>(rows: &[(Limit, i128)], choices: Vec<Choice<'a>>) -> Form<'a> {
    let is_money = |(limit, _): &&(Limit, i128)| !matches!(limit, Limit::Resource(_));
    Form {
        first_resource: rows.iter().filter(is_money).count(),
        rows: (rows.iter())
            .map(|(limit, most)| Row {
                limit: *limit,
                most: *most,
            })
            .collect(),
        choices,
    }
}

/// Groups by their parents, each after its own; and the group of each choice. `None` is none.
pub(super) fn tree(parents: &[Option<u32>], groups: &[Option<u32>]) -> Tree {
    let or_root = |all: &[Option<u32>]| all.iter().map(|at| at.unwrap_or(ROOT)).collect();
    Tree {
        group_of: or_root(groups),
        parent: or_root(parents),
        floor: vec![0; parents.len()],
        cap: vec![i64::MAX; parents.len()],
        downwards: (0..cast::u32_of_usize(parents.len())).collect(),
    }
}

/// A curve in steps of so many cents.
pub(super) fn curve<'a>(
    curve: &'a Curve,
    step: i64,
    uses: Vec<i128>,
    span: Span,
    money: &[(u32, i8)],
) -> Choice<'a> {
    Choice {
        kind: Kind::Curve(Steps::new(curve, step, 100, uses)),
        money: money.to_vec(),
        span,
    }
}

/// More than any small form takes.
pub(super) const AMPLE: Limits = Limits {
    nodes: 100_000,
    work: 400_000_000,
    states: 10_000_000,
    rising: 10_000_000,
    leaves: 2_000,
    leaves_work: 400_000,
};

/// Looks at every answer that keeps the rows.
pub(super) fn every(form: &Form<'_>, mut look: impl FnMut(&[i64])) {
    let spans = form.spans();
    let mut taken: Vec<i64> = spans.iter().map(|span| span.low).collect();
    loop {
        if form.fits(&form.sums(&taken)) {
            look(&taken);
        }
        let Some(at) = (0..taken.len()).find(|at| taken[*at] < spans[*at].high) else {
            return;
        };
        taken[at] += 1;
        for (at, span) in taken.iter_mut().zip(&spans).take(at) {
            *at = span.low;
        }
    }
}

/// The most that any answer is worth.
pub(super) fn most(form: &Form<'_>) -> Option<f64> {
    let mut most: Option<f64> = None;
    every(form, |taken| {
        let value = form.value(taken);
        most = Some(most.map_or(value, |most| most.max(value)));
    });
    most
}
