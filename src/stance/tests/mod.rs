mod constraint;
mod document;
mod law;
mod payback;
