//! The program: parse, run, exit code. What it can do is in [`largesse::cli`].

use std::process::ExitCode;

use largesse::cli::CommandLine;

fn main() -> ExitCode {
    match CommandLine::read(std::env::args_os()) {
        Ok(command) => command.run(),
        Err(wrong) => wrong.exit(),
    }
}
