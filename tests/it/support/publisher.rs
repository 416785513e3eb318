//! `largesse publish` as a process of its own, against the service of a world.

use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::process::send;
use super::receiver::SECRET;
use super::{Token, World};

/// A publisher that runs until it is stopped, or dropped.
pub struct Publisher {
    child: Option<Child>,
}

fn command(world: &World, service: SocketAddr, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_largesse"));
    let inherited = std::env::vars().filter(|(name, _)| name.starts_with("LARGESSE_"));
    for (name, _) in inherited {
        command.env_remove(name);
    }
    command
        .arg("publish")
        .args(words)
        .env("LARGESSE_SERVER", format!("http://{service}"))
        .env(
            "LARGESSE_TOKEN",
            world.sign(Token::of("publish-1", &["follower"])),
        )
        .env("LARGESSE_WEBHOOK_SECRET", SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Publisher {
    /// Starts it.
    pub fn start(world: &World, words: &[&str]) -> Self {
        Self::start_at(world, world.service.address, words)
    }

    /// Starts it against another address.
    pub fn start_at(world: &World, service: SocketAddr, words: &[&str]) -> Self {
        let child = command(world, service, words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child: Some(child) }
    }

    /// Sends a signal, and waits for the end.
    pub async fn end_with(mut self, signal: &str) -> std::process::ExitStatus {
        let mut child = self.child.take().unwrap();
        send(signal, child.id());
        tokio::task::spawn_blocking(move || child.wait().unwrap())
            .await
            .unwrap()
    }
}

/// A test that stops midway leaves no process behind.
impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs `publish` to its end.
pub async fn publish(world: &World, words: &[&str]) -> Output {
    let child = command(world, world.service.address, words)
        .spawn()
        .unwrap();
    let id = child.id();
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    match tokio::time::timeout(Duration::from_secs(60), ended).await {
        Ok(output) => output.unwrap(),
        Err(_) => {
            send("KILL", id);
            panic!("publish {words:?} does not end");
        }
    }
}
