//! The document `sortie/census/1`.

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Census, TierCount};
use crate::customer::ByTier;
use crate::document::{Document, DocumentError, Fields, Reader, schema_name};
use crate::money::Currency;

#[derive(Serialize)]
struct CountOut {
    customers: u64,
    results: String,
    spend: String,
}

impl Serialize for Census {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tiers = ByTier::from_fn(|tier| {
            let count = self.tier(tier);
            CountOut {
                customers: count.customers,
                results: count.results.to_string(),
                spend: count.spend.amount_text(),
            }
        });
        let mut out = serializer.serialize_struct("Census", 3)?;
        out.serialize_field("schema", &schema_name::<Self>())?;
        out.serialize_field("currency", self.currency().code())?;
        out.serialize_field("tiers", &tiers)?;
        out.end()
    }
}

fn read_count(reader: &Reader<'_>, currency: Currency) -> Result<TierCount, DocumentError> {
    let mut fields = reader.fields()?;
    let customers = fields.read("customers", |count| count.count());
    let results = fields.read("results", |results| results.quantity());
    let spend = fields.read("spend", |spend| {
        let money = spend.money(currency)?;
        if money.is_negative() {
            return Err(spend
                .fault(format_args!("spend is {money}; it must be at least 0"))
                .into());
        }
        Ok(money)
    });
    let count = customers.zip(results).zip(spend);
    fields.finish_with(count.map(|((customers, results), spend)| TierCount {
        customers,
        results,
        spend,
    }))
}

impl Document for Census {
    const KIND: &'static str = "census";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let currency = fields.required("currency")?.currency()?;
        let tiers = fields.read("tiers", |tiers| {
            let mut tiers = tiers.fields()?;
            let habitual = tiers.read("habitual", |count| read_count(&count, currency));
            let starting = tiers.read("starting", |count| read_count(&count, currency));
            let prospect = tiers.read("prospect", |count| read_count(&count, currency));
            let all = habitual.zip(starting).zip(prospect);
            tiers.finish_with(all.map(|((habitual, starting), prospect)| ByTier {
                habitual,
                starting,
                prospect,
            }))
        });
        fields.finish_with(tiers.map(|tiers| Self { currency, tiers }))
    }
}

impl<'de> Deserialize<'de> for Census {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}
