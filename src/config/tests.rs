//! The way from text to `Config`: what is accepted, and every refusal with its place and its help.

mod reference;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

/// Files can be read, variables are set unless they are called UNSET.
struct Complete;

impl Environment for Complete {
    fn variable(&self, name: &str) -> Result<String, String> {
        match name {
            "UNSET" => Err("environment variable 'UNSET' is not set".to_owned()),
            name => Ok(format!("the value of {name}")),
        }
    }

    fn secret_file(&self, path: &Path) -> Result<String, String> {
        Ok(format!("the content of {}", path.display()))
    }

    fn readable(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
}

/// Two algorithms without parameters, and one whose parameters are right.
struct SomeAlgorithms;

impl AlgorithmCheck for SomeAlgorithms {
    fn names(&self) -> &[&'static str] {
        &["hash_mod", "mod", "time_range"]
    }

    fn check(&self, algorithm: &AlgorithmSpec, _: usize, _: usize) -> Result<(), String> {
        match algorithm.params.keys().next() {
            Some(_) if algorithm.name == "time_range" => Ok(()),
            Some(name) => Err(format!("unknown parameter `{name}`")),
            None => Ok(()),
        }
    }
}

const CONTEXT: Context<'_> = Context {
    environment: &Complete,
    algorithms: &SomeAlgorithms,
};

fn parsed(text: &str) -> Result<Config, Report> {
    parse(text, Path::new("shardwell.toml"), &CONTEXT)
}

/// Each `testdata/NAME.toml` is refused with exactly the text of `testdata/NAME.txt`;
/// `UPDATE_GOLDEN=1` writes what is said now, to be reviewed as a diff.
#[test]
fn every_mistake_is_reported_with_its_place_and_its_cure() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/testdata");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        seen += 1;
        let said = parsed(&std::fs::read_to_string(&path).unwrap()).unwrap_err();
        assert!(
            !format!("{said} {said:?}").contains("hunter2"),
            "a secret shows: {said}"
        );
        let said = format!("{said}\n");
        let golden = path.with_extension("txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{}", path.display());
    }
    assert!(seen > 5);
}

const EXAMPLE: &str = include_str!("../../config/shardwell.toml");

#[test]
fn the_example_is_accepted_and_means_what_it_says() {
    let config = parsed(EXAMPLE).unwrap();
    assert_eq!(config.server.listen[0].to_string(), "127.0.0.1:3307");
    assert_eq!(config.server.max_allowed_packet, 64 << 20);
    assert_eq!(
        config.server.merge,
        MergeLimits {
            memory: 256 << 20,
            rows: 10_000_000,
            connections: 8,
            cursors: 256 << 20
        }
    );
    assert_eq!(config.server.timeouts.idle, Duration::from_secs(8 * 3600));
    assert_eq!(config.server.timeouts.statement, None);
    let self_signed = TlsIdentity::SelfSigned;
    let tls = ServerTls::On {
        required: false,
        identity: self_signed,
        client_ca: None,
    };
    assert_eq!(config.server.tls, tls);
    assert_eq!(
        config.users[0].schemas,
        SchemaAccess::Only(vec!["shop".to_owned()])
    );
    assert!(matches!(
        config.users[1].credential,
        Credential::Hash(PasswordHash::Native(_))
    ));
    assert_eq!(config.replica_sets[0].replicas[1].weight, 2);
    let shop = &config.schemas[0];
    assert_eq!(
        shop.shards[3],
        ShardConfig {
            replica_set: 1,
            database: "shop_3".to_owned()
        }
    );
    let names: Vec<&str> = shop
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(names, ["users", "orders", "regions", "settings"]);
    assert_eq!(shop.tables[1].rule, shop.tables[0].rule);
    assert_eq!(shop.tables[3].rule, TableRule::Single(Some(3)));
}

#[test]
fn the_keys_that_the_example_comments_out_show_their_defaults() {
    let shown = |line: &str| {
        let key = line.strip_prefix("# ").unwrap_or(line);
        let (name, _) = key.split_once('=').unwrap_or_default();
        let known = [
            "max_connections",
            "max_allowed_packet",
            "handshake",
            "idle",
            "write",
        ];
        let also = [
            "statement",
            "drain",
            "connect_timeout",
            "min_idle",
            "max_idle",
            "max_age",
            "policy",
            "slow_start",
            "interval",
            "format",
            "slow",
        ];
        known
            .into_iter()
            .chain(also)
            .chain(["acquire_timeout", "max_waiting", "validate_after"])
            .chain(["min_silence"])
            .any(|k| k == name.trim())
    };
    let uncommented: Vec<&str> = EXAMPLE
        .lines()
        .map(|line| {
            if shown(line) {
                line.strip_prefix("# ").unwrap_or(line)
            } else {
                line
            }
        })
        .collect();
    let (written, absent) = (
        parsed(&uncommented.join("\n")).unwrap(),
        parsed(EXAMPLE).unwrap(),
    );
    assert_eq!(format!("{written:?}"), format!("{absent:?}"));
}

/// The split of a table of the only schema.
fn split_of(config: &Config, at: usize) -> &SplitConfig {
    match &config.schemas[0].tables[at].rule {
        TableRule::Sharded {
            split: Some(split), ..
        } => split,
        rule => panic!("{rule:?}"),
    }
}

#[test]
fn a_table_bound_to_tables_by_period_takes_over_their_periods() {
    let text = minimal("", "password = ''", "")
        + "[schemas.s.tables.a]\nkey = 'u'\nalgorithm = 'mod'\nsplit = { tables = 'a_{yyyyMM}', \
           key = 'at', algorithm = { kind = 'time_range', unit = 'month', start = 2026-01-01 }, \
           ahead = 3 }\n\
           [schemas.s.tables.b]\nkey = 'u'\nbind = 'a'\nsplit = { tables = 'b_{yyyy_MM}' }\n\
           [schemas.s.tables.c]\nkey = 'u'\nbind = 'a'\nsplit = { tables = 'c{yyyyMM}', ahead = 9 }";
    let config = parsed(&text).unwrap();
    let names = [0, 1, 2].map(|at| match &split_of(&config, at).tables {
        SplitTables::ByPeriod(tables) => (tables.name(13).unwrap(), tables.ahead),
        SplitTables::Listed(_) => panic!(),
    });
    let expected = [("a_202702", 3), ("b_2027_02", 3), ("c202702", 9)];
    assert_eq!(
        names,
        expected.map(|(name, ahead)| (name.to_owned(), ahead))
    );
    assert_eq!(split_of(&config, 0).by, split_of(&config, 1).by);
}

/// A file that is right but for what is put into it.
fn minimal(server: &str, user: &str, replica_set: &str) -> String {
    format!(
        "[server]\n{server}\n[[users]]\nname = 'app'\nschemas = ['*']\n{user}\n[backend]\n\
         user = 'u'\npassword = 'common'\nca = 'ca.pem'\ntls = 'verify'\n\
         [replica_sets.a]\nprimary = 'h:3306'\n{replica_set}\n[schemas.s]\nshards = ['a/s0']\n"
    )
}

#[test]
fn a_password_comes_from_wherever_the_file_says() {
    let hash = format!(
        "password_hash = '0x{}'",
        hex::encode(format!("$A$005${}", "x".repeat(63)))
    );
    let cases = [
        ("password = ''", Ok("")),
        ("password_env = 'X'", Ok("the value of X")),
        ("password_file = 'sub/x'", Ok("the content of sub/x")),
        ("password_file = '/x'", Ok("the content of /x")),
        (hash.as_str(), Err(())),
    ];
    for (written, expected) in cases {
        let config = parsed(&minimal("", written, "")).unwrap();
        let password = match &config.users[0].credential {
            Credential::Password(password) => Ok(password.expose()),
            Credential::Hash(_) => Err(()),
        };
        assert_eq!(password, expected, "{written}");
    }
}

#[test]
fn a_replica_set_overrides_the_backend_key_by_key() {
    let own =
        "[replica_sets.a.backend]\npassword_env = 'X'\ntls = 'required'\npool.max_idle = '1s'";
    let config = parsed(&minimal("", "password = ''", own)).unwrap();
    let backend = &config.replica_sets[0].backend;
    assert_eq!(
        (backend.user.as_str(), backend.password.expose()),
        ("u", "the value of X")
    );
    assert_eq!(backend.tls, BackendTls::Required);
    assert_eq!(backend.pool.max_idle, Duration::from_secs(1));
    assert_eq!(backend.pool.max_age, defaults::POOL_MAX_AGE);

    let config = parsed(&minimal("", "password = ''", "")).unwrap();
    let ca = PathBuf::from("ca.pem");
    assert_eq!(
        config.replica_sets[0].backend.tls,
        BackendTls::Verify { ca }
    );
}

#[test]
fn addresses_and_sizes_have_several_forms() {
    let server = "listen = ['[::1]:3307', 'unix:/run/x.sock', 'db-1.example:1']\n\
                  max_allowed_packet = 1024";
    let config = parsed(&minimal(server, "password = ''", "")).unwrap();
    let shown: Vec<String> = config
        .server
        .listen
        .iter()
        .map(Address::to_string)
        .collect();
    assert_eq!(shown, ["[::1]:3307", "unix:/run/x.sock", "db-1.example:1"]);
    assert_eq!(config.server.max_allowed_packet, 1024);
}

#[test]
fn durations_have_a_unit_and_do_not_overflow() {
    let cases = [
        ("250ms", Some(Duration::from_millis(250))),
        ("10s", Some(Duration::from_secs(10))),
        ("5m", Some(Duration::from_secs(300))),
        ("8h", Some(Duration::from_secs(28_800))),
        ("0", Some(Duration::ZERO)),
        ("5", None),
        ("", None),
        ("-1s", None),
        ("18446744073709551615h", None),
    ];
    for (text, expected) in cases {
        assert_eq!(units::duration(text), expected, "{text}");
        if let Some(duration) = expected {
            assert_eq!(units::duration(&units::show_duration(duration)), expected);
        }
    }
}

#[test]
fn binding_groups_follow_the_chain_of_bindings_across_schemas() {
    let mut text = minimal("", "password = ''", "");
    text.push_str(
        "[schemas.s.tables]\na = { key = 'x', bind = 'b' }\nb = { key = 'y', bind = 'c' }\n\
         c = { key = 'z', algorithm = 'hash_mod' }\nd = { key = 'z', algorithm = 'mod' }\n\
         [schemas.t]\nshards = ['a/t0']\ntables.c = { key = 'z', algorithm = 'hash_mod' }\n",
    );
    let config = parsed(&text).unwrap();
    let groups: Vec<u32> = config
        .schemas
        .iter()
        .flat_map(|schema| &schema.tables)
        .map(|table| match &table.rule {
            TableRule::Sharded { binding_group, .. } => *binding_group,
            rule => unreachable!("{rule:?}"),
        })
        .collect();
    assert_eq!(groups, [0, 0, 0, 1, 2]);
}

#[test]
fn debug_output_holds_no_secret() {
    let config = parsed(&minimal("", "password = 'hunter2'", "")).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!format!("{config:?}").contains("common"));
}

#[test]
fn a_file_that_is_not_utf8_is_refused_at_the_first_wrong_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin1.toml");
    std::fs::write(&path, b"# one\n[[users]]\nname = 'J\xfcrgen'\n").unwrap();
    let error = load(&path, &CONTEXT).unwrap_err().to_string();
    assert!(
        error.starts_with("error: the file is not UTF-8\n"),
        "{error}"
    );
    assert!(error.contains("latin1.toml:3:10\n"), "{error}");
}

#[test]
fn line_ends_and_marks_of_other_editors_do_not_matter() {
    let text = format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"));
    assert!(parsed(&text).is_ok());
    let wrong = text.replace("\"hash_mod\"", "\"hush_mod\"");
    let report = parsed(&wrong).unwrap_err();
    let place = report.diagnostics()[0].place.as_ref().unwrap();
    assert_eq!(
        (place.column, place.text.as_str()),
        (13, "algorithm = \"hush_mod\"")
    );
}

proptest::proptest! {
    /// Whatever is typed into the example, the answer is a `Config` or a text with places in it.
    #[test]
    fn no_text_confuses_the_messages(at in 0..EXAMPLE.len(), gone in 0..40_usize, new in "\\PC{0,12}") {
        let start = EXAMPLE.floor_char_boundary(at);
        let end = EXAMPLE.ceil_char_boundary((at + gone).min(EXAMPLE.len()));
        let text = format!("{}{new}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
        if let Err(report) = parsed(&text) {
            proptest::prop_assert!(!report.diagnostics().is_empty());
            proptest::prop_assert!(report.to_string().starts_with("error: "));
        }
    }
}

#[test]
fn quoted_lines_lose_their_secrets_and_nothing_else() {
    let cases = [
        ("password = \"x\"", "password = [redacted]"),
        (
            "a = { user = 'u', password='x', tls = 'off' }",
            "a = { user = 'u', password=[redacted]",
        ),
        (
            "backend.\"password_hash\" = 'x'",
            "backend.\"password_hash\" = [redacted]",
        ),
        ("passwd = 'x'", "passwd = [redacted]"),
        ("password_env = 'NAME'", "password_env = 'NAME'"),
        ("password_file = 'path'", "password_file = 'path'"),
        ("native_password = true", "native_password = true"),
        (
            "admin = { listen = 'h:1', token = 'x' }",
            "admin = { listen = 'h:1', token = [redacted]",
        ),
        ("token_env = 'NAME'", "token_env = 'NAME'"),
        ("algorithm = 'hash_mod'", "algorithm = 'hash_mod'"),
        (
            "listen = 'h:1' # the password is elsewhere",
            "listen = 'h:1' # the password is elsewhere",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(redact::redacted(line, 1), expected);
    }
}

#[test]
fn ids_come_with_what_their_kind_needs() {
    let kinds = [
        (r#"kind = "snowflake""#, IdKind::Snowflake),
        (r#"kind = "uuid_v7""#, IdKind::UuidV7),
        (
            r#"kind = "segment""#,
            IdKind::Segment {
                block: 1000,
                start: 1,
            },
        ),
        (
            r#"kind = "segment", block = 50, start = 1000000"#,
            IdKind::Segment {
                block: 50,
                start: 1_000_000,
            },
        ),
    ];
    for (text, kind) in kinds {
        let generate = format!("generate = {{ column = \"Order_Id\", {text} }}");
        let example = EXAMPLE.replace("# generate = {", &format!("{generate} # {{"));
        let config = parsed(&example).unwrap();
        let found = config.schemas[0].tables[1].generate.as_ref().unwrap();
        assert_eq!((found.column.as_str(), found.kind), ("order_id", kind));
    }
}

/// What is wrong with a `[traces]` of these keys.
fn said_of_traces(keys: &str) -> String {
    let text = minimal("", "password = ''", "") + "[traces]\n" + keys;
    parsed(&text).unwrap_err().to_string()
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_traces_says_what_to_do() {
    let said = said_of_traces("endpoint = 'http://collector'");
    assert!(
        said.contains("this Shardwell was built without traces"),
        "{said}"
    );
    assert!(
        said.contains("cargo build --release --features otlp"),
        "{said}"
    );
}

#[test]
fn mistakes_in_traces_are_told() {
    let endpoint = "endpoint = 'http://c:1'\n";
    let with = |key: &str| format!("{endpoint}{key}");
    for (keys, expected) in [
        (String::new(), "`traces` has no endpoint"),
        (
            "endpoint = 'c:4318'".to_owned(),
            "not a URL of a collector: \"c:4318\"",
        ),
        (
            "endpoint = 'http://c:x'".to_owned(),
            "not a URL of a collector",
        ),
        (
            "endpoint = 'http://c/a b'".to_owned(),
            "not a URL of a collector",
        ),
        (
            "endpoint = 'https://c'".to_owned(),
            "an https endpoint needs `ca`",
        ),
        (
            with("ca = 'x.pem'"),
            "`ca` has no effect with an http endpoint",
        ),
        (with("sample = 1.5"), "`sample` cannot be 1.5"),
        (with("sample = 'all'"), "`sample` cannot be"),
        (with("sample = nan"), "`sample` cannot be nan"),
        (with("queue = 1"), "`queue` cannot be 1"),
        (with("service = ''"), "the service '' is empty"),
        (with("interval = '5'"), "`interval` is not a duration"),
    ] {
        let said = said_of_traces(&keys);
        assert!(said.contains(expected), "{keys}: {said}");
    }
}

#[cfg(feature = "otlp")]
#[test]
fn an_endpoint_has_the_port_and_path_of_otlp() {
    let traces = |keys: &str| {
        let text = minimal("", "password = ''", "") + "[traces]\n" + keys;
        parsed(&text).unwrap().traces.unwrap()
    };
    for (url, address, path) in [
        ("http://collector", "collector:4318", "/v1/traces"),
        ("http://127.0.0.1:1/", "127.0.0.1:1", "/v1/traces"),
        ("http://[::1]/x/y", "[::1]:4318", "/x/y"),
    ] {
        let found = traces(&format!("endpoint = '{url}'"));
        let shown = (found.endpoint.address.to_string(), found.endpoint.path);
        assert_eq!(shown, (address.to_owned(), path.to_owned()));
        assert_eq!((found.sample, found.service.as_str()), (1.0, "shardwell"));
    }
    assert_eq!(traces("endpoint = 'http://c'\nsample = 0").sample, 0.0);
    let secure = traces("endpoint = 'https://c'\nca = 'ca.pem'").endpoint;
    assert_eq!(secure.ca, Some(PathBuf::from("ca.pem")));
}
