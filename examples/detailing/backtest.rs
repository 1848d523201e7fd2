//! What became of those the plan chose, against chance and against the calls really made.

use sortie::campaign::Plan;
use sortie::customer::Tier;

use crate::panel::{Panel, Physician};
use crate::people::{ACTIVE_FOR_HABIT, WINDOW, tier_of};

/// How many of a chosen number went on to prescribe (prospects) or formed the habit (starting).
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub tier: Tier,
    /// Physicians of the tier.
    pub all: usize,
    /// Of them, those who went on.
    pub all_went_on: usize,
    /// Chosen by the plan.
    pub chosen: usize,
    /// Of them, those who went on.
    pub chosen_went_on: usize,
    /// Expected among as many chosen at random: exact.
    pub random: f64,
    /// Expected among as many taken in the order of calls really made next, ties at random: exact.
    pub by_calls: f64,
    /// Of those the plan chose, how many received no call at all in the months that followed, and of those,
    /// how many went on.
    pub uncalled: (usize, usize),
}

/// Months after the as-of month that are judged: six, or as many as the panel has.
pub fn judged_until(panel: &Panel, as_of: usize) -> usize {
    panel.months.min(as_of + WINDOW)
}

/// Judges one tier of a plan by the months that follow; `None` if none follow.
pub fn judge(panel: &Panel, as_of: usize, plan: &Plan, tier: Tier) -> Option<Outcome> {
    let until = judged_until(panel, as_of);
    if until == as_of {
        return None;
    }
    let went_on = |one: &Physician| {
        let active = one.months_active(as_of + 1, until);
        match tier {
            // In a shorter window, all months but one.
            Tier::Habitual | Tier::Starting => {
                active + (WINDOW - ACTIVE_FOR_HABIT) >= until - as_of
            }
            Tier::Prospect => active > 0,
        }
    };
    // Lines stand in the order of ids, which is that of the panel.
    let members: Vec<(&Physician, bool)> = panel
        .physicians
        .iter()
        .zip(plan.lines())
        .filter(|(one, _)| tier_of(one, as_of) == tier)
        .map(|(one, line)| (one, line.attack.is_some()))
        .collect();
    let calls = |one: &Physician| one.calls_in(as_of + 1, until);
    let chosen: Vec<&Physician> = members
        .iter()
        .filter(|(_, attacked)| *attacked)
        .map(|(one, _)| *one)
        .collect();
    let all_went_on = members.iter().filter(|(one, _)| went_on(one)).count();
    let uncalled: Vec<&&Physician> = chosen.iter().filter(|one| calls(one) == 0).collect();
    let ranked: Vec<(u32, bool)> = members
        .iter()
        .map(|(one, _)| (calls(one), went_on(one)))
        .collect();
    Some(Outcome {
        tier,
        all: members.len(),
        all_went_on,
        chosen: chosen.len(),
        chosen_went_on: chosen.iter().filter(|one| went_on(one)).count(),
        random: chosen.len() as f64 * all_went_on as f64 / members.len().max(1) as f64,
        by_calls: expected_by_rank(ranked, chosen.len()),
        uncalled: (
            uncalled.len(),
            uncalled.iter().filter(|one| went_on(one)).count(),
        ),
    })
}

/// Expected successes among the `take` of most calls, where equal calls are ordered at random.
fn expected_by_rank(mut ranked: Vec<(u32, bool)>, take: usize) -> f64 {
    ranked.sort_by_key(|(calls, _)| std::cmp::Reverse(*calls));
    let (mut left, mut expected) = (take, 0.0);
    let mut start = 0;
    while left > 0 && start < ranked.len() {
        let calls = ranked[start].0;
        let ties = ranked[start..]
            .iter()
            .take_while(|(other, _)| *other == calls)
            .count();
        let hits = ranked[start..start + ties]
            .iter()
            .filter(|(_, hit)| *hit)
            .count();
        let taken = left.min(ties);
        expected += taken as f64 * hits as f64 / ties as f64;
        left -= taken;
        start += ties;
    }
    expected
}
