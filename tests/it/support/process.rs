//! The binary itself, in an empty folder, on ports of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

/// Longer than any start takes, the first one on a busy machine too.
const START_MAX: Duration = Duration::from_secs(60);

/// A folder of one's own to start in, and ports.
pub struct Place {
    folder: TempDir,
    grpc: u16,
    admin: u16,
}

/// A service that was started.
pub struct Service<'p> {
    place: &'p Place,
    child: Child,
}

/// A port that nobody listens on just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Place {
    /// An empty folder that everybody may enter, so that the user who runs Postgres can.
    pub fn new() -> Self {
        Self::with_mode(0o755)
    }

    /// An empty folder of this mode.
    pub fn with_mode(mode: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        Self {
            folder,
            grpc: free_port(),
            admin: free_port(),
        }
    }

    /// Another place whose processes find the data folder of this one.
    pub fn beside(&self) -> Self {
        let other = Self::new();
        std::os::unix::fs::symlink(self.data_folder(), other.data_folder()).unwrap();
        other
    }

    /// Where the service keeps its files.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join(".largesse")
    }

    /// Where the service listens for gRPC.
    pub fn grpc_address(&self) -> String {
        format!("127.0.0.1:{}", self.grpc)
    }

    /// Where its admin port is.
    pub fn admin_address(&self) -> String {
        format!("127.0.0.1:{}", self.admin)
    }

    /// A file of the data folder.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.data_folder().join(file)).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_largesse"));
        let inherited = std::env::vars().filter(|(name, _)| name.starts_with("LARGESSE_"));
        for (name, _) in inherited {
            command.env_remove(name);
        }
        command
            .args(words)
            .current_dir(self.folder.path())
            .env("LARGESSE_LISTEN", format!("127.0.0.1:{}", self.grpc))
            .env("LARGESSE_ADMIN_LISTEN", format!("127.0.0.1:{}", self.admin))
            .env("LARGESSE_SERVER", format!("http://127.0.0.1:{}", self.grpc))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs a verb to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        to_its_end(self.command(words))
    }

    /// Runs a verb of an agent to its end.
    pub fn run_as(&self, agent: &str, words: &[&str]) -> Output {
        let mut command = self.command(words);
        command.env("LARGESSE_AGENT", agent);
        to_its_end(command)
    }

    /// Runs a verb with more environment to its end.
    pub fn run_with(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = self.command(words);
        command.envs(environment.iter().copied());
        to_its_end(command)
    }

    /// Starts the service and waits until it is ready.
    pub fn start(&self) -> Service<'_> {
        self.start_with(&[])
    }

    /// Starts the service with more environment and waits until it is ready.
    pub fn start_with(&self, environment: &[(&str, &str)]) -> Service<'_> {
        let log = File::create(self.folder.path().join("log")).unwrap();
        let child = self
            .command(&[])
            .envs(environment.iter().copied())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut service = Service { place: self, child };
        service.wait_until_ready();
        service
    }

    /// What the admin port answers.
    pub fn admin(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin)).ok()?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Processes that have this place's data folder among their words: its Postgres.
    pub fn processes(&self) -> Vec<String> {
        let folder = self.data_folder().canonicalize().unwrap();
        let folder = folder.display().to_string();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok())
            .filter(|words| words.contains(&folder))
            .map(|words| words.replace('\0', " "))
            .collect()
    }
}

/// What a process printed that ends by itself. One that does not (a service that should have been refused) is ended.
fn to_its_end(mut command: Command) -> Output {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (id, (done, end)) = (child.id(), mpsc::channel());
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match end.recv_timeout(START_MAX) {
        Ok(output) => output.unwrap(),
        Err(_) => {
            send("INT", id);
            panic!("{command:?} does not end: {:?}", end.recv())
        }
    }
}

impl Service<'_> {
    fn wait_until_ready(&mut self) {
        let begun = Instant::now();
        while !self
            .place
            .admin("/ready")
            .is_some_and(|answer| answer.contains(" 200 "))
        {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", self.log());
            }
            assert!(
                begun.elapsed() < START_MAX,
                "it is not ready: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.place.folder.path().join("log")).unwrap()
    }

    /// Sends a signal, and waits for the end.
    pub fn end_with(mut self, signal: &str) -> ExitStatus {
        send(signal, self.child.id());
        self.child.wait().unwrap()
    }
}

/// A test that stops midway leaves no process behind.
impl Drop for Service<'_> {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            send("INT", self.child.id());
            self.child.wait().unwrap();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.data_folder().is_symlink() {
            return;
        }
        let pid = self.data_folder().join("postgres/cluster/postmaster.pid");
        if let Some(pid) = postmaster(&pid) {
            send("QUIT", pid);
        }
    }
}

/// The process of a cluster, by its file.
pub fn postmaster(pid_file: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(pid_file).ok()?;
    text.lines().next()?.parse().ok()
}

/// Sends a signal to one process.
pub fn send(signal: &str, process: u32) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), process.to_string()]);
    kill.stderr(Stdio::null()).status().unwrap();
}

/// Everything that a verb has printed.
pub fn printed(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}
