//! The problem as the search sees it: choices, the spans that they may lie in, and rows that limit them.
//!
//! A choice is a menu or a curve in whole steps. What is taken is one number: the place of an option in its menu,
//! or a count of steps. Rows are all of the form "use is at most the limit", in exact integers: money in
//! minor units (a floor is a row of the opposite sign), a resource in millionths times the minor units of one currency unit.

use crate::numeric::{ExactSum, cast};

use super::steps::{Bends, Steps};

/// What a row limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Budget,
    /// The cap of a group, by place.
    Cap(usize),
    /// The floor of a group, by place; use and limit are negative.
    Floor(usize),
    /// A resource, by place.
    Resource(usize),
}

/// One constraint: the sum of uses is at most `most`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) limit: Limit,
    pub(crate) most: i128,
}

/// An option of a menu.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) cost: i64,
    pub(crate) value: f64,
    /// 0 for none, `k` for the `k`-th option by id.
    pub(crate) choice: u32,
}

/// What a choice chooses among.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    /// Options in canonical order, and per option the use of each resource row (flat).
    Menu {
        options: Vec<Place>,
        uses: Vec<i128>,
    },
    /// Whole steps of a curve.
    Curve(Steps<'a>),
}

/// One choice.
#[derive(Clone, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) kind: Kind<'a>,
    /// Money rows that the spend enters, with its sign.
    pub(crate) money: Vec<(u32, i8)>,
    /// Where it may lie at the outset.
    pub(crate) span: Span,
}

/// Where a choice may lie: `low..=high`, and 0 besides if `zero`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) zero: bool,
}

impl Span {
    pub(crate) const fn only(at: i64) -> Self {
        Self {
            low: at,
            high: at,
            zero: false,
        }
    }

    pub(crate) const fn new(low: i64, high: i64) -> Self {
        Self {
            low,
            high,
            zero: false,
        }
    }

    pub(crate) const fn contains(self, at: i64) -> bool {
        (self.zero && at == 0) || (self.low <= at && at <= self.high)
    }

    pub(crate) const fn is_single(self) -> bool {
        self.low == self.high && !self.zero
    }

    pub(crate) const fn least(self) -> i64 {
        if self.zero { 0 } else { self.low }
    }
}

/// The whole.
#[derive(Clone, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) rows: Vec<Row>,
    /// Rows from this one on are resources.
    pub(crate) first_resource: usize,
    pub(crate) choices: Vec<Choice<'a>>,
}

impl Choice<'_> {
    /// The least that it can be worth, where that is below nothing; otherwise nothing.
    pub(crate) fn below_nothing(&self) -> f64 {
        match &self.kind {
            Kind::Menu { options, .. } => options.iter().map(|o| o.value).fold(0.0, f64::min),
            Kind::Curve(steps) => steps.lowest,
        }
    }

    /// The least and the most that it can spend.
    pub(crate) fn reach(&self) -> (i64, i64) {
        match &self.kind {
            Kind::Menu { options, .. } => {
                options.iter().fold((i64::MAX, 0), |(least, most), option| {
                    (least.min(option.cost), most.max(option.cost))
                })
            }
            Kind::Curve(_) => (self.spend(self.span.least()), self.spend(self.span.high)),
        }
    }

    /// The place of an option, by its number on the menu; `None` if it is closed.
    pub(super) fn place_of(&self, number: u32) -> Option<i64> {
        let Kind::Menu { options, .. } = &self.kind else {
            return None;
        };
        let place = options.iter().position(|option| option.choice == number)?;
        Some(cast::i64_of_usize(place))
    }

    pub(crate) fn spend(&self, at: i64) -> i64 {
        match &self.kind {
            Kind::Menu { options, .. } => usize::try_from(at)
                .ok()
                .and_then(|at| options.get(at))
                .map_or(0, |option| option.cost),
            Kind::Curve(steps) => steps.step.saturating_mul(at),
        }
    }

    pub(crate) fn value(&self, at: i64) -> f64 {
        match &self.kind {
            Kind::Menu { options, .. } => usize::try_from(at)
                .ok()
                .and_then(|at| options.get(at))
                .map_or(0.0, |option| option.value),
            Kind::Curve(steps) => steps.value(at),
        }
    }

    /// The first step after which returns fall, if it is a curve that says so.
    pub(super) fn bend(&self) -> Option<i64> {
        match &self.kind {
            Kind::Curve(steps) => steps.bend(),
            Kind::Menu { .. } => None,
        }
    }

    /// What the place `to` is worth more than the place `from`, to the accuracy of the difference.
    pub(super) fn rise(&self, from: i64, to: i64) -> f64 {
        match &self.kind {
            Kind::Curve(steps) if to >= from => steps.gain(from, to),
            Kind::Curve(steps) => -steps.gain(to, from),
            Kind::Menu { .. } => self.value(to) - self.value(from),
        }
    }

    /// Use of the resource row at place `resource` among resource rows.
    pub(crate) fn uses(&self, at: i64, resource: usize, resources: usize) -> i128 {
        match &self.kind {
            Kind::Menu { uses, .. } => usize::try_from(at)
                .ok()
                .and_then(|at| uses.get(at * resources + resource))
                .copied()
                .unwrap_or(0),
            Kind::Curve(steps) => steps
                .uses
                .get(resource)
                .copied()
                .unwrap_or(0)
                .saturating_mul(i128::from(at)),
        }
    }
}

impl Form<'_> {
    /// Where every choice may lie at the outset.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.choices.iter().map(|choice| choice.span).collect()
    }

    pub(crate) fn resources(&self) -> usize {
        self.rows.len() - self.first_resource
    }

    /// Adds the use of a choice to the rows' sums.
    pub(crate) fn add_uses(&self, choice: usize, at: i64, sign: i128, sums: &mut [i128]) {
        let choice = &self.choices[choice];
        let spend = i128::from(choice.spend(at)) * sign;
        for (row, side) in &choice.money {
            sums[cast::usize_of_u32(*row)] += spend * i128::from(*side);
        }
        let resources = self.resources();
        for resource in 0..resources {
            sums[self.first_resource + resource] +=
                choice.uses(at, resource, resources).saturating_mul(sign);
        }
    }

    /// What evaluating every choice once costs, in units of about ten nanoseconds.
    pub(crate) fn weight(&self) -> u64 {
        let of = |choice: &Choice<'_>| match &choice.kind {
            Kind::Menu { options, .. } => {
                1 + cast::u64_of_usize(options.len() * self.rows.len()) / 8
            }
            Kind::Curve(_) => 24,
        };
        self.choices.iter().map(of).sum()
    }

    pub(crate) fn sums(&self, taken: &[i64]) -> Vec<i128> {
        let mut sums = vec![0; self.rows.len()];
        for (choice, at) in taken.iter().enumerate() {
            self.add_uses(choice, *at, 1, &mut sums);
        }
        sums
    }

    pub(crate) fn fits(&self, sums: &[i128]) -> bool {
        self.rows
            .iter()
            .zip(sums)
            .all(|(row, sum)| *sum <= row.most)
    }

    pub(crate) fn value(&self, taken: &[i64]) -> f64 {
        self.choices
            .iter()
            .zip(taken)
            .map(|(choice, at)| choice.value(*at))
            .collect::<ExactSum>()
            .value()
    }

    /// How large the terms are that an answer's value is made of: a curve may start below nothing and end near it.
    pub(super) fn size(&self, taken: &[i64]) -> f64 {
        let sizes = self.choices.iter().zip(taken).map(|(choice, at)| {
            let start = match &choice.kind {
                Kind::Menu { .. } => 0.0,
                Kind::Curve(_) => choice.value(0),
            };
            start.abs() + (choice.value(*at) - start).abs()
        });
        sizes.sum()
    }

    /// Price of a minor unit to a choice, from the prices of the rows.
    pub(crate) fn money_price(&self, choice: usize, prices: &[f64]) -> f64 {
        self.choices[choice]
            .money
            .iter()
            .map(|(row, side)| prices[cast::usize_of_u32(*row)] * f64::from(*side))
            .sum()
    }

    /// The best place in a span at the prices of the rows, and the most that value less price can be there.
    pub(crate) fn best(&self, choice: usize, span: Span, prices: &[f64]) -> (i64, f64) {
        let money = self.money_price(choice, prices);
        self.best_at(choice, span, money, &prices[self.first_resource..])
    }

    /// The same at a price of a minor unit and prices of the resources.
    pub(crate) fn best_at(
        &self,
        choice: usize,
        span: Span,
        money: f64,
        resources: &[f64],
    ) -> (i64, f64) {
        match &self.choices[choice].kind {
            Kind::Menu { options, uses } => {
                let mut best = (span.low, f64::NEG_INFINITY);
                for at in span.low..=span.high {
                    let place = usize::try_from(at).unwrap_or(0);
                    let option = &options[place];
                    let mut score = option.value - money * cast::f64_of_i64(option.cost);
                    let from = place * resources.len();
                    for (price, used) in resources.iter().zip(&uses[from..]) {
                        score -= price * cast::f64_of_i128(*used);
                    }
                    if score > best.1 {
                        best = (at, score);
                    }
                }
                best
            }
            Kind::Curve(steps) => {
                let mut price = money * cast::f64_of_i64(steps.step);
                for (each, used) in resources.iter().zip(&steps.uses) {
                    price += each * cast::f64_of_i128(*used);
                }
                steps.best_or_none(span, price, None)
            }
        }
    }

    /// The best place of a curve in a span at a price of a minor unit, sought first near a guess.
    pub(super) fn best_curve(
        &self,
        choice: usize,
        span: Span,
        money: f64,
        near: Option<i64>,
    ) -> (i64, f64) {
        match &self.choices[choice].kind {
            Kind::Curve(steps) => {
                steps.best_or_none(span, money * cast::f64_of_i64(steps.step), near)
            }
            Kind::Menu { .. } => self.best_at(choice, span, money, &[]),
        }
    }

    /// How much more a choice can be worth within a span, at the prices, than where it is; formed from
    /// differences, so that large values do not drown small ones.
    pub(crate) fn lead(&self, choice: usize, span: Span, prices: &[f64], here: i64) -> f64 {
        let (at, score) = self.best(choice, span, prices);
        let of = &self.choices[choice];
        if at == here {
            return match &of.kind {
                Kind::Curve(steps) if steps.bends == Bends::Unknown => {
                    (score - self.score(choice, here, prices)).max(0.0)
                }
                _ => 0.0,
            };
        }
        let more = cast::f64_of_i128(i128::from(of.spend(at)) - i128::from(of.spend(here)));
        let gained = match &of.kind {
            Kind::Curve(steps) if steps.bends == Bends::Unknown => {
                return score - self.score(choice, here, prices);
            }
            _ => of.rise(here, at),
        };
        let resources = &prices[self.first_resource..];
        let uses = resources.iter().enumerate().map(|(resource, price)| {
            let count = resources.len();
            let used = of.uses(at, resource, count) - of.uses(here, resource, count);
            price * cast::f64_of_i128(used)
        });
        gained - self.money_price(choice, prices) * more - uses.sum::<f64>()
    }

    /// Value less price of one place.
    pub(crate) fn score(&self, choice: usize, at: i64, prices: &[f64]) -> f64 {
        self.best(choice, Span::only(at), prices).1
    }
}

#[cfg(test)]
mod tests;
