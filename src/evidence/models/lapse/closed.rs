//! The closed form underneath: MBG/CNBD-k in days, that of `periods.rs` where uses come on a lattice, or a mixture.
//!
//! Which, the log's own past says: each form foretells, one step ahead, who uses until the next date, and the hazards are
//! mixed in the share that makes what came likeliest. An own lattice has been fitted too and so must gain more than its
//! parameters would by chance (Schwarz 1978, Annals of Statistics 6, 461–464).

use super::{
    GROUPS_KEPT, PRIOR_WEIGHT,
    fit::{self, Foretold},
    grid::even_step,
    lattice::Lattice,
    periods::{PeriodPath, Periods, Seen},
};
use crate::{
    evidence::models::{
        BetaGeometric, Record,
        beta_geometric::{self, Group},
    },
    numeric::{cast, kernels},
};

/// Shares of the form of periods that are tried.
const SHARES: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Chances that a window is worth at least, in periods: something may always come off the lattice.
const CHANCES_LEAST: f64 = 0.02;

/// A closed form, and what it counts time by.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    pub(super) days: BetaGeometric,
    groups: Vec<Group>,
    lattice: Option<Lattice>,
    periods: Option<Periods>,
    /// The share of the form of periods in the hazard.
    share: f64,
}

impl Closed {
    pub(super) fn of_days(days: BetaGeometric) -> Self {
        let groups = (0..GROUPS_KEPT)
            .map(|repeats| days.group_of(repeats))
            .collect();
        Self {
            days,
            groups,
            lattice: None,
            periods: None,
            share: 0.0,
        }
    }

    /// With the lattice on which `past`, cut at `end`, lies, and the share of the form of periods that foretells it best.
    pub(super) fn fit(
        days: BetaGeometric,
        past: &[&[i32]],
        end: i32,
        horizon: f64,
        book: f64,
    ) -> Self {
        let mut closed = Self::of_days(days);
        let lattices = match common(past, horizon) {
            Some(lattice) => {
                closed.lattice = Some(lattice.clone());
                vec![lattice]
            }
            None => own(past),
        };
        let foretold = |closed: &Self| fit::foretold(past, end, horizon, book, closed);
        let mut by_days: Option<Vec<Foretold>> = None;
        let mut most = 0.0;
        for lattice in lattices {
            let parameters = lattice.parameters();
            let Some(other) = closed.on(lattice, past, end) else {
                continue;
            };
            let by_days = by_days.get_or_insert_with(|| foretold(&closed));
            let by_periods = foretold(&other);
            let rows = cast::f64_of_usize(by_days.len().max(1));
            let least = merit(by_days, &by_periods, 0.0) + 0.5 * parameters * libm::log(rows);
            for share in SHARES {
                let gain = merit(by_days, &by_periods, share) - least;
                if gain > most {
                    most = gain;
                    closed = Self {
                        share,
                        ..other.clone()
                    };
                }
            }
        }
        closed
    }

    /// The form of periods fitted on a lattice.
    fn on(&self, lattice: Lattice, past: &[&[i32]], end: i32) -> Option<Self> {
        let seen = past
            .iter()
            .filter_map(|days| Record::until(days, end))
            .map(|record| {
                let repeats = f64::from(record.uses() - 1);
                let recency = lattice.between(record.first(), record.last()).max(repeats);
                Seen {
                    repeats,
                    recency,
                    age: recency + lattice.passed(record.last(), record.gap(end)),
                    count: 1.0,
                }
            })
            .collect();
        Some(Self {
            periods: Some(Periods::fit(seen, PRIOR_WEIGHT)?),
            lattice: Some(lattice),
            share: 1.0,
            ..self.clone()
        })
    }

    /// The share of the form of periods, and the mean days in a period, if it has any.
    pub(super) fn share_of_periods(&self) -> Option<(f64, f64)> {
        let period = self.lattice.as_ref().map(Lattice::period)?;
        self.periods.map(|_| (self.share, period))
    }

    /// The days of a silence of `gap` days in which something could be seen to happen.
    pub(super) fn seen(&self, record: &Record, gap: f64) -> f64 {
        match &self.lattice {
            Some(lattice @ Lattice::Common { .. }) => {
                lattice.period() * lattice.passed(record.last(), gap)
            }
            _ => gap,
        }
    }

    /// The same of the `window` days that follow it.
    pub(super) fn window(&self, record: &Record, gap: f64, window: f64) -> f64 {
        let [seen, _] = self.both_windows(record, gap, [window; 2]);
        seen
    }

    /// The same of two windows.
    pub(super) fn both_windows(&self, record: &Record, gap: f64, windows: [f64; 2]) -> [f64; 2] {
        self.lattice.as_ref().map_or(windows, |lattice| {
            let [one, other] = windows;
            let gaps = [gap, gap + one, gap + other];
            let [before, one, other] = lattice.all_passed(record.last(), gaps);
            [one, other].map(|after| lattice.period() * (after - before).max(CHANCES_LEAST))
        })
    }

    /// The way ahead of a customer that stays silent after `gap` days of it.
    pub(super) fn path(&self, record: &Record, gap: f64) -> Path {
        let repeats = record.uses() - 1;
        if let (Some(lattice), Some(periods)) = (&self.lattice, &self.periods) {
            let recency = lattice.between(record.first(), record.last());
            let passed = lattice.passed(record.last(), gap);
            return Path::Periods {
                path: periods.path(f64::from(repeats), recency, passed),
                period: lattice.period(),
                share: self.share,
                days: (self.share < 1.0)
                    .then(|| self.path_of_days(record, lattice.period() * passed)),
            };
        }
        Path::Days(self.path_of_days(record, self.seen(record, gap)))
    }

    fn path_of_days(&self, record: &Record, gap: f64) -> beta_geometric::Path {
        let repeats = record.uses() - 1;
        match self.groups.get(cast::usize_of_u32(repeats)) {
            Some(group) => self.days.path_of(group, record.span(), gap),
            None => self.days.path(repeats, record.span(), gap),
        }
    }
}

/// A customer that stays silent from now on.
pub(super) enum Path {
    Days(beta_geometric::Path),
    Periods {
        path: PeriodPath,
        /// Days of a period.
        period: f64,
        /// The share of the hazard that follows the form of periods.
        share: f64,
        /// The rest follows that of days.
        days: Option<beta_geometric::Path>,
    },
}

impl Path {
    /// Probability of silence for another `window` of seen days, and the probability of having left if it was silent.
    pub(super) fn at(&self, window: f64) -> (f64, f64) {
        match self {
            Self::Days(path) => path.at(window),
            Self::Periods {
                path,
                period,
                share,
                days,
            } => {
                let (silent, gone) = path.at(window / period);
                days.map_or((silent, gone), |days| {
                    let (other, left) = days.at(window);
                    let ln = |p: f64| libm::log(p.max(1e-300));
                    (
                        libm::exp(share * ln(silent) + (1.0 - share) * ln(other)),
                        share * gone + (1.0 - share) * left,
                    )
                })
            }
        }
    }
}

impl Path {
    /// The hazards of some numbers of seen days: −ln of the probabilities of silence for so long.
    pub(super) fn hazards_until<const N: usize>(&self, days: &[f64; N]) -> [f64; N] {
        let hazards = |silent: [f64; N]| silent.map(|p| -kernels::ln(p.max(1e-300)));
        self.mixed(
            days,
            |path, days| hazards(path.silent_for(days)),
            |path, periods| hazards(path.silent_for(periods)),
        )
    }

    /// The probabilities of having left after so many seen days more of silence.
    pub(super) fn gone_after<const N: usize>(&self, days: &[f64; N]) -> [f64; N] {
        self.mixed(
            days,
            beta_geometric::Path::gone_after,
            PeriodPath::gone_after,
        )
    }

    /// What each form says, by their shares.
    fn mixed<const N: usize>(
        &self,
        days: &[f64; N],
        of_days: impl Fn(&beta_geometric::Path, &[f64; N]) -> [f64; N],
        of_periods: impl Fn(&PeriodPath, &[f64; N]) -> [f64; N],
    ) -> [f64; N] {
        match self {
            Self::Days(path) => of_days(path, days),
            Self::Periods {
                path,
                period,
                share,
                days: other,
            } => {
                let mut found = of_periods(path, &days.map(|days| days / period));
                if let Some(other) = other {
                    for (found, other) in found.iter_mut().zip(of_days(other, days)) {
                        *found = share * *found + (1.0 - share) * other;
                    }
                }
                found
            }
        }
    }
}

/// The common lattice of a log, if it has one that is longer than the even steps at which its past is read.
fn common(past: &[&[i32]], horizon: f64) -> Option<Lattice> {
    let mut days: Vec<i32> = past.iter().flat_map(|days| days.iter().copied()).collect();
    days.sort_unstable();
    days.dedup();
    Lattice::common(&days, f64::from(even_step(horizon)))
}

/// The own lattices on which the gaps of a log may lie.
fn own(past: &[&[i32]]) -> Vec<Lattice> {
    let gaps: Vec<i32> = past
        .iter()
        .flat_map(|days| days.windows(2).map(|pair| pair[1] - pair[0]))
        .collect();
    Lattice::own(&gaps)
}

/// The log-likelihood of what came, by the two forms at a share of the second.
fn merit(by_days: &[Foretold], by_periods: &[Foretold], share: f64) -> f64 {
    by_days
        .iter()
        .zip(by_periods)
        .map(|(days, periods)| {
            let hazard = (1.0 - share) * days.hazard + share * periods.hazard;
            if days.used {
                libm::log(-libm::expm1(-hazard.max(1e-10)))
            } else {
                -hazard
            }
        })
        .sum()
}

#[cfg(test)]
mod tests;
