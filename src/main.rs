//! The binary.
use clap::Parser;
use largesse::settings::{GlobalOptions, ServeOptions};

/// Serves.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(flatten)]
    serve: ServeOptions,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    largesse::telemetry::start_log(&cli.global.log, cli.global.log_format)?;
    largesse::server::serve(cli.serve.settle(cli.global.data_dir)?).await
}
