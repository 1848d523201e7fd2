//! The document `sortie/book/1`.

use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Book, Customer};
use crate::customer::acquaintance::{AcquaintanceGraph, Tie};
use crate::document::{Document, DocumentError, Fields, Reader, schema_name};
use crate::money::Currency;

struct CustomerOut<'a>(&'a Customer);

impl Serialize for CustomerOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let customer = self.0;
        let fields = 3 + usize::from(customer.territory().is_some());
        let mut out = serializer.serialize_struct("Customer", fields)?;
        out.serialize_field("id", customer.id())?;
        out.serialize_field("contribution", &customer.contribution().amount_text())?;
        if let Some(territory) = customer.territory() {
            out.serialize_field("territory", territory)?;
        }
        out.serialize_field("standing", customer.standing())?;
        out.end()
    }
}

struct CustomersOut<'a>(&'a [Customer]);

impl Serialize for CustomersOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(Some(self.0.len()))?;
        for customer in self.0 {
            out.serialize_element(&CustomerOut(customer))?;
        }
        out.end()
    }
}

struct TiesOut<'a>(&'a AcquaintanceGraph);

impl Serialize for TiesOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.all_ties())
    }
}

impl Serialize for Book {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 3 + usize::from(self.acquaintances().is_some());
        let mut out = serializer.serialize_struct("Book", fields)?;
        out.serialize_field("schema", &schema_name::<Self>())?;
        out.serialize_field("currency", self.currency().code())?;
        out.serialize_field("customers", &CustomersOut(self.customers()))?;
        if let Some(graph) = self.acquaintances() {
            out.serialize_field("acquaintances", &TiesOut(graph))?;
        }
        out.end()
    }
}

fn read_customer(reader: &Reader<'_>, currency: Currency) -> Result<Customer, DocumentError> {
    let mut fields = reader.fields()?;
    let id = fields.read("id", |id| id.id());
    let contribution = fields.read("contribution", |contribution| contribution.money(currency));
    let territory = fields.read_optional("territory", |territory| territory.id());
    let standing = fields.read("standing", |standing| standing.value());
    let parts = (|| Some((id?, contribution?, territory?, standing?)))();
    let (id, contribution, territory, standing) = fields.finish_with(parts)?;
    let error = |error| {
        DocumentError::from(crate::document::Fault::new(
            format!("{}.contribution", reader.path()),
            error,
        ))
    };
    Customer::new(id, contribution, territory, standing).map_err(error)
}

impl Document for Book {
    const KIND: &'static str = "book";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let currency = fields.required("currency")?.currency()?;
        let customers = fields.read("customers", |customers| {
            let read = customers.each(|customer| read_customer(&customer, currency))?;
            Self::of(currency, read).map_err(|error| {
                let path = customers.path();
                let fault = |fault: &super::RowFault| {
                    crate::document::Fault::new(
                        format!("{path}[{}].{}", fault.row, fault.field),
                        &fault.error,
                    )
                };
                DocumentError::new(error.faults().iter().map(fault).collect())
            })
        });
        let ties = fields.read_optional("acquaintances", |ties| {
            let path = ties.path();
            ties.each(|tie| Tie::read(&tie)).map(|ties| (ties, path))
        });
        let parts = (|| Some((customers?, ties?)))();
        let (book, ties) = fields.finish_with(parts)?;
        let Some((ties, path)) = ties else {
            return Ok(book);
        };
        book.with_acquaintances(ties)
            .map_err(|error| crate::document::Fault::new(path, error).into())
    }
}

impl<'de> Deserialize<'de> for Book {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}
