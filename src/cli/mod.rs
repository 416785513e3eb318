//! The command line: one verb, its options, an answer and an exit code.
//!
//! | file | verbs |
//! |---|---|
//! | [`serve`], [`verify`], [`archive`] | `serve`, `migrate`, `verify`, `archive`: run beside the database |
//! | [`trace`] | `trace`: the steps of a gesture and their traces; through gRPC |
//! | [`metrics`] | `metrics`: the list of what is measured; asks nobody |
//! | [`token`] | `token`: signs with the key in the data folder |
//! | [`gesture`], [`approval`], [`delegation`], [`away`] | giving: asking, answering, lending the authority to answer; through gRPC |
//! | [`probe`] | asking what would be answered, again and again; through gRPC, for days |
//! | [`publish`] | bringing what happens to NATS or to a webhook; through gRPC, for days |
//! | [`authority`], [`agents`], [`giving`], [`catalog`], [`configuration`] | who may give what; through gRPC |
//!
//! A client verb knows nothing that another gRPC client could not know: no database, no rules. It turns words into a
//! request ([`times`], [`amounts`], [`files`]), sends it ([`client`]; for days: `standing`) and shows the answer ([`output`]), or says why there is
//! none and what to do next ([`failure`], [`refusal`]).
//!
//! **Absent on purpose**: questions at a terminal, retries, and a file of its own settings. A call whose answer is lost is
//! said to be lost; repeating it is the caller's decision.

pub mod agents;
pub mod amounts;
pub mod approval;
pub mod archive;
pub mod authority;
pub mod away;
pub mod bench;
pub mod catalog;
pub mod client;
pub mod configuration;
pub mod database;
pub mod delegation;
pub mod failure;
pub mod files;
pub mod gesture;
pub mod giving;
pub mod metrics;
pub mod output;
pub mod probe;
pub mod publish;
pub mod refusal;
pub mod serve;
mod standing;
pub mod task;
pub mod times;
pub mod token;
pub mod trace;
pub mod verify;

use std::ffi::OsString;
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use self::agents::AgentVerbs;
use self::approval::ApprovalVerbs;
use self::archive::ArchiveVerb;
use self::authority::AuthorityVerbs;
use self::away::AwayVerbs;
use self::bench::BenchVerb;
use self::catalog::CatalogVerbs;
use self::configuration::{ApplyOptions, ConfigVerbs, PlanOptions};
use self::delegation::DelegationVerbs;
use self::failure::{Exit, Failure};
use self::gesture::GestureVerbs;
use self::giving::GivingVerbs;
use self::metrics::MetricsVerb;
use self::probe::ProbeVerb;
use self::publish::PublishVerb;
use self::serve::{MigrateVerb, ServeVerb};
use self::task::TaskVerbs;
use self::token::TokenOptions;
use self::trace::TraceOptions;
use self::verify::VerifyVerb;
use crate::settings::GlobalOptions;
use crate::telemetry;

/// The verb that is meant where none is given.
const DEFAULT_VERB: &str = "serve";

const EXIT_CODES: &str = "\
Exit codes:
  0  done; for a gesture that is asked for or previewed: APPROVED
  1  the call could not be answered (refused, not found, no connection)
  2  wrong usage: an option, a file or a setting
  3  the answer is NEEDS_APPROVAL; approval approve: the yes does not fit, another's might
  4  the answer is DECLINED; approval approve: no yes fits at present
  5  whether it was done is not known: the message says how to find out
  6  gesture resolve: the request never arrived, and never will";

/// Discretionary customer gestures, inside an authority that Postgres guarantees.
///
/// Without a verb the service is started (serve). Client verbs talk gRPC to a running service; where no --token is given they
/// sign one with the key in the data folder.
#[derive(Debug, Clone, Parser)]
#[command(name = "largesse", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct CommandLine {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    process: ProcessOptions,
}

/// The options of every verb, under a heading of their own.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Process")]
struct ProcessOptions {
    #[command(flatten)]
    global: GlobalOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum Verb {
    /// Start the service (the default)
    Serve(ServeVerb),
    /// Bring a database to the schema of this version
    Migrate(MigrateVerb),
    /// Compute a tenant's trail, seals and counters again, and name the first difference
    Verify(VerifyVerb),
    /// Move aside the events that are too old to be followed
    Archive(ArchiveVerb),
    /// Measure this machine's speed: the service, and what people would otherwise write
    Bench(BenchVerb),
    /// Print a token for an agent or a service
    Token(TokenOptions),
    /// Ask for gestures, look at them, revise and withdraw them
    #[command(after_help = EXIT_CODES)]
    Gesture(GestureVerbs),
    /// See what waits for you, and answer it
    #[command(after_help = EXIT_CODES)]
    Approval(ApprovalVerbs),
    /// Lend authority to somebody for a while
    Delegation(DelegationVerbs),
    /// Say that somebody is away, or back
    Away(AwayVerbs),
    /// Lease fulfilment tasks by hand, and report on them
    Task(TaskVerbs),
    /// Show what an agent may still give
    Authority(AuthorityVerbs),
    /// Show what can be given
    Catalog(CatalogVerbs),
    /// Show what a configuration document would change
    Plan(PlanOptions),
    /// Put a configuration document into force
    Apply(ApplyOptions),
    /// Show the configuration
    Config(ConfigVerbs),
    /// Look at the roster and change it
    Agents(AgentVerbs),
    /// Pause giving, and resume it
    Giving(GivingVerbs),
    /// Ask what the answer to a gesture would be, again and again, so that the service is measured when nobody asks
    Probe(ProbeVerb),
    /// Bring what happens to NATS or to a webhook
    Publish(PublishVerb),
    /// Show every step of a gesture, with the trace in which it came about
    Trace(TraceOptions),
    /// List everything that the service counts and measures (/metrics of the admin port)
    Metrics(MetricsVerb),
    /// Print a script that completes words in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl CommandLine {
    /// Reads the words of a command line. Without a verb they are read as those of the default one: `largesse --listen
    /// ADDRESS` is `largesse serve --listen ADDRESS`.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for; [`clap::Error::exit`] prints both.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut words: Vec<OsString> = words.into_iter().collect();
        match Self::try_parse_from(&words) {
            Ok(line) if line.verb.is_some() => return Ok(line),
            Err(wrong) if wrong.kind() != ErrorKind::UnknownArgument || names_a_verb(&words) => {
                return Err(wrong);
            }
            Ok(_) | Err(_) => {}
        }
        words.insert(words.len().min(1), DEFAULT_VERB.into());
        Self::try_parse_from(&words)
    }

    /// Does what it says. Answers go to standard output, everything else to standard error.
    pub fn run(self) -> ExitCode {
        let global = self.process.global;
        let Some(verb) = self.verb else {
            return Exit::Usage.into();
        };
        let is_json = verb.is_json();
        telemetry::start_log(&global.log, global.log_format)
            .map_err(|wrong| Failure::Usage(format!("--log {:?}: {wrong}", global.log)))
            .and_then(|()| verb.run(&global.data_dir))
            .unwrap_or_else(|failure| failure.report(is_json).into())
    }
}

impl Verb {
    fn run(self, data_folder: &Path) -> Result<ExitCode, Failure> {
        let done = |()| ExitCode::from(Exit::Done);
        match self {
            Self::Serve(verb) => verb.run(data_folder).map(done),
            Self::Migrate(verb) => verb.run().map(done),
            Self::Verify(verb) => verb.run(data_folder),
            Self::Archive(verb) => verb.run(data_folder),
            Self::Bench(verb) => verb.run(data_folder),
            Self::Token(options) => options.run(data_folder).map(done),
            Self::Gesture(verbs) => wait_for(verbs.run(data_folder)),
            Self::Approval(verbs) => wait_for(verbs.run(data_folder)),
            Self::Delegation(verbs) => wait_for(verbs.run(data_folder)),
            Self::Away(verbs) => wait_for(verbs.run(data_folder)),
            Self::Task(verbs) => wait_for(verbs.run(data_folder)),
            Self::Authority(verbs) => wait_for(verbs.run(data_folder)),
            Self::Catalog(verbs) => wait_for(verbs.run(data_folder)),
            Self::Plan(options) => wait_for(options.run(data_folder)),
            Self::Apply(options) => wait_for(options.run(data_folder)),
            Self::Config(verbs) => wait_for(verbs.run(data_folder)),
            Self::Agents(verbs) => wait_for(verbs.run(data_folder)),
            Self::Giving(verbs) => wait_for(verbs.run(data_folder)),
            Self::Probe(verb) => wait_for(verb.run(data_folder)),
            Self::Publish(verb) => wait_for(verb.run(data_folder)),
            Self::Trace(options) => wait_for(options.run(data_folder)),
            Self::Metrics(verb) => verb.run().map(done),
            Self::Completions { shell } => completions(shell).map(done),
        }
    }

    /// Whether a program reads what is printed, errors included.
    fn is_json(&self) -> bool {
        match self {
            Self::Verify(verb) => verb.json,
            Self::Archive(verb) => verb.json,
            Self::Metrics(verb) => verb.json,
            Self::Serve(_)
            | Self::Migrate(_)
            | Self::Bench(_)
            | Self::Token(_)
            | Self::Completions { .. } => false,
            Self::Gesture(GestureVerbs { client, .. })
            | Self::Approval(ApprovalVerbs { client, .. })
            | Self::Delegation(DelegationVerbs { client, .. })
            | Self::Away(AwayVerbs { client, .. })
            | Self::Task(TaskVerbs { client, .. })
            | Self::Authority(AuthorityVerbs { client, .. })
            | Self::Catalog(CatalogVerbs { client, .. })
            | Self::Plan(PlanOptions { client, .. })
            | Self::Apply(ApplyOptions { client, .. })
            | Self::Config(ConfigVerbs { client, .. })
            | Self::Agents(AgentVerbs { client, .. })
            | Self::Giving(GivingVerbs { client, .. })
            | Self::Probe(ProbeVerb { client, .. })
            | Self::Publish(PublishVerb { client, .. })
            | Self::Trace(TraceOptions { client, .. }) => client.json,
        }
    }
}

fn names_a_verb(words: &[OsString]) -> bool {
    let command = CommandLine::command();
    let mut verbs = command.get_subcommands();
    verbs.any(|verb| words.iter().any(|word| word == verb.get_name()))
}

/// Runs a client verb. One thread will do: it makes one call after the other.
fn wait_for(verb: impl Future<Output = Result<Exit, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no thread to run on")?;
    runtime.block_on(verb).map(ExitCode::from)
}

fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "largesse", &mut script);
    let script = String::from_utf8(script).context("the script is no text")?;
    Ok(output::print(&script)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<CommandLine, String> {
        let words = words.split_whitespace().map(OsString::from);
        CommandLine::read(words).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    /// Reading asks each argument for a value of its own type: two of one name are noticed here.
    #[test]
    fn what_becomes_of_a_gesture_is_told_in_words() {
        let id = "0199a3c0-0000-7000-8000-000000000001";
        for words in [
            "task lease florist --limit 3 --for 1m".to_owned(),
            format!("task extend {id} 2"),
            format!("task dispatched {id} 2 --order X-1"),
            format!("task failed {id} 2 --why OUT_OF_STOCK --permanent"),
            format!("gesture outcome {id} thanked --note thanks"),
            format!("gesture accept-cost {id} --id {id}"),
            "gesture follow-ups".to_owned(),
            format!("trace {id}"),
            format!("gesture close-follow-up {id} promise"),
        ] {
            read(&format!("largesse {words} --token t --agent a")).unwrap();
        }
    }

    #[test]
    fn without_a_verb_the_service_is_started() {
        assert!(matches!(
            read("largesse").unwrap().verb,
            Some(Verb::Serve(_))
        ));
        let line = read("largesse --data-dir elsewhere").unwrap();
        assert!(matches!(line.verb, Some(Verb::Serve(_))));
        assert_eq!(line.process.global.data_dir, Path::new("elsewhere"));
        let line = read("largesse --listen 127.0.0.1:1 --log warn").unwrap();
        assert!(matches!(line.verb, Some(Verb::Serve(_))));
    }

    #[test]
    fn a_mistake_is_shown_where_it_was_made() {
        let wrong = |words| read(words).map(drop).unwrap_err();
        assert!(
            wrong("largesse --lisen 127.0.0.1:1").contains("'--listen'"),
            "of the default verb"
        );
        assert!(wrong("largesse --json gesture list").contains("largesse [OPTIONS] [COMMAND]"));
        assert!(wrong("largesse gestures").contains("'gesture'"));
    }

    #[test]
    fn connection_options_stand_before_or_after_the_verb() {
        for words in [
            "largesse gesture --server http://h:1 --json list",
            "largesse gesture list --server http://h:1 --json",
        ] {
            let line = read(words).unwrap();
            let Some(Verb::Gesture(verbs)) = &line.verb else {
                panic!("{words}")
            };
            assert_eq!(verbs.client.server, "http://h:1", "{words}");
            assert!(line.verb.unwrap().is_json(), "{words}");
        }
    }

    #[test]
    fn what_is_typed_wrong_is_refused() {
        for words in [
            "largesse giving pause",
            "largesse giving pause --tenant-wide --kind flowers",
            "largesse gesture get not-a-uuid",
            "largesse gesture list --state lost",
            "largesse apply file --expected-version -1",
            "largesse token --agent a",
            "largesse completions cmd",
            "largesse gesture list --timeout 1week",
            "largesse gesture preview --kind flowers",
            "largesse approval decline 0199a3c0-0000-7000-8000-000000000001",
            "largesse approval reassign 0199a3c0-0000-7000-8000-000000000001",
            "largesse approval review 0199a3c0-0000-7000-8000-000000000001 --verdict not-justified",
            "largesse delegation add --to ld-202",
            "largesse away set",
            "largesse publish",
            "largesse publish --status --to nats",
            "largesse publish --to fax",
        ] {
            assert!(read(words).is_err(), "{words}");
        }
    }

    #[test]
    fn every_verb_has_help() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments().filter(|it| !it.is_global_set()) {
                assert!(
                    argument.get_help().is_some(),
                    "{} {argument}",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&CommandLine::command());
    }
}
