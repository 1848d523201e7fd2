//! The table: an exhaustive search over the few menus near the break, by dynamic programming with bounds.
//!
//! A state is what a set of changes against the base costs more and gains more; a state that costs no less
//! and gains no more than another is dropped, and so is one that could not beat the answer in hand even if
//! the rest of the room were bought at the best price still open (Pisinger 1995).

use crate::numeric::cast;

/// Options of menus other than the base, as differences from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Core {
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Change {
    menu: u32,
    option: u32,
    cost: i64,
    gain: f64,
}

impl Core {
    /// Adds an option; the options of a menu come together.
    pub(crate) fn option(&mut self, menu: u32, option: u32, cost: i64, gain: f64) {
        self.changes.push(Change {
            menu,
            option,
            cost,
            gain,
        });
    }
}

impl Core {
    fn mean_step(&self) -> i64 {
        let total: i128 = self
            .changes
            .iter()
            .map(|change| i128::from(change.cost.unsigned_abs()))
            .sum();
        i64::try_from(total / i128::from(cast::i64_of_usize(self.changes.len()).max(1)))
            .unwrap_or(i64::MAX)
    }
}

/// The highest gain over the base that is in hand; staying at the base gains nothing and always fits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    gain: f64,
}

impl Best {
    pub(crate) const fn new() -> Self {
        Self { gain: 0.0 }
    }

    pub(crate) const fn gain(self) -> f64 {
        self.gain
    }
}

/// How a search ended.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The changes of the best state found by this search; empty if it found none.
    pub(crate) taken: Vec<(u32, u32)>,
    pub(crate) improved: bool,
    /// No set of changes of the core gains more than this.
    pub(crate) bound: f64,
    pub(crate) work: u64,
}

#[derive(Clone, Copy, Debug)]
struct State {
    cost: i64,
    gain: f64,
    /// Place in the log of changes.
    log: u32,
}

/// The change that led to a state, and the log entry before it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    before: u32,
    change: u32,
}

const ROOT: u32 = u32::MAX;

/// Slopes still open to the menus from one on: the best for a unit more, the least for a unit less.
#[derive(Clone, Copy, Debug)]
struct Open {
    more: f64,
    less: f64,
}

/// How much a search may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// States looked at in all.
    pub(crate) states: u64,
    /// States kept from one menu to the next; with more, those of least promise are dropped and nothing is proved.
    pub(crate) width: usize,
}

/// Searches the core for the highest gain that costs at most `room` more than the base.
pub(crate) fn search(
    core: &Core,
    room: i64,
    price: f64,
    best: &mut Best,
    effort: Effort,
) -> Outcome {
    let menus = ordered(core, price);
    let open = open_slopes(core, &menus);
    let step = core.mean_step();
    let mut work = 0_u64;
    let mut log: Vec<Entry> = Vec::new();
    let mut states = vec![State {
        cost: 0,
        gain: 0.0,
        log: ROOT,
    }];
    let mut found = None;
    let mut spare = Vec::new();
    let mut next = Vec::new();
    for (place, menu) in menus.iter().enumerate() {
        let after = open[place + 1];
        next.clear();
        next.extend(
            states
                .iter()
                .copied()
                .filter(|state| reach(state, room, after) > best.gain),
        );
        for change in menu.first..menu.last {
            let shift = core.changes[change];
            merge(
                &mut Merge {
                    room,
                    after,
                    best,
                    found: &mut found,
                    log: &mut log,
                    change,
                    shift,
                },
                &next,
                &states,
                &mut spare,
            );
            work += cast::u64_of_usize(next.len() + states.len());
            core::mem::swap(&mut next, &mut spare);
        }
        // A better answer found on the way drops states that were kept before it.
        core::mem::swap(&mut states, &mut next);
        if states.is_empty() {
            break;
        }
        if states.len() > effort.width {
            narrow(&mut states, room, after, effort.width, step);
        }
        if work > effort.states {
            let bound = states
                .iter()
                .map(|state| reach(state, room, after))
                .fold(best.gain, f64::max);
            return outcome(core, &log, found, bound, work);
        }
    }
    outcome(core, &log, found, best.gain, work)
}

fn outcome(core: &Core, log: &[Entry], found: Option<u32>, bound: f64, work: u64) -> Outcome {
    let mut taken = Vec::new();
    let mut at = found.unwrap_or(ROOT);
    while let Some(entry) = log.get(cast::usize_of_u32(at)) {
        let change = core.changes[cast::usize_of_u32(entry.change)];
        taken.push((change.menu, change.option));
        at = entry.before;
    }
    Outcome {
        taken,
        improved: found.is_some(),
        bound,
        work,
    }
}

/// The most that a state can still gain.
fn reach(state: &State, room: i64, open: Open) -> f64 {
    let left = cast::f64_of_i64(room.saturating_sub(state.cost));
    if left >= 0.0 {
        state.gain + left * open.more
    } else {
        state.gain + left * open.less
    }
}

/// Keeps the states of most promise, in order of cost.
///
/// Where values follow costs, thousands of states promise the same. Among these the ones within a step of
/// the room are kept, spread over it by a hash of their cost, so that some sum of later steps fills it exactly.
fn narrow(states: &mut Vec<State>, room: i64, open: Open, width: usize, step: i64) {
    let top = states
        .iter()
        .map(|state| reach(state, room, open))
        .fold(f64::MIN, f64::max);
    let least = states
        .iter()
        .map(|state| reach(state, room, open))
        .fold(f64::MAX, f64::min);
    let level = LEVELS / (top - least).max(f64::MIN_POSITIVE);
    let rank = |state: &State| {
        let short = cast::i64_clamped((top - reach(state, room, open)) * level, 0, i64::MAX);
        let away = room.saturating_sub(state.cost).unsigned_abs() / step.unsigned_abs().max(1);
        (short, away, spread(state.cost))
    };
    states.select_nth_unstable_by_key(width, rank);
    states.truncate(width);
    states.sort_unstable_by_key(|state| state.cost);
}

/// Levels of promise that are told apart when states are dropped.
const LEVELS: f64 = 1024.0;

/// A bijection that scatters neighbouring costs (multiplication by an odd constant near 2⁶⁴ over the golden ratio).
fn spread(cost: i64) -> u64 {
    u64::from_le_bytes(cost.to_le_bytes())
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
}

struct Merge<'a> {
    room: i64,
    after: Open,
    best: &'a mut Best,
    found: &'a mut Option<u32>,
    log: &'a mut Vec<Entry>,
    change: usize,
    shift: Change,
}

/// The undominated states of `kept` and of `states` moved by one change, in order of cost.
fn merge(with: &mut Merge<'_>, kept: &[State], states: &[State], into: &mut Vec<State>) {
    into.clear();
    let mut highest = f64::NEG_INFINITY;
    let mut kept = kept.iter().peekable();
    for state in states {
        let moved = State {
            cost: state.cost.saturating_add(with.shift.cost),
            gain: state.gain + with.shift.gain,
            log: state.log,
        };
        while let Some(other) =
            kept.next_if(|other| (other.cost, -other.gain) <= (moved.cost, -moved.gain))
        {
            if other.gain > highest {
                highest = other.gain;
                into.push(*other);
            }
        }
        if moved.gain <= highest || reach(&moved, with.room, with.after) <= with.best.gain {
            continue;
        }
        let entry = cast::u32_of_usize(with.log.len());
        with.log.push(Entry {
            before: state.log,
            change: cast::u32_of_usize(with.change),
        });
        let moved = State {
            log: entry,
            ..moved
        };
        if moved.cost <= with.room && moved.gain > with.best.gain {
            with.best.gain = moved.gain;
            *with.found = Some(entry);
        }
        highest = highest.max(moved.gain);
        into.push(moved);
    }
    for other in kept {
        if other.gain > highest {
            highest = other.gain;
            into.push(*other);
        }
    }
}

/// A menu's changes, as a range of the core.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: usize,
    last: usize,
    distance: f64,
}

/// The menus of a core, those whose slopes lie nearest to the price first.
fn ordered(core: &Core, price: f64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut menu = None;
    for (index, change) in core.changes.iter().enumerate() {
        let off = if change.cost == 0 {
            0.0
        } else {
            (change.gain / cast::f64_of_i64(change.cost) - price).abs()
        };
        match spans.last_mut() {
            Some(span) if menu == Some(change.menu) => {
                span.last = index + 1;
                span.distance = span.distance.min(off);
            }
            _ => {
                menu = Some(change.menu);
                spans.push(Span {
                    first: index,
                    last: index + 1,
                    distance: off,
                });
            }
        }
    }
    spans.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    spans
}

/// For each place, the slopes open to the menus from it on.
fn open_slopes(core: &Core, menus: &[Span]) -> Vec<Open> {
    let mut open = vec![
        Open {
            more: 0.0,
            less: f64::MAX
        };
        menus.len() + 1
    ];
    for place in (0..menus.len()).rev() {
        let mut here = open[place + 1];
        for change in &core.changes[menus[place].first..menus[place].last] {
            if change.cost > 0 {
                here.more = here.more.max(change.gain / cast::f64_of_i64(change.cost));
            } else if change.cost < 0 {
                here.less = here.less.min(change.gain / cast::f64_of_i64(change.cost));
            }
        }
        open[place] = here;
    }
    open
}

#[cfg(test)]
mod tests;
