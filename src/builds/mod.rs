//! The story of a build, one file a chapter.

pub mod log;
