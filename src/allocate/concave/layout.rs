//! The problem in steps, laid out so that every group's activities lie together.

use core::ops::Range;
use std::borrow::Cow;

use crate::money::{Currency, Money};
use crate::numeric::cast::{f64_of_usize, i64_of_usize, u32_of_usize, usize_of_u32};
use crate::response::Curve;

use super::super::activity::{Activity, Spending};
use super::super::tree::{ROOT, Tree};
use super::super::{AllocateError, Group, Infeasible, Objective, Problem};
use super::bounds::{Bound, NO_CAP};
use super::columns::{CHUNK, Columns, FAMILIES, Family, Segment, family_of, parameters};
use super::runs::runs_of;
use super::step_curve::{StepCurve, Unit};

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
    /// Position of each item in the problem. Items lie by node, then family, then whether they have a floor or cap, then
    /// position.
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
        let runs = runs_by_position(&nodes, tree, activities);
        let segments = list_segments(&mut nodes, &runs, &mut columns);
        let count = activities.len();
        for column in [&mut columns.a, &mut columns.b, &mut columns.c] {
            *column = vec![0.0; count];
        }
        let starts = columns.segments.iter().map(|segment| segment.items.start);
        let mut next: Vec<usize> = starts.collect();
        let mut position = vec![0_u32; count];
        let mut item_of = Vec::with_capacity(count);
        let ln_unit = libm::log(unit.size());
        // By position, since activities take far more room than columns.
        for (at, (activity, &run)) in (0..).zip(activities.iter().zip(&runs)) {
            let segment = segments[usize_of_u32(run)];
            let item = next[segment];
            next[segment] += 1;
            position[item] = at;
            item_of.push(u32_of_usize(item));
            columns.segments[segment].minimums |= has_minimum(activity);
            let terms = activity.as_spending()?;
            columns.set_bound_in(segment, item, bound_of(terms, minor));
            let (a, b, c) = columns.place(terms.curve(), unit, ln_unit);
            columns.a[item] = a;
            columns.b[item] = b;
            columns.c[item] = c;
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
        columns.segments[at].minimums |= has_minimum(activity);
        columns.set_bound(item, bound_of(terms, unit.minor));
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

/// Floor and cap in steps.
fn bound_of(terms: &Spending, minor: i64) -> Bound {
    Bound {
        floor: terms.floor().map_or(0, Money::minor) / minor,
        cap: terms.cap().map_or(NO_CAP, |cap| cap.minor() / minor),
    }
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

const FAMILY_LIST: [Family; FAMILIES] = [
    Family::Exponential,
    Family::Logarithmic,
    Family::Power,
    Family::Hyperbolic,
    Family::Adbudg,
    Family::Piecewise,
    Family::Other,
];

/// Runs of items that lie side by side in a node: by family, first those without bounds.
const RUNS: usize = 2 * FAMILIES;

/// Lists the segments, in order and with room for bounds where these are to come, and gives each node its range of items;
/// the segment of each run.
fn list_segments(nodes: &mut [Node], runs: &[u32], columns: &mut Columns) -> Vec<usize> {
    let mut segments = vec![0; nodes.len() * RUNS];
    for &run in runs {
        segments[usize_of_u32(run)] += 1;
    }
    let mut item = 0;
    let mut rows = 0;
    for (at, node) in nodes.iter_mut().enumerate() {
        let first = item;
        for (run, segment) in segments[at * RUNS..(at + 1) * RUNS].iter_mut().enumerate() {
            let count = core::mem::replace(segment, columns.segments.len());
            if count == 0 {
                continue;
            }
            let bounded = run % 2 == 1;
            let mut listed = Segment::new(FAMILY_LIST[run / 2], at, item..item + count);
            listed.bounds = bounded.then_some(rows);
            // No bounds, as long as none are set.
            listed.caps = i128::from(NO_CAP) * i128::from(i64_of_usize(count));
            columns.segments.push(listed);
            rows += if bounded { count } else { 0 };
            item += count;
        }
        node.members = first..item;
    }
    columns.floor = vec![0; rows];
    columns.cap = vec![NO_CAP; rows];
    segments
}

/// The run of each activity. Less than a chunk without bounds goes with those that have some: a run of its own would cost
/// more than the room that it spares.
fn runs_by_position(nodes: &[Node], tree: &Tree, activities: &[Activity]) -> Vec<u32> {
    let mut node_of_group = vec![0_usize; tree.len()];
    for (at, node) in nodes.iter().enumerate().skip(1) {
        node_of_group[usize_of_u32(node.group)] = at;
    }
    let run_of = |at: usize, activity: &Activity| {
        let node = match tree.group_of(at) {
            ROOT => 0,
            group => node_of_group[usize_of_u32(group)],
        };
        let terms = activity.as_spending();
        let family = terms.map_or(Family::Other, |terms| family_of(terms.curve()));
        let family = FAMILY_LIST.iter().position(|&other| other == family);
        let bounded = terms.is_some_and(|terms| bound_of(terms, 1) != Bound::NONE);
        u32_of_usize(node * RUNS + 2 * family.unwrap_or(0)) | u32::from(bounded)
    };
    let mut runs: Vec<u32> = (0..).zip(activities).map(|(at, a)| run_of(at, a)).collect();
    let mut counts = vec![0_usize; nodes.len() * RUNS];
    for &run in &runs {
        counts[usize_of_u32(run)] += 1;
    }
    for run in &mut runs {
        let bounded = *run | 1;
        let plain = counts[usize_of_u32(bounded - 1)];
        if plain < CHUNK && counts[usize_of_u32(bounded)] > 0 {
            *run = bounded;
        }
    }
    runs
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
                if self.market.layout.columns.bound_of(item).floor > 0 {
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
