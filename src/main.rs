//! Which program am I? `oored`, the daemon, or `oore`, the operator's command line: the name the
//! binary was called with decides.

use std::process::ExitCode;

fn main() -> ExitCode {
    oored::cli::main(std::env::args_os())
}
