//! What a build executes: reading `.oore.yaml`, checking it and what people enter in forms by the
//! same rules, and planning the steps. Pure: no files, no network, no clock.

pub mod detect;
pub mod diagnostic;
pub mod expression;
pub mod inputs;
pub mod matrix;
pub mod parse;
pub mod plan;
mod reader;
pub mod schedule;
pub mod schema;
pub mod snapshot;
pub mod triggers;
pub mod validate;
pub mod version2;
mod yaml;
