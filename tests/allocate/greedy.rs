//! The exact optimum of concave problems, one step at a time, in the order that the format states: the
//! largest gain first, equal gains to the smaller id. Slow and plain; it shares nothing with the library.
//!
//! The lawful allocations of a forest of budgets are the integer points of a polymatroid, on which this
//! greedy is optimal: a step is open if what is then spent can still be completed to meet every floor
//! without passing any cap or the budget.

use crate::plain::{Aim, Curve, Offer, Plain};

mod tests;

/// The canonical optimum and what the format says about its prices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Canonical {
    pub(crate) spends: Vec<i64>,
    pub(crate) value: f64,
    /// The sum of the sizes of what makes up the value.
    pub(crate) size: f64,
    /// The next step's gain per currency unit, floor and cap ignored.
    pub(crate) marginals: Vec<f64>,
    /// The price of the budget, then of each group.
    pub(crate) shadow_price: f64,
    pub(crate) group_prices: Vec<f64>,
    pub(crate) limits: Vec<String>,
    /// Whether some choice hung on gains that f64 can hardly tell apart.
    pub(crate) doubtful: bool,
}

struct Line<'a> {
    curve: &'a Curve,
    floor: i64,
    cap: Option<i64>,
    /// Whether the least spend other than 0 is stated; it is one step.
    minimum: bool,
}

/// Of the budget, and in full of each group; and which groups bind.
struct Prices {
    budget: f64,
    full: Vec<f64>,
    binds: Vec<bool>,
}

/// Everything counted in steps.
struct Forest<'a> {
    plain: &'a Plain,
    step: i64,
    lines: Vec<Line<'a>>,
    chains: Vec<Vec<usize>>,
    insiders: Vec<Vec<usize>>,
    budget: i64,
}

/// `None` when no allocation is feasible; panics if the problem is not concave with equal steps.
pub(crate) fn canonical(plain: &Plain) -> Option<Canonical> {
    let forest = Forest::new(plain);
    let mut doubtful = false;
    let counts = forest.climb(&mut doubtful)?;
    Some(forest.answer(&counts, doubtful))
}

impl<'a> Forest<'a> {
    fn new(plain: &'a Plain) -> Self {
        let Aim::Budget(budget) = plain.aim else {
            panic!("a problem with a budget")
        };
        let steps: Vec<i64> = plain
            .activities
            .iter()
            .map(|activity| match &activity.offer {
                Offer::Spend {
                    step,
                    minimum_if_any,
                    ..
                } if minimum_if_any.is_none_or(|least| least == step.unwrap_or(1)) => {
                    step.unwrap_or(1)
                }
                _ => panic!("concave activities only"),
            })
            .collect();
        let step = steps.first().copied().unwrap_or(1);
        assert!(steps.iter().all(|other| *other == step), "equal steps only");
        let lines = plain
            .activities
            .iter()
            .map(|activity| match &activity.offer {
                Offer::Spend {
                    curve,
                    floor,
                    cap,
                    minimum_if_any,
                    ..
                } if curve.is_concave() => Line {
                    curve,
                    minimum: minimum_if_any.is_some(),
                    floor: floor / step,
                    cap: cap.map(|cap| cap / step),
                },
                _ => panic!("concave activities only"),
            })
            .collect();
        Self {
            plain,
            step,
            lines,
            chains: plain.chains(),
            insiders: plain.insiders(),
            budget: budget / step,
        }
    }

    /// Steps taken one by one from the floors up; notes where f64 could hardly tell two gains apart.
    fn climb(&self, doubtful: &mut bool) -> Option<Vec<i64>> {
        let mut counts: Vec<i64> = self.lines.iter().map(|line| line.floor).collect();
        if !self.can_be_completed(&counts) {
            return None;
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|place| &self.plain.activities[*place].id);
        loop {
            let open: Vec<(usize, f64)> = order
                .iter()
                .copied()
                .filter(|place| self.is_open(&counts, *place))
                .map(|place| (place, self.gain(place, counts[place])))
                .filter(|(place, gain)| *gain > 0.0 || self.is_forced(&counts, *place))
                .collect();
            // `max_by` keeps the last of equals, so the reversed order keeps the smallest id.
            let best = open
                .iter()
                .rev()
                .copied()
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((place, gain)) = best else {
                return Some(counts);
            };
            *doubtful |= open
                .iter()
                .any(|rival| self.is_doubtful(&counts, (place, gain), *rival));
            counts[place] += 1;
        }
    }

    /// Whether two gains are so close that another way to compute them may order them otherwise. Equal gains
    /// of equal curves are equal however they are computed; so are those of lines whose kinks f64 holds.
    fn is_doubtful(&self, counts: &[i64], best: (usize, f64), rival: (usize, f64)) -> bool {
        let (place, other) = (best.0, rival.0);
        let held = |gain: f64| (gain * 1_024.0).fract().abs() <= 0.0;
        let exact = (self.plain.decimals() == 0 && held(best.1) && held(rival.1))
            || (self.lines[place].curve == self.lines[other].curve
                && counts[place] == counts[other]);
        let apart = best.1 - rival.1;
        place != other && apart <= 1e-13 * best.1 && (apart > 0.0 || !exact)
    }

    /// The gain of a step; one below the normal range of f64, of which only a part is kept, is nothing.
    fn gain(&self, place: usize, count: i64) -> f64 {
        let (from, to) = (count * self.step, (count + 1) * self.step);
        let gain = self.lines[place]
            .curve
            .rise(self.plain.units(from), self.plain.units(to));
        if gain < f64::MIN_POSITIVE { 0.0 } else { gain }
    }

    /// What must at least be spent, if the activities spend at least these counts; `None` past a cap.
    fn need(&self, counts: &[i64]) -> Option<i64> {
        let groups = &self.plain.groups;
        let mut needs = vec![None; groups.len()];
        let mut total: i64 = (0..counts.len())
            .filter(|a| self.chains[*a].is_empty())
            .map(|a| counts[a])
            .sum();
        for (place, group) in groups.iter().enumerate() {
            if group.parent.is_none() {
                total += self.need_of(place, counts, &mut needs)?;
            }
        }
        Some(total)
    }

    fn need_of(&self, place: usize, counts: &[i64], needs: &mut [Option<i64>]) -> Option<i64> {
        let groups = &self.plain.groups;
        let group = &groups[place];
        let own: i64 = (0..counts.len())
            .filter(|a| self.chains[*a].first() == Some(&place))
            .map(|a| counts[a])
            .sum();
        let mut sum = own;
        for (child, other) in groups.iter().enumerate() {
            if other.parent.as_ref() == Some(&group.id) {
                sum += self.need_of(child, counts, needs)?;
            }
        }
        let floor = (group.floor + self.step - 1).div_euclid(self.step);
        let need = sum.max(floor);
        let cap = self.room(place, counts);
        needs[place] = Some(need);
        (cap >= need && group.cap.is_none_or(|cap| cap / self.step >= need)).then_some(need)
    }

    /// The most that a group can spend.
    fn room(&self, place: usize, counts: &[i64]) -> i64 {
        let group = &self.plain.groups[place];
        let own: i64 = (0..counts.len())
            .filter(|a| self.chains[*a].first() == Some(&place))
            .map(|a| self.lines[a].cap.unwrap_or(self.budget))
            .sum();
        let below: i64 = (0..self.plain.groups.len())
            .filter(|child| self.plain.groups[*child].parent.as_ref() == Some(&group.id))
            .map(|child| self.room(child, counts))
            .sum();
        (own + below).min(group.cap.map_or(i64::MAX, |cap| cap / self.step))
    }

    fn can_be_completed(&self, counts: &[i64]) -> bool {
        self.need(counts).is_some_and(|need| need <= self.budget)
            && counts
                .iter()
                .zip(&self.lines)
                .all(|(n, line)| line.cap.is_none_or(|cap| *n <= cap))
    }

    fn after(counts: &[i64], place: usize) -> Vec<i64> {
        let mut counts = counts.to_vec();
        counts[place] += 1;
        counts
    }

    fn is_open(&self, counts: &[i64], place: usize) -> bool {
        self.can_be_completed(&Self::after(counts, place))
    }

    /// A step that some floor needs anyway.
    fn is_forced(&self, counts: &[i64], place: usize) -> bool {
        self.need(&Self::after(counts, place)) == self.need(counts)
    }

    fn spent_in(&self, group: usize, counts: &[i64]) -> i64 {
        self.insiders[group].iter().map(|a| counts[*a]).sum()
    }

    fn group_is_full(&self, group: usize, counts: &[i64]) -> bool {
        let cap = self.plain.groups[group].cap.map(|cap| cap / self.step);
        cap.is_some_and(|cap| self.spent_in(group, counts) >= cap)
    }

    fn answer(&self, counts: &[i64], mut doubtful: bool) -> Canonical {
        let unit = self.plain.units(self.step);
        let marginals: Vec<f64> = (0..counts.len())
            .map(|a| self.gain(a, counts[a]) / unit)
            .collect();
        let prices = self.prices(counts, &marginals, &mut doubtful);
        let limits = (0..counts.len())
            .map(|a| self.limit(a, counts, &marginals, &prices, &mut doubtful))
            .collect();
        let spends: Vec<i64> = counts.iter().map(|n| n * self.step).collect();
        let worth = |a: usize| {
            let (curve, to) = (self.lines[a].curve, self.plain.units(spends[a]));
            let size = curve.value(0.0).abs() + curve.rise(0.0, to).abs();
            (curve.value(to), size)
        };
        let above = |group: usize| {
            self.parent(group)
                .map_or(prices.budget, |parent| prices.full[parent])
        };
        Canonical {
            value: (0..counts.len()).map(|a| worth(a).0).sum(),
            size: (0..counts.len()).map(|a| worth(a).1).sum(),
            group_prices: (0..prices.full.len())
                .map(|group| prices.full[group] - above(group))
                .collect(),
            shadow_price: prices.budget,
            spends,
            limits,
            marginals,
            doubtful,
        }
    }

    fn is_at_cap(&self, place: usize, counts: &[i64]) -> bool {
        self.lines[place]
            .cap
            .is_some_and(|cap| counts[place] >= cap)
    }

    /// Full prices, root first: what a group adds to those around it, or takes off.
    fn prices(&self, counts: &[i64], marginals: &[f64], doubtful: &mut bool) -> Prices {
        // The innermost full group, if any, of an activity.
        let stopped_by = |a: usize| {
            self.chains[a]
                .iter()
                .copied()
                .find(|group| self.group_is_full(*group, counts))
        };
        // The largest gain of the steps that only the constraint in question refuses.
        let highest = |refused: &dyn Fn(usize) -> bool| {
            (0..counts.len())
                .filter(|a| !self.is_at_cap(*a, counts) && refused(*a))
                .map(|a| marginals[a])
                .fold(0.0, f64::max)
        };
        let budget_is_spent = counts.iter().sum::<i64>() >= self.budget;
        let budget = if budget_is_spent {
            highest(&|a| stopped_by(a).is_none())
        } else {
            0.0
        };
        let mut full = vec![budget; self.plain.groups.len()];
        let mut binds = vec![false; full.len()];
        let mut held_up = vec![false; full.len()];
        for group in self.downwards() {
            let above = self.parent(group).map_or(budget, |parent| full[parent]);
            full[group] = above;
            if self.group_is_full(group, counts) {
                full[group] = above.max(highest(&|a| stopped_by(a) == Some(group)));
                binds[group] = true;
            }
            let floor = (self.plain.groups[group].floor + self.step - 1).div_euclid(self.step);
            let members = &self.insiders[group];
            if floor > 0
                && self.spent_in(group, counts) == floor
                && self.floor_matters(group, &held_up, doubtful)
            {
                // Under a cap just as high, two prices are mixed.
                *doubtful |= binds[group];
                held_up[group] = true;
                // Only what is further in can refuse a step besides.
                full[group] = highest(&|a| {
                    members.contains(&a)
                        && stopped_by(a).is_none_or(|full| !self.is_inside(full, group))
                });
                binds[group] = true;
            }
        }
        Prices {
            budget,
            full,
            binds,
        }
    }

    /// What limits an activity; where either of two is true, both.
    fn limit(
        &self,
        place: usize,
        counts: &[i64],
        marginals: &[f64],
        prices: &Prices,
        doubtful: &mut bool,
    ) -> String {
        let (floor, count) = (self.lines[place].floor, counts[place]);
        let chain = &self.chains[place];
        let other = match chain.iter().find(|group| prices.binds[**group]) {
            _ if self.lines[place].minimum && count == 1 => "minimum_if_any".to_owned(),
            _ if self.is_at_cap(place, counts) => "cap".to_owned(),
            _ if marginals[place] <= 0.0 => "saturated".to_owned(),
            Some(group) => format!("group:{}", self.plain.groups[*group].id),
            None => "budget".to_owned(),
        };
        if floor == 0 || count > floor {
            return other;
        }
        let last = self.gain(place, count - 1) / self.plain.units(self.step);
        let full = chain.first().map_or(prices.budget, |g| prices.full[*g]);
        let price = prices.budget.max(full);
        let apart = (last - price).abs();
        *doubtful |= apart > 0.0 && apart <= 1e-13 * price;
        let sinks = self.sinks_without_floor(place, doubtful);
        if last > price {
            other
        } else if sinks {
            "floor".to_owned()
        } else {
            // Not worth its price, but a group's floor would hold it up as well: either is true.
            format!("floor|{other}")
        }
    }

    /// Whether a group's floor changes anything, with the floors inside it in force, and of those around it the ones that
    /// bind: prices are settled from the root down, so a floor that does nothing beside a binding one around it does
    /// not bind, and of two that say the same it is the inner one that does.
    fn floor_matters(&self, group: usize, held_up: &[bool], doubtful: &mut bool) -> bool {
        let mut plain = self.plain.clone();
        let mut next = self.parent(group);
        while let Some(above) = next {
            if !held_up[above] {
                plain.groups[above].floor = 0;
            }
            next = self.parent(above);
        }
        let with = Forest::new(&plain).climb(doubtful);
        plain.groups[group].floor = 0;
        with != Forest::new(&plain).climb(doubtful)
    }

    /// Whether an activity would spend less if its own floor did not hold it up.
    fn sinks_without_floor(&self, place: usize, doubtful: &mut bool) -> bool {
        let mut plain = self.plain.clone();
        if let Offer::Spend { floor, .. } = &mut plain.activities[place].offer {
            *floor = 0;
        }
        let free = Forest::new(&plain);
        let counts = free.climb(doubtful);
        counts.is_some_and(|counts| counts[place] < self.lines[place].floor)
    }

    /// Whether a group lies strictly inside another.
    fn is_inside(&self, inner: usize, outer: usize) -> bool {
        inner != outer
            && std::iter::successors(Some(inner), |g| self.parent(*g)).any(|group| group == outer)
    }

    fn parent(&self, group: usize) -> Option<usize> {
        let parent = self.plain.groups[group].parent.as_ref()?;
        self.plain
            .groups
            .iter()
            .position(|other| &other.id == parent)
    }

    /// Parents before children.
    fn downwards(&self) -> Vec<usize> {
        let depth = |group: usize| std::iter::successors(Some(group), |g| self.parent(*g)).count();
        let mut order: Vec<usize> = (0..self.plain.groups.len()).collect();
        order.sort_by_key(|group| depth(*group));
        order
    }
}
