//! Attacks as menus: what a customer can be offered, one thing of which is taken.
//!
//! The default models answer money with one concave curve a customer, which is fast and proves the best plan at
//! any size. A menu says more, and costs more to solve: which step of which habit with how many efforts; how many
//! doubts are answered in person, and whether the customer is in the programme of early warning.

use serde::{Deserialize, Serialize};

use super::{ModelError, Models};
use crate::customer::Starting;
use crate::customer::behaviour::{CareMode, Doubt};
use crate::fraction::Fraction;
use crate::money::Money;
use crate::numeric::cast;

/// The menus that are offered in place of curves: an opt-in of [`Models`].
///
/// ```
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::campaign::models::{CareModes, Economy, Menus, Models};
/// use sortie::customer::behaviour::CareMode;
/// use sortie::fraction::Fraction;
/// use sortie::money::{Currency, Money};
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let visit = CareMode::person_to_person(usd("150.00")?, Fraction::new(0.6)?)?;
/// let programme = CareMode::early_warning(usd("4000.00")?, usd("12.00")?, Fraction::new(0.5)?)?;
/// let menus = Menus::new(6, CareModes::new(visit)?.with_programme(programme)?)?;
/// let models = Models::judged(economy, usd("150.00")?)?.with_menus(menus)?;
/// assert!(models.menus().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Menus {
    efforts_most: u32,
    care: CareModes,
    search_most: u64,
}

/// The modes of care that a team has \[B2\]: visits, and perhaps a programme of early warning.
///
/// The programme's own fee is paid once, whoever is in it, and stands in no menu: it is set aside from the
/// budget before the plan is asked for, and the plans with and without the programme are compared.
/// [`Models::compare_care`] tells beforehand what each mode would come to.
#[derive(Clone, Debug, PartialEq)]
pub struct CareModes {
    visit: CareMode,
    programme: Option<CareMode>,
}

/// By which means a customer is cared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareMeans {
    /// Doubts that are answered in person, the most severe first.
    pub visits: u32,
    /// Whether the customer is in the programme of early warning.
    pub early_warning: bool,
}

/// One thing that care can do for a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CareOption {
    /// By which means.
    pub means: CareMeans,
    /// What it costs.
    pub cost: Money,
    /// What it adds to the chance that use becomes habit.
    pub gain: f64,
}

/// The most efforts that a menu of iterations may list a step with.
const EFFORTS_MOST: u32 = 100;

/// Nodes of the search among menus that are looked at unless the caller says otherwise.
const SEARCH_MOST: u64 = 2_000;

impl Menus {
    /// Menus of iterations with 1 to `efforts_most` efforts a step, at most 100, and of these modes of care.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] for no efforts or more than 100.
    pub fn new(efforts_most: u32, care: CareModes) -> Result<Self, ModelError> {
        if !(1..=EFFORTS_MOST).contains(&efforts_most) {
            return Err(ModelError::Parameter {
                parameter: "efforts of a menu",
                value: f64::from(efforts_most),
                rule: "from 1 to 100",
            });
        }
        Ok(Self {
            efforts_most,
            care,
            search_most: SEARCH_MOST,
        })
    }

    /// The most efforts that a step is listed with.
    #[must_use]
    pub const fn efforts_most(&self) -> u32 {
        self.efforts_most
    }

    /// The modes of care.
    #[must_use]
    pub const fn care(&self) -> &CareModes {
        &self.care
    }

    /// The same, but with another limit to the search among the menus, in nodes; 2,000 unless given. A search that
    /// ends there answers with the best plan found and its bound, and the plan does not call itself the best.
    #[must_use]
    pub const fn with_search_most(mut self, nodes: u64) -> Self {
        self.search_most = nodes;
        self
    }

    /// The most nodes of the search.
    #[must_use]
    pub const fn search_most(&self) -> u64 {
        self.search_most
    }
}

impl CareModes {
    /// Care by visits alone.
    ///
    /// # Errors
    /// [`ModelError::CareMode`] for a mode that acts before doubts are voiced, or whose incidents cost nothing.
    pub fn new(visit: CareMode) -> Result<Self, ModelError> {
        let free = visit
            .cost_of_customer(1)
            .is_ok_and(|incident| incident.minor() == 0);
        if visit.acts_before_doubts() || free {
            return Err(ModelError::CareMode {
                place: "visits",
                rule: "care person to person at a cost an incident above 0",
            });
        }
        Ok(Self {
            visit,
            programme: None,
        })
    }

    /// The same with a programme of early warning that runs.
    ///
    /// # Errors
    /// [`ModelError::CareMode`] for a mode that waits for doubts, whose customers cost nothing each, or in another
    /// currency than the visits.
    pub fn with_programme(self, programme: CareMode) -> Result<Self, ModelError> {
        let a_customer = programme.cost_of_customer(0);
        let free = a_customer.is_ok_and(|cost| cost.minor() == 0);
        if !programme.acts_before_doubts() || free || currency(&programme) != currency(&self.visit)
        {
            return Err(ModelError::CareMode {
                place: "the programme",
                rule: "early warning at a cost a customer above 0, in the currency of the visits",
            });
        }
        Ok(Self {
            programme: Some(programme),
            ..self
        })
    }

    /// Care person to person.
    #[must_use]
    pub const fn visit(&self) -> &CareMode {
        &self.visit
    }

    /// Early warning, if it runs.
    #[must_use]
    pub const fn programme(&self) -> Option<&CareMode> {
        self.programme.as_ref()
    }

    /// What care by given means adds to the chance that use becomes habit, `hidden` being the joint severity of
    /// doubts not voiced yet.
    ///
    /// A doubt of severity s that means resolve with the chance q weighs s·(1 − q); one that is answered in person
    /// and met by the programme is missed only if both miss it. Doubts not voiced are met by the programme alone.
    #[must_use]
    pub fn gain(&self, starting: &Starting, hidden: Fraction, means: CareMeans) -> f64 {
        let behaviour = starting.behaviour();
        let mut open: Vec<&Doubt> = behaviour.open_doubts().collect();
        open.sort_by(|a, b| {
            let severer = b.severity().get().total_cmp(&a.severity().get());
            severer.then_with(|| a.id().cmp(b.id()))
        });
        let missed_by = |mode: Option<&CareMode>, does: bool| {
            mode.filter(|_| does)
                .map_or(1.0, |mode| mode.resolves().complement().get())
        };
        let warned = missed_by(self.programme.as_ref(), means.early_warning);
        let visits = cast::usize_of_u32(means.visits);
        let (mut kept, mut kept_before) = (1.0 - hidden.get() * warned, 1.0 - hidden.get());
        for (place, doubt) in open.into_iter().enumerate() {
            let missed = warned * missed_by(Some(&self.visit), place < visits);
            kept *= 1.0 - doubt.severity().get() * missed;
            kept_before *= 1.0 - doubt.severity().get();
        }
        let left = behaviour
            .doubts()
            .iter()
            .filter(|doubt| doubt.weighs() && !doubt.is_open());
        let chance = left.fold(starting.untroubled().get(), |chance, doubt| {
            chance * doubt.severity().complement().get()
        });
        (chance * (kept - kept_before)).max(0.0)
    }

    /// What these means cost for one customer; none beyond what money can hold, or for a programme that does not
    /// run.
    #[must_use]
    pub fn cost(&self, means: CareMeans) -> Option<Money> {
        let visits = self.visit.cost_of_customer(u64::from(means.visits)).ok()?;
        if !means.early_warning {
            return Some(visits);
        }
        let fee = self.programme.as_ref()?.cost_of_customer(0).ok()?;
        visits.checked_add(fee).ok()
    }

    /// Everything that can be done for a customer: each number of visits up to one for each open doubt, with the
    /// programme and without. Those that add nothing are left out.
    #[must_use]
    pub fn options(&self, starting: &Starting, hidden: Fraction) -> Vec<CareOption> {
        let open = cast::u32_of_usize(starting.behaviour().open_doubts().count());
        let means = (0..=open).flat_map(|visits| {
            [false, true].map(|early_warning| CareMeans {
                visits,
                early_warning,
            })
        });
        means
            .filter_map(|means| {
                let gain = self.gain(starting, hidden, means);
                let cost = self.cost(means).filter(|cost| cost.minor() > 0)?;
                (gain > 0.0).then_some(CareOption { means, cost, gain })
            })
            .collect()
    }
}

/// What one mode of care comes to over many customers \[B2\].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CareComparison {
    /// The mode.
    pub mode: CareMode,
    /// Customers it would serve.
    pub customers: u64,
    /// Open doubts among them.
    pub incidents: u64,
    /// What it would cost, with the programme's fee; none if money cannot hold it.
    pub cost: Option<Money>,
    /// Habits it is expected to add.
    pub habits: f64,
}

impl Models {
    /// What each mode of care would come to if all these customers had it, by itself: visits for every open doubt,
    /// and the programme for everybody. The doctrine expects early warning to be the more efficient of the two;
    /// the figures tell from where on it is.
    pub fn compare_care<'a>(
        &self,
        starting: impl IntoIterator<Item = &'a Starting>,
        modes: &CareModes,
    ) -> Vec<CareComparison> {
        let (mut customers, mut incidents) = (0, 0);
        let (mut visited, mut warned) = (
            crate::numeric::ExactSum::new(),
            crate::numeric::ExactSum::new(),
        );
        for one in starting {
            let visits = cast::u32_of_usize(one.behaviour().open_doubts().count());
            customers += 1;
            incidents += u64::from(visits);
            let gain = |visits, early_warning| {
                let means = CareMeans {
                    visits,
                    early_warning,
                };
                modes.gain(one, self.care().hidden(), means)
            };
            visited.add(gain(visits, false));
            warned.add(gain(0, true));
        }
        let mode = |mode: &CareMode, habits: f64| CareComparison {
            mode: *mode,
            customers,
            incidents,
            cost: mode.cost(customers, incidents).ok(),
            habits,
        };
        let visits = mode(&modes.visit, visited.value());
        let programme = modes.programme.as_ref();
        let programme = programme.map(|programme| mode(programme, warned.value()));
        core::iter::once(visits).chain(programme).collect()
    }
}

pub(super) fn currency(mode: &CareMode) -> crate::money::Currency {
    mode.per_programme().currency()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{Date, DiscountRate, Horizon};
    use crate::campaign::models::Economy;
    use crate::customer::behaviour::Behaviour;
    use crate::id::Id;
    use crate::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    fn fraction(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    fn both(visit: f64, warning: f64) -> CareModes {
        let visit = CareMode::person_to_person(usd(15_000), fraction(visit)).unwrap();
        let warning = CareMode::early_warning(usd(400_000), usd(1_200), fraction(warning)).unwrap();
        CareModes::new(visit)
            .unwrap()
            .with_programme(warning)
            .unwrap()
    }

    fn starting(untroubled: f64, severities: &[f64]) -> Starting {
        let day = |number| Date::from_day_number(number).unwrap();
        let doubts = severities.iter().enumerate().map(|(place, severity)| {
            let id = Id::new(format!("d{place}")).unwrap();
            Doubt::raise(id, day(2), fraction(*severity))
        });
        let behaviour = Behaviour::new(day(1), doubts.collect(), vec![]).unwrap();
        Starting::new(fraction(untroubled), behaviour)
    }

    fn means(visits: u32, early_warning: bool) -> CareMeans {
        CareMeans {
            visits,
            early_warning,
        }
    }

    #[test]
    fn gains_are_those_of_the_hand() {
        let (modes, one) = (both(0.6, 0.5), starting(0.8, &[0.2, 0.5]));
        let hidden = fraction(0.1);
        let before = 0.9 * 0.8 * 0.5;
        // One visit answers the severer doubt: .5 becomes .2.
        let visited = 0.8 * (0.9 * 0.8 * 0.8 - before);
        assert!((modes.gain(&one, hidden, means(1, false)) - visited).abs() < 1e-15);
        // The programme halves all three.
        let warned = 0.8 * (0.95 * 0.9 * 0.75 - before);
        assert!((modes.gain(&one, hidden, means(0, true)) - warned).abs() < 1e-15);
        // Both: what is left of a doubt is (1 − .6)(1 − .5) of it.
        let both = 0.8 * (0.95 * (1.0 - 0.2 * 0.2) * (1.0 - 0.5 * 0.2) - before);
        assert!((modes.gain(&one, hidden, means(2, true)) - both).abs() < 1e-15);
        let options = modes.options(&one, hidden);
        let listed: Vec<(CareMeans, i64)> = options
            .iter()
            .map(|option| (option.means, option.cost.minor()))
            .collect();
        assert_eq!(
            listed,
            [
                (means(0, true), 1_200),
                (means(1, false), 15_000),
                (means(1, true), 16_200),
                (means(2, false), 30_000),
                (means(2, true), 31_200)
            ]
        );
        // Without doubts only the programme has something to do.
        let options = modes.options(&starting(0.8, &[]), hidden);
        assert_eq!(options.len(), 1);
        assert!(modes.options(&starting(0.0, &[0.5]), hidden).is_empty());
    }

    #[test]
    fn the_modes_are_compared_over_all() {
        let economy = Economy {
            horizon: Horizon::new(12).unwrap(),
            discount: DiscountRate::NONE,
        };
        let models = Models::judged(economy, usd(15_000)).unwrap();
        let (one, other) = (starting(0.8, &[0.2, 0.5]), starting(0.5, &[]));
        let care = both(0.6, 0.5);
        let compared = models.compare_care([&one, &other], &care);
        let [visits, programme] = compared[..] else {
            panic!("{compared:?}");
        };
        assert_eq!((visits.customers, visits.incidents), (2, 2));
        assert_eq!(visits.cost, Some(usd(30_000)));
        assert_eq!(programme.cost, Some(usd(402_400)));
        let hidden = models.care().hidden();
        let gain = |one: &Starting, how| care.gain(one, hidden, how);
        assert!((visits.habits - gain(&one, means(2, false))).abs() < 1e-15);
        let warned = gain(&one, means(0, true)) + gain(&other, means(0, true));
        assert!((programme.habits - warned).abs() < 1e-15);
    }

    #[test]
    fn modes_that_are_none_are_refused() {
        let visit = |cost| CareMode::person_to_person(usd(cost), fraction(0.5)).unwrap();
        let warning = |each| CareMode::early_warning(usd(1), usd(each), fraction(0.5)).unwrap();
        let refused = CareModes::new(warning(1)).unwrap_err().to_string();
        assert_eq!(
            refused,
            "visits must be care person to person at a cost an incident above 0"
        );
        assert!(CareModes::new(visit(0)).is_err());
        let modes = CareModes::new(visit(1)).unwrap();
        assert!(modes.clone().with_programme(visit(1)).is_err());
        assert!(modes.clone().with_programme(warning(0)).is_err());
        let euro = Money::from_minor(1, Currency::from_code("EUR").unwrap());
        let abroad = CareMode::early_warning(euro, euro, fraction(0.5)).unwrap();
        assert!(modes.clone().with_programme(abroad).is_err());
        assert!(Menus::new(0, modes.clone()).is_err() && Menus::new(101, modes.clone()).is_err());
        assert_eq!(modes.cost(means(0, true)), None);
        let economy = Economy {
            horizon: Horizon::new(12).unwrap(),
            discount: DiscountRate::NONE,
        };
        let abroad = Models::judged(economy, euro).unwrap();
        assert!(abroad.with_menus(Menus::new(1, modes).unwrap()).is_err());
    }

    proptest! {
        /// More care never adds less, and never more than settling everything for sure.
        #[test]
        fn more_care_adds_more(
            severities in prop::collection::vec(0.0..=1.0, 0..5),
            untroubled in 0.0..=1.0,
            (visit, warning, hidden) in (0.0..=1.0, 0.0..=1.0, 0.0..=1.0),
        ) {
            let (modes, one) = (both(visit, warning), starting(untroubled, &severities));
            let hidden = fraction(hidden);
            let count = u32::try_from(severities.len()).unwrap();
            let most = untroubled - one.adoption().get() * hidden.complement().get();
            for visits in 0..count {
                for warned in [false, true] {
                    let now = modes.gain(&one, hidden, means(visits, warned));
                    prop_assert!(modes.gain(&one, hidden, means(visits + 1, warned)) >= now);
                    prop_assert!(modes.gain(&one, hidden, means(visits, true)) >= now);
                }
            }
            prop_assert!(modes.gain(&one, hidden, means(count, true)) <= most + 1e-12);
        }
    }
}
