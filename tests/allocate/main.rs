//! The market against brute force, against its own laws, and against the sentences of its documents.

mod answer;
mod brute;
mod generate;
mod greedy;
mod oracle;
mod plain;
mod refusals;
