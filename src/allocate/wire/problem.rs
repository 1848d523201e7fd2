//! Reading `sortie/problem/1`.

use serde::{Deserialize, Deserializer};

use crate::allocate::{Activity, Group, MenuOption, Objective, Problem, Resource};
use crate::document::{Document, DocumentError, Fields, Reader};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

use super::response;

/// Keys that only an activity with a response has.
const RESPONSE_KEYS: [&str; 5] = ["floor", "cap", "minimum_if_any", "step", "uses_per_unit"];

impl Document for Problem {
    const KIND: &'static str = "problem";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        // Without a currency no amount can be read: that fault stands alone.
        let currency = fields.required("currency")?.currency()?;
        let objective = read_objective(&mut fields, currency);
        let resources = list(&mut fields, "resources", |item| read_resource(&item));
        let activities = fields.read("activities", |items| {
            items.each(|item| read_activity(&item, currency))
        });
        let groups = list(&mut fields, "groups", |item| read_group(&item, currency));
        let parts = objective.zip(resources).zip(activities).zip(groups);
        let (((objective, resources), activities), groups) = fields.finish_with(parts)?;
        Self::new(currency, objective, resources, activities, groups)
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

/// A list that may be missing, which is the same as empty.
fn list<'a, T>(
    fields: &mut Fields<'a>,
    key: &'static str,
    read: impl FnMut(Reader<'a>) -> Result<T, DocumentError>,
) -> Option<Vec<T>> {
    fields
        .read_optional(key, |items| items.each(read))
        .map(Option::unwrap_or_default)
}

/// Exactly one of `budget` and `target`.
fn read_objective(fields: &mut Fields<'_>, currency: Currency) -> Option<Objective> {
    let budget = fields.read_optional("budget", |amount| at_least_zero(&amount, currency));
    let target = fields.read_optional("target", |number| number.number());
    let rule = match (budget?, target?) {
        (Some(budget), None) => return Some(Objective::Budget(budget)),
        (None, Some(target)) => return Some(Objective::Target(target)),
        (None, None) => "found neither budget nor target",
        (Some(_), Some(_)) => "found both budget and target",
    };
    fields.fault(
        None,
        format_args!("{rule}; exactly one of the two must be given"),
    );
    None
}

/// An amount of money that is not negative, which is a rule of every amount in a problem.
fn at_least_zero(reader: &Reader<'_>, currency: Currency) -> Result<Money, DocumentError> {
    let money = reader.money(currency)?;
    if money.is_negative() {
        let rule = format_args!("{money} is below zero; amounts are at least 0");
        return Err(reader.fault(rule).into());
    }
    Ok(money)
}

fn read_resource(reader: &Reader<'_>) -> Result<Resource, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let limit = fields.read("limit", |limit| limit.quantity());
    let resource = id.zip(limit).map(|(id, limit)| Resource::new(id, limit));
    fields.finish_with(resource)
}

fn read_activity(reader: &Reader<'_>, currency: Currency) -> Result<Activity, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let curve = fields.optional("response");
    let menu = fields.optional("menu");
    let activity = match (curve, menu) {
        (Some(curve), None) => read_spending(&mut fields, &curve, id, currency),
        (None, Some(menu)) => read_menu(&mut fields, &menu, id, currency),
        (curve, _) => {
            let found = if curve.is_some() { "both" } else { "neither" };
            let rule =
                format_args!("found {found} of response and menu; exactly one must be given");
            fields.fault(None, rule);
            for key in RESPONSE_KEYS.into_iter().chain(["required"]) {
                let _ = fields.optional(key);
            }
            None
        }
    };
    fields.finish_with(activity)
}

fn read_spending(
    fields: &mut Fields<'_>,
    curve: &Reader<'_>,
    id: Option<Id>,
    currency: Currency,
) -> Option<Activity> {
    let curve = fields.keep(response::read(curve));
    let mut amount = |key| fields.read_optional(key, |money| at_least_zero(&money, currency));
    let (floor, cap) = (amount("floor"), amount("cap"));
    let (minimum, step) = (amount("minimum_if_any"), amount("step"));
    let uses = fields.read_optional("uses_per_unit", |uses| read_uses(&uses));
    refuse(
        fields,
        &["required"],
        "only a menu can be required; to force a spend give it a floor",
    );
    let mut activity = Activity::curve(id?, curve?);
    if let Some(floor) = floor? {
        activity = activity.with_floor(floor);
    }
    if let Some(cap) = cap? {
        activity = activity.with_cap(cap);
    }
    if let Some(minimum) = minimum? {
        activity = activity.with_minimum_if_any(minimum);
    }
    if let Some(step) = step? {
        activity = activity.with_step(step);
    }
    for (resource, amount) in uses?.unwrap_or_default() {
        activity = activity.with_use_per_unit(resource, amount);
    }
    Some(activity)
}

fn read_menu(
    fields: &mut Fields<'_>,
    menu: &Reader<'_>,
    id: Option<Id>,
    currency: Currency,
) -> Option<Activity> {
    let options = fields.keep(menu.each(|option| read_option(&option, currency)));
    let required = fields.read_optional("required", |flag| flag.flag());
    refuse(
        fields,
        &RESPONSE_KEYS,
        "belongs to a response; the options of a menu say all",
    );
    Some(if required?.unwrap_or(false) {
        Activity::required_menu(id?, options?)
    } else {
        Activity::menu(id?, options?)
    })
}

/// Keys that are known, but not of this kind of activity.
fn refuse(fields: &mut Fields<'_>, keys: &[&'static str], rule: &str) {
    for key in keys {
        if let Some(found) = fields.optional(key) {
            let shown = found.node().described();
            fields.fault(Some(key), format_args!("found {shown}; {rule}"));
        }
    }
}

fn read_option(reader: &Reader<'_>, currency: Currency) -> Result<MenuOption, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let cost = fields.read("cost", |cost| at_least_zero(&cost, currency));
    let value = fields.read("value", |value| value.number());
    let uses = fields.read_optional("uses", |uses| read_uses(&uses));
    let option = id
        .zip(cost)
        .zip(value)
        .zip(uses)
        .map(|(((id, cost), value), uses)| {
            let option = MenuOption::new(id, cost, value);
            uses.unwrap_or_default()
                .into_iter()
                .fold(option, |option, (resource, amount)| {
                    option.with_use(resource, amount)
                })
        });
    fields.finish_with(option)
}

/// An object from resource ids to amounts.
fn read_uses(reader: &Reader<'_>) -> Result<Vec<(Id, Quantity)>, DocumentError> {
    let mut uses = Vec::new();
    let mut faults = Vec::new();
    for (key, amount) in reader.entries()? {
        let id = amount.through(key, Id::new);
        match id.and_then(|id| Ok((id, amount.quantity()?))) {
            Ok(use_of_one) => uses.push(use_of_one),
            Err(error) => faults.extend_from_slice(error.faults()),
        }
    }
    if faults.is_empty() {
        Ok(uses)
    } else {
        Err(DocumentError::new(faults))
    }
}

fn read_group(reader: &Reader<'_>, currency: Currency) -> Result<Group, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let parent = fields.read_optional("parent", |parent| parent.id());
    let floor = fields.read_optional("floor", |floor| at_least_zero(&floor, currency));
    let cap = fields.read_optional("cap", |cap| at_least_zero(&cap, currency));
    let members = list(&mut fields, "members", |member| member.id());
    let bounds = parent.zip(floor).zip(cap);
    let group = id
        .zip(bounds)
        .zip(members)
        .map(|((id, ((parent, floor), cap)), members)| {
            let mut group = Group::new(id).with_members(members);
            if let Some(parent) = parent {
                group = group.with_parent(parent);
            }
            if let Some(floor) = floor {
                group = group.with_floor(floor);
            }
            if let Some(cap) = cap {
                group = group.with_cap(cap);
            }
            group
        });
    fields.finish_with(group)
}

#[cfg(test)]
mod tests;
