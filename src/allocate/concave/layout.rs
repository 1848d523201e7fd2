//! The problem in steps, laid out so that every group's activities lie together.

use core::ops::Range;

use crate::money::Money;
use crate::numeric::cast::{u32_of_usize, usize_of_u32};

use super::super::activity::Kind;
use super::super::tree::{ROOT, Tree};
use super::super::{AllocateError, Group, Infeasible, Objective, Problem};
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

/// A problem in the form that a price search reads. All amounts are in steps.
#[derive(Clone, Debug)]
pub(in crate::allocate) struct Market<'a> {
    pub(super) unit: Unit,
    /// `None` for a target.
    pub(super) budget: Option<i64>,
    pub(super) nodes: Vec<Node>,
    /// Position of each item in the problem. Items are grouped by node, then ordered by position.
    pub(super) position: Vec<u32>,
    pub(super) floor: Vec<i64>,
    pub(super) cap: Vec<i64>,
    pub(super) curves: Vec<StepCurve<'a>>,
}

/// The one step of all activities, in minor units; `None` if they differ or a price cannot settle the problem.
fn common_step(problem: &Problem) -> Option<i64> {
    let mut common = None;
    for activity in problem.activities() {
        let Kind::Spending(terms) = activity.kind() else {
            return None;
        };
        let step = terms.step().map_or(1, Money::minor);
        let plain = terms.curve().is_concave()
            && terms
                .uses_per_unit()
                .iter()
                .all(|(_, use_)| use_.micros() == 0)
            && terms.minimum_if_any().map_or(0, Money::minor) <= step;
        if !plain || common.is_some_and(|other| other != step) {
            return None;
        }
        common = Some(step);
    }
    Some(common.unwrap_or(1))
}

impl<'a> Market<'a> {
    /// `None` if the problem needs a search.
    pub(in crate::allocate) fn of(problem: &'a Problem) -> Option<Self> {
        let minor = common_step(problem)?;
        let per_unit = problem.currency().minor_per_unit();
        let unit = Unit { minor, per_unit };
        let budget = match problem.objective() {
            Objective::Budget(budget) => Some(budget.minor() / minor),
            Objective::Target(_) => None,
        };
        let mut nodes = nodes_of(problem.tree(), minor);
        let position = place_members(&mut nodes, problem.tree(), problem.activities().len());
        let mut floor = Vec::with_capacity(position.len());
        let mut cap = Vec::with_capacity(position.len());
        let mut curves = Vec::with_capacity(position.len());
        for &at in &position {
            let activity = problem.activities().get(usize_of_u32(at))?;
            let terms = activity.as_spending()?;
            floor.push(terms.floor().map_or(0, Money::minor) / minor);
            cap.push(terms.cap().map_or(NO_CAP, |cap| cap.minor() / minor));
            curves.push(StepCurve::of(terms.curve(), unit)?);
        }
        Some(Self {
            unit,
            budget,
            nodes,
            position,
            floor,
            cap,
            curves,
        })
    }

    /// All items below a node, its own included.
    pub(super) fn items_below(&self, node: usize) -> Range<usize> {
        let start = self.nodes[node].members.start;
        let last = self.nodes[node].end - 1;
        start..self.nodes[last].members.end
    }

    /// What floors force each node to spend, and whether every constraint can be kept.
    ///
    /// # Errors
    /// [`Infeasible`], naming the constraints and the amount.
    pub(super) fn check_feasible(&self, problem: &Problem) -> Result<i64, AllocateError> {
        let mut forced = vec![0_i128; self.nodes.len()];
        let mut possible = vec![0_i128; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let members = node.members.clone();
            for item in members {
                forced[at] += i128::from(self.floor[item]);
                possible[at] += i128::from(self.cap[item]);
            }
            forced[at] = forced[at].max(i128::from(node.floor));
            possible[at] = possible[at].min(i128::from(node.cap));
            let names = Names {
                market: self,
                problem,
                forced: &forced,
            };
            if possible[at] < i128::from(node.floor) {
                return Err(names.too_little(at, possible[at]));
            }
            if forced[at] > i128::from(node.cap) {
                return Err(names.too_much(at, node.cap));
            }
            if at > 0 {
                forced[node.parent] += forced[at];
                possible[node.parent] += possible[at];
            }
        }
        let names = Names {
            market: self,
            problem,
            forced: &forced,
        };
        let total = forced.first().copied().unwrap_or(0);
        let allowed = self.budget.unwrap_or(i64::MAX / self.unit.minor);
        if total > i128::from(allowed) {
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

/// Sorts positions by node, keeping their order within one, and gives each node its range.
fn place_members(nodes: &mut [Node], tree: &Tree, activities: usize) -> Vec<u32> {
    if nodes.len() == 1 {
        nodes[0].members = 0..activities;
        return (0..u32_of_usize(activities)).collect();
    }
    let mut node_of_group = vec![0_usize; tree.len()];
    for (at, node) in nodes.iter().enumerate().skip(1) {
        node_of_group[usize_of_u32(node.group)] = at;
    }
    let node_of = |activity: usize| match tree.group_of(activity) {
        ROOT => 0,
        group => node_of_group[usize_of_u32(group)],
    };
    let mut next = vec![0_usize; nodes.len() + 1];
    for activity in 0..activities {
        next[node_of(activity) + 1] += 1;
    }
    for at in 0..nodes.len() {
        next[at + 1] += next[at];
        nodes[at].members = next[at]..next[at + 1];
    }
    let mut position = vec![0_u32; activities];
    for activity in 0..activities {
        let slot = &mut next[node_of(activity)];
        position[*slot] = u32_of_usize(activity);
        *slot += 1;
    }
    position
}

/// Names and amounts for messages.
struct Names<'a> {
    market: &'a Market<'a>,
    problem: &'a Problem,
    forced: &'a [i128],
}

/// At most this many floors are named.
const NAMED_MOST: usize = 5;

impl Names<'_> {
    fn money(&self, steps: i128) -> String {
        let minor = steps.saturating_mul(i128::from(self.market.unit.minor));
        let currency = self.problem.currency();
        match i64::try_from(minor) {
            Ok(minor) => Money::from_minor(minor, currency).to_string(),
            Err(_) => format!("{minor} minor units of {currency}"),
        }
    }

    fn group(&self, at: usize) -> String {
        let group = usize_of_u32(self.market.nodes[at].group);
        let id = self.problem.groups().get(group).map(Group::id);
        id.map_or_else(String::new, |id| id.as_str().to_owned())
    }

    fn too_little(&self, at: usize, possible: i128) -> AllocateError {
        let demanded = i128::from(self.market.nodes[at].floor);
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
        let nodes = &self.market.nodes;
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
                if self.market.floor[item] > 0 {
                    let position = usize_of_u32(self.market.position[item]);
                    let id = self.problem.activities()[position].id();
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
