//! Folders, users and files of the private cluster: who may have what, and where it fits.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ring::rand::{SecureRandom, SystemRandom};

use super::EmbeddedProblem;

/// The longest path that a Unix socket may have is 107 bytes; Postgres adds `/.s.PGSQL.5432`.
const SOCKET_FOLDER_BYTES_MAX: usize = 90;

/// Where clusters go that their user cannot reach in the data folder.
const FALLBACK: &str = "/var/lib/largesse";

/// The unprivileged user that runs the cluster when root started us.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClusterUser {
    pub uid: u32,
    pub gid: u32,
}

/// One instance per folder. The lock is the operating system's, so that nothing has to be cleaned up after a crash.
pub(super) fn take_folder(data_folder: &Path) -> Result<File, EmbeddedProblem> {
    let in_folder = |source| EmbeddedProblem::Folder {
        folder: data_folder.into(),
        source,
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_folder.join("lock"))
        .map_err(in_folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(EmbeddedProblem::FolderTaken(data_folder.into())),
        Err(TryLockError::Error(source)) => Err(in_folder(source)),
    }
}

/// None unless root started us: then the cluster runs as somebody else.
pub(super) fn cluster_user() -> Result<Option<ClusterUser>, EmbeddedProblem> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| nix::unistd::User::from_name(name).ok().flatten())
        .map(|user| {
            Some(ClusterUser {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
            })
        })
        .ok_or(EmbeddedProblem::NoUser)
}

/// The folder that holds the cluster and its log, owned by the cluster's user: in the data folder where that user can
/// reach it, else below `/var/lib/largesse`.
pub(super) fn cluster_home(data_folder: &Path, user: Option<ClusterUser>) -> io::Result<PathBuf> {
    let inside = data_folder.join("postgres");
    hand_over(&inside, user)?;
    if user.is_none_or(|user| can_reach(&inside, user)) {
        return Ok(inside);
    }
    let name: String = data_folder
        .display()
        .to_string()
        .chars()
        .map(|c| if c == '/' { '-' } else { c })
        .collect();
    let outside = Path::new(FALLBACK).join(name.trim_start_matches('-'));
    fs::remove_dir(&inside)?;
    fs::create_dir_all(FALLBACK)?;
    hand_over(&outside, user)?;
    tracing::warn!(
        data_folder = %data_folder.display(), cluster = %outside.display(),
        "the user that runs Postgres cannot reach the data folder: the cluster is elsewhere"
    );
    Ok(outside)
}

fn can_reach(folder: &Path, user: ClusterUser) -> bool {
    let mut test = Command::new("/bin/sh");
    test.args(["-c", "test -w \"$0\" && test -x \"$0\""])
        .arg(folder)
        .current_dir("/");
    test.uid(user.uid)
        .gid(user.gid)
        .status()
        .is_ok_and(|status| status.success())
}

/// The socket lies beside the cluster, unless that path is too long for a socket.
pub(super) fn socket_folder(home: &Path, user: Option<ClusterUser>) -> io::Result<PathBuf> {
    if home.as_os_str().len() <= SOCKET_FOLDER_BYTES_MAX {
        return Ok(home.to_path_buf());
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, home.as_os_str().as_encoded_bytes());
    let folder = std::env::temp_dir().join(format!("largesse-{}", &hex::encode(digest)[..16]));
    hand_over(&folder, user)?;
    Ok(folder)
}

/// Makes a folder that only the cluster's user may enter (and root).
fn hand_over(folder: &Path, user: Option<ClusterUser>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    match user {
        Some(user) => std::os::unix::fs::chown(folder, Some(user.uid), Some(user.gid)),
        None => Ok(()),
    }
}

/// The password of `largesse_app`: the one that the last start left, else a new one.
pub(super) fn app_password(data_folder: &Path) -> io::Result<String> {
    let path = data_folder.join("app-password");
    if let Ok(text) = fs::read_to_string(&path)
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Ok(text);
    }
    let mut bytes = [0_u8; 24];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("no randomness"))?;
    let password = hex::encode(bytes);
    write_private(&path, password.as_bytes())?;
    Ok(password)
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// Those of the file system.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(content)
}
