//! The program: parse, run, exit code. What it can do is in [`largesse::cli`].

use std::process::ExitCode;

use largesse::cli::CommandLine;

#[cfg(not(feature = "heap-profile"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "heap-profile")]
#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    #[cfg(feature = "heap-profile")]
    let _written_at_the_end = dhat::Profiler::new_heap();
    match CommandLine::read(std::env::args_os()) {
        Ok(command) => command.run(),
        Err(wrong) => wrong.exit(),
    }
}
