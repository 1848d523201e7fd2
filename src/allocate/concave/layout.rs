//! The problem in steps, laid out so that every group's activities lie together.

use core::ops::Range;
use std::borrow::Cow;

use crate::money::{Currency, Money};
use crate::numeric::cast::{f64_of_usize, u32_of_usize, usize_of_u32};
use crate::response::Curve;

use super::super::activity::{Activity, Spending};
use super::super::tree::{ROOT, Tree};
use super::super::{AllocateError, Group, Infeasible, Objective, Problem};
use super::columns::{Columns, FAMILIES, Family, Segment, family_of, parameters};
use super::runs::runs_of;
use super::step_curve::{StepCurve, Unit};

/// A cap that is none.
pub(super) const NO_CAP: i64 = i64::MAX;

/// A node of the tree of budgets; node 0 is the budget itself.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Position in the problem's groups; [`ROOT`] for the budget.
    pub(super) group: u32,
    /// The node above; the budget is its own.
    pub(super) parent: usize,
    /// One past the last node below it: nodes lie in preorder.
    pub(super) end: usize,
    /// Its own members.
    pub(super) members: Range<usize>,
    /// In steps, rounded up.
    pub(super) floor: i64,
    /// In steps, rounded down.
    pub(super) cap: i64,
}

/// A problem in the form that a price search reads, whatever its objective. All amounts are in steps.
#[derive(Clone, Debug)]
pub(in crate::allocate) struct Layout {
    pub(super) unit: Unit,
    pub(super) nodes: Vec<Node>,
    /// Position of each item in the problem. Items lie by node, then family, then position.
    pub(super) position: Vec<u32>,
    /// The item of each position.
    pub(super) item_of: Vec<u32>,
    pub(super) columns: Columns,
}

/// A layout with the problem that it lays out.
#[derive(Clone, Copy, Debug)]
pub(in crate::allocate) struct Market<'a> {
    pub(super) problem: &'a Problem,
    pub(super) layout: &'a Layout,
    /// In steps; `None` for a target.
    pub(super) budget: Option<i64>,
}

/// The one step of all activities, in minor units; `None` if they differ or a price cannot settle the problem.
fn common_step(activities: &[Activity]) -> Option<i64> {
    let mut common = None;
    for activity in activities {
        let step = step_of(activity)?;
        if common.is_some_and(|other| other != step) {
            return None;
        }
        common = Some(step);
    }
    Some(common.unwrap_or(1))
}

/// An activity's step in minor units; `None` if a price cannot settle it.
fn step_of(activity: &Activity) -> Option<i64> {
    let terms = activity.as_spending()?;
    let step = terms.step().map_or(1, Money::minor);
    let mut uses = terms.uses_per_unit().iter();
    let plain = terms.curve().is_concave()
        && uses.all(|(_, use_)| use_.micros() == 0)
        && terms.minimum_if_any().map_or(0, Money::minor) <= step;
    plain.then_some(step)
}

/// Whether an activity states a least spend other than 0.
fn has_minimum(activity: &Activity) -> bool {
    let terms = activity.as_spending();
    let minimum = terms.and_then(super::super::activity::Spending::minimum_if_any);
    minimum.is_some_and(|least| least.minor() > 0)
}

impl Layout {
    /// `None` if a price cannot settle the problem.
    pub(in crate::allocate) fn of(
        currency: Currency,
        activities: &[Activity],
        tree: &Tree,
    ) -> Option<Self> {
        let minor = common_step(activities)?;
        let per_unit = currency.minor_per_unit();
        let unit = Unit { minor, per_unit };
        let mut nodes = nodes_of(tree, minor);
        let mut columns = Columns::default();
        let position = place_members(&mut nodes, tree, activities, &mut columns);
        let mut item_of = vec![0; position.len()];
        let count = position.len();
        for column in [&mut columns.a, &mut columns.b, &mut columns.c] {
            column.reserve_exact(count);
        }
        columns.floor.reserve_exact(count);
        columns.cap.reserve_exact(count);
        let ln_unit = libm::log(unit.size());
        for (item, &at) in (0..).zip(&position) {
            let terms = activities[usize_of_u32(at)].as_spending()?;
            item_of[usize_of_u32(at)] = item;
            let (floor, cap) = bounds_of(terms, minor);
            columns.floor.push(floor);
            columns.cap.push(cap);
            let (a, b, c) = columns.place(terms.curve(), unit, ln_unit);
            columns.a.push(a);
            columns.b.push(b);
            columns.c.push(c);
        }
        for segment in &mut columns.segments {
            let items = segment.items.clone();
            segment.floors = sum(&columns.floor[items.clone()]);
            segment.caps = sum(&columns.cap[items.clone()]);
            segment.plain =
                segment.floors == 0 && columns.cap[items.clone()].iter().all(|&cap| cap == NO_CAP);
            let mut own = position[items]
                .iter()
                .map(|&at| &activities[usize_of_u32(at)]);
            segment.minimums = own.any(has_minimum);
        }
        Some(Self {
            unit,
            nodes,
            position,
            item_of,
            columns,
        })
    }

    /// Puts another activity in the place of one, if the rest can stay as it is: the same family and step. Runs no
    /// longer needed stay where they are.
    pub(in crate::allocate) fn replace(&mut self, position: usize, activity: &Activity) -> bool {
        let unit = self.unit;
        let item = self.item_at(position);
        let columns = &mut self.columns;
        let at = columns.segment_at(item);
        let Some(terms) = activity.as_spending() else {
            return false;
        };
        if step_of(activity) != Some(unit.minor)
            || family_of(terms.curve()) != columns.segments[at].family
        {
            return false;
        }
        let (floor, cap) = bounds_of(terms, unit.minor);
        let segment = &mut columns.segments[at];
        segment.plain &= floor == 0 && cap == NO_CAP;
        segment.minimums |= has_minimum(activity);
        segment.floors += i128::from(floor) - i128::from(columns.floor[item]);
        segment.caps += i128::from(cap) - i128::from(columns.cap[item]);
        columns.floor[item] = floor;
        columns.cap[item] = cap;
        let (a, b, c) = columns.place(terms.curve(), unit, libm::log(unit.size()));
        columns.a[item] = a;
        columns.b[item] = b;
        columns.c[item] = c;
        true
    }

    /// Whether an item's activity states a least spend other than 0.
    pub(super) fn has_minimum(&self, item: usize, activities: &[Activity]) -> bool {
        activities
            .get(self.position_of(item))
            .is_some_and(has_minimum)
    }

    /// The item of an activity.
    pub(in crate::allocate) fn item_at(&self, position: usize) -> usize {
        usize_of_u32(self.item_of[position])
    }

    /// The position of an item's activity.
    pub(in crate::allocate) fn position_of(&self, item: usize) -> usize {
        usize_of_u32(self.position[item])
    }

    /// All items below a node, its own included.
    pub(super) fn items_below(&self, node: usize) -> Range<usize> {
        let start = self.nodes[node].members.start;
        let last = self.nodes[node].end - 1;
        start..self.nodes[last].members.end
    }

    /// All segments below a node, its own included.
    pub(super) fn segments_below(&self, node: usize) -> &[Segment] {
        let end = self.nodes[node].end;
        let start = self.columns.segments.partition_point(|s| s.node < node);
        let stop = self.columns.segments.partition_point(|s| s.node < end);
        &self.columns.segments[start..stop]
    }
}

fn sum(steps: &[i64]) -> i128 {
    steps.iter().map(|&steps| i128::from(steps)).sum()
}

/// Floor and cap in steps.
fn bounds_of(terms: &Spending, minor: i64) -> (i64, i64) {
    let floor = terms.floor().map_or(0, Money::minor) / minor;
    let cap = terms.cap().map_or(NO_CAP, |cap| cap.minor() / minor);
    (floor, cap)
}

impl Columns {
    /// The parameters of a curve; straight lines have their runs listed.
    fn place(&mut self, curve: &Curve, unit: Unit, ln_unit: f64) -> (f64, f64, f64) {
        let Curve::PiecewiseLinear(straight) = curve else {
            return parameters(curve, unit, ln_unit);
        };
        let from = f64_of_usize(self.runs.len());
        self.runs.extend(runs_of(straight, unit));
        (from, f64_of_usize(self.runs.len()), 0.0)
    }

    /// The place of the segment that holds an item.
    fn segment_at(&self, item: usize) -> usize {
        self.segments.partition_point(|s| s.items.end <= item)
    }
}

impl<'a> Market<'a> {
    /// The segment that holds an item.
    pub(super) fn segment_of(&self, item: usize) -> &'a Segment {
        let columns = &self.layout.columns;
        &columns.segments[columns.segment_at(item)]
    }

    /// The node that an item is a member of.
    pub(super) fn node_of(&self, item: usize) -> usize {
        self.segment_of(item).node
    }

    /// `None` if the problem needs a search.
    pub(in crate::allocate) fn of(problem: &'a Problem) -> Option<Self> {
        let layout = problem.layout()?;
        let budget = match problem.objective() {
            Objective::Budget(budget) => Some(budget.minor() / layout.unit.minor),
            Objective::Target(_) => None,
        };
        Some(Self {
            problem,
            layout,
            budget,
        })
    }

    /// The gains of an item's steps.
    pub(super) fn curve(&self, item: usize) -> StepCurve<'a> {
        let position = usize_of_u32(self.layout.position[item]);
        let terms = self.problem.activities()[position].as_spending();
        let curve = terms.map(Spending::curve);
        if let Some(Curve::PiecewiseLinear(_)) = curve {
            return StepCurve::Piecewise(Cow::Borrowed(self.layout.columns.runs_at(item)));
        }
        curve
            .and_then(|curve| StepCurve::of(curve, self.layout.unit))
            .unwrap_or(StepCurve::Piecewise(Cow::Borrowed(&[])))
    }

    /// What floors force each node to spend, and whether every constraint can be kept.
    ///
    /// # Errors
    /// [`Infeasible`], naming the constraints and the amount.
    pub(super) fn check_feasible(&self) -> Result<i64, AllocateError> {
        let nodes = &self.layout.nodes;
        let mut forced = vec![0_i128; nodes.len()];
        let mut possible = vec![0_i128; nodes.len()];
        for segment in &self.layout.columns.segments {
            forced[segment.node] += segment.floors;
            possible[segment.node] += segment.caps;
        }
        for (at, node) in nodes.iter().enumerate().rev() {
            forced[at] = forced[at].max(i128::from(node.floor));
            possible[at] = possible[at].min(i128::from(node.cap));
            let names = || Names {
                market: self,
                forced: &forced,
            };
            if possible[at] < i128::from(node.floor) {
                return Err(names().too_little(at, possible[at]));
            }
            if forced[at] > i128::from(node.cap) {
                return Err(names().too_much(at, node.cap));
            }
            if at > 0 {
                forced[node.parent] += forced[at];
                possible[node.parent] += possible[at];
            }
        }
        let total = forced.first().copied().unwrap_or(0);
        let allowed = self.budget.unwrap_or(i64::MAX / self.layout.unit.minor);
        if total > i128::from(allowed) {
            let names = Names {
                market: self,
                forced: &forced,
            };
            return Err(names.too_much(0, allowed));
        }
        Ok(i64::try_from(total).unwrap_or(allowed))
    }
}

/// The budget and its groups in preorder, without members.
fn nodes_of(tree: &Tree, minor: i64) -> Vec<Node> {
    let count = tree.len();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); count + 1];
    for (group, &parent) in (0..).zip(&tree.parent) {
        let above = if parent == ROOT {
            count
        } else {
            usize_of_u32(parent)
        };
        children[above].push(group);
    }
    let mut nodes = Vec::with_capacity(count + 1);
    nodes.push(Node {
        group: ROOT,
        parent: 0,
        end: count + 1,
        members: 0..0,
        floor: 0,
        cap: NO_CAP,
    });
    // (group, its parent's node), last in, first out.
    let mut waiting: Vec<(u32, usize)> = children[count].iter().rev().map(|&g| (g, 0)).collect();
    while let Some((group, parent)) = waiting.pop() {
        let at = nodes.len();
        let place = usize_of_u32(group);
        let (floor, cap) = (tree.floor[place], tree.cap[place]);
        nodes.push(Node {
            group,
            parent,
            end: at + 1,
            members: 0..0,
            floor: floor / minor + i64::from(floor % minor != 0),
            cap: if cap == i64::MAX { NO_CAP } else { cap / minor },
        });
        waiting.extend(children[place].iter().rev().map(|&child| (child, at)));
    }
    for at in (1..nodes.len()).rev() {
        let (parent, end) = (nodes[at].parent, nodes[at].end);
        nodes[parent].end = nodes[parent].end.max(end);
    }
    nodes
}

/// Sorts positions by node and family, keeping their order within one; gives each node its range and lists the
/// segments.
fn place_members(
    nodes: &mut [Node],
    tree: &Tree,
    activities: &[Activity],
    columns: &mut Columns,
) -> Vec<u32> {
    const FAMILY_LIST: [Family; FAMILIES] = [
        Family::Exponential,
        Family::Logarithmic,
        Family::Power,
        Family::Hyperbolic,
        Family::Adbudg,
        Family::Piecewise,
        Family::Other,
    ];
    let mut node_of_group = vec![0_usize; tree.len()];
    for (at, node) in nodes.iter().enumerate().skip(1) {
        node_of_group[usize_of_u32(node.group)] = at;
    }
    let run_of = |at: usize, activity: &Activity| {
        let node = match tree.group_of(at) {
            ROOT => 0,
            group => node_of_group[usize_of_u32(group)],
        };
        let family = activity
            .as_spending()
            .map_or(Family::Other, |t| family_of(t.curve()));
        let family = FAMILY_LIST.iter().position(|&other| other == family);
        u32_of_usize(node * FAMILIES + family.unwrap_or(0))
    };
    let runs: Vec<u32> = (0..).zip(activities).map(|(at, a)| run_of(at, a)).collect();
    let mut next = vec![0_usize; nodes.len() * FAMILIES + 1];
    for &run in &runs {
        next[usize_of_u32(run) + 1] += 1;
    }
    for at in 0..nodes.len() * FAMILIES {
        next[at + 1] += next[at];
        let items = next[at]..next[at + 1];
        if !items.is_empty() {
            let segment = Segment::new(FAMILY_LIST[at % FAMILIES], at / FAMILIES, items);
            columns.segments.push(segment);
        }
    }
    for (at, node) in nodes.iter_mut().enumerate() {
        node.members = next[at * FAMILIES]..next[(at + 1) * FAMILIES];
    }
    let mut position = vec![0_u32; activities.len()];
    for (at, &run) in (0..).zip(&runs) {
        let slot = &mut next[usize_of_u32(run)];
        position[*slot] = at;
        *slot += 1;
    }
    position
}

/// Names and amounts for messages.
struct Names<'a> {
    market: &'a Market<'a>,
    forced: &'a [i128],
}

/// At most this many floors are named.
const NAMED_MOST: usize = 5;

impl Names<'_> {
    fn money(&self, steps: i128) -> String {
        let minor = steps.saturating_mul(i128::from(self.market.layout.unit.minor));
        let currency = self.market.problem.currency();
        match i64::try_from(minor) {
            Ok(minor) => Money::from_minor(minor, currency).to_string(),
            Err(_) => format!("{minor} minor units of {currency}"),
        }
    }

    fn group(&self, at: usize) -> String {
        let group = usize_of_u32(self.market.layout.nodes[at].group);
        let id = self.market.problem.groups().get(group).map(Group::id);
        id.map_or_else(String::new, |id| id.as_str().to_owned())
    }

    fn too_little(&self, at: usize, possible: i128) -> AllocateError {
        let demanded = i128::from(self.market.layout.nodes[at].floor);
        AllocateError::Infeasible(Infeasible::Caps {
            group: self.group(at),
            demanded: self.money(demanded),
            possible: self.money(possible),
            shortfall: self.money(demanded - possible),
        })
    }

    fn too_much(&self, at: usize, allowed: i64) -> AllocateError {
        let allowed = i128::from(allowed);
        let forced = self.forced[at];
        let limit = if at == 0 {
            "the budget".to_owned()
        } else {
            format!("the cap of group {:?}", self.group(at))
        };
        AllocateError::Infeasible(Infeasible::Floors {
            floors: self.floors_below(at),
            forced: self.money(forced),
            limit,
            allowed: self.money(allowed),
            excess: self.money(forced - allowed),
        })
    }

    /// The floors that make up what a node is forced to spend, the first few by name.
    fn floors_below(&self, top: usize) -> String {
        let nodes = &self.market.layout.nodes;
        let mut names = Vec::new();
        let mut at = top;
        while at < nodes[top].end {
            let node = &nodes[at];
            let own = i128::from(node.floor);
            if own > 0 && own == self.forced[at] {
                names.push(format!("the floor of group {:?}", self.group(at)));
                at = node.end;
                continue;
            }
            for item in node.members.clone() {
                if self.market.layout.columns.floor[item] > 0 {
                    let position = usize_of_u32(self.market.layout.position[item]);
                    let id = self.market.problem.activities()[position].id();
                    names.push(format!("the floor of activity {:?}", id.as_str()));
                }
            }
            at += 1;
        }
        let more = names.len().saturating_sub(NAMED_MOST);
        names.truncate(NAMED_MOST);
        let tail = if more > 0 {
            format!(" and {more} more floors")
        } else {
            String::new()
        };
        format!("{}{tail}", names.join(", "))
    }
}
