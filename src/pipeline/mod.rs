//! What a build executes: reading `.oore.yaml`, checking it and what people enter in forms by the
//! same rules, and planning the steps. Pure: no files, no network, no clock.

pub mod parse;
pub mod plan;
pub mod validate;
mod yaml;
