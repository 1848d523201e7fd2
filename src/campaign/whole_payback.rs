//! A payback limit over the whole plan \[F1\]: one customer's quick return may carry another's slow one.
//!
//! The plan pays back within P if what has come back by then, `Σ A_c·fᵢ(xᵢ)`, reaches the outlay `Σ xᵢ`, where `A_c` is
//! what a unit of response has contributed within P for attacks of class c. That is one linear constraint over all
//! activities. With a price μ ≥ 0 on it, the question becomes
//!
//! ```text
//! max Σ (1 + μ·A_c)·fᵢ(xᵢ) − μ·Σ xᵢ        under all the other constraints
//! ```
//!
//! which is the same market with values counted `1 + μ·A_c` times, and money that is kept worth μ a unit. Each such answer,
//! less μ for each unit of budget, bounds every plan that pays back in time (Lagrange); the bound is convex in μ, and the
//! line through the two answers on either side of its least meets the next μ (Everett 1963, and the cutting planes of
//! Cheney and Goldstein). What whole efforts leave open between the two is filled customer by customer.

use super::CampaignError;
use super::answering::{Answered, Question};
use super::asking::{Asked, Weighing};
use super::assembly::Flows;
use super::models::units_of;
use super::plan::PlanLimit;
use super::rooms::Rooms;
use crate::allocate::{Allocation, LimitedBy, LineParts, Status, Totals, Unclosed};
use crate::id::Id;
use crate::money::Money;
use crate::numeric::{ExactSum, cast};
use crate::response::Response as _;

/// Doublings in search of a price at which the plan pays back, and prices tried between two.
const DOUBLINGS_MOST: u32 = 48;
const PRICES_MOST: u32 = 64;
/// How near the bound must be to the answer, relatively, to be called proved: the accuracy of evaluation.
pub(super) const PROVED: f64 = 1e-12;

/// Spends, and what they come to.
struct Point {
    answered: Option<Answered>,
    spends: Vec<i64>,
    value: f64,
    /// What has come back within the limit, less the outlay.
    slack: f64,
    in_time: bool,
    /// The price at which it was found.
    price: f64,
}

struct Search<'q, 'a> {
    question: &'q Question<'a>,
    most: Money,
    kept: Id,
    bound: f64,
}

/// The best plan that pays back as a whole within the limit, from the best one without it.
pub(super) fn keep(question: &Question<'_>, found: Answered) -> Result<Answered, CampaignError> {
    let most = found.existing_most;
    let mut search = Search {
        question,
        most,
        kept: name_of_kept(question)?,
        bound: found.bound,
    };
    let first = search.point(found)?;
    if first.in_time {
        return first.answered.ok_or_else(|| out_of_reach(question));
    }
    let (mut late, mut timely) = (first, None);
    let mut price = 1.0;
    for _ in 0..DOUBLINGS_MOST {
        let point = search.at(price)?;
        if point.in_time {
            timely = Some((point, price));
            break;
        }
        late = point;
        price *= 2.0;
    }
    let Some((mut timely, mut price)) = timely else {
        return Err(out_of_reach(question));
    };
    for _ in 0..PRICES_MOST {
        let fall = timely.slack - late.slack;
        let next = (late.value - timely.value) / fall;
        if !(next.is_finite() && next > 0.0) {
            break;
        }
        let on_line = timely.value + next * timely.slack;
        let point = search.at(next)?;
        let above = point.value + next * point.slack - on_line;
        if above <= PROVED * on_line.abs() {
            price = next;
            break;
        }
        if point.in_time {
            (timely, price) = (point, next);
        } else {
            late = point;
        }
    }
    search.filled(timely, &late, price)
}

fn out_of_reach(question: &Question<'_>) -> CampaignError {
    let limit = question.asking.terms.stance.payback_limit();
    CampaignError::PaybackOutOfReach {
        limit: limit.map_or(0.0, |limit| limit.within().get()),
    }
}

/// A name that no customer has.
fn name_of_kept(question: &Question<'_>) -> Result<Id, CampaignError> {
    let mut name = "money kept".to_owned();
    loop {
        let id = Id::new(&name).map_err(|error| {
            crate::document::DocumentError::from(crate::document::Fault::new("customers", error))
        })?;
        if question.asking.book.place(&id).is_none() {
            return Ok(id);
        }
        name.push('\'');
    }
}

impl Search<'_, '_> {
    /// The answer at a price, and what it adds to the bound.
    fn at(&mut self, price: f64) -> Result<Point, CampaignError> {
        let classes = self.question.directions.classes().iter();
        let worth = classes
            .map(|class| 1.0 + price * class.back.unwrap_or(0.0))
            .collect();
        let weighing = Weighing {
            worth,
            kept: Some((price, self.kept.clone())),
        };
        let answered = self.question.weighed(self.most, &weighing)?;
        let kept_most = units_of(self.kept_most()?);
        self.bound = self.bound.min(answered.bound - price * kept_most);
        let point = self.point(answered)?;
        Ok(Point { price, ..point })
    }

    /// All that can be kept: with curves, whole efforts, as what is spent.
    fn kept_most(&self) -> Result<Money, CampaignError> {
        let terms = self.question.asking.terms;
        let free = terms.free()?;
        if terms.models.menus().is_some() {
            return Ok(free);
        }
        let rest = free.minor() % terms.models.effort().minor();
        Ok(Money::from_minor(free.minor() - rest, free.currency()))
    }

    fn point(&self, answered: Answered) -> Result<Point, CampaignError> {
        let spends = self.question.spends(&answered.allocation);
        let mut point = self.judged(spends)?;
        point.answered = Some(answered);
        Ok(point)
    }

    fn judged(&self, spends: Vec<i64>) -> Result<Point, CampaignError> {
        let question = self.question;
        let asking = question.asking;
        let currency = asking.book.currency();
        let mut flows = Flows::new(question.directions);
        let (mut value, mut slack, mut outlay) = (ExactSum::new(), ExactSum::new(), 0_i128);
        for (target, minor) in question.targets.iter().zip(&spends) {
            let Ok((aim, _)) = target else { continue };
            if *minor == 0 {
                continue;
            }
            let spend = Money::from_minor(*minor, currency);
            let units = units_of(spend);
            let gained = aim.value(units);
            flows.add(aim, spend, gained);
            value.add(gained);
            slack.add(self.back_of(aim.class_at(units)) * gained);
            slack.add(-units);
            outlay += i128::from(*minor);
        }
        let outlay = crate::money::from_wide(outlay, currency)?;
        let stance = &asking.terms.stance;
        let payback = flows
            .together(question.directions, outlay)?
            .payback(stance.convention());
        let limit = stance.payback_limit();
        Ok(Point {
            answered: None,
            spends,
            value: value.value(),
            slack: slack.value(),
            in_time: limit.is_none_or(|limit| payback.is_within(limit.within())),
            price: 0.0,
        })
    }

    fn back_of(&self, class: usize) -> f64 {
        let class = self.question.directions.classes().get(class);
        class.and_then(|class| class.back).unwrap_or(0.0)
    }

    /// The timely answer, moved towards the late one as far as it still pays back, then filled up.
    fn filled(&self, timely: Point, late: &Point, price: f64) -> Result<Answered, CampaignError> {
        let question = self.question;
        let rooms = Rooms::new(question.asking, self.most)?;
        let mut spends = timely.spends.clone();
        let mut sums = rooms.sums(question.targets, &spends);
        let mut slack = timely.slack;
        let customers = question.asking.book.customers();
        // Steps up and down take turns, so that the budget is kept on the way.
        let (mut up, mut down): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for (place, (now, then)) in spends.iter().zip(&late.spends).enumerate() {
            match now.cmp(then) {
                core::cmp::Ordering::Less => up.push(place),
                core::cmp::Ordering::Greater => down.push(place),
                core::cmp::Ordering::Equal => {}
            }
        }
        up.reverse();
        down.reverse();
        let mut best = (timely.value, spends.clone());
        let mut value = timely.value;
        let moves = up.len() + down.len();
        for _ in 0..moves {
            let fits = |place: usize, sums: &[i128], spends: &[i64]| {
                let mut then = sums.to_vec();
                let both = (spends[place], late.spends[place]);
                rooms.shift(&mut then, &customers[place], &question.targets[place], both);
                rooms.keep(&then).then_some(then)
            };
            let upwards = up.last().and_then(|place| fits(*place, &sums, &spends));
            let (place, then) = match (upwards, down.last()) {
                (Some(then), _) => (up.pop(), then),
                (None, Some(place)) => {
                    let mut then = sums.clone();
                    let both = (spends[*place], late.spends[*place]);
                    rooms.shift(
                        &mut then,
                        &customers[*place],
                        &question.targets[*place],
                        both,
                    );
                    (down.pop(), then)
                }
                (None, None) => break,
            };
            let Some(place) = place else { break };
            sums = then;
            let (gained, back) = self.change(place, (spends[place], late.spends[place]));
            value += gained;
            slack += back;
            spends[place] = late.spends[place];
            if slack < 0.0 {
                break;
            }
            if value > best.0 && rooms.keep(&sums) {
                best = (value, spends.clone());
            }
        }
        let filled = self.efforts_more(&rooms, best.1)?;
        // Judged from the start: sums of changes are not exact.
        let mut point = self.judged(filled)?;
        if !point.in_time || point.value < timely.value {
            point = self.judged(timely.spends.clone())?;
        }
        let answered = timely.answered.ok_or_else(|| out_of_reach(question))?;
        point.price = timely.price;
        self.answer(&answered, &point, price)
    }

    /// What a change of one customer's spend adds to the value and to the slack.
    fn change(&self, place: usize, (from, to): (i64, i64)) -> (f64, f64) {
        let Some(Ok((aim, _))) = self.question.targets.get(place) else {
            return (0.0, 0.0);
        };
        let currency = self.question.asking.book.currency();
        let at = |minor: i64| {
            let units = units_of(Money::from_minor(minor, currency));
            let value = aim.value(units);
            (value, self.back_of(aim.class_at(units)) * value - units)
        };
        let (before, after) = (at(from), at(to));
        (after.0 - before.0, after.1 - before.1)
    }

    /// One effort more for whoever gains most by it and still fits, as long as the plan pays back.
    fn efforts_more(
        &self,
        rooms: &Rooms<'_>,
        mut spends: Vec<i64>,
    ) -> Result<Vec<i64>, CampaignError> {
        let question = self.question;
        let effort = question.asking.terms.models.effort().minor();
        let mut sums = rooms.sums(question.targets, &spends);
        let mut slack = self.judged(spends.clone())?.slack;
        let mut gains: Vec<(f64, usize)> = Vec::new();
        for (place, target) in question.targets.iter().enumerate() {
            let Ok((aim, cap)) = target else { continue };
            let room = cap.is_none_or(|cap| spends[place].saturating_add(effort) <= cap);
            if aim.curve().is_some() && room {
                let (gained, _) = self.change(place, (spends[place], spends[place] + effort));
                if gained > 0.0 {
                    gains.push((gained, place));
                }
            }
        }
        gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, place) in gains {
            let both = (spends[place], spends[place] + effort);
            let (_, back) = self.change(place, both);
            if slack + back < 0.0 {
                continue;
            }
            let mut then = sums.clone();
            let customer = &question.asking.book.customers()[place];
            rooms.shift(&mut then, customer, &question.targets[place], both);
            if rooms.keep(&then) {
                (sums, slack) = (then, slack + back);
                spends[place] += effort;
            }
        }
        Ok(spends)
    }

    /// The answer in the words of the question without prices.
    fn answer(
        &self,
        weighed: &Answered,
        point: &Point,
        price: f64,
    ) -> Result<Answered, CampaignError> {
        let question = self.question;
        let asking = question.asking;
        let currency = asking.book.currency();
        let plain = asking.problem(
            question.targets,
            Asked::of(weighed.form, self.most),
            &Weighing::default(),
            false,
        )?;
        let minor = 1.0 / cast::f64_of_i64(currency.minor_per_unit());
        let step = asking.terms.models.effort();
        let mut lines = Vec::new();
        let mut outlay = 0_i128;
        for (place, customer) in asking.book.customers().iter().enumerate() {
            let Some(Ok((aim, _))) = question.targets.get(place) else {
                continue;
            };
            let spend = Money::from_minor(point.spends[place], currency);
            outlay += i128::from(spend.minor());
            let marginal = aim.curve().map(|curve| {
                let from = spend.minor().unsigned_abs();
                let to = from.saturating_add(step.minor().unsigned_abs());
                curve.gain(from, to, minor) / units_of(step)
            });
            let told = weighed.allocation.line(customer.id());
            let limited_by = match told {
                Some(line) if line.spend == spend => line.limited_by,
                _ => LimitedBy::Budget,
            };
            lines.push(LineParts {
                id: customer.id().clone(),
                spend,
                value: aim.value(units_of(spend)),
                marginal,
                option: None,
                limited_by,
            });
        }
        let spent = crate::money::from_wide(outlay, currency)?;
        let unspent = asking.terms.free()?.checked_sub(spent)?;
        let rooms = Rooms::new(asking, self.most)?;
        let sums = rooms.sums(question.targets, &point.spends);
        let gap = (self.bound - point.value).max(0.0);
        let optimal = gap <= PROVED * point.value.abs();
        let bound = point.value + gap;
        let totals = Totals {
            status: if optimal {
                Status::Optimal
            } else {
                Status::Bounded {
                    because: Unclosed::NotSaid,
                }
            },
            value: point.value,
            bound,
            gap,
            spent,
            unspent: Some(unspent),
            // Money that stays in hand is worth nothing by itself.
            shadow_price: if unspent.minor() < step.minor() {
                (weighed.allocation.shadow_price() - point.price).max(0.0)
            } else {
                0.0
            },
        };
        let allocation = Allocation::from_parts(
            currency,
            totals,
            rooms.resource_lines(&sums, weighed.allocation.resources()),
            rooms.group_lines(&sums, weighed.allocation.groups()),
            lines,
            weighed.allocation.certificate().clone(),
        );
        Ok(Answered {
            problem: plain,
            allocation,
            bound,
            optimal,
            form: weighed.form,
            existing_most: weighed.existing_most,
            payback_price: price,
        })
    }
}

/// What keeps a customer from one more effort where the whole must pay back: the limit, if the effort would be worth
/// the price of money without it.
pub(super) fn refused_by(marginal: Option<f64>, price_of_money: f64) -> PlanLimit {
    match marginal {
        Some(marginal) if marginal > price_of_money => PlanLimit::PaybackOfWhole,
        _ => PlanLimit::Budget,
    }
}
