//! `sortie` decides where a sales team attacks next.
//!
//! A [`Book`](customer::Book) says who the customers are, a [`Census`](census::Census) where resources really go, a
//! [`Stance`](stance::Stance) how the plan must face its period; [`campaign::plan`] turns them into money and a tactic for each
//! customer, provably the best under the terms, with reasons. What is promised to prospects is kept in a
//! [`Ledger`](virtual_budget::Ledger); what happens comes back as [`evidence`].
//!
//! ```text
//! records ─► Book ─► Census ─┐
//!              └─► activities ├─► allocation ─► Plan ─► Ledger ─► outcomes ─► next records
//!                   Stance ──┘
//! ```
//!
//! # A first plan
//! ```
//! use sortie::calendar::{Date, DiscountRate, Horizon};
//! use sortie::campaign::models::{Economy, Models};
//! use sortie::campaign::{Terms, plan};
//! use sortie::census::Census;
//! use sortie::customer::behaviour::{Behaviour, Doubt};
//! use sortie::customer::{Book, CustomerRow, Standing, Starting};
//! use sortie::fraction::Fraction;
//! use sortie::id::Id;
//! use sortie::money::{Currency, Money};
//! use sortie::stance::Stance;
//!
//! // A starting customer: half of those like it form a habit, and it has a doubt about the price.
//! let raised = Date::new(2026, 3, 2)?;
//! let doubt = Doubt::raise(Id::new("price")?, raised, Fraction::new(0.4)?);
//! let behaviour = Behaviour::new(Date::new(2026, 2, 2)?, vec![doubt], vec![])?;
//! let row = CustomerRow {
//!     id: "clinic-7".to_owned(),
//!     contribution: "240.00".parse()?,
//!     territory: None,
//!     standing: Standing::Starting(Starting::new(Fraction::new(0.5)?, behaviour)),
//! };
//! let book = Book::admit(Currency::USD, vec![row])?;
//!
//! let usd = |text| Money::parse(text, Currency::USD);
//! let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
//! let models = Models::judged(economy, usd("50.00")?)?;
//! let terms = Terms::new(usd("500.00")?, usd("100.00")?, Stance::offence(), models);
//! let plan = plan(&book, &Census::take(&book, &[])?, &terms)?;
//! assert!(plan.totals().optimal);
//! let line = &plan.lines()[0];
//! assert!(plan.reason(line).starts_with("settle 1 open doubt"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//! | room | stands on | for |
//! |---|---|---|
//! | [`money`], [`quantity`], [`calendar`], [`id`], [`fraction`], [`numeric`], [`document`] | – | the ground: exact values, deterministic mathematics, strict documents |
//! | [`customer`] | ground | who: standing, habits, behaviour, decisions, the book |
//! | [`response`] | ground | how customers respond: curves and their laws |
//! | [`allocate`] | response | the market: an exact, certified optimiser that knows no customers |
//! | [`evidence`] | customer | what happened: events to rhythm, tiers and early warning |
//! | [`census`] | customer | where resources really go |
//! | [`planting`] | customer | which decisions to plant, whom to admit |
//! | [`virtual_budget`] | customer | contingent money as a ledger |
//! | [`stance`] | response | payback and the law of aggressive maintenance |
//! | [`campaign`] | all of these | where they meet: the plan |
//!
//! # Errors and panics
//! Each room has one error enum; a message names the field, the value, the rule and the remedy. No public function
//! panics. Ids such as \[C2\] or \[C6\] in these pages name the rules of the doctrine that the code carries out; they are
//! listed in [`doctrine`].

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

#[doc = include_str!("../docs/doctrine.md")]
pub mod doctrine {}

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
