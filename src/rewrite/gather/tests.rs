use super::*;
use crate::plan::Form;
use crate::topology::{Index, IndexPart};

fn column(name: &str, data_type: &str, column_type: &str) -> Column {
    Column {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        column_type: column_type.to_owned(),
        nullable: true,
        has_default: true,
        ..Column::default()
    }
}

fn index(name: &str, unique: bool, parts: &[(&str, Option<u32>)]) -> Index {
    let parts = parts.iter().map(|(column, prefix)| IndexPart {
        column: Some((*column).to_owned()),
        prefix: *prefix,
    });
    Index {
        name: name.to_owned(),
        unique,
        full_text: false,
        parts: parts.collect(),
    }
}

fn definition() -> TableDefinition {
    let id = Column {
        nullable: false,
        auto_increment: true,
        ..column("id", "bigint", "bigint unsigned")
    };
    let name = Column {
        charset: Some("latin1".to_owned()),
        collation: Some("latin1_bin".to_owned()),
        nullable: false,
        has_default: false,
        ..column("na`me", "varchar", "varchar(10)")
    };
    let hidden = Column {
        invisible: true,
        ..column("hidden", "int", "int")
    };
    let at = Column {
        nullable: false,
        ..column("at", "timestamp", "timestamp(3)")
    };
    let text = column("body", "text", "text");
    TableDefinition {
        columns: vec![
            id,
            name,
            hidden,
            at,
            column("f", "float", "float"),
            column("doc", "json", "json"),
            text,
        ],
        indexes: vec![
            index("PRIMARY", true, &[("id", None)]),
            index("by_at", false, &[("at", None)]),
            index("by_both", true, &[("na`me", Some(4)), ("hidden", None)]),
            index("full", false, &[("body", None)]),
        ],
        engine: None,
    }
}

fn target() -> PlacedTable {
    PlacedTable {
        database: "shop_0".to_owned(),
        table: "g0".to_owned(),
        gathered: true,
    }
}

fn from(table: &PlacedTable) -> ReadFrom<'_> {
    ReadFrom {
        table,
        alias: "p",
        hints: b"",
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn text(sql: &[u8]) -> String {
    String::from_utf8_lossy(sql).into_owned()
}

#[test]
fn the_table_has_what_the_statement_may_see_of_the_original() {
    let definition = definition();
    let cases = [
        (
            true,
            &[][..],
            "CREATE TEMPORARY TABLE `shop_0`.`g0` (`id` bigint unsigned NOT NULL AUTO_INCREMENT,\
             `na``me` varchar(10) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL,\
             `hidden` int NULL INVISIBLE,`at` timestamp(3) NOT NULL DEFAULT '2000-01-01 00:00:00',\
             `f` float NULL,`doc` json NULL,`body` text NULL,PRIMARY KEY (`id`),KEY k1 (`at`),\
             UNIQUE KEY k2 (`na``me`(4),`hidden`))",
        ),
        (
            false,
            &["f", "hidden"],
            "CREATE TEMPORARY TABLE `shop_0`.`g0` (`id` bigint unsigned NOT NULL AUTO_INCREMENT,\
             `hidden` int NULL,`f` float NULL,PRIMARY KEY (`id`))",
        ),
    ];
    for (all, named, expected) in cases {
        let table = GatheredTable::new(&definition, all, &names(named)).unwrap();
        assert_eq!(text(&table.create(&target())), expected);
    }
}

#[test]
fn text_that_is_json_to_mariadb_stays_so() {
    let doc = Column {
        checked_json: true,
        ..column("do`c", "longtext", "longtext")
    };
    let definition = TableDefinition {
        columns: vec![doc],
        ..TableDefinition::default()
    };
    let table = GatheredTable::new(&definition, true, &[]).unwrap();
    let expected =
        "CREATE TEMPORARY TABLE `shop_0`.`g0` (`do``c` longtext NULL CHECK (json_valid(`do``c`)))";
    assert_eq!(text(&table.create(&target())), expected);
}

#[test]
fn unique_keys_become_plain_ones() {
    let definition = definition();
    let table = GatheredTable::new(&definition, true, &[]).unwrap();
    let sql = table.without_unique_keys(&target());
    let expected = "ALTER TABLE `shop_0`.`g0` DROP PRIMARY KEY,ADD KEY n0 (`id`),\
                    DROP KEY k2,ADD KEY n2 (`na``me`(4),`hidden`)";
    assert_eq!(sql.map(|sql| text(&sql)).as_deref(), Some(expected));
    let keyless = TableDefinition {
        columns: definition.columns,
        ..TableDefinition::default()
    };
    let table = GatheredTable::new(&keyless, true, &[]).unwrap();
    assert_eq!(table.without_unique_keys(&target()), None);
}

#[test]
fn values_are_asked_for_as_nothing_can_change_them() {
    let definition = definition();
    let table = GatheredTable::new(&definition, false, &names(&["at", "f"])).unwrap();
    let filters = [b"p.f > 1".to_vec(), b"p.id = 2 OR 1".to_vec()];
    assert_eq!(
        text(table.query(from(&target()), &filters).text()),
        "SELECT `id`,UNIX_TIMESTAMP(`at`),CAST(`f` AS DOUBLE) FROM `shop_0`.`g0` AS `p` \
         WHERE (p.f > 1) AND (p.id = 2 OR 1)"
    );
    assert_eq!(
        text(&table.copy(&target(), &target())),
        "INSERT INTO `shop_0`.`g0` (`id`,`at`,`f`) SELECT `id`,`at`,`f` FROM `shop_0`.`g0`"
    );
}

#[test]
fn few_values_of_another_table_limit_the_rows() {
    let definition = definition();
    let table = GatheredTable::new(&definition, false, &names(&["f"])).unwrap();
    let values = |all: &'static [&'static str]| all.iter().map(|value| value.as_bytes());
    let (id, name) = (
        LimitedTo::new("id", Form::Integer),
        LimitedTo::new("na`me", Form::Text("latin1".to_owned())),
    );
    let asked = table.query(from(&target()), &[]);
    let start = "SELECT `id`,CAST(`f` AS DOUBLE) FROM `shop_0`.`g0`";
    let limits = [(&id, values(&["1", "-22"])), (&name, values(&["a'b", ""]))];
    assert_eq!(
        text(&asked.limited(limits.into_iter())),
        format!(
            "{start} WHERE `id` IN (NULL,1,-22) AND `na``me` IN (NULL,_latin1 X'612762',_latin1 X'')"
        )
    );
    let none = [(&id, values(&[]))];
    assert_eq!(
        text(&asked.limited(none.into_iter())),
        format!("{start} WHERE `id` IN (NULL)")
    );
    // What is no number limits nothing.
    let odd = [(&id, values(&["1", "1 OR 1"]))];
    assert_eq!(text(&asked.limited(odd.into_iter())), start);
    let filtered = table.query(from(&target()), &[b"p.f > 1".to_vec()]);
    assert_eq!(
        text(&filtered.limited([(&id, values(&["7"]))].into_iter())),
        format!("{start} AS `p` WHERE (p.f > 1) AND `id` IN (NULL,7)")
    );
}

#[test]
fn a_table_without_columns_cannot_be_gathered() {
    assert!(GatheredTable::new(&TableDefinition::default(), true, &[]).is_none());
}

fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut out = bytes::BytesMut::new();
    for value in values {
        crate::wire::put_nullable_bytes(&mut out, *value);
    }
    out.to_vec()
}

#[test]
fn rows_become_literals_that_mean_the_same_everywhere() {
    let definition = definition();
    let table = GatheredTable::new(&definition, true, &[]).unwrap();
    let insert = table.insert(&target());
    let mut sql = Vec::new();
    let one = [
        Some(&b"18446744073709551615"[..]),
        Some(b"it's \\ \xFF\0"),
        Some(b"-7"),
        Some(b"1709202030.123"),
        Some(b"-3.4028234663852886e38"),
        Some(b"{\"a\": \"'\"}"),
        Some(b""),
        Some(b"1"),
    ];
    let zero = [
        Some(&b"0"[..]),
        Some(b""),
        None,
        Some(b"0.000"),
        None,
        None,
        None,
        None,
    ];
    insert.put(&row(&one), &mut sql).unwrap();
    insert.put(&row(&zero), &mut sql).unwrap();
    let expected = [
        &b"INSERT INTO `shop_0`.`g0` (`id`,`na``me`,`hidden`,`at`,`f`,`doc`,`body`) VALUES \
           (18446744073709551615,_binary'it''s \\ \xFF\0',-7,'2024-02-29 10:20:30.123',\
           '-3.4028234663852886e38','{\"a\": \"''\"}',_binary''),\
           (0,_binary'',NULL,'0000-00-00 00:00:00',NULL,NULL,NULL)"[..],
    ]
    .concat();
    assert_eq!(text(&sql), text(&expected));
}

#[test]
fn what_is_no_value_of_its_type_is_no_literal() {
    let definition = definition();
    let table = GatheredTable::new(&definition, false, &names(&["at", "doc"])).unwrap();
    let insert = table.insert(&target());
    let cases: [(&[Option<&[u8]>], &str); 5] = [
        (
            &[Some(b"1); DROP"), Some(b"1"), None, None],
            "of column 'id'",
        ),
        (&[Some(b""), Some(b"1"), None, None], "of column 'id'"),
        (&[Some(b"1"), Some(b"now"), None, None], "of column 'at'"),
        (&[Some(b"1"), Some(b"1.x'y"), None, None], "of column 'at'"),
        (
            &[Some(b"1"), Some(b"1"), Some(b"{}"), Some(b"0")],
            "holds more than its text",
        ),
    ];
    for (values, expected) in cases {
        let error = insert.put(&row(values), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(insert.put(b"\x05abc", &mut Vec::new()).is_err());
}
