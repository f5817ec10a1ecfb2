//! A child process that ends with its owner, whatever ends the owner.
//!
//! A small shell stands between: it kills the child when its standard input closes, so that not
//! even a SIGKILL of this process leaves a child behind.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::program::Program;

/// How often a state is looked at that nothing reports.
pub(super) const POLL: Duration = Duration::from_millis(25);

/// Runs `$3…` with the file `$2` as its input; a line "stop" asks it to end within `$1` tenths of a
/// second, the end of standard input kills it.
const WATCHDOG: &str = r#"
grace=$1
input=$2
shift 2
exec 3<&0 </dev/null
"$@" 3<&- <"$input" &
child=$!
(
    if read -r _ <&3; then
        kill -TERM "$child"
        while [ "$grace" -gt 0 ] && kill -0 "$child"; do
            grace=$((grace - 1))
            sleep 0.1
        done
    fi
    kill -KILL "$child"
) 2>/dev/null &
watch=$!
exec 3<&-
wait "$child"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
"#;

/// A supervised child. Dropping it kills it at once and waits until it is gone.
#[derive(Debug)]
pub(super) struct Supervised {
    watchdog: Child,
    pipe: Option<ChildStdin>,
}

/// How a server program is to be run.
pub(super) struct Invocation<'a> {
    pub program: &'a Program,
    pub arguments: Vec<OsString>,
    /// What it reads on standard input.
    pub input: &'a Path,
    /// Where its output goes; an earlier file is overwritten.
    pub log: &'a Path,
    /// How long it may take to end once asked to.
    pub grace: Duration,
}

impl Supervised {
    /// Starts the program.
    ///
    /// # Errors
    /// The log cannot be written, or there is no shell.
    pub(super) fn spawn(invocation: Invocation<'_>) -> Result<Self> {
        let log = invocation.log;
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "shardwell-watchdog"])
            .arg((invocation.grace.as_millis() / 100).to_string())
            .arg(invocation.input)
            .arg(invocation.program.path())
            .args(invocation.program.arguments())
            .args(invocation.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::from(output.try_clone()?))
            .stderr(Stdio::from(output))
            // Its own process group: a Ctrl-C at the terminal is for this process only.
            .process_group(0)
            .spawn()
            .context("cannot run sh")?;
        let pipe = watchdog.stdin.take();
        Ok(Self { watchdog, pipe })
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.watchdog.try_wait()?)
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub(super) async fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Asks it to end; after the grace it is killed.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub(super) async fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(pipe) = &mut self.pipe {
            // A closed pipe means that it has ended already.
            let _ = pipe.write_all(b"stop\n");
        }
        self.wait().await
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.watchdog.wait();
    }
}
