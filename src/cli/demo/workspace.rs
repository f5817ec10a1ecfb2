//! One temporary folder that cannot outlive its process.
//!
//! A guard process, a small shell that waits at the other end of a pipe, removes the folder when
//! the pipe closes: on drop, on panic, and also when this process is killed without a chance to
//! clean up. A lock file tells a living folder from one that was left by a machine that stopped.

use std::fs::{self, File, TryLockError};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

const PREFIX: &str = "shardwell-";
const LOCK: &str = "owner.lock";

/// A folder younger than this may still be about to take its lock.
const SETTLED: Duration = Duration::from_secs(60);

/// Removes the folder `$1` once standard input ends. Servers that are being killed at the same
/// moment may still create files, hence the attempts.
const GUARD: &str = r#"
read -r _
tries=0
until rm -rf "$1" 2>/dev/null || [ "$tries" -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
"#;

/// A temporary folder, removed when this value is dropped or its process ends in any way.
///
/// Whatever runs inside must be dropped first.
#[derive(Debug)]
pub struct Workspace {
    path: PathBuf,
    _lock: File,
    guard: Child,
    pipe: Option<ChildStdin>,
}

impl Workspace {
    /// Makes a new folder below the system's temporary folder, and removes those that earlier
    /// processes could not.
    ///
    /// # Errors
    /// The folder, its lock or the guard process cannot be made.
    pub fn new() -> Result<Self> {
        Self::below(&std::env::temp_dir())
    }

    /// As [`Workspace::new`], below `parent`.
    ///
    /// # Errors
    /// The folder, its lock or the guard process cannot be made.
    pub fn below(parent: &Path) -> Result<Self> {
        remove_stale(parent);
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .with_context(|| format!("no temporary folder can be made in {}", parent.display()))?;
        let lock = File::create(folder.path().join(LOCK)).context("cannot write to it")?;
        lock.lock().context("cannot lock the temporary folder")?;
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "shardwell-guard"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own process group: a Ctrl-C at the terminal is for this process only.
            .process_group(0)
            .spawn()
            .context("cannot run sh")?;
        let pipe = guard.stdin.take();
        Ok(Self {
            path: folder.keep(),
            _lock: lock,
            guard,
            pipe,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The guard needs milliseconds; without it nobody is left to tell.
        let _ = self.guard.wait();
    }
}

/// Removes folders whose owner is gone. Best effort: another user's folders stay.
fn remove_stale(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && is_stale(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_stale(folder: &Path) -> bool {
    let lock = folder.join(LOCK);
    let settled = fs::symlink_metadata(&lock)
        .and_then(|meta| meta.modified())
        .is_ok_and(|time| {
            SystemTime::now()
                .duration_since(time)
                .is_ok_and(|age| age >= SETTLED)
        });
    settled && File::open(lock).is_ok_and(|file| !is_locked(&file))
}

fn is_locked(file: &File) -> bool {
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_workspace_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let workspace = Workspace::below(parent.path()).unwrap();
        fs::write(workspace.path().join("file"), "x").unwrap();
        drop(workspace);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_without_owner_is_removed_at_the_next_start() {
        let parent = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - 2 * SETTLED;
        let stale = parent.path().join("shardwell-gone");
        fs::create_dir(&stale).unwrap();
        File::create(stale.join(LOCK))
            .unwrap()
            .set_modified(old)
            .unwrap();
        let alive = parent.path().join("shardwell-alive");
        fs::create_dir(&alive).unwrap();
        let lock = File::create(alive.join(LOCK)).unwrap();
        lock.set_modified(old).unwrap();
        lock.lock().unwrap();
        let foreign = parent.path().join("other");
        fs::create_dir(&foreign).unwrap();

        let _workspace = Workspace::below(parent.path()).unwrap();

        assert!(!stale.exists());
        assert!(alive.exists());
        assert!(foreign.exists());
    }
}
