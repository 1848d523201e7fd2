//! Where money is the only limit: its price, and the answer that the price leads to.
//!
//! At a price every choice takes its cheapest best place, and the spend falls as the price rises (it is the maximum of
//! a supermodular function, Topkis 1978). So the price is bracketed by two columns, one that keeps the budget and one
//! that exceeds it, and only choices that differ between the two are asked again. The next price is in turn where the
//! spends' secant meets the budget, which closes in on smooth curves, and where the two columns are worth the same,
//! which is exact where few choices jump.

use crate::numeric::{ExactSum, cast};

use super::dual::Dual;
use super::form::{Form, Kind, Span};
use super::repair::Answer;

/// Both sides of the price of money.
#[derive(Clone, Debug)]
pub(super) struct Level {
    /// Of a minor unit.
    pub(super) price: f64,
    /// What keeps the budget at the price: the cheapest of the best.
    pub(super) under: Vec<i64>,
    /// What is best at a price no higher, and exceeds the budget; as `under` where nothing does.
    pub(super) over: Vec<i64>,
    pub(super) work: u64,
}

/// Whether money is the only limit, and what is best at a price known exactly.
pub(super) fn is_lone(form: &Form<'_>) -> bool {
    let exact = |kind: &Kind<'_>| match kind {
        Kind::Menu { .. } => true,
        Kind::Curve(steps) => steps.is_exact(),
    };
    form.rows.len() == 1
        && form.resources() == 0
        && form
            .choices
            .iter()
            .all(|choice| choice.money == [(0, 1)] && exact(&choice.kind))
}

/// Whether besides every choice is a curve of one bend in the same steps: then only jumps are left to decide, for what
/// stays on its falling side is settled exactly by the price.
pub(super) fn is_smooth(form: &Form<'_>) -> bool {
    let step = |kind: &Kind<'_>| match kind {
        Kind::Curve(steps) => steps.bend().map(|_| steps.step),
        Kind::Menu { .. } => None,
    };
    let first = form.choices.first().and_then(|choice| step(&choice.kind));
    is_lone(form)
        && first.is_some()
        && form
            .choices
            .iter()
            .all(|choice| step(&choice.kind) == first)
}

/// What the choices take at one price.
struct Side {
    price: f64,
    places: Vec<i64>,
    spent: i128,
}

struct Search<'f, 'a> {
    form: &'f Form<'a>,
    spans: &'f [Span],
    budget: i128,
    under: Side,
    over: Side,
    /// Choices on which the two differ.
    active: Vec<usize>,
    work: u64,
}

/// The price within spans, sought first near `start`; `None` if even the least spends exceed the budget.
pub(super) fn search(form: &Form<'_>, spans: &[Span], start: f64) -> Option<Level> {
    let mut search = Search::new(form, spans)?;
    if search.over.spent <= search.budget {
        search.under = Side {
            places: search.over.places.clone(),
            ..search.over
        };
        return Some(search.end(0.0));
    }
    let mut price = if start > 0.0 && start.is_finite() {
        start
    } else {
        search.typical()
    };
    let mut stretch = if start > 0.0 { 1.0 + 1.0 / 1024.0 } else { 2.0 };
    let mut tied = false;
    for pass in 0..PASSES {
        let within = price > search.over.price && price < search.under.price;
        if !within || (search.ask(price) && tied) {
            break;
        }
        let (high, low) = (search.under.price, search.over.price);
        tied = high.is_finite() && low > 0.0 && pass % 2 == 1;
        price = if tied {
            search.tie()
        } else if high.is_finite() && low > 0.0 {
            search.secant()
        } else if high.is_finite() {
            high / stretch
        } else {
            low * stretch
        };
        stretch = (stretch * stretch * stretch).min(1e30);
    }
    let price = search.tie().clamp(search.over.price, search.under.price);
    Some(search.end(price))
}

/// Prices tried at most: where curves are neither smooth nor few, half of them halve the bracket.
const PASSES: usize = 300;

impl<'f, 'a> Search<'f, 'a> {
    fn new(form: &'f Form<'a>, spans: &'f [Span]) -> Option<Self> {
        let side = |price: f64, places: Vec<i64>| Side {
            price,
            spent: form.sums(&places).first().copied().unwrap_or(0),
            places,
        };
        let cheapest = |(choice, span): (usize, &Span)| match form.choices[choice].kind {
            Kind::Menu { .. } => (span.low..=span.high)
                .min_by_key(|at| form.choices[choice].spend(*at))
                .unwrap_or(span.low),
            Kind::Curve(_) => span.least(),
        };
        let under = side(
            f64::INFINITY,
            spans.iter().enumerate().map(cheapest).collect(),
        );
        let budget = form.rows.first()?.most;
        if under.spent > budget {
            return None;
        }
        let free = |(choice, span): (usize, &Span)| form.best(choice, *span, &[0.0]).0;
        let over = side(0.0, spans.iter().enumerate().map(free).collect());
        let mut search = Self {
            form,
            spans,
            budget,
            under,
            over,
            active: (0..spans.len()).collect(),
            work: form.weight(),
        };
        search.retain();
        Some(search)
    }

    fn retain(&mut self) {
        let (under, over) = (&self.under.places, &self.over.places);
        self.active.retain(|at| under[*at] != over[*at]);
    }

    /// Asks the choices on which the sides differ; true if the price moves neither side's spend.
    fn ask(&mut self, price: f64) -> bool {
        let share = (self.under.price - price) / (self.under.price - self.over.price);
        let near = share.is_finite() && self.over.price > 0.0;
        let mut spent = self.under.spent;
        let mut places = Vec::with_capacity(self.active.len());
        for choice in &self.active {
            let (low, high) = (self.under.places[*choice], self.over.places[*choice]);
            let of = &self.form.choices[*choice];
            let at = match &of.kind {
                Kind::Menu { .. } => self.form.best(*choice, self.spans[*choice], &[price]).0,
                Kind::Curve(_) => {
                    let guess = near.then(|| {
                        low + cast::i64_clamped(share * cast::f64_of_i64(high - low), 0, high - low)
                    });
                    let span = between(self.spans[*choice], low, high);
                    self.form.best_curve(*choice, span, price, guess).0
                }
            };
            spent += i128::from(of.spend(at)) - i128::from(of.spend(low));
            places.push(at);
        }
        self.work += UNIT * cast::u64_of_usize(self.active.len());
        let side = if spent <= self.budget {
            &mut self.under
        } else {
            &mut self.over
        };
        let same = side.spent == spent;
        side.price = price;
        side.spent = spent;
        for (choice, at) in self.active.iter().zip(places) {
            side.places[*choice] = at;
        }
        self.retain();
        same
    }

    /// Where the line between the spends of the two sides meets the budget.
    fn secant(&self) -> f64 {
        let room = cast::f64_of_i128(self.budget - self.under.spent);
        let all = cast::f64_of_i128(self.over.spent - self.under.spent);
        let (high, low) = (self.under.price, self.over.price);
        // Not too near an end, so that both move.
        let share = (room / all).clamp(1.0 / 1024.0, 1.0 - 1.0 / 1024.0);
        high - (high - low) * share
    }

    /// The price at which both sides are worth the same.
    fn tie(&self) -> f64 {
        let gains = self.active.iter().map(|choice| {
            let (under, over) = (self.under.places[*choice], self.over.places[*choice]);
            self.form.choices[*choice].rise(under, over)
        });
        let gain = gains.collect::<ExactSum>().value();
        let more = cast::f64_of_i128(self.over.spent - self.under.spent);
        if more > 0.0 { gain / more } else { 0.0 }
    }

    /// A first guess: what an equal share of the budget returns on average.
    fn typical(&self) -> f64 {
        let budget = cast::f64_of_i128(self.budget.max(1));
        let each = budget / cast::f64_of_usize(self.spans.len().max(1));
        let value = |(choice, span): (usize, &Span)| match &self.form.choices[choice].kind {
            Kind::Curve(steps) => {
                let at = each / cast::f64_of_i64(steps.step);
                steps.value(cast::i64_clamped(at, span.low, span.high))
            }
            Kind::Menu { options, .. } => options.iter().fold(0.0, |most, o| o.value.max(most)),
        };
        let sum: f64 = self.spans.iter().enumerate().map(value).sum();
        let price = sum / budget;
        if price > 0.0 && price.is_finite() {
            price
        } else {
            1.0
        }
    }

    fn end(self, price: f64) -> Level {
        Level {
            price: if price.is_finite() { price } else { 0.0 },
            under: self.under.places,
            over: self.over.places,
            work: self.work,
        }
    }
}

/// The part of a span between two of its places.
const fn between(span: Span, low: i64, high: i64) -> Span {
    if span.zero && low == 0 && span.low > 0 {
        return Span { high, ..span };
    }
    Span::new(low, high)
}

/// Work of asking a curve once, as [`Form::weight`] counts.
const UNIT: u64 = 24;

/// Improves on the best answer in hand by what the two sides of the price lead to; false if money is not the only limit.
pub(super) fn answers(
    form: &Form<'_>,
    spans: &[Span],
    dual: &Dual,
    best: &mut Option<Answer>,
    work: &mut u64,
) -> bool {
    let Some(level) = &dual.level else {
        return false;
    };
    for taken in suggestions(form, level) {
        let answer = fit(form, spans, level, &taken, work);
        if let Some(answer) =
            answer.filter(|answer| best.as_ref().is_none_or(|best| answer.value > best.value))
        {
            *best = Some(answer);
        }
    }
    true
}

/// With every choice kept on the side of its bend that it is on, and menus at their options, the answer that the price
/// leads to: the best one, if all steps are equal. `None` if even the least of these exceed the budget.
fn fit(
    form: &Form<'_>,
    spans: &[Span],
    level: &Level,
    taken: &[i64],
    work: &mut u64,
) -> Option<Answer> {
    let held: Vec<Span> = (form.choices.iter().zip(spans).zip(taken))
        .map(
            |((choice, span), at)| match choice.bend().map(|bend| bend.max(span.low)) {
                Some(from) if *at >= from && from <= span.high => Span::new(from, span.high),
                _ => Span::only(*at),
            },
        )
        .collect();
    *work += form.weight();
    let found = search(form, &held, level.price)?;
    *work += found.work;
    let taken = filled(form, &found, true);
    Some(Answer {
        value: form.value(&taken),
        taken,
    })
}

/// The column that keeps the budget, and of the other as much as the budget has room for, in order.
fn filled(form: &Form<'_>, level: &Level, in_part: bool) -> Vec<i64> {
    let mut taken = level.under.clone();
    let spent = form.sums(&taken).first().copied().unwrap_or(0);
    let mut room = form.rows.first().map_or(0, |row| row.most) - spent;
    for (choice, (at, over)) in taken.iter_mut().zip(&level.over).enumerate() {
        let of = &form.choices[choice];
        let more = i128::from(of.spend(*over)) - i128::from(of.spend(*at));
        if more > 0 && more <= room {
            room -= more;
            *at = *over;
        } else if let (Kind::Curve(steps), true) = (&of.kind, in_part && more > 0) {
            let part = i64::try_from(room / i128::from(steps.step)).unwrap_or(0);
            room -= i128::from(part) * i128::from(steps.step);
            *at += part;
        }
    }
    taken
}

/// What to fit: the jumps that the budget has room for, and one more.
fn suggestions(form: &Form<'_>, level: &Level) -> Vec<Vec<i64>> {
    let first = filled(form, level, false);
    let next = (first.iter().zip(&level.over)).position(|(at, over)| at != over);
    let second = next.map(|choice| {
        let mut taken = first.clone();
        taken[choice] = level.over[choice];
        taken
    });
    core::iter::once(first).chain(second).collect()
}

#[cfg(test)]
mod tests;
