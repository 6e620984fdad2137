//! Byte fuzzers of what reads bytes that somebody else made: pipeline files, log frames, the output that secrets are
//! taken out of. `make test` gives each a fixed number of inputs, `make fuzz SECONDS=60` as many as fit into the time.
//! An input that fails is made smaller and printed; it belongs into a test beside the code then.

// A failed unwrap in a test is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Figures are what a campaign is run for.
#![allow(clippy::print_stderr)]

mod frames;
mod fuzzer;
mod masker;
mod yaml;
