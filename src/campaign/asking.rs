//! The problem that the optimiser is asked: an activity for each customer, and what binds them together.

mod tree;

use std::collections::BTreeMap;

use super::CampaignError;
use super::aims::Target;
use super::offer::Offered;
use super::terms::{Hours, Terms};
use crate::allocate::{Activity, Group, Objective, Problem, Resource};
use crate::customer::{Book, ByTier, Customer, Tier};
use crate::document::{DocumentError, Fault};
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::response::{Curve, ModifiedExponential, PiecewiseLinear};

/// The group of habitual and starting customers, and the group of prospects; with territories, resources of these
/// names where both bind.
pub(super) const EXISTING: &str = "existing";
pub(super) const PROSPECTS: &str = "prospects";
/// People's time: a resource, or the outermost group where every effort takes the same.
pub(super) const HOURS: &str = "hours";

/// Which of two families of bounds that cross each other are groups. Groups form a tree, and customers fall into
/// tiers and into territories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Tiers; territories are left out.
    Tiers,
    /// Territories; tiers are left out.
    Territories,
    /// Territories; the bounds of tiers are resources of which each unit of money uses one.
    Both,
}

/// In which form a question is put, and how money is shared between tiers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) form: Form,
    /// The most for existing customers.
    pub(super) existing_most: Money,
    /// The least for prospects; told to groups of tiers alone.
    pub(super) prospects_least: Option<Money>,
}

impl Asked {
    pub(super) const fn of(form: Form, existing_most: Money) -> Self {
        Self {
            form,
            existing_most,
            prospects_least: None,
        }
    }
}

/// The names of the groups and resources of territories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TerritoryNames {
    pub(super) money: Id,
    pub(super) hours: Id,
}

/// What a problem is made of.
pub(super) struct Asking<'a> {
    pub(super) book: &'a Book,
    pub(super) terms: &'a Terms,
    pub(super) names: Vec<TerritoryNames>,
    /// The place of each territory among the terms.
    places: BTreeMap<&'a Id, usize>,
}

/// Worth of values by class and of money that is kept back: see [`super::whole_payback`].
#[derive(Clone, Debug, Default)]
pub(super) struct Weighing {
    /// By class; empty where a value counts once.
    pub(super) worth: Vec<f64>,
    /// What a currency unit that stays unspent counts for, and under which id.
    pub(super) kept: Option<(f64, Id)>,
}

impl<'a> Asking<'a> {
    /// Checks territories and hours, which only together can be wrong.
    pub(super) fn new(book: &'a Book, terms: &'a Terms) -> Result<Self, CampaignError> {
        let currency = book.currency();
        let mut names = Vec::with_capacity(terms.territories.len());
        for territory in &terms.territories {
            for (subject, amount) in [
                ("floor of a territory", territory.floor()),
                ("cap of a territory", territory.cap()),
            ] {
                let Some(amount) = amount else { continue };
                let found = amount.currency();
                if found != currency {
                    return Err(CampaignError::Currency {
                        subject,
                        currency,
                        found,
                    });
                }
                if amount.is_negative() {
                    return Err(CampaignError::Negative { subject, amount });
                }
            }
            let territory_id = territory.id().clone();
            if territory.hours().is_some() && terms.hours.is_none() {
                return Err(CampaignError::HoursUnknown {
                    territory: territory_id,
                });
            }
            names.push(TerritoryNames {
                money: id(&format!("territory:{territory_id}"))?,
                hours: id(&format!("hours:{territory_id}"))?,
            });
        }
        let territories = terms.territories.iter().enumerate();
        let places = territories
            .map(|(at, territory)| (territory.id(), at))
            .collect();
        let asking = Self {
            book,
            terms,
            names,
            places,
        };
        asking.check_tree()?;
        Ok(asking)
    }

    /// One effort.
    const fn effort(&self) -> Money {
        self.terms.models.effort()
    }

    /// The hours, where they are another colour of money; a menu may take time without an effort's cost.
    pub(super) fn uniform(&self) -> Option<Quantity> {
        let hours = self.terms.hours.as_ref()?;
        hours
            .uniform()
            .filter(|_| self.terms.models.menus().is_none())
    }

    /// The hours, where they are a resource of their own.
    fn own_hours(&self) -> Option<&Hours> {
        let hours = self.terms.hours.as_ref()?;
        self.uniform().is_none().then_some(hours)
    }

    /// The money of the whole efforts that so many hours allow.
    pub(super) fn money_of(&self, hours: Quantity) -> Option<Money> {
        let each = self.uniform()?;
        let efforts = hours.micros().checked_div(each.micros())?;
        let minor = u128::from(efforts) * u128::from(self.effort().minor().unsigned_abs());
        let minor = i64::try_from(minor).unwrap_or(i64::MAX);
        Some(Money::from_minor(minor, self.effort().currency()))
    }

    /// The problem in one form. With `everyone`, customers that cannot be attacked are in it with a cap of 0.
    pub(super) fn problem(
        &self,
        targets: &[Target],
        asked: Asked,
        weighing: &Weighing,
        everyone: bool,
    ) -> Result<Problem, CampaignError> {
        let (form, existing_most) = (asked.form, asked.existing_most);
        let currency = self.book.currency();
        let mut activities = Vec::with_capacity(targets.len());
        let mut members: ByTier<Vec<Id>> = ByTier::default();
        let mut of_territory: Vec<Vec<Id>> = vec![Vec::new(); self.names.len()];
        let mut of_none = Vec::new();
        for (customer, target) in self.book.customers().iter().zip(targets) {
            let activity = match target {
                Ok(_) => self.activity(customer, target, form, weighing)?,
                Err(_) if everyone => Some(nothing_for(customer, self.effort())?),
                Err(_) => None,
            };
            let Some(activity) = activity else { continue };
            activities.push(activity);
            let member = customer.id().clone();
            if form == Form::Tiers {
                members.get_mut(customer.tier()).push(member);
            } else {
                match self.territory_of(customer) {
                    Some(at) => of_territory[at].push(member),
                    None => of_none.push(member),
                }
            }
        }
        let budget = self.terms.free()?;
        if let Some((worth, name)) = &weighing.kept {
            activities.push(self.kept(budget, *worth, name)?);
        }
        let groups = match form {
            Form::Tiers => self.tiers(members, asked)?,
            Form::Territories | Form::Both => self.territories(of_territory, of_none)?,
        };
        let resources = self.resources(form, existing_most)?;
        let objective = Objective::Budget(budget);
        Ok(Problem::new(
            currency, objective, resources, activities, groups,
        )?)
    }

    /// The activity of a customer that can be attacked.
    pub(super) fn activity(
        &self,
        customer: &Customer,
        target: &Target,
        form: Form,
        weighing: &Weighing,
    ) -> Result<Option<Activity>, CampaignError> {
        let Ok((aim, cap)) = target else {
            return Ok(None);
        };
        let mut uses: Vec<(Id, Quantity)> = Vec::new();
        let hours = self
            .own_hours()
            .map(|hours| *hours.per_effort().get(customer.tier()));
        let mut of_hours = Vec::new();
        if hours.is_some() {
            of_hours.push(id(HOURS)?);
            if form != Form::Tiers {
                for at in self.territories_around(customer) {
                    if self.terms.territories[at].hours().is_some() {
                        of_hours.push(self.names[at].hours.clone());
                    }
                }
            }
        }
        let hours = hours.unwrap_or_default();
        // A unit of the resource is an hour times the cost of an effort, so that whole efforts use it exactly.
        uses.extend(of_hours.iter().map(|name| (name.clone(), hours)));
        let of_money = if form == Form::Both {
            Some(id(match customer.tier() {
                Tier::Habitual | Tier::Starting => EXISTING,
                Tier::Prospect => PROSPECTS,
            })?)
        } else {
            None
        };
        uses.extend(of_money.iter().map(|name| (name.clone(), ONE)));
        let effort = self.effort();
        let uses_of_choice = |efforts: i64, cost: Money| -> Vec<(Id, Quantity)> {
            let efforts = u64::try_from(efforts).unwrap_or(0);
            let each = scaled_hours(hours, effort).saturating_mul(efforts);
            let timed = of_hours.iter();
            let timed = timed.map(|name| (name.clone(), Quantity::from_micros(each)));
            let money = of_money.iter().map(|name| (name.clone(), in_units(cost)));
            timed.chain(money).collect()
        };
        let offered = Offered {
            step: effort,
            cap: cap.map(|cap| Money::from_minor(cap, effort.currency())),
            uses: &uses,
            uses_of_choice: &uses_of_choice,
            worth: &weighing.worth,
        };
        let activity = aim.activity(customer.id().clone(), &offered);
        activity
            .map(Some)
            .map_err(|source| CampaignError::Response {
                customer: customer.id().clone(),
                source,
            })
    }

    /// Money that stays in hand, as an activity that brings the same for each unit.
    fn kept(&self, budget: Money, worth: f64, name: &Id) -> Result<Activity, CampaignError> {
        let units = super::models::units_of(budget).max(1.0);
        let straight = PiecewiseLinear::new(&[(0.0, 0.0), (units, worth * units)]);
        let curve = straight.map_err(|source| CampaignError::Response {
            customer: name.clone(),
            source,
        })?;
        let kept = Activity::curve(name.clone(), curve);
        // Costs of choices are no whole efforts, so beside menus money is kept to the last minor unit.
        Ok(match self.terms.models.menus() {
            Some(_) => kept,
            None => kept.with_step(self.effort()),
        })
    }

    fn tiers(&self, members: ByTier<Vec<Id>>, asked: Asked) -> Result<Vec<Group>, CampaignError> {
        let ByTier {
            mut habitual,
            starting,
            prospect,
        } = members;
        habitual.extend(starting);
        let free = self.terms.free()?;
        let bounded = |name: &str, cap: Money| -> Result<Group, CampaignError> {
            let group = Group::new(id(name)?);
            // A cap of all there is says no more than the budget does.
            Ok(if cap.minor() < free.minor() {
                group.with_cap(cap)
            } else {
                group
            })
        };
        let existing = bounded(EXISTING, asked.existing_most)?.with_members(habitual);
        let mut prospects = bounded(PROSPECTS, self.terms.room()?)?.with_members(prospect);
        if let Some(floor) = asked.prospects_least {
            prospects = prospects.with_floor(floor);
        }
        let Some(cap) = self.hours_cap() else {
            return Ok(vec![existing, prospects]);
        };
        let hours = id(HOURS)?;
        Ok(vec![
            Group::new(hours.clone()).with_cap(cap),
            existing.with_parent(hours.clone()),
            prospects.with_parent(hours),
        ])
    }

    pub(super) fn hours_cap(&self) -> Option<Money> {
        self.terms
            .hours
            .as_ref()
            .and_then(|hours| self.money_of(hours.limit()))
    }

    fn territories(
        &self,
        members: Vec<Vec<Id>>,
        of_none: Vec<Id>,
    ) -> Result<Vec<Group>, CampaignError> {
        let mut groups = Vec::new();
        let outermost = self.hours_cap();
        let hours = id(HOURS)?;
        if let Some(cap) = outermost {
            groups.push(
                Group::new(hours.clone())
                    .with_cap(cap)
                    .with_members(of_none),
            );
        }
        for ((territory, names), members) in
            self.terms.territories.iter().zip(&self.names).zip(members)
        {
            let mut group = Group::new(names.money.clone()).with_members(members);
            if let Some(floor) = territory.floor() {
                group = group.with_floor(floor);
            }
            let by_hours = territory.hours().and_then(|hours| self.money_of(hours));
            let caps = territory.cap().into_iter().chain(by_hours);
            if let Some(cap) = caps.min_by_key(|cap| cap.minor()) {
                group = group.with_cap(cap);
            }
            match territory.parent() {
                Some(parent) => {
                    let place = self.place_of_territory(parent);
                    let around = place.and_then(|at| self.names.get(at));
                    // Every parent is listed: see `check_tree`.
                    group =
                        group.with_parent(around.map_or(parent, |around| &around.money).clone());
                }
                None if outermost.is_some() => group = group.with_parent(hours.clone()),
                None => {}
            }
            groups.push(group);
        }
        Ok(groups)
    }

    fn resources(&self, form: Form, existing_most: Money) -> Result<Vec<Resource>, CampaignError> {
        let mut resources = Vec::new();
        if let Some(hours) = self.own_hours() {
            let limit = |hours| Quantity::from_micros(scaled_hours(hours, self.effort()));
            resources.push(Resource::new(id(HOURS)?, limit(hours.limit())));
            if form != Form::Tiers {
                for (territory, names) in self.terms.territories.iter().zip(&self.names) {
                    if let Some(hours) = territory.hours() {
                        resources.push(Resource::new(names.hours.clone(), limit(hours)));
                    }
                }
            }
        }
        if form == Form::Both {
            resources.push(Resource::new(id(EXISTING)?, in_units(existing_most)));
            resources.push(Resource::new(id(PROSPECTS)?, in_units(self.terms.room()?)));
        }
        Ok(resources)
    }

    /// A sum of hours in millionths, or of money in minor units, in the units of its resource.
    pub(super) fn as_resource(&self, sum: i128, in_hours: bool) -> Quantity {
        if in_hours {
            let hours = Quantity::from_micros(u64::try_from(sum).unwrap_or(u64::MAX));
            return Quantity::from_micros(scaled_hours(hours, self.effort()));
        }
        let minor = i64::try_from(sum).unwrap_or(i64::MAX);
        in_units(Money::from_minor(minor, self.effort().currency()))
    }

    /// Hours that a spend on a target takes, in millionths.
    pub(super) fn hours_of(&self, customer: &Customer, target: &Target, spend: Money) -> u64 {
        let (Some(hours), Ok((aim, _))) = (&self.terms.hours, target) else {
            return 0;
        };
        let efforts = u64::try_from(aim.efforts(spend, self.effort())).unwrap_or(0);
        let each = hours.per_effort().get(customer.tier()).micros();
        each.saturating_mul(efforts)
    }
}

/// One unit of a resource for each unit of money.
const ONE: Quantity = Quantity::from_micros(1_000_000);

/// An amount of money in its units, as a resource.
fn in_units(money: Money) -> Quantity {
    let per_unit = u128::from(money.currency().minor_per_unit().unsigned_abs());
    let micros = u128::from(money.minor().max(0).unsigned_abs()) * 1_000_000 / per_unit.max(1);
    Quantity::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// Hours times the cost of an effort in currency units, in millionths, rounded down.
fn scaled_hours(hours: Quantity, effort: Money) -> u64 {
    let per_unit = u128::from(effort.currency().minor_per_unit().unsigned_abs());
    let product = u128::from(hours.micros()) * u128::from(effort.minor().unsigned_abs());
    u64::try_from(product / per_unit.max(1)).unwrap_or(u64::MAX)
}

/// An activity that takes nothing: of the family that its tier has, so that it can become one that does.
pub(super) fn nothing_for(customer: &Customer, effort: Money) -> Result<Activity, CampaignError> {
    let curve: Result<Curve, _> = match customer.tier() {
        Tier::Habitual | Tier::Starting => ModifiedExponential::new(1.0, 1.0).map(Into::into),
        Tier::Prospect => PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 1.0)]).map(Into::into),
    };
    let curve = curve.map_err(|source| CampaignError::Response {
        customer: customer.id().clone(),
        source,
    })?;
    Ok(Activity::curve(customer.id().clone(), curve)
        .with_step(effort)
        .with_cap(Money::zero(effort.currency())))
}

/// A name of this room's own.
fn id(text: &str) -> Result<Id, CampaignError> {
    let named = Id::new(text).map_err(|error| Fault::new("territories", error));
    Ok(named.map_err(DocumentError::from)?)
}
