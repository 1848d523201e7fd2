//! Writing `sortie/problem/1`: every list in the order of ids, optional fields only where they were given.

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::allocate::{Activity, Group, Kind, MenuOption, Objective, Problem, Resource};
use crate::document::schema_name;
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::response::Curve;

impl Serialize for Problem {
    /// Writes the document.
    ///
    /// # Errors
    /// A curve of the caller's own has no document form; the error names its activity.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", &schema_name::<Self>())?;
        map.serialize_entry("currency", self.currency().code())?;
        match self.objective() {
            Objective::Budget(budget) => map.serialize_entry("budget", &budget.amount_text())?,
            Objective::Target(target) => map.serialize_entry("target", &target)?,
        }
        if !self.resources().is_empty() {
            map.serialize_entry("resources", &Each(self.resources(), resource))?;
        }
        map.serialize_entry("activities", &Each(self.activities(), activity))?;
        if !self.groups().is_empty() {
            map.serialize_entry("groups", &Each(self.groups(), group))?;
        }
        map.end()
    }
}

/// A list whose items are rendered one by one, so that a large problem is never copied.
struct Each<'a, T, R>(&'a [T], fn(&'a T) -> R);

impl<T, R: Serialize> Serialize for Each<'_, T, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&(self.1)(item))?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct ResourceText<'a> {
    id: &'a Id,
    limit: Quantity,
}

fn resource(resource: &Resource) -> ResourceText<'_> {
    ResourceText {
        id: resource.id(),
        limit: resource.limit(),
    }
}

#[derive(Serialize)]
struct ActivityText<'a> {
    id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<CurveText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_if_any: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Uses::is_empty")]
    uses_per_unit: Uses<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    menu: Option<Vec<OptionText<'a>>>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    required: bool,
}

fn activity(activity: &Activity) -> ActivityText<'_> {
    let text = ActivityText {
        id: activity.id(),
        response: None,
        floor: None,
        cap: None,
        minimum_if_any: None,
        step: None,
        uses_per_unit: Uses(&[]),
        menu: None,
        required: false,
    };
    match activity.kind() {
        Kind::Spending(terms) => ActivityText {
            response: Some(CurveText {
                curve: terms.curve(),
                activity: activity.id(),
            }),
            floor: amount(terms.floor()),
            cap: amount(terms.cap()),
            minimum_if_any: amount(terms.minimum_if_any()),
            step: amount(terms.step()),
            uses_per_unit: Uses(terms.uses_per_unit()),
            ..text
        },
        Kind::Menu(menu) => ActivityText {
            menu: Some(menu.options().iter().map(option).collect()),
            required: menu.is_required(),
            ..text
        },
    }
}

fn amount(money: Option<Money>) -> Option<String> {
    money.map(Money::amount_text)
}

#[derive(Serialize)]
struct OptionText<'a> {
    id: &'a Id,
    cost: String,
    value: f64,
    #[serde(skip_serializing_if = "Uses::is_empty")]
    uses: Uses<'a>,
}

fn option(option: &MenuOption) -> OptionText<'_> {
    OptionText {
        id: option.id(),
        cost: option.cost().amount_text(),
        value: option.value(),
        uses: Uses(option.uses()),
    }
}

/// Resources and amounts, as an object.
struct Uses<'a>(&'a [(Id, Quantity)]);

impl Uses<'_> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Uses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, amount)| (id, amount)))
    }
}

#[derive(Serialize)]
struct GroupText<'a> {
    id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<String>,
    #[serde(skip_serializing_if = "<[Id]>::is_empty")]
    members: &'a [Id],
}

fn group(group: &Group) -> GroupText<'_> {
    GroupText {
        id: group.id(),
        parent: group.parent(),
        floor: amount(group.floor()),
        cap: amount(group.cap()),
        members: group.members(),
    }
}

/// A curve under the key of its family.
struct CurveText<'a> {
    curve: &'a Curve,
    activity: &'a Id,
}

impl Serialize for CurveText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        let family = self.curve.family();
        match self.curve {
            Curve::ModifiedExponential(c) => {
                let body = Parameters(&[("scale", c.scale()), ("rate", c.rate())]);
                map.serialize_entry(family, &body)?;
            }
            Curve::Power(c) => {
                let body = Parameters(&[("scale", c.scale()), ("exponent", c.exponent())]);
                map.serialize_entry(family, &body)?;
            }
            Curve::Logarithmic(c) => {
                let body = Parameters(&[("scale", c.scale()), ("half", c.half())]);
                map.serialize_entry(family, &body)?;
            }
            Curve::Adbudg(c) => {
                let (scale, exponent) = (("scale", c.scale()), ("exponent", c.exponent()));
                map.serialize_entry(family, &Parameters(&[scale, exponent, ("half", c.half())]))?;
            }
            Curve::PiecewiseLinear(c) => {
                map.serialize_entry(family, &Points { points: c.points() })?;
            }
            Curve::Custom(_) | Curve::CustomConcave(_) => {
                return Err(S::Error::custom(format_args!(
                    "activity {:?} has a curve of the caller's own, which no document can state; use a family of the crate",
                    self.activity.as_str()
                )));
            }
        }
        map.end()
    }
}

struct Parameters<'a>(&'a [(&'static str, f64)]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Serialize)]
struct Points<'a> {
    points: &'a [(f64, f64)],
}
