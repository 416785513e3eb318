//! Who may know whom, and how long a file may be: what a reviewer would have to look for, looked for here.

use std::path::{Path, PathBuf};

/// A Rust file and its lines outside of unit tests and comments.
struct Source {
    path: String,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    files.iter().map(|path| source(root, path)).collect()
}

fn source(root: &Path, path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect();
    Source {
        path: path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned(),
        lines,
    }
}

/// Every line that holds one of these words, in files that the filter names.
fn lines_with(words: &[&str], is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| is_meant(&source.path)) {
        for (number, line) in &source.lines {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

fn is_below(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

#[test]
fn only_transport_knows_grpc() {
    let words = [
        "tonic::",
        "tonic_",
        "prost::",
        "prost_",
        "crate::pb",
        "pb::",
    ];
    let found = lines_with(&words, |path| {
        !is_below(
            path,
            &[
                "src/rpc/",
                "src/server/",
                "src/cli/",
                // a load generator is a client, and what the service is compared with is a server
                "src/bench/load/",
                "src/bench/reads/mod.rs",
                "src/bench/credentials.rs",
                "src/bench/template.rs",
                "src/bench/serve.rs",
                "src/bench/collector.rs",
                "src/bench/transaction/mod.rs",
                "src/pb.rs",
                "src/lib.rs",
            ],
        )
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_stores_know_sqlx() {
    let found = lines_with(&["sqlx"], |path| {
        !path.ends_with("/store.rs")
            && !is_below(
                path,
                &[
                    "src/postgres/",
                    "src/server/process.rs",
                    "src/trail/verify.rs",
                ],
            )
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_points_back() {
    let forbidden: [(&[&str], &[&str]); 5] = [
        (
            &["src/money/", "src/calendar/", "src/ids.rs"],
            &[
                "crate::gesture",
                "crate::admission",
                "crate::rpc",
                "crate::postgres",
            ],
        ),
        (
            &["src/admission/", "src/vault/"],
            &[
                "crate::gesture",
                "crate::rpc",
                "crate::server",
                "crate::cli",
            ],
        ),
        (
            &["src/approval/"],
            &[
                "crate::gesture",
                "crate::rpc",
                "crate::server",
                "crate::cli",
            ],
        ),
        (
            &["src/gesture/", "src/authority/", "src/configuration/"],
            &["crate::rpc", "crate::server", "crate::cli"],
        ),
        (
            &["src/postgres/"],
            &[
                "crate::gesture",
                "crate::admission",
                "crate::authority",
                "crate::rpc",
            ],
        ),
    ];
    for (folders, words) in forbidden {
        let found = lines_with(words, |path| is_below(path, folders));
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn nothing_of_the_service_knows_the_benchmark() {
    let found = lines_with(&["crate::bench"], |path| {
        !is_below(path, &["src/bench/", "src/cli/bench/"])
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn pure_files_do_no_input_or_output() {
    let pure = [
        "src/gesture/state.rs",
        "src/admission/decision.rs",
        "src/admission/reason.rs",
        "src/approval/routing.rs",
        "src/approval/deadline.rs",
        "src/trail/hash.rs",
        "src/configuration/diff.rs",
        "src/bench/workload.rs",
        "src/bench/tenant.rs",
        "src/bench/schedule.rs",
        "src/bench/figures.rs",
        "src/bench/tally.rs",
    ];
    let words = [
        "async ",
        "std::fs",
        "Utc::now",
        "SystemRandom",
        "tokio::",
        "Database",
    ];
    let found = lines_with(&words, |path| {
        is_below(path, &pure) || is_below(path, &["src/money/", "src/calendar/"])
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nobody_unwraps_outside_of_tests() {
    let found = lines_with(
        &[
            ".unwrap()",
            ".expect(",
            "panic!(",
            "todo!(",
            "unimplemented!(",
        ],
        |path| !path.contains("tests"),
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.lines.len() > 500 && !source.path.contains("tests"))
        .map(|source| format!("{}: {} lines", source.path, source.lines.len()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_sql_line_fits_on_a_screen() {
    fn collect(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let text = std::fs::read_to_string(&path).unwrap();
                for (number, line) in text.lines().enumerate() {
                    if line.chars().count() > 125 || line.ends_with(' ') || line.contains('\t') {
                        found.push(format!("{}:{}", path.display(), number + 1));
                    }
                }
            }
        }
    }
    let mut found = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"),
        &mut found,
    );
    assert!(
        found.is_empty(),
        "too long, trailing blanks or tabs: {found:#?}"
    );
}
