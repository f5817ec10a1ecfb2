//! mysqldump of a sharded schema through the proxy, and the dump loaded back.
//!
//! The programs are those beside the server, else those on PATH (`mysqldump` and `mysql`, for MariaDB
//! `mariadb-dump` and `mariadb`); without them there is nothing to test. Tests of this binary take
//! locks on whole servers: they run one after the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use common::{APP_PASSWORD, APP_USER, Place, SCHEMA, connect_app, servers};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::demo::proxy::ProxyHandle;
use tokio::sync::Mutex;

const TABLES: &str = r#"
[schemas.shop.tables.users]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.orders]
key = "user_id"
bind = "users"
[schemas.shop.tables.regions]
kind = "broadcast"
"#;

const DEFINITIONS: [&str; 3] = [
    "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(40), photo BLOB, born DATETIME(6), KEY (name)) DEFAULT CHARSET = utf8mb4",
    "CREATE TABLE orders (id BIGINT, user_id BIGINT, total DECIMAL(10, 2), PRIMARY KEY (id, user_id), KEY (user_id), CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id)) DEFAULT CHARSET = utf8mb4",
    "CREATE TABLE regions (id INT PRIMARY KEY, name VARCHAR(20) UNIQUE) DEFAULT CHARSET = utf8mb4",
];

static ALONE: Mutex<()> = Mutex::const_new(());

struct Programs {
    dump: PathBuf,
    client: PathBuf,
}

/// The programs that go with the server; `None`: they are not there.
fn programs(flavor: Flavor) -> Option<Programs> {
    let server = std::env::var_os("SHARDWELL_MYSQLD").map(PathBuf::from);
    let beside = server.as_deref().and_then(|server| server.parent());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = beside
        .map(PathBuf::from)
        .into_iter()
        .chain(std::env::split_paths(&path))
        .collect();
    let find = |names: &[&str]| {
        let mut all = names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        all.find(|program| program.is_file())
    };
    let (dumps, clients): (&[&str], &[&str]) = match flavor {
        Flavor::MySql => (&["mysqldump"], &["mysql"]),
        Flavor::MariaDb => (&["mariadb-dump", "mysqldump"], &["mariadb", "mysql"]),
    };
    Some(Programs {
        dump: find(dumps)?,
        client: find(clients)?,
    })
}

struct Stage {
    place: Place,
    proxy: ProxyHandle,
    programs: Programs,
}

impl Stage {
    async fn new() -> Option<Self> {
        let programs = programs(servers().await.flavor());
        if programs.is_none() {
            eprintln!("no mysqldump here: not tested");
        }
        let programs = programs?;
        let place = Place::new().await;
        for definition in DEFINITIONS {
            place.everywhere(definition).await;
        }
        let single = "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, body TEXT) DEFAULT CHARSET = utf8mb4";
        place.shard(0).await.query_drop(single).await.unwrap();
        let proxy = place.proxy(TABLES).await;
        let mut app = connect_app(&proxy).await;
        let users: Vec<String> = (1..=200)
            .map(|id| format!("({id}, 'n\\'{id} é🎈\\n', x'00ff{:02x}275c22', '2026-01-02 03:04:05.0{id:03}')", id % 256))
            .collect();
        let orders: Vec<String> = (1..=300)
            .map(|id| format!("({id}, {}, {id}.25)", id % 200 + 1))
            .collect();
        for statement in [
            format!("INSERT INTO users VALUES {}", users.join(",")),
            format!("INSERT INTO orders VALUES {}", orders.join(",")),
            "INSERT INTO regions VALUES (1, 'north'), (2, 'south')".to_owned(),
            "INSERT INTO notes (body) VALUES ('a;b'), (NULL)".to_owned(),
        ] {
            app.query_drop(statement).await.unwrap();
        }
        Some(Self {
            place,
            proxy,
            programs,
        })
    }

    fn run(&self, program: &PathBuf, options: &[&str], input: &[u8]) -> Output {
        let address = self.proxy.address();
        let mut child = Command::new(program)
            .args([
                "-h127.0.0.1",
                &format!("-P{}", address.port()),
                &format!("-u{APP_USER}"),
                "--protocol=TCP",
            ])
            .args(options)
            .env("MYSQL_PWD", APP_PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        output
    }

    /// The dump, which may hold bytes that are no UTF-8, and what can be read of it.
    async fn dump(&self, options: &[&str]) -> (Vec<u8>, String) {
        let output = tokio::task::block_in_place(|| self.run(&self.programs.dump, options, b""));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{options:?}: {told}");
        let dump = String::from_utf8_lossy(&output.stdout).into_owned();
        for (_, database) in self.place.shards() {
            assert!(
                !dump.contains(&database),
                "{options:?}: {database} in the dump"
            );
        }
        assert!(
            !dump.contains("GTID_PURGED"),
            "{options:?}: one server's GTIDs"
        );
        assert!(
            dump.trim_end()
                .lines()
                .last()
                .unwrap()
                .contains("Dump completed"),
            "{options:?}: {told}"
        );
        (output.stdout, dump)
    }

    async fn load(&self, dump: &[u8]) {
        let options = ["--default-character-set=utf8mb4", SCHEMA];
        let output =
            tokio::task::block_in_place(|| self.run(&self.programs.client, &options, dump));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
    }

    /// How many rows each shard has, and what they hold.
    async fn rows(&self) -> Vec<(String, u64, String)> {
        let mut all = Vec::new();
        for position in 0..4 {
            let mut shard: Conn = self.place.shard(position).await;
            for (columns, table) in [
                ("id, name, HEX(photo), born", "users"),
                ("id, user_id, total", "orders"),
                ("id, name", "regions"),
                ("id, body", "notes"),
            ] {
                // It is on the first shard alone.
                if table == "notes" && position > 0 {
                    continue;
                }
                let sum = format!("SUM(CRC32(CONCAT_WS('|', {columns})))");
                let sql = format!("SELECT COUNT(*), COALESCE({sum}, 0) FROM {table}");
                let counted: Option<(u64, String)> = shard.query_first(sql).await.unwrap();
                let (count, sum) = counted.unwrap();
                all.push((format!("{table} on {position}"), count, sum));
            }
        }
        all
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dumped_can_be_loaded_and_is_the_same_on_every_shard() {
    let _alone = ALONE.lock().await;
    let Some(stage) = Stage::new().await else {
        return;
    };
    let before = stage.rows().await;
    let ways: [&[&str]; 6] = [
        &[SCHEMA],
        &["--single-transaction", SCHEMA],
        &["--no-autocommit", "--order-by-primary", SCHEMA],
        &["--lock-all-tables", SCHEMA],
        &["--skip-extended-insert", "--routines", "--events", SCHEMA],
        &["--databases", SCHEMA],
    ];
    for way in ways {
        let (bytes, dump) = stage.dump(way).await;
        let all = ["users", "orders", "regions", "notes"];
        for table in all {
            assert!(
                dump.contains(&format!("CREATE TABLE `{table}`")),
                "{way:?}: {table}"
            );
        }
        assert_eq!(
            dump.matches("'north'").count(),
            1,
            "{way:?}: copies of a broadcast table"
        );
        let mut app = connect_app(&stage.proxy).await;
        for table in all.iter().skip(1) {
            app.query_drop(format!("DROP TABLE {table}")).await.unwrap();
        }
        app.query_drop("DELETE FROM users WHERE id % 3 = 0")
            .await
            .unwrap();
        stage.load(&bytes).await;
        assert_eq!(stage.rows().await, before, "{way:?}");
    }
}
