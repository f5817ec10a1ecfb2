//! Reading the configuration again, while the proxy runs.
//!
//! In: an order (SIGHUP, SHARDWELL RELOAD) or a file that has changed. Out: another configuration
//! that holds for every statement to come, or the reason why the old one stays. One task does it,
//! one order after the other.

mod change_over;
mod files;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{background, period_tables};
use crate::backend::Watchers;
use crate::config::{Change, Config, ConfigError, Effect, Environment, changes};
use crate::session::{Live, ReloadOrder};
use change_over::{ChangeError, change_over};
use files::{Files, Recorder};

/// How often the files are looked at.
const POLL: Duration = Duration::from_secs(1);

/// How soon a changed configuration is tried again that only the servers stood in the way of.
const RETRY: Duration = Duration::from_secs(5);

/// Reads and validates a configuration.
type Read = dyn Fn(&dyn Environment) -> Result<Config, ConfigError> + Send + Sync;

/// Where the configuration comes from.
pub struct Source {
    path: PathBuf,
    read: Box<Read>,
}

impl Source {
    /// A file, and what makes a configuration of it.
    pub fn new(
        path: PathBuf,
        read: impl Fn(&dyn Environment) -> Result<Config, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        let read = Box::new(read);
        Self { path, read }
    }

    /// The files as they are now: that of the configuration, and those that it names.
    pub(super) fn files(&self) -> Files {
        let recorder = Recorder::default();
        let _ = (self.read)(&recorder);
        let mut files = Files::default();
        files.are(recorder.paths(&self.path));
        files
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({})", self.path.display())
    }
}

/// What the configuration that holds keeps going.
#[derive(Debug)]
pub(super) struct Running {
    pub config: Arc<Config>,
    pub watchers: Watchers,
    /// Keeps the tables by period.
    pub periods: JoinSet<()>,
    /// Ends what is left prepared.
    pub recovery: JoinSet<()>,
}

/// Goes from one configuration to the next.
pub(super) struct Reloader {
    live: Arc<Live>,
    /// What needs a restart is as it is here.
    started: Arc<Config>,
    running: Running,
    source: Option<Source>,
    files: Files,
    orders: mpsc::Receiver<ReloadOrder>,
    /// When the files are to be read again that could not be used for the moment.
    retry: Option<Instant>,
}

/// What a new configuration was refused for.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error("the proxy was started without a configuration file")]
    NoFile,
    #[error("{}", .0.brief())]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Reloader {
    pub fn new(
        live: &Arc<Live>,
        running: Running,
        (source, files): (Option<Source>, Files),
    ) -> Self {
        let (_, closed) = mpsc::channel(1);
        Self {
            started: Arc::clone(&running.config),
            orders: live.load().orders.take().unwrap_or(closed),
            live: Arc::clone(live),
            running,
            source,
            files,
            retry: None,
        }
    }

    /// Serves orders for as long as the proxy runs.
    pub async fn run(mut self) {
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let retry = self.retry;
            tokio::select! {
                order = self.orders.recv() => {
                    let Some(order) = order else { return };
                    let done = self.reload().await;
                    let _ = order.send(done.map_err(|error| error.to_string()));
                }
                _ = poll.tick(), if self.is_watched() => {
                    if self.files.have_changed() {
                        let _ = self.reload().await;
                    }
                }
                () = until(retry), if retry.is_some() => {
                    let _ = self.reload().await;
                }
            }
        }
    }

    /// Whether there are files, and they are looked at.
    fn is_watched(&self) -> bool {
        self.source.is_some() && self.running.config.server.reload_on_change
    }

    /// Reads the configuration and goes over to it, or says why not.
    async fn reload(&mut self) -> Result<Vec<Change>, ReloadError> {
        self.retry = None;
        let done = self.read_and_change().await;
        match &done {
            Ok(changes) => tell(changes),
            Err(error) => {
                tracing::error!(%error, "the new configuration is refused, the old one stays");
                let passing = matches!(error, ReloadError::Change(error) if error.may_pass());
                self.retry = (passing && self.is_watched()).then(|| Instant::now() + RETRY);
            }
        }
        done
    }

    async fn read_and_change(&mut self) -> Result<Vec<Change>, ReloadError> {
        let source = self.source.as_ref().ok_or(ReloadError::NoFile)?;
        let recorder = Recorder::default();
        self.files.about_to_be_read();
        let read = (source.read)(&recorder);
        self.files.are(recorder.paths(&source.path));
        let new = Arc::new(read?);
        let old = Arc::clone(&self.running.config);
        let changes = changes(&self.started, &old, &new);
        let before = self.live.load();
        change_over(&self.live, &old, &new, &mut self.running.watchers).await?;
        if old.schemas != new.schemas {
            self.running.periods = period_tables::take_over(&self.live, &new);
        }
        self.running.config = new;
        let now = self.live.load();
        if !Arc::ptr_eq(&now.coordinator, &before.coordinator) {
            background::recover(&mut self.running.recovery, &now.coordinator);
        }
        Ok(changes)
    }
}

async fn until(moment: Option<Instant>) {
    if let Some(moment) = moment {
        sleep_until(moment).await;
    }
}

fn tell(changes: &[Change]) {
    tracing::info!(changes = changes.len(), "the configuration was read again");
    for change in changes {
        match change.effect {
            Effect::NeedsRestart => {
                tracing::warn!(key = change.what, "the change takes effect after a restart");
            }
            effect => tracing::info!(key = change.what, %effect, "configuration"),
        }
    }
}
