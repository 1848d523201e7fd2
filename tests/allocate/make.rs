//! Ids and dollars of problems that are made in code.

use sortie::id::Id;
use sortie::money::{Currency, Money};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn money(minor: u64) -> Money {
    Money::from_minor(i64::try_from(minor).unwrap(), Currency::USD)
}
