//! The price search over partitions that a host owns: broadcast a price, sum the demands, move the price.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::money::Money;
use crate::numeric::cast::{f64_of_i64, usize_of_u32};
use crate::numeric::kernels::{WHOLE_MOST, floor, whole};

use super::super::{AllocateError, Infeasible, Problem};
use super::bounds::{Bound, bound_at};
use super::columns::{Answers, Family, Price, held};
use super::jobs::chunks;
use super::layout::Market;

/// The greatest price asked: no gain reaches it.
const TOP_PRICE: f64 = f64::MAX;

/// A part of a market: concave activities with one step, without groups.
///
/// The whole market may live on many machines. Each holds a `Partition` of it and answers [`Ask`]s; a [`PriceSearch`]
/// anywhere sums the answers and moves the price. Sums are of integers, so the answer is the same for
/// every way of dividing the activities, and the same as [`solve`](super::super::solve()) gives to all of them in one problem.
///
/// ```
/// use sortie::allocate::{Activity, Demand, Objective, Partition, PriceSearch, Problem, Ties};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::Power;
///
/// let usd = Currency::from_code("USD")?;
/// let budget = Money::parse("100.00", usd)?;
/// let part = |name: &str, scale: f64| -> Result<Problem, Box<dyn std::error::Error>> {
///     let activity = Activity::curve(Id::new(name)?, Power::new(scale, 0.5)?);
///     Ok(Problem::new(usd, Objective::Budget(budget), vec![], vec![activity], vec![])?)
/// };
/// let problems = [part("a", 3.0)?, part("b", 4.0)?];
/// let parts: Vec<Partition> = problems.iter().filter_map(Partition::of).collect();
///
/// let mut search = PriceSearch::new(budget, parts[0].step());
/// while let Some(ask) = search.ask() {
///     let demand = parts.iter().map(|part| part.demand(ask)).fold(Demand::default(), Demand::merge);
///     search.hear(demand);
/// }
/// let ties = parts.iter().map(|part| part.ties(&search)).fold(Ties::default(), Ties::merge);
/// let close = search.close(ties)?;
/// let spends: Vec<Money> = parts.iter().flat_map(|part| part.spends(&close)).collect();
/// assert_eq!(spends[0].to_string(), "36.00 USD");
/// assert_eq!(spends[1].to_string(), "64.00 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Partition<'a> {
    market: Market<'a>,
}

/// A price to be answered, per step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    price: f64,
    /// One activity never answers more steps than this.
    most: i64,
}

/// How many steps gain at least the price, floors and caps kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Saturating, which leaves sums of counts associative.
    steps: u64,
}

/// The steps that gain exactly the price, by activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ties {
    by_id: BTreeMap<Id, i64>,
}

/// The end of a search: what each partition needs to know its spends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    price: f64,
    /// The next greater float: steps that gain as much are all taken.
    above: f64,
    most: i64,
    granted: BTreeMap<Id, i64>,
}

/// Finds the price at which all partitions together spend the budget. At most 66 asks: every one halves
/// the prices left, by their bits, and the last bit is needed to tell which steps tie.
#[derive(Clone, Debug)]
pub struct PriceSearch {
    total: i64,
    step: Money,
    budget: Money,
    /// Bits of a price whose demand exceeds the total.
    low: Option<u64>,
    /// Bits of a price whose demand does not, with that demand.
    high: Option<(u64, u64)>,
    /// The total does not bind.
    slack: bool,
    forced: Option<u64>,
    round: u32,
}

impl Demand {
    /// The demand of both. Associative and commutative.
    #[must_use]
    pub const fn merge(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
        }
    }

    /// In steps.
    #[must_use]
    pub const fn steps(self) -> u64 {
        self.steps
    }
}

impl Ties {
    /// The ties of both. Associative, and commutative where no activity is in two partitions.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        self.by_id.append(&mut other.by_id);
        self
    }
}

impl Ask {
    /// The gain per step that is asked for.
    #[must_use]
    pub const fn price(self) -> f64 {
        self.price
    }
}

impl<'a> Partition<'a> {
    /// The partition that a problem is; its objective plays no part. `None` if it has groups, menus, curves that are
    /// not concave, resources in use or unequal steps.
    #[must_use]
    pub fn of(problem: &'a Problem) -> Option<Self> {
        let market = Market::of(problem)?;
        (market.layout.nodes.len() == 1).then_some(Self { market })
    }

    /// The number of activities.
    #[must_use]
    pub fn len(&self) -> usize {
        self.market.layout.position.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The step of all its activities; all partitions must have the same one.
    #[must_use]
    pub fn step(&self) -> Money {
        Money::from_minor(
            self.market.layout.unit.minor,
            self.market.problem.currency(),
        )
    }

    /// Answers a price. Linear in the number of activities.
    #[must_use]
    pub fn demand(&self, ask: Ask) -> Demand {
        let mut steps = 0_u64;
        self.each_count(ask, |_, count| {
            steps = steps.saturating_add(u64::try_from(count).unwrap_or(0));
        });
        Demand { steps }
    }

    /// The steps that gain exactly the price that the search has found.
    #[must_use]
    pub fn ties(&self, search: &PriceSearch) -> Ties {
        let mut ties = Ties::default();
        let Some(close) = search.open_close() else {
            return ties;
        };
        let above = self.counts(close.above, close.most);
        self.each_count(close.at_price(), |item, reach| {
            let equal = above.get(item).map_or(0, |&above| reach - above);
            if equal > 0 {
                ties.by_id.insert(self.id(item).clone(), equal);
            }
        });
        ties
    }

    /// What each activity spends, in the order of ids.
    #[must_use]
    pub fn spends(&self, close: &Close) -> Vec<Money> {
        let mut counts = self.counts(close.above, close.most);
        for (id, &granted) in &close.granted {
            if let Some(position) = self.market.problem.position(id) {
                let item = self.market.layout.item_at(position);
                if let Some(count) = counts.get_mut(item) {
                    *count = count.saturating_add(granted);
                }
            }
        }
        let minor = self.market.layout.unit.minor;
        let spend = |position: usize| {
            let steps = counts[self.market.layout.item_at(position)];
            Money::from_minor(steps.saturating_mul(minor), self.market.problem.currency())
        };
        (0..counts.len()).map(spend).collect()
    }

    fn id(&self, item: usize) -> &'a Id {
        let position = usize_of_u32(self.market.layout.position[item]);
        self.market.problem.activities()[position].id()
    }

    fn counts(&self, price: f64, most: i64) -> Vec<i64> {
        let mut counts = vec![0; self.market.layout.position.len()];
        self.each_count(Ask { price, most }, |item, count| counts[item] = count);
        counts
    }

    /// Hands each item's count at a price to `take`: by whole columns where the formulas can tell, else exactly.
    fn each_count(&self, ask: Ask, mut take: impl FnMut(usize, i64)) {
        let columns = &self.market.layout.columns;
        let price = Price {
            gain: ask.price,
            ln: libm::log(ask.price),
        };
        let most = f64_of_i64(ask.most);
        let quick = most < WHOLE_MOST && price.ln.abs() < 690.0;
        let mut answers = Answers::new();
        for segment in &columns.segments {
            for items in chunks(segment.items.clone()) {
                let quick = quick && segment.family != Family::Other;
                if quick {
                    columns.answer(segment.family, items.clone(), price, None, &mut answers);
                }
                let bounds = columns.bounds(segment, items.clone());
                let rows = answers.at.iter().zip(&answers.error);
                for (place, (item, (&at, &error))) in items.zip(rows).enumerate() {
                    let low = floor(held(at - error) + 1.0).max(0.0);
                    let high = floor(held(at + error) + 1.0).max(0.0);
                    let Bound { floor: least, cap } = bound_at(bounds, place);
                    let bound = cap.min(ask.most).max(least);
                    let sure = quick && error < WHOLE_MOST && low.to_bits() == high.to_bits();
                    let count = if sure {
                        whole(low).min(bound)
                    } else {
                        let curve = self.market.curve(item);
                        curve.count(ask.price, bound, self.market.layout.unit)
                    };
                    take(item, count.max(least));
                }
            }
        }
    }
}

impl Close {
    fn at_price(&self) -> Ask {
        Ask {
            price: self.price,
            most: self.most,
        }
    }

    /// The gain per step of the first step refused; 0 if the budget does not bind.
    #[must_use]
    pub const fn price(&self) -> f64 {
        self.price
    }
}

impl PriceSearch {
    /// A search for the price of a budget, in whole steps; a step that is not positive counts as one minor unit.
    #[must_use]
    pub fn new(budget: Money, step: Money) -> Self {
        Self {
            total: budget.minor() / step.minor().max(1),
            step,
            budget,
            low: None,
            high: None,
            slack: false,
            forced: None,
            round: 0,
        }
    }

    /// The next price to ask all partitions; `None` when the price is found.
    #[must_use]
    pub fn ask(&self) -> Option<Ask> {
        let price = if self.forced.is_none() {
            TOP_PRICE
        } else if self.slack || self.exceeded() {
            return None;
        } else {
            match (self.low, self.high) {
                (None, _) => f64::MIN_POSITIVE,
                (Some(low), Some((high, _))) if high - low <= 1 => return None,
                (Some(low), Some((high, _))) => f64::from_bits(low + (high - low) / 2),
                (Some(_), None) => return None,
            }
        };
        Some(Ask {
            price,
            most: self.most(),
        })
    }

    /// Takes the summed demand at the price last asked.
    pub fn hear(&mut self, demand: Demand) {
        let Some(ask) = self.ask() else {
            return;
        };
        let price = ask.price.to_bits();
        let over = demand.steps > self.total_steps();
        if self.forced.is_none() {
            self.forced = Some(demand.steps);
            self.high = Some((price, demand.steps));
            return;
        }
        self.round += 1;
        match (over, self.low) {
            (true, _) => self.low = Some(price),
            // The lowest price of all is borne.
            (false, None) => self.slack = true,
            (false, Some(_)) => self.high = Some((price, demand.steps)),
        }
    }

    /// Shares what is left among the ties, the smaller ids first.
    ///
    /// # Errors
    /// [`Infeasible::Floors`] if the floors of all partitions exceed the budget.
    pub fn close(&self, ties: Ties) -> Result<Close, AllocateError> {
        if self.exceeded() {
            return Err(self.floors_exceed());
        }
        let Some(mut close) = self.open_close() else {
            return Err(AllocateError::CutOff {
                work: u64::from(self.round),
            });
        };
        let taken = self.high.map_or(0, |(_, demand)| demand);
        let mut room = i64::try_from(self.total_steps().saturating_sub(taken)).unwrap_or(i64::MAX);
        if !self.slack {
            for (id, tied) in ties.by_id {
                let granted = tied.min(room).max(0);
                room -= granted;
                if granted > 0 {
                    close.granted.insert(id, granted);
                }
            }
        }
        Ok(close)
    }

    fn total_steps(&self) -> u64 {
        u64::try_from(self.total).unwrap_or(0)
    }

    /// One step beyond the total shows already that it is exceeded.
    fn most(&self) -> i64 {
        self.total.saturating_add(1)
    }

    fn exceeded(&self) -> bool {
        self.forced
            .is_some_and(|forced| forced > self.total_steps())
    }

    /// What is known once the price is: no ties granted yet.
    fn open_close(&self) -> Option<Close> {
        if self.ask().is_some() || self.exceeded() {
            return None;
        }
        let (price, above) = if self.slack {
            (0.0, f64::MIN_POSITIVE)
        } else {
            let (low, (high, _)) = (self.low?, self.high?);
            (f64::from_bits(low), f64::from_bits(high))
        };
        Some(Close {
            price,
            above,
            most: self.most(),
            granted: BTreeMap::new(),
        })
    }

    fn floors_exceed(&self) -> AllocateError {
        let minor = i128::from(self.step.minor().max(1));
        let forced = i128::from(self.forced.unwrap_or(0)) * minor;
        let shown = |minor: i128| match i64::try_from(minor) {
            Ok(minor) => Money::from_minor(minor, self.budget.currency()).to_string(),
            Err(_) => format!("{minor} minor units of {}", self.budget.currency()),
        };
        AllocateError::Infeasible(Infeasible::Floors {
            floors: "the floors of all partitions".to_owned(),
            forced: shown(forced),
            limit: "the budget".to_owned(),
            allowed: shown(i128::from(self.budget.minor())),
            excess: shown(forced - i128::from(self.budget.minor())),
        })
    }
}
