//! A configuration file that is changed while a proxy runs with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy_from};

use crate::common::{self, ADMIN, APP_PASSWORD, APP_USER, Place, SCHEMA};

/// A file in a folder of its own.
pub struct File {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
    /// What it began with.
    pub first: String,
}

impl File {
    /// The configuration of a place, with a user that gives orders; it is not read again by itself.
    pub fn new(place: &Place, tables: &str) -> Self {
        let config = common::with_orders(&place.config(tables));
        let config = config.replacen("[server]", "[server]\nreload_on_change = false", 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shardwell.toml");
        let file = Self {
            _folder: folder,
            path,
            first: config,
        };
        file.write(&file.first);
        file
    }

    /// Writes as careful editors do: beside, then renamed.
    pub fn write(&self, text: &str) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let beside = self.path.with_extension(number.to_string());
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, &self.path).unwrap();
    }

    /// Replaces a part of what the file began with.
    pub fn replace(&self, from: &str, to: &str) {
        assert!(self.first.contains(from), "{from}");
        self.write(&self.first.replacen(from, to, 1));
    }

    pub async fn proxy(&self) -> ProxyHandle {
        start(&self.path).await
    }
}

pub async fn start(path: &Path) -> ProxyHandle {
    start_proxy_from(path).await.expect("the proxy starts")
}

/// A connection that may give orders.
pub async fn admin(proxy: &ProxyHandle) -> Conn {
    let address = proxy.address();
    common::connect(address, ADMIN, APP_PASSWORD, None)
        .await
        .expect("the proxy answers")
}

/// A login of the application that may fail.
pub async fn log_in(proxy: &ProxyHandle, password: &str) -> Result<Conn, Error> {
    common::connect(proxy.address(), APP_USER, password, Some(SCHEMA)).await
}

/// What SHARDWELL RELOAD answers: each part with its effect.
pub async fn reload(admin: &mut Conn) -> Result<Vec<(String, String)>, Error> {
    admin.query("SHARDWELL RELOAD").await
}

/// The same, as text, where it must succeed.
pub async fn reloaded(admin: &mut Conn) -> Vec<String> {
    let rows = reload(admin).await.expect("the new configuration is taken");
    let texts = rows.into_iter();
    texts
        .map(|(what, effect)| format!("{what}: {effect}"))
        .collect()
}

/// The code and the text of the server's refusal.
pub fn refusal<T>(result: Result<T, Error>) -> (u16, String) {
    match result {
        Err(Error::Server(error)) => (error.code, error.message),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}
