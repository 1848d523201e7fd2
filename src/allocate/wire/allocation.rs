//! Writing and reading `sortie/allocation/1`.

use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::allocate::{
    Allocation, Certificate, GroupLine, LimitedBy, Line, LineParts, Objective, Prices, Problem,
    ResourceLine, Status, Totals, Unclosed,
};
use crate::document::{Document, DocumentError, Fault, Fields, Reader, schema_name};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

/// An allocation as its document states it, before it is put beside its problem.
///
/// The document names no currency and no proof beyond prices: [`AllocationDocument::answer_to`] makes an
/// [`Allocation`] of it, which [`verify`](crate::allocate::verify) can then judge. Reading is strict, writing is
/// byte-stable, and what is read is written again unchanged.
///
/// ```
/// use sortie::allocate::{AllocationDocument, Problem, solve};
/// let problem: Problem = serde_json::from_str(
///     r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "5.00",
///         "activities": [{"id": "a", "response": {"logarithmic": {"scale": 9, "half": 2}}}]}"#,
/// )?;
/// let allocation = solve(&problem)?;
/// let text = serde_json::to_string(&allocation)?;
/// let document: AllocationDocument = serde_json::from_str(&text)?;
/// assert_eq!(serde_json::to_string(&document)?, text);
/// assert_eq!(document.answer_to(&problem)?.spent(), allocation.spent());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AllocationDocument {
    status: StatusText,
    value: f64,
    bound: f64,
    gap: f64,
    spent: String,
    unspent: Option<String>,
    shadow_price: f64,
    resources: Vec<ResourceText>,
    groups: Vec<GroupText>,
    activities: Vec<LineText>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum StatusText {
    Optimal,
    Bounded,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ResourceText {
    id: Id,
    used: Quantity,
    shadow_price: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct GroupText {
    id: Id,
    spent: String,
    shadow_price: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct LineText {
    id: Id,
    spend: String,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marginal: Option<f64>,
    limited_by: String,
}

/// Everything but the activities, which are written one by one.
#[derive(Serialize)]
struct Head<'a> {
    status: StatusText,
    value: f64,
    bound: f64,
    gap: f64,
    spent: &'a str,
    unspent: Option<&'a str>,
    shadow_price: f64,
    resources: &'a [ResourceText],
    groups: &'a [GroupText],
}

impl Serialize for Allocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resources: Vec<ResourceText> = self.resources().iter().map(resource_text).collect();
        let groups: Vec<GroupText> = self.groups().iter().map(group_text).collect();
        let (spent, unspent) = (
            self.spent().amount_text(),
            self.unspent().map(Money::amount_text),
        );
        let head = Head {
            status: if self.is_optimal() {
                StatusText::Optimal
            } else {
                StatusText::Bounded
            },
            value: plain(self.value()),
            bound: plain(self.bound()),
            gap: plain(self.gap()),
            spent: &spent,
            unspent: unspent.as_deref(),
            shadow_price: plain(self.shadow_price()),
            resources: &resources,
            groups: &groups,
        };
        write(serializer, &head, &Lines(self))
    }
}

impl Serialize for AllocationDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let head = Head {
            status: self.status,
            value: self.value,
            bound: self.bound,
            gap: self.gap,
            spent: &self.spent,
            unspent: self.unspent.as_deref(),
            shadow_price: self.shadow_price,
            resources: &self.resources,
            groups: &self.groups,
        };
        write(serializer, &head, &self.activities)
    }
}

fn write<S: Serializer>(
    serializer: S,
    head: &Head<'_>,
    activities: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let prices = head.resources.iter().map(|line| line.shadow_price);
    let prices = prices.chain(head.groups.iter().map(|line| line.shadow_price));
    let figures = [head.value, head.bound, head.gap, head.shadow_price];
    if let Some(bad) = figures
        .into_iter()
        .chain(prices)
        .find(|figure| !figure.is_finite())
    {
        return Err(S::Error::custom(format_args!(
            "a figure of the allocation is {bad}; a document holds finite numbers only"
        )));
    }
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("schema", &schema_name::<AllocationDocument>())?;
    map.serialize_entry("status", &head.status)?;
    map.serialize_entry("value", &head.value)?;
    map.serialize_entry("bound", &head.bound)?;
    map.serialize_entry("gap", &head.gap)?;
    map.serialize_entry("spent", head.spent)?;
    if let Some(unspent) = head.unspent {
        map.serialize_entry("unspent", unspent)?;
    }
    map.serialize_entry("shadow_price", &head.shadow_price)?;
    map.serialize_entry("resources", head.resources)?;
    map.serialize_entry("groups", head.groups)?;
    map.serialize_entry("activities", activities)?;
    map.end()
}

/// The lines of an allocation, rendered one by one.
struct Lines<'a>(&'a Allocation);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.lines().map(|line| line_text(&line)))
    }
}

/// Zero has one text, whichever sign arithmetic left on it.
fn plain(figure: f64) -> f64 {
    figure + 0.0
}

fn resource_text(line: &ResourceLine) -> ResourceText {
    ResourceText {
        id: line.id.clone(),
        used: line.used,
        shadow_price: plain(line.shadow_price),
    }
}

fn group_text(line: &GroupLine) -> GroupText {
    GroupText {
        id: line.id.clone(),
        spent: line.spent.amount_text(),
        shadow_price: plain(line.shadow_price),
    }
}

fn line_text(line: &Line<'_>) -> LineText {
    LineText {
        id: line.id.clone(),
        spend: line.spend.amount_text(),
        value: plain(line.value),
        option: line.option.cloned(),
        marginal: line.marginal.map(plain),
        limited_by: limit_text(&line.limited_by),
    }
}

fn limit_text(limit: &LimitedBy) -> String {
    match limit {
        LimitedBy::Floor => "floor".to_owned(),
        LimitedBy::MinimumIfAny => "minimum_if_any".to_owned(),
        LimitedBy::Cap => "cap".to_owned(),
        LimitedBy::Saturated => "saturated".to_owned(),
        LimitedBy::Group(id) => format!("group:{id}"),
        LimitedBy::Resource(id) => format!("resource:{id}"),
        LimitedBy::Budget => "budget".to_owned(),
    }
}

fn limit_of(text: &str) -> Result<LimitedBy, String> {
    let named = |id: &str| Id::new(id).map_err(|error| error.to_string());
    match text {
        "floor" => Ok(LimitedBy::Floor),
        "minimum_if_any" => Ok(LimitedBy::MinimumIfAny),
        "cap" => Ok(LimitedBy::Cap),
        "saturated" => Ok(LimitedBy::Saturated),
        "budget" => Ok(LimitedBy::Budget),
        _ => match text.split_once(':') {
            Some(("group", id)) => named(id).map(LimitedBy::Group),
            Some(("resource", id)) => named(id).map(LimitedBy::Resource),
            _ => Err(format!(
                "{:?} limits nothing; it must be floor, minimum_if_any, cap, saturated, group:<id>, resource:<id> or budget",
                text.chars().take(40).collect::<String>()
            )),
        },
    }
}

impl Document for AllocationDocument {
    const KIND: &'static str = "allocation";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let status = fields.read("status", |status| read_status(&status));
        let mut number = |key| fields.read(key, |number| number.number());
        let (value, bound, gap) = (number("value"), number("bound"), number("gap"));
        let shadow_price = number("shadow_price");
        let spent = fields.read("spent", |amount| read_amount(&amount));
        let unspent = fields.read_optional("unspent", |amount| read_amount(&amount));
        let resources = fields.read("resources", |list| list.each(|item| read_resource(&item)));
        let groups = fields.read("groups", |list| list.each(|item| read_group(&item)));
        let activities = fields.read("activities", |list| list.each(|item| read_line(&item)));
        let figures = value.zip(bound).zip(gap).zip(shadow_price);
        let amounts = spent.zip(unspent).zip(status);
        let lists = resources.zip(groups).zip(activities);
        let all = fields.finish_with(figures.zip(amounts).zip(lists))?;
        let ((figures, ((spent, unspent), status)), ((resources, groups), activities)) = all;
        let (((value, bound), gap), shadow_price) = figures;
        Ok(Self {
            status,
            value,
            bound,
            gap,
            spent,
            unspent,
            shadow_price,
            resources,
            groups,
            activities,
        })
    }
}

impl<'de> Deserialize<'de> for AllocationDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

fn read_status(reader: &Reader<'_>) -> Result<StatusText, DocumentError> {
    match reader.text()? {
        "optimal" => Ok(StatusText::Optimal),
        "bounded" => Ok(StatusText::Bounded),
        _ => {
            let found = reader.node().described();
            Err(reader
                .fault(format_args!(
                    "{found} is no status; it must be optimal or bounded"
                ))
                .into())
        }
    }
}

/// An amount whose currency, and so whose decimals, only the problem knows.
fn read_amount(reader: &Reader<'_>) -> Result<String, DocumentError> {
    let text = match reader.node() {
        crate::document::Node::Text(text) => text,
        other => {
            let rule = format_args!(
                "found {}; an amount of money is a decimal text",
                other.described()
            );
            return Err(reader.fault(rule).into());
        }
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && digits(decimals) {
        return Ok(text.clone());
    }
    let found = reader.node().described();
    Err(reader
        .fault(format_args!("{found} is no plain decimal of at least 0"))
        .into())
}

fn read_resource(reader: &Reader<'_>) -> Result<ResourceText, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let used = fields.read("used", |used| used.quantity());
    let price = fields.read("shadow_price", |price| price.number());
    let line = id.zip(used).zip(price);
    let line = line.map(|((id, used), shadow_price)| ResourceText {
        id,
        used,
        shadow_price,
    });
    fields.finish_with(line)
}

fn read_group(reader: &Reader<'_>) -> Result<GroupText, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let spent = fields.read("spent", |spent| read_amount(&spent));
    let price = fields.read("shadow_price", |price| price.number());
    let line = id.zip(spent).zip(price);
    let line = line.map(|((id, spent), shadow_price)| GroupText {
        id,
        spent,
        shadow_price,
    });
    fields.finish_with(line)
}

fn read_line(reader: &Reader<'_>) -> Result<LineText, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let spend = fields.read("spend", |spend| read_amount(&spend));
    let value = fields.read("value", |value| value.number());
    let option = fields.read_optional("option", |option| option.id());
    let marginal = fields.read_optional("marginal", |marginal| marginal.number());
    let limited_by = fields.read("limited_by", |limit| {
        let text = limit.text()?;
        limit.through(text, limit_of)?;
        Ok(text.to_owned())
    });
    let line = id
        .zip(spend)
        .zip(value)
        .zip(option.zip(marginal))
        .zip(limited_by);
    let line = line.map(
        |((((id, spend), value), (option, marginal)), limited_by)| LineText {
            id,
            spend,
            value,
            option,
            marginal,
            limited_by,
        },
    );
    fields.finish_with(line)
}

impl AllocationDocument {
    /// The allocation, as an answer to a problem: with the problem's currency, and with the document's prices
    /// as its certificate. Whether it is a good answer is for [`verify`](crate::allocate::verify) to say.
    ///
    /// # Errors
    /// [`DocumentError`]: an amount with more decimals than the currency has, or out of its range.
    pub fn answer_to(&self, problem: &Problem) -> Result<Allocation, DocumentError> {
        let mut faults = Vec::new();
        let mut money = Amounts {
            currency: problem.currency(),
            faults: &mut faults,
        };
        let spent = money.read("spent", &self.spent);
        let unspent = self
            .unspent
            .as_deref()
            .map(|text| money.read("unspent", text));
        let groups = self.groups.iter().enumerate().map(|(at, line)| GroupLine {
            id: line.id.clone(),
            spent: money.read(format_args!("groups[{at}].spent"), &line.spent),
            shadow_price: line.shadow_price,
        });
        let groups: Vec<GroupLine> = groups.collect();
        let lines = self
            .activities
            .iter()
            .enumerate()
            .map(|(at, line)| LineParts {
                id: line.id.clone(),
                spend: money.read(format_args!("activities[{at}].spend"), &line.spend),
                value: line.value,
                marginal: line.marginal,
                option: line.option.clone(),
                limited_by: limit_of(&line.limited_by).unwrap_or(LimitedBy::Saturated),
            });
        let lines: Vec<LineParts> = lines.collect();
        if !faults.is_empty() {
            return Err(DocumentError::new(faults));
        }
        let totals = Totals {
            status: match self.status {
                StatusText::Optimal => Status::Optimal,
                StatusText::Bounded => Status::Bounded {
                    because: Unclosed::NotSaid,
                },
            },
            value: self.value,
            bound: self.bound,
            gap: self.gap,
            spent,
            unspent,
            shadow_price: self.shadow_price,
        };
        let certificate = Certificate {
            prices: self.prices(problem),
            leaves: Vec::new(),
        };
        let resources = self.resources.iter().map(|line| ResourceLine {
            id: line.id.clone(),
            used: line.used,
            shadow_price: line.shadow_price,
        });
        let currency = problem.currency();
        Ok(Allocation::from_parts(
            currency,
            totals,
            resources.collect(),
            groups,
            lines,
            certificate,
        ))
    }

    /// The prices of the document, in value per unit; with a target its `shadow_price` is the inverse of that.
    fn prices(&self, problem: &Problem) -> Prices {
        let budget = match problem.objective() {
            Objective::Target(_) if self.shadow_price > 0.0 => 1.0 / self.shadow_price,
            _ => self.shadow_price,
        };
        Prices {
            budget,
            resources: self
                .resources
                .iter()
                .map(|line| line.shadow_price)
                .collect(),
            groups: self.groups.iter().map(|line| line.shadow_price).collect(),
        }
    }
}

/// Reads amounts, keeping the faults.
struct Amounts<'a> {
    currency: Currency,
    faults: &'a mut Vec<Fault>,
}

impl Amounts<'_> {
    fn read(&mut self, path: impl core::fmt::Display, text: &str) -> Money {
        Money::parse(text, self.currency).unwrap_or_else(|error| {
            self.faults.push(Fault::new(path.to_string(), error));
            Money::zero(self.currency)
        })
    }
}

#[cfg(test)]
mod tests;
