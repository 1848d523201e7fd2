//! `sortie` decides where a sales team attacks next.

pub mod allocate;
pub mod calendar;
pub mod campaign;
pub mod census;
pub mod customer;
pub mod document;
pub mod evidence;
pub mod fraction;
pub mod id;
pub mod money;
pub mod numeric;
pub mod planting;
pub mod quantity;
pub mod response;
pub mod stance;
pub mod virtual_budget;
