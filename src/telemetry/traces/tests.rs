use super::*;

#[test]
fn the_clients_trace_stands_in_a_comment_before_or_behind_the_statement() {
    let of = |text: &'static str| traceparent_of(text.as_bytes()).map(|found| found.to_vec());
    let value = Some(b"00-aa-bb-01".to_vec());
    for text in [
        "SELECT 1 /*traceparent='00-aa-bb-01'*/",
        "SELECT 1 /* traceparent='00-aa-bb-01' */ ; ",
        "SELECT 1 /*action='x',traceparent='00-aa-bb-01',tracestate='a%3Db'*/;",
        "  /*traceparent='00-aa-bb-01'*/ SELECT 1",
        "/*traceparent=00-aa-bb-01*/ SELECT 1 /* other */",
        "/* other */ SELECT 1 /*xtraceparent='no',traceparent='00-aa-bb-01'*/",
    ] {
        assert_eq!(of(text), value, "{text}");
    }
    for text in [
        "",
        "SELECT 1",
        "SELECT '/*traceparent=''00-aa-bb-01''*/'",
        "SELECT 1 /*traceparent*/",
        "SELECT /*traceparent='00-aa-bb-01'*/ 1",
        "SELECT 1 /*my_traceparent='00-aa-bb-01'*/",
        "/*",
        "*/",
        "/*/",
    ] {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn a_summary_names_verbs_and_tables() {
    for (normal, expected) in [
        ("SELECT a FROM t WHERE b = ?", "SELECT t"),
        (
            "select * from shop.orders o join users u on o.id = u.id",
            "SELECT shop.orders users",
        ),
        ("INSERT INTO t ( a ) VALUES (?)", "INSERT t"),
        (
            "INSERT IGNORE INTO t ( a ) VALUES (?) ON DUPLICATE KEY UPDATE a = ?",
            "INSERT t",
        ),
        ("INSERT INTO t SELECT * FROM u", "INSERT t SELECT u"),
        ("UPDATE t SET a = ? WHERE b = ?", "UPDATE t"),
        ("UPDATE IGNORE t SET a = ?", "UPDATE t"),
        ("DELETE FROM t WHERE a = ?", "DELETE t"),
        ("SELECT a FROM t WHERE b = ? FOR UPDATE", "SELECT t"),
        ("SELECT a FROM ( SELECT b FROM u ) x", "SELECT SELECT u"),
        ("CREATE TABLE IF NOT EXISTS t ( a INT )", "CREATE t"),
        ("LOAD DATA LOCAL INFILE ? INTO TABLE t", "LOAD t"),
        ("TRUNCATE TABLE t", "TRUNCATE t"),
        ("SELECT REPLACE ( a , ? , ? ) FROM t", "SELECT t"),
        ("SELECT ?", "SELECT"),
        ("COMMIT", ""),
        ("", ""),
    ] {
        assert_eq!(summary(normal), expected, "{normal}");
    }
    let long = format!("SELECT a FROM {}", "x".repeat(400));
    assert_eq!(summary(&long), "SELECT");
}

#[cfg(feature = "otlp")]
#[test]
fn a_trace_is_joined_only_where_its_name_is_whole() {
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let good = format!("00-{trace}-b7ad6b7169203331-01");
    assert!(otlp::parent(&good).is_some_and(|parent| parent.is_sampled()));
    let later = format!("01-{trace}-b7ad6b7169203331-00-more");
    assert!(otlp::parent(&later).is_some_and(|parent| !parent.is_sampled()));
    for bad in [
        "".to_owned(),
        format!("00-{trace}-b7ad6b7169203331"),
        format!("00-{trace}-b7ad6b7169203331-01-more"),
        format!("ff-{trace}-b7ad6b7169203331-01"),
        format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
        format!("00-{trace}-0000000000000000-01"),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        format!("00-{trace}-b7ad6b716920333-01"),
    ] {
        assert_eq!(otlp::parent(&bad), None, "{bad}");
    }
}

#[cfg(not(feature = "otlp"))]
#[test]
fn without_the_feature_nothing_is_left_of_it() {
    assert_eq!(std::mem::size_of::<Option<Tracer>>(), 0);
    assert_eq!(std::mem::size_of::<Option<Traced<u64>>>(), 0);
}
