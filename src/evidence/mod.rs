//! What happened: usage events, and what can be read from them.

pub mod models;
