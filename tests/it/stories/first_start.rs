//! One command in an empty folder: Postgres, keys, the demo; stopping, starting again, crashes.

use crate::support::process::{Place, postmaster, printed, send};

const LILIES: &[&str] = &[
    "gesture",
    "request",
    "--kind",
    "flowers",
    "--customer",
    "ida",
    "--to-name",
    "Ida",
    "--to-address",
    "Lindenweg 4",
    "--to-locality",
    "Potsdam",
    "--to-postal-code",
    "14467",
    "--to-country",
    "DE",
    "--amount",
];

fn lilies(amount: &'static str) -> Vec<&'static str> {
    [LILIES, &[amount, "--json"]].concat()
}

/// Asks for flowers as fl-101; the exit code and the answer.
fn ask(place: &Place, amount: &'static str) -> (Option<i32>, serde_json::Value) {
    let output = place.run_as("fl-101", &lilies(amount));
    let answer =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", printed(&output)));
    (output.status.code(), answer)
}

fn count_of(place: &Place) -> usize {
    let output = place.run_as("fl-101", &["gesture", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    list["gestures"].as_array().map_or(0, Vec::len)
}

#[test]
fn one_command_is_enough_and_ctrl_c_stops_all_of_it() {
    let place = Place::new();
    let service = place.start();
    let log = service.log();
    for said in [
        "serves gRPC on http://127.0.0.1:",
        "/ready",
        "demo tenant",
        "Ctrl-C stops it",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(place.admin("/live").unwrap().ends_with("alive\n"));
    assert!(
        place
            .admin("/version")
            .unwrap()
            .contains(r#""name":"largesse""#)
    );
    assert!(!place.processes().is_empty(), "its Postgres runs");

    let token = place.run(&[
        "token",
        "--tenant",
        "demo",
        "--agent",
        "fl-101",
        "--role",
        "requester",
    ]);
    let token = String::from_utf8(token.stdout).unwrap();
    assert_eq!(
        (token.lines().count(), token.trim().split('.').count()),
        (1, 3),
        "a token and nothing else"
    );

    let (code, approved) = ask(&place, "45.00 EUR");
    assert_eq!(
        (code, &approved["gesture"]["state"]),
        (Some(0), &"GESTURE_STATE_APPROVED".into())
    );
    assert_eq!(approved["gesture"]["amount"]["minor_units"], 4500);
    let (code, above) = ask(&place, "61.00 EUR");
    assert_eq!(
        (code, &above["gesture"]["state"]),
        (Some(3), &"GESTURE_STATE_PENDING_APPROVAL".into())
    );
    let (code, outside) = ask(&place, "500.00 EUR");
    assert_eq!(
        (code, &outside["gesture"]["state"]),
        (Some(4), &"GESTURE_STATE_DECLINED".into())
    );
    let id = approved["gesture"]["id"].as_str().unwrap();
    assert_eq!(
        place
            .run_as("fl-101", &["gesture", "cancel", id])
            .status
            .code(),
        Some(0)
    );
    let never = place.run_as(
        "fl-101",
        &["gesture", "resolve", &uuid::Uuid::now_v7().to_string()],
    );
    assert_eq!(never.status.code(), Some(6));
    let probe = "probe --once --kind goodwill-credit --customer probe --amount";
    let probed = |amount| {
        let words: Vec<&str> = probe.split(' ').chain([amount]).collect();
        place.run_as("fl-101", &words)
    };
    let answered = probed("1.00 EUR");
    assert_eq!(answered.status.code(), Some(0), "{}", printed(&answered));
    assert!(printed(&answered).contains("APPROVED in "));
    let refused = probed("0.00 EUR");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    let refused = place.run_as("fl-999", &lilies("45.00 EUR"));
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        printed(&refused).contains("AGENT_UNKNOWN"),
        "{}",
        printed(&refused)
    );
    assert_eq!(
        place
            .run_as("fl-101", &["gesture", "request", "--amount", "45 EUR"])
            .status
            .code(),
        Some(2)
    );
    let verified = place.run(&["verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", printed(&verified));

    assert_eq!(service.end_with("INT").code(), Some(0));
    assert_eq!(place.processes(), [""; 0], "nothing is left");
    let gone = place.run_as("fl-101", &["gesture", "list"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(
        printed(&gone).contains("Is the service running?"),
        "{}",
        printed(&gone)
    );
}

#[test]
fn a_second_start_keeps_the_data_and_a_second_instance_is_refused() {
    let place = Place::new();
    let service = place.start();
    ask(&place, "45.00 EUR");
    let second = place.beside().run(&[]);
    let said = printed(&second);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(
        said.contains("another largesse is running on the data folder"),
        "{said}"
    );
    assert!(said.contains("LARGESSE_DATA_DIR"), "{said}");
    let elsewhere = Place::new();
    let taken = elsewhere.run_with(&[], &[("LARGESSE_LISTEN", &place.grpc_address())]);
    assert!(
        printed(&taken).contains("choose another address with LARGESSE_LISTEN"),
        "{}",
        printed(&taken)
    );
    assert_eq!(count_of(&place), 1, "the first one serves on");
    assert_eq!(service.end_with("TERM").code(), Some(0));

    let (password, key) = (place.read("app-password"), place.read("signing-key.pem"));
    let again = place.start();
    assert_eq!(count_of(&place), 1);
    assert_eq!(
        (place.read("app-password"), place.read("signing-key.pem")),
        (password, key)
    );
    assert_eq!(again.end_with("INT").code(), Some(0));
    assert_eq!(place.processes(), [""; 0]);
}

#[test]
fn what_was_answered_survives_kill_9_of_the_service_and_of_postgres() {
    let place = Place::new();
    let service = place.start();
    ask(&place, "45.00 EUR");
    service.end_with("KILL");
    let service = place.start();
    assert_eq!(count_of(&place), 1, "it found the Postgres that still ran");
    ask(&place, "15.00 EUR");
    let postgres =
        postmaster(&place.data_folder().join("postgres/cluster/postmaster.pid")).unwrap();
    send("KILL", postgres);
    service.end_with("KILL");
    let service = place.start();
    assert_eq!(count_of(&place), 2);
    assert_eq!(ask(&place, "15.00 EUR").0, Some(0));
    let verified = place.run(&["verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", printed(&verified));
    assert_eq!(service.end_with("INT").code(), Some(0));
    assert_eq!(place.processes(), [""; 0]);
}

#[test]
fn help_and_completions_need_no_service() {
    let place = Place::new();
    for words in [
        &["--help"][..],
        &["serve", "--help"],
        &["gesture", "request", "--help"],
        &["help", "apply"],
    ] {
        let help = place.run(words);
        assert_eq!(help.status.code(), Some(0), "{words:?}");
        assert!(printed(&help).contains("Usage: largesse"), "{words:?}");
    }
    let all = printed(&place.run(&["serve", "--help"]));
    for setting in [
        "LARGESSE_LISTEN",
        "LARGESSE_DATABASE_URL",
        "LARGESSE_DATA_DIR",
        "LARGESSE_JWKS_FILE",
    ] {
        assert!(all.contains(setting), "{setting}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]);
        assert_eq!(script.status.code(), Some(0));
        assert!(printed(&script).contains("largesse"), "{shell}");
    }
    let typed = place.run(&["gestures", "list"]);
    assert_eq!(typed.status.code(), Some(2));
    assert!(printed(&typed).contains("gesture"), "{}", printed(&typed));
    assert!(!place.data_folder().exists(), "nothing was made");
}

#[test]
fn a_folder_that_postgres_cannot_reach_keeps_the_keys_and_the_cluster_goes_elsewhere() {
    if !nix::unistd::geteuid().is_root() {
        return; // whoever starts it runs Postgres too, and can reach the folder
    }
    let place = Place::with_mode(0o700);
    let service = place.start();
    let folder = place
        .data_folder()
        .canonicalize()
        .unwrap()
        .display()
        .to_string();
    let elsewhere = std::path::Path::new("/var/lib/largesse")
        .join(folder.replace('/', "-").trim_start_matches('-'));
    let log = service.log();
    assert!(log.contains("cannot reach the data folder"), "{log}");
    assert!(log.contains(&elsewhere.display().to_string()), "{log}");
    assert!(place.data_folder().join("signing-key.pem").exists());
    assert_eq!(ask(&place, "45.00 EUR").0, Some(0));
    assert_eq!(service.end_with("INT").code(), Some(0));
    std::fs::remove_dir_all(elsewhere).unwrap();
}
