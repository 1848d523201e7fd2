//! The market against brute force, against its own laws, and against the sentences of its documents.

mod brute;
mod generate;
mod greedy;
mod plain;
mod refusals;
