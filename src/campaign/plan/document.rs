//! The document `sortie/plan/1`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Attack, HoursUsed, Plan, PlanLimit, PlanLine, PlanResources, PlanTotals, TerritoryLine,
};
use crate::campaign::virtual_budgets::{Gate, VirtualBudgetTerms};
use crate::census::Census;
use crate::customer::Tier;
use crate::customer::willingness::Stage;
use crate::document::{Document, DocumentError, Fault, Fields, Reader, schema_name};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;
use crate::stance::Payback;

#[derive(Serialize)]
struct PlanOut<'a> {
    schema: String,
    currency: &'a str,
    budget: String,
    ceiling: String,
    existing_most: String,
    effort: String,
    spent: String,
    unspent: String,
    exposure: String,
    expected_claims: String,
    status: &'static str,
    value: f64,
    bound: f64,
    shadow_price: f64,
    existing_price: f64,
    prospects_price: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payback_price: Option<f64>,
    payback: Payback,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    territories: Vec<TerritoryOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<HoursOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heads: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_per_hour: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_per_head: Option<f64>,
    census_before: &'a Census,
    census_after: &'a Census,
    lines: Vec<LineOut<'a>>,
}

#[derive(Serialize)]
struct TerritoryOut<'a> {
    territory: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<String>,
    spent: String,
    price: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<HoursOut>,
}

#[derive(Serialize)]
struct HoursOut {
    limit: Quantity,
    used: Quantity,
    price: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    utilisation: Option<f64>,
}

#[derive(Serialize)]
struct LineOut<'a> {
    customer: &'a Id,
    tier: Tier,
    spend: String,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    marginal: Option<f64>,
    limited_by: &'a PlanLimit,
    #[serde(skip_serializing_if = "Option::is_none")]
    attack: Option<&'a Attack>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payback: Option<Payback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_budget: Option<TermsOut>,
}

#[derive(Serialize)]
struct TermsOut {
    cap: String,
    gates: Vec<GateOut>,
    expected_claim: String,
    deadline: u32,
}

#[derive(Serialize)]
struct GateOut {
    stage: Stage,
    accrues: String,
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let totals = self.totals();
        let out = PlanOut {
            schema: schema_name::<Self>(),
            currency: totals.currency.code(),
            budget: totals.budget.amount_text(),
            ceiling: totals.ceiling.amount_text(),
            existing_most: totals.existing_most.amount_text(),
            effort: totals.effort.amount_text(),
            spent: self.spent().amount_text(),
            unspent: self.unspent().amount_text(),
            exposure: self.exposure().amount_text(),
            expected_claims: self.expected_claims().amount_text(),
            status: if totals.optimal { "optimal" } else { "bounded" },
            value: totals.value,
            bound: totals.bound,
            shadow_price: totals.shadow_price,
            existing_price: totals.existing_price,
            prospects_price: totals.prospects_price,
            payback_price: (totals.payback_price != 0.0).then_some(totals.payback_price),
            payback: totals.payback,
            territories: self
                .resources()
                .territories
                .iter()
                .map(territory_out)
                .collect(),
            hours: self.resources().hours.as_ref().map(hours_out),
            heads: (self.resources().heads > 0).then_some(self.resources().heads),
            value_per_hour: self.value_per_hour(),
            value_per_head: self.value_per_head(),
            census_before: self.census_before(),
            census_after: self.census_after(),
            lines: self.lines().iter().map(line_out).collect(),
        };
        out.serialize(serializer)
    }
}

fn territory_out(line: &TerritoryLine) -> TerritoryOut<'_> {
    TerritoryOut {
        territory: &line.territory,
        floor: line.floor.map(Money::amount_text),
        cap: line.cap.map(Money::amount_text),
        spent: line.spent.amount_text(),
        price: line.price,
        hours: line.hours.as_ref().map(hours_out),
    }
}

fn hours_out(hours: &HoursUsed) -> HoursOut {
    HoursOut {
        limit: hours.limit,
        used: hours.used,
        price: hours.price,
        utilisation: hours.utilisation(),
    }
}

fn line_out(line: &PlanLine) -> LineOut<'_> {
    LineOut {
        customer: &line.customer,
        tier: line.tier,
        spend: line.spend.amount_text(),
        value: line.value,
        marginal: line.marginal,
        limited_by: &line.limited_by,
        attack: line.attack.as_ref(),
        payback: line.payback,
        virtual_budget: line.virtual_budget.as_ref().map(terms_out),
    }
}

fn terms_out(terms: &VirtualBudgetTerms) -> TermsOut {
    TermsOut {
        cap: terms.cap().amount_text(),
        gates: terms
            .gates()
            .iter()
            .map(|gate| GateOut {
                stage: gate.stage,
                accrues: gate.accrues.amount_text(),
            })
            .collect(),
        expected_claim: terms.expected_claim().amount_text(),
        deadline: terms.deadline(),
    }
}

impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

impl Document for Plan {
    const KIND: &'static str = "plan";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let path = fields.path();
        let currency = fields.required("currency")?.currency()?;
        let derived = ["spent", "unspent", "exposure", "expected_claims"]
            .map(|key| (key, fields.read(key, |amount| amount.money(currency))));
        let totals = read_totals(&mut fields, currency);
        let resources = read_resources(&mut fields, currency);
        let efficiency = ["value_per_hour", "value_per_head"]
            .map(|key| (key, fields.read_optional(key, |number| number.number())));
        let before = fields.read("census_before", |census| Census::from_node(census.node()));
        let after = fields.read("census_after", |census| Census::from_node(census.node()));
        let lines = fields.read("lines", |lines| {
            lines.each(|line| read_line(&line, currency))
        });
        let parts = (|| Some((totals?, before?, after?, lines?, resources?)))();
        let (totals, before, after, lines, resources) = fields.finish_with(parts)?;
        let plan = Self::put_together(totals, before, after, lines, resources)
            .map_err(|error| DocumentError::from(Fault::new(path, error)))?;
        let computed = [
            plan.spent(),
            plan.unspent(),
            plan.exposure(),
            plan.expected_claims(),
        ];
        for ((key, stated), computed) in derived.into_iter().zip(computed) {
            if stated.is_some_and(|stated| stated != computed) {
                let rule = format!("the lines come to {computed}; the amount stated must agree");
                return Err(Fault::new(key, rule).into());
            }
        }
        let computed = [plan.value_per_hour(), plan.value_per_head()];
        for ((key, stated), computed) in efficiency.into_iter().zip(computed) {
            if stated.is_some_and(|stated| stated != computed) {
                let rule = "it must be what value, hours and heads come to; leave out what they do not tell";
                return Err(Fault::new(key, rule).into());
            }
        }
        Ok(plan)
    }
}

fn read_resources(fields: &mut Fields<'_>, currency: Currency) -> Option<PlanResources> {
    let territories = fields.read_optional("territories", |territories| {
        territories.each(|territory| read_territory(&territory, currency))
    });
    let hours = fields.read_optional("hours", |hours| read_hours(&hours));
    let heads = fields.read_optional("heads", |heads| heads.count());
    Some(PlanResources {
        territories: territories?.unwrap_or_default(),
        hours: hours?,
        heads: heads?.unwrap_or(0),
    })
}

fn read_territory(reader: &Reader<'_>, currency: Currency) -> Result<TerritoryLine, DocumentError> {
    let mut fields = reader.fields()?;
    let territory = fields.read("territory", |id| id.id());
    let floor = fields.read_optional("floor", |floor| read_amount(&floor, currency));
    let cap = fields.read_optional("cap", |cap| read_amount(&cap, currency));
    let spent = fields.read("spent", |spent| read_amount(&spent, currency));
    let price = fields.read("price", |price| price.number());
    let hours = fields.read_optional("hours", |hours| read_hours(&hours));
    let line = (|| {
        Some(TerritoryLine {
            territory: territory?,
            floor: floor?,
            cap: cap?,
            spent: spent?,
            price: price?,
            hours: hours?,
        })
    })();
    fields.finish_with(line)
}

fn read_hours(reader: &Reader<'_>) -> Result<HoursUsed, DocumentError> {
    let mut fields = reader.fields()?;
    let limit = fields.read("limit", |limit| limit.quantity());
    let used = fields.read("used", |used| used.quantity());
    let price = fields.read("price", |price| price.number());
    let stated = fields.read_optional("utilisation", |utilisation| utilisation.number());
    let hours = (|| {
        Some(HoursUsed {
            limit: limit?,
            used: used?,
            price: price?,
        })
    })();
    let hours = fields.finish_with(hours)?;
    if stated.is_some_and(|stated| stated != hours.utilisation()) {
        let rule = "utilisation must be used over limit; leave it out where there are no hours";
        return Err(reader.fault(rule).into());
    }
    Ok(hours)
}

fn read_totals(fields: &mut Fields<'_>, currency: Currency) -> Option<PlanTotals> {
    let mut money = |key| fields.read(key, |amount| read_amount(&amount, currency));
    let (budget, ceiling) = (money("budget"), money("ceiling"));
    let (existing_most, effort) = (money("existing_most"), money("effort"));
    let optimal = fields.read("status", |status| match status.text()? {
        "optimal" => Ok(true),
        "bounded" => Ok(false),
        other => {
            let rule = format!("status is {other:?}; it must be \"optimal\" or \"bounded\"");
            Err(status.fault(rule).into())
        }
    });
    let mut number = |key| fields.read(key, |number| number.number());
    let (value, bound) = (number("value"), number("bound"));
    let (shadow_price, existing_price) = (number("shadow_price"), number("existing_price"));
    let prospects_price = number("prospects_price");
    let payback_price = fields.read_optional("payback_price", |number| number.number());
    let payback = fields.read("payback", |payback| payback.value());
    Some(PlanTotals {
        currency,
        budget: budget?,
        ceiling: ceiling?,
        existing_most: existing_most?,
        effort: effort?,
        value: value?,
        bound: bound?,
        optimal: optimal?,
        shadow_price: shadow_price?,
        existing_price: existing_price?,
        prospects_price: prospects_price?,
        payback_price: payback_price?.unwrap_or(0.0),
        payback: payback?,
    })
}

fn read_amount(reader: &Reader<'_>, currency: Currency) -> Result<Money, DocumentError> {
    let money = reader.money(currency)?;
    if money.is_negative() {
        return Err(reader
            .fault(format_args!("amount is {money}; it must be at least 0"))
            .into());
    }
    Ok(money)
}

fn read_line(reader: &Reader<'_>, currency: Currency) -> Result<PlanLine, DocumentError> {
    let mut fields = reader.fields()?;
    let customer = fields.read("customer", |id| id.id());
    let tier = fields.read("tier", |tier| tier.value());
    let spend = fields.read("spend", |spend| read_amount(&spend, currency));
    let value = fields.read("value", |value| value.number());
    let marginal = fields.read_optional("marginal", |marginal| marginal.number());
    let limited_by = fields.read("limited_by", |limit| limit.value());
    let attack = fields.read_optional("attack", |attack| attack.value());
    let payback = fields.read_optional("payback", |payback| payback.value());
    let virtual_budget =
        fields.read_optional("virtual_budget", |terms| read_terms(&terms, currency));
    let line = (|| {
        Some(PlanLine {
            customer: customer?,
            tier: tier?,
            spend: spend?,
            value: value?,
            marginal: marginal?,
            limited_by: limited_by?,
            attack: attack?,
            payback: payback?,
            virtual_budget: virtual_budget?,
        })
    })();
    fields.finish_with(line)
}

fn read_terms(
    reader: &Reader<'_>,
    currency: Currency,
) -> Result<VirtualBudgetTerms, DocumentError> {
    let mut fields = reader.fields()?;
    let cap = fields.read("cap", |cap| read_amount(&cap, currency));
    let gates = fields.read("gates", |gates| {
        gates.each(|gate| read_gate(&gate, currency))
    });
    let expected_claim = fields.read("expected_claim", |claim| read_amount(&claim, currency));
    let deadline = fields.read("deadline", |deadline| deadline.value());
    let parts = (|| Some((cap?, gates?, expected_claim?, deadline?)))();
    let (cap, gates, expected_claim, deadline) = fields.finish_with(parts)?;
    reader.through((), |()| {
        VirtualBudgetTerms::from_parts(cap, gates, expected_claim, deadline)
    })
}

fn read_gate(reader: &Reader<'_>, currency: Currency) -> Result<Gate, DocumentError> {
    let mut fields = reader.fields()?;
    let stage = fields.read("stage", |stage| stage.value());
    let accrues = fields.read("accrues", |amount| read_amount(&amount, currency));
    let gate = stage
        .zip(accrues)
        .map(|(stage, accrues)| Gate { stage, accrues });
    fields.finish_with(gate)
}
