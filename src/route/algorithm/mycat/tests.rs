//! Expected values: Mycat's own classes (MyCATApache/Mycat-Server 243539fb), run on JDK 17 with
//! Guava 31.1 over these keys; a place that they do not have is -1. Beside them what Mycat's own
//! tests say, each with its file.

use super::super::AlgorithmError;
use super::super::testing::{datetime, day, made, place, set, text, text_key, try_build};
use super::murmur_hash::Murmur;
use crate::error::{ErrorKind, StageError};
use crate::route::NodeSet;
use crate::topology::{Folding, KeyType};
use crate::value::{KeyRange, KeyValue};
use std::ops::Bound;

const INTEGER: KeyType = KeyType::Integer {
    min: i64::MIN as i128,
    max: u64::MAX as i128,
};

/// Small, around 2^10, 2^31, 2^32, 2^53, 2^63 and 2^64.
const INTS: [i128; 23] = [
    0,
    1,
    2,
    7,
    -1,
    -5,
    42,
    1023,
    1024,
    12_345,
    1_000_316,
    123_456_789,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_648,
    -2_147_483_649,
    4_294_967_295,
    4_294_967_296,
    9_007_199_254_740_993,
    9_223_372_036_854_775_807,
    -9_223_372_036_854_775_808,
    9_223_372_036_854_775_808,
    18_446_744_073_709_551_615,
];

/// Numbers in other spellings, words, a Java hash of -2^31, accents, Chinese, emoji.
const TEXTS: [&str; 23] = [
    "",
    "a",
    "abc",
    "007",
    "+7",
    "-0",
    "--7",
    "1-2",
    "Abc",
    "qiushuo",
    "0123456789",
    "polygenelubricants",
    "héllo",
    "数据库",
    "😀",
    "a😀b",
    "user@example.com",
    "aaaabbb0000",
    "aaaabbb2359",
    "gf89f9a",
    "8df99a",
    "8dhdf99a",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
];

type Row = (&'static str, usize, &'static str, [i32; 23], [i32; 23]);

/// src/test/resources/autopartition-long.txt of Mycat.
const RANGES: &str = r#"
    default_node = 1
    map = """
# range start-end ,data node index
0-200M=0
200M1-400M=1
400M1-600M=2
#600M1-800M=3
"""
"#;

/// src/test/resources/partition-pattern.txt of Mycat.
const PATTERN: &str = r#"
    pattern_value = 256
    default_node = 2
    map = """
# id partition range start-end ,data node index
###### first host configuration
1-32=0
33-64=1
65-96=2
97-128=3
######## second host configuration
129-160=4
161-192=5
193-224=6
225-256=7
0-0=7"""
"#;

/// src/test/resources/partition_prefix_pattern.txt of Mycat.
const PREFIX: &str = r#"
    pattern_value = 32
    prefix_length = 5
    map = """
1-4=0
5-8=1
9-12=2
13-16=3
17-20=4
21-24=5
25-28=6
29-32=7
0-0=7
"""
"#;

const WEIGHTED: &str = "count = 10\nseed = -1640531527\nvirtual_bucket_times = 37\n\
                        weight_map = \"\"\"\n1=3\n7=2\n\"\"\"";

const UNEVEN: &str = "partition_count = '2,1'\npartition_length = '256,512'\nfold_high_bits = true";
const EVEN: &str = "partition_count = 1024\npartition_length = 1\nfold_high_bits = true";

fn date(written: &str) -> KeyValue<'static> {
    KeyValue::Date(day(written))
}

fn check(rows: &[Row]) {
    for (name, places, params, ints, texts) in rows {
        let algorithm = made(name, *places, params, INTEGER);
        let found = INTS.map(|key| place(&*algorithm, KeyValue::Int(key)));
        assert_eq!(&found, ints, "{name} {params}");
        let algorithm = made(name, *places, params, text_key(Folding::Exact));
        let found = TEXTS.map(|key| place(&*algorithm, text(key)));
        assert_eq!(&found, texts, "{name} {params}");
    }
}

const HASHING: &[Row] = &[
    (
        "mycat_mod_long",
        3,
        "",
        [
            0, 1, 2, 1, 1, 2, 0, 0, 1, 0, 2, 0, 1, 2, 2, 0, 0, 1, 0, 1, 2, 2, 0,
        ],
        [
            0, 1, 0, 1, 1, 0, 1, 0, 1, 2, 0, 2, 1, 0, 1, 1, 2, 0, 1, 0, 1, 2, 1,
        ],
    ),
    (
        "mycat_mod_long",
        12,
        "count = 11",
        [
            0, 1, 2, 7, 1, 5, 9, 0, 1, 3, 9, 5, 1, 2, 2, 3, 3, 4, 9, 7, 8, 8, 4,
        ],
        [
            0, 9, 5, 7, 7, 0, 2, 2, 9, 5, 5, 2, 6, 10, 7, 1, 3, 2, 8, 10, 6, 10, 1,
        ],
    ),
    (
        "mycat_crc32slot",
        3,
        "",
        [
            2, 1, 1, 1, 0, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1, 0, 2, 1, 1, 0, 1, 2, 0,
        ],
        [
            0, 1, 2, 0, 0, 2, 1, 2, 0, 0, 1, 2, 2, 2, 2, 2, 2, 1, 0, 0, 2, 2, 1,
        ],
    ),
    (
        "mycat_crc32slot",
        1000,
        "",
        [
            680, 441, 637, 468, 301, 512, 483, 763, 736, 467, 521, 826, 780, 831, 602, 81, 864,
            506, 359, 228, 369, 861, 203,
        ],
        [
            0, 477, 727, 119, 106, 825, 570, 677, 138, 123, 421, 823, 808, 838, 936, 877, 857, 557,
            332, 117, 681, 987, 660,
        ],
    ),
    (
        "mycat_murmur",
        2,
        "",
        [
            1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1,
        ],
        [
            0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1,
        ],
    ),
    (
        "mycat_murmur",
        10,
        WEIGHTED,
        [
            7, 1, 1, 6, 1, 3, 0, 9, 0, 3, 8, 1, 3, 1, 1, 5, 1, 1, 2, 5, 1, 7, 1,
        ],
        [
            0, 3, 2, 7, 1, 1, 5, 1, 8, 2, 7, 8, 7, 8, 4, 0, 7, 5, 4, 9, 5, 1, 1,
        ],
    ),
    (
        "mycat_jump_consistent_hash",
        3,
        "",
        [
            2, 1, 2, 1, 0, 2, 2, 0, 0, 2, 2, 1, 2, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0,
        ],
        [
            0, 0, 0, 1, 2, 1, 2, 2, 2, 1, 2, 2, 2, 1, 1, 1, 0, 1, 1, 2, 2, 0, 0,
        ],
    ),
    (
        "mycat_jump_consistent_hash",
        1000,
        "total_buckets = 1000",
        [
            46, 972, 778, 188, 664, 820, 402, 294, 295, 62, 842, 673, 410, 329, 441, 394, 7, 464,
            305, 196, 486, 747, 511,
        ],
        [
            0, 346, 379, 673, 690, 108, 844, 38, 194, 286, 325, 185, 838, 584, 748, 70, 469, 571,
            764, 54, 216, 33, 756,
        ],
    ),
];

#[test]
fn hashing_rules_place_keys_where_mycat_did() {
    check(HASHING);
}

const SEGMENTS: &[Row] = &[
    (
        "mycat_partition_by_long",
        3,
        UNEVEN,
        [
            0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 1, 2, 0, 2, 0, 2, 0, 0, 0, 0, -1, -1,
        ],
        [
            -1, -1, -1, 0, 0, 0, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        ],
    ),
    (
        "mycat_partition_by_long",
        1024,
        EVEN,
        [
            0, 1, 2, 7, 0, 4, 42, 1023, 0, 57, 892, 277, 1023, 0, 1023, 0, 1023, 1, 1, 0, 0, -1, -1,
        ],
        [
            -1, -1, -1, 7, 7, 0, -1, -1, -1, -1, 277, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
            -1,
        ],
    ),
];

const SLICES: [(&str, [i32; 23], [i32; 23]); 7] = [
    (
        "",
        [
            48, 49, 50, 55, 420, 424, 638, 160, 161, 51, 217, 132, 1001, 1001, 288, 288, 81, 81,
            927, 444, 39, 444, 104,
        ],
        [
            0, 97, 98, 567, 364, 419, 663, 406, 66, 652, 4, 225, 462, 597, 355, 862, 25, 142, 144,
            526, 71, 67, 760,
        ],
    ),
    (
        "hash_slice = '0:2'",
        [
            48, 49, 50, 55, 420, 424, 638, 543, 543, 545, 543, 545, 575, 575, 421, 421, 638, 638,
            791, 793, 428, 793, 551,
        ],
        [
            0, 97, 33, 512, 364, 419, 416, 540, 65, 536, 513, 511, 385, 1022, 355, 1020, 670, 32,
            32, 223, 812, 812, 142,
        ],
    ),
    (
        "hash_slice = '-4:0'",
        [
            48, 49, 50, 55, 420, 424, 638, 160, 161, 130, 872, 386, 38, 39, 39, 40, 823, 824, 739,
            1002, 1003, 1003, 777,
        ],
        [
            0, 97, 98, 567, 364, 419, 663, 406, 66, 943, 386, 876, 358, 597, 355, 862, 659, 0, 165,
            853, 795, 795, 818,
        ],
    ),
    (
        "hash_slice = '1:-1'",
        [
            0, 0, 0, 0, 0, 0, 0, 514, 514, 531, 142, 469, 825, 825, 363, 363, 468, 468, 796, 462,
            693, 462, 831,
        ],
        [
            0, 0, 98, 48, 0, 0, 45, 45, 98, 20, 132, 611, 41, 878, 0, 355, 848, 591, 563, 186, 802,
            422, 912,
        ],
    ),
    (
        "hash_slice = ':'",
        [
            48, 49, 50, 55, 420, 424, 638, 160, 161, 51, 217, 53, 44, 45, 26, 27, 813, 814, 830,
            34, 726, 35, 261,
        ],
        [
            0, 97, 98, 567, 364, 419, 663, 406, 66, 652, 517, 0, 462, 597, 355, 862, 520, 738, 903,
            526, 71, 67, 131,
        ],
    ),
    (
        "hash_length = 3",
        [
            48, 49, 50, 55, 420, 424, 638, 499, 499, 562, 497, 562, 469, 469, 812, 812, 379, 379,
            1017, 57, 6, 57, 749,
        ],
        [
            0, 97, 98, 567, 364, 419, 663, 406, 66, 349, 593, 589, 779, 597, 355, 388, 391, 65, 65,
            825, 698, 700, 361,
        ],
    ),
    (
        "hash_slice = -3",
        [
            48, 49, 50, 55, 420, 424, 638, 625, 626, 500, 408, 376, 313, 314, 314, 315, 718, 719,
            275, 63, 64, 64, 218,
        ],
        [
            0, 97, 98, 567, 364, 419, 663, 406, 66, 258, 376, 877, 751, 597, 355, 863, 385, 560,
            535, 558, 321, 321, 534,
        ],
    ),
];

#[test]
fn segment_rules_place_keys_where_mycat_did() {
    check(SEGMENTS);
    for (slice, ints, texts) in SLICES {
        let params = format!("partition_count = 1024\npartition_length = 1\n{slice}");
        let algorithm = made("mycat_partition_by_string", 1024, &params, INTEGER);
        assert_eq!(
            INTS.map(|k| place(&*algorithm, KeyValue::Int(k))),
            ints,
            "{slice}"
        );
        let key = text_key(Folding::Exact);
        let algorithm = made("mycat_partition_by_string", 1024, &params, key);
        assert_eq!(TEXTS.map(|k| place(&*algorithm, text(k))), texts, "{slice}");
    }
}

const MAPS: &[Row] = &[
    (
        "mycat_rang_long",
        3,
        RANGES,
        [
            0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1,
        ],
        [
            -1, -1, -1, 0, 0, 0, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        ],
    ),
    (
        "mycat_partition_by_pattern",
        8,
        PATTERN,
        [
            7, 0, 0, 0, 2, 2, 1, 7, 7, 1, 3, 0, 7, 7, 2, 2, 7, 7, 0, 7, 2, -1, -1,
        ],
        [
            -1, 2, 2, 0, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
        ],
    ),
    (
        "mycat_partition_by_prefix_pattern",
        8,
        PREFIX,
        [
            3, 4, 4, 5, 7, 0, 1, 1, 1, 7, 4, 7, 0, 0, 6, 6, 2, 2, 0, 0, 7, 0, 1,
        ],
        [
            7, 0, 1, 5, 0, 7, 4, 3, 1, 2, 6, 2, 5, 4, 7, 7, 7, 1, 1, 0, 4, 3, 5,
        ],
    ),
];

#[test]
fn map_rules_place_keys_where_mycat_did() {
    check(MAPS);
    let numbers = "map = \"10000=0\\n10010=1\\n-7=2\"";
    let texts = "type = 1\nmap = \"bj=0\\nsh=1\\nSh=2\\n007=1\"";
    let table: [(&str, &str, i32); 22] = [
        (numbers, "10000", 0),
        (numbers, "10010", 1),
        (numbers, "-7", 2),
        (numbers, "007", -1),
        (numbers, "+10000", 0),
        (numbers, "010000", 0),
        (numbers, "5", -1),
        (numbers, "2147483648", -1),
        (numbers, "x", -1),
        (numbers, "", -1),
        ("default_node = 4\nmap = '10000=0'", "10000", 0),
        ("default_node = 4\nmap = '10000=0'", "5", 4),
        ("default_node = 4\nmap = '10000=0'", "2147483648", -1),
        ("default_node = 4\nmap = '10000=0'", "x", -1),
        (texts, "bj", 0),
        (texts, "sh", 1),
        (texts, "Sh", 2),
        (texts, "SH", -1),
        (texts, "7", -1),
        (texts, "007", 1),
        (texts, "", -1),
        ("type = 1\nmap = \"bj=0\\nDEFAULT_NODE=3\"", "sh", 3),
    ];
    for (params, key, expected) in table {
        let algorithm = made("mycat_hash_int", 5, params, text_key(Folding::Exact));
        assert_eq!(place(&*algorithm, text(key)), expected, "{params} {key}");
    }
}

/// src/test/java/io/mycat/route/function: PartitionByJumpConsistentHashTest,
/// PartitionByCRC32PreSlotTest, AutoPartitionByLongTest, PartitionByPatternTest,
/// PartitionByPrefixPatternTest, PartitionByStringTest; route/util/PartitionUtilTest.
#[test]
fn what_mycats_own_tests_say() {
    let jump = made("mycat_jump_consistent_hash", 3, "", INTEGER);
    let found: Vec<i32> = (1..=24)
        .map(|key| place(&*jump, KeyValue::Int(key)))
        .collect();
    let said = [
        1, 2, 1, 0, 0, 2, 1, 1, 1, 0, 2, 1, 1, 2, 1, 0, 0, 2, 1, 0, 0, 0, 2, 1,
    ];
    assert_eq!(found, said);
    let two_halves = "partition_count = 2\npartition_length = 512\nhash_slice = '-4:0'";
    let head = "partition_count = [2, 1]\npartition_length = [256, 512]\nhash_slice = 8";
    let table = [
        ("mycat_crc32slot", 1000, "", "1000316", 521),
        ("mycat_crc32slot", 1000, "", "2", 637),
        ("mycat_crc32slot", 2, "", "2", 1),
        ("mycat_crc32slot", 2, "", "9999", 0),
        ("mycat_crc32slot", 2, "", "123456789", 1),
        ("mycat_crc32slot", 3, "", "4", 2),
        ("mycat_crc32slot", 3, "", "5", 0),
        ("mycat_crc32slot", 3, "", "35565", 2),
        ("mycat_rang_long", 3, RANGES, "2000000", 0),
        ("mycat_rang_long", 3, RANGES, "2000001", 1),
        ("mycat_rang_long", 3, RANGES, "4000000", 1),
        ("mycat_rang_long", 3, RANGES, "4000001", 2),
        ("mycat_partition_by_pattern", 8, PATTERN, "0", 7),
        ("mycat_partition_by_pattern", 8, PATTERN, "45a", 2),
        ("mycat_partition_by_prefix_pattern", 8, PREFIX, "gf89f9a", 0),
        ("mycat_partition_by_prefix_pattern", 8, PREFIX, "8df99a", 4),
        (
            "mycat_partition_by_prefix_pattern",
            8,
            PREFIX,
            "8dhdf99a",
            3,
        ),
        ("mycat_partition_by_string", 2, two_halves, "aaaabbb0000", 0),
        ("mycat_partition_by_string", 2, two_halves, "aaaabbb2359", 0),
        ("mycat_partition_by_string", 3, head, "qiushuo", 2),
        ("mycat_partition_by_long", 3, UNEVEN, "12345", 0),
    ];
    for (name, places, params, key, expected) in table {
        let algorithm = made(name, places, params, text_key(Folding::Exact));
        assert_eq!(place(&*algorithm, text(key)), expected, "{name} {key}");
    }
}

/// Guava 31.1, `Hashing.murmur3_32(seed).hashUnencodedChars`.
#[test]
fn murmur_is_guavas() {
    const SEED: i32 = -1_640_531_527;
    let table = [
        ("", 0, 0),
        ("", SEED, -1_832_243_442),
        ("a", 0, 1_867_108_634),
        ("a", SEED, -917_129_259),
        ("ab", 0, 374_890_698),
        ("ab", SEED, -37_731_402),
        ("abc", 0, 1_118_836_419),
        ("abc", SEED, 1_353_589_064),
        ("héllo", 0, 493_253_914),
        ("héllo", SEED, -1_679_062_788),
        ("😀x", 0, -996_154_910),
        ("😀x", SEED, -1_841_454_405),
        ("SHARD-0-NODE-0", 0, -1_711_177_021),
        ("SHARD-0-NODE-0", SEED, 753_513_352),
    ];
    for (text, seed, expected) in table {
        let mut hash = Murmur::new(seed);
        hash.push(text);
        assert_eq!(hash.finish(), expected, "{text}");
    }
}

const DATES: [&str; 17] = [
    "2013-12-01",
    "2013-12-22",
    "2013-12-23",
    "2013-12-31",
    "2014-01-01",
    "2014-01-10",
    "2014-01-11",
    "2014-01-31",
    "2014-02-01",
    "2014-02-10",
    "2014-02-19",
    "2014-03-20",
    "2016-02-29",
    "2038-01-19",
    "9999-12-31",
    "1969-12-31",
    "1700-02-28",
];

/// With Mycat's classes in time zone UTC.
#[test]
fn date_rules_place_days_where_mycat_did() {
    let open = "date_format = 'yyyy-MM-dd'\ns_begin_date = '2014-01-01'\ns_partion_day = 10";
    let turns = format!("{open}\ns_end_date = '2014-01-31'");
    let months = "s_begin_date = '2014-11-15'\ns_end_date = '2015-03-02'";
    let table: [(&str, &str, [i32; 17]); 6] = [
        (
            "mycat_partition_by_date",
            open,
            [
                -1, -1, 0, 0, 0, 0, 1, 3, 3, 4, 4, 7, 78, 878, 291_682, -1, -1,
            ],
        ),
        (
            "mycat_partition_by_date",
            &turns,
            [-1, -1, 0, 0, 0, 0, 1, 3, 3, 0, 0, 3, 2, 2, 2, -1, -1],
        ),
        (
            "mycat_partition_by_date",
            "date_format = 'yyyy-MM-dd'\ns_natural_day = 1",
            [
                0, 21, 22, 30, 0, 9, 10, 30, 0, 9, 18, 19, 28, 18, 30, 30, 27,
            ],
        ),
        (
            "mycat_partition_by_month",
            "s_begin_date = '2014-01-01'",
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 25, 288, 95_831, 0, 0],
        ),
        (
            "mycat_partition_by_month",
            months,
            [4, 4, 4, 4, 0, 0, 0, 0, 1, 1, 1, 2, 0, 3, 1, 1, 3],
        ),
        (
            "mycat_partition_by_month",
            "",
            [11, 11, 11, 11, 0, 0, 0, 0, 1, 1, 1, 2, 1, 0, 11, 11, 1],
        ),
    ];
    for (name, params, expected) in table {
        let algorithm = made(name, 300_000, params, KeyType::Date);
        let found = DATES.map(|key| place(&*algorithm, date(key)));
        assert_eq!(found, expected, "{name} {params}");
        for zero in ["0000-00-00", "2014-00-01", "2014-01-00", "2014-02-30"] {
            assert_eq!(place(&*algorithm, date(zero)), -1, "{zero}");
        }
    }
}

#[test]
fn times_of_day_count_as_they_did_in_mycat() {
    let params = "date_format = 'yyyy-MM-dd HH:mm:ss'\ns_begin_date = '2014-01-01 06:00:00'\n\
                  s_end_date = '2014-01-31 12:00:00'\ns_partion_day = 1";
    let key = KeyType::DateTime { fsp: 0 };
    let algorithm = made("mycat_partition_by_date", 31, params, key);
    let table = [
        ("2013-12-31 06:00:00", -1),
        ("2013-12-31 06:00:01", 0),
        ("2014-01-01 05:59:59", 0),
        ("2014-01-01 06:00:00", 0),
        ("2014-01-02 05:59:59", 0),
        ("2014-01-02 06:00:00", 1),
        ("2014-01-31 12:00:00", 30),
        ("2014-01-31 12:00:01", 30),
        ("2014-02-01 06:00:00", 0),
        ("2014-03-07 00:00:00", 2),
    ];
    for (key, expected) in table {
        assert_eq!(place(&*algorithm, datetime(key)), expected, "{key}");
    }
}

/// src/test/java/io/mycat/route/function/PartitionByDateTest.java and PartitionByMonthTest.java.
#[test]
fn what_mycats_own_tests_say_of_dates() {
    let ten_days = "date_format = 'yyyy-MM-dd'\ns_begin_date = '2014-01-01'\ns_partion_day = 10";
    let natural = "date_format = 'yyyy-MM-dd'\ns_natural_day = '1'\ns_partion_day = 10\n\
                   s_begin_date = '2014-01-01'\ns_end_date = ";
    let year = "s_begin_date = '2015-01-01'\ns_end_date = '2015-12-01'";
    let table = [
        (
            "mycat_partition_by_date",
            ten_days.to_owned(),
            "2014-05-01",
            12,
        ),
        (
            "mycat_partition_by_date",
            format!("{natural}'2014-01-24'"),
            "2014-01-20",
            1,
        ),
        (
            "mycat_partition_by_date",
            format!("{natural}'2014-01-29'"),
            "2014-01-20",
            19,
        ),
        (
            "mycat_partition_by_date",
            format!("{natural}'2018-01-29'"),
            "2018-01-31",
            30,
        ),
        ("mycat_partition_by_month", year.to_owned(), "2013-06-01", 5),
        (
            "mycat_partition_by_month",
            year.to_owned(),
            "2016-12-31",
            11,
        ),
        (
            "mycat_partition_by_month",
            "s_begin_date = '2014-01-01'".to_owned(),
            "2015-12-31",
            23,
        ),
    ];
    for (name, params, key, expected) in table {
        let algorithm = made(name, 31, &params, KeyType::Date);
        assert_eq!(
            place(&*algorithm, date(key)),
            expected,
            "{name} {params} {key}"
        );
    }
}

#[test]
fn slots_that_were_moved_stay_where_they_were_moved() {
    let data = "rule_data = \"#WARNING\\n0=0-50000,102399\\n1=50001-102398\"";
    let moved = made("mycat_crc32slot", 2, data, INTEGER);
    let equal = made("mycat_crc32slot", 2, "", INTEGER);
    let mut differ = 0;
    for key in 0..2000 {
        let slot = crc32fast::hash(key.to_string().as_bytes()) % 102_400;
        let expected = i32::from((50_001..102_399).contains(&slot));
        assert_eq!(place(&*moved, KeyValue::Int(key)), expected);
        differ += i32::from(place(&*equal, KeyValue::Int(key)) != expected);
    }
    assert!(differ > 0);
}

#[test]
fn versions_of_mycat_that_disagree_leave_a_key_without_place() {
    let params = "partition_count = 4\npartition_length = 256";
    let unsaid = made("mycat_partition_by_long", 4, params, INTEGER);
    let before = format!("{params}\nfold_high_bits = false");
    let before = made("mycat_partition_by_long", 4, &before, INTEGER);
    let after = format!("{params}\nfold_high_bits = true");
    let after = made("mycat_partition_by_long", 4, &after, INTEGER);
    for (key, expected) in [
        (300, [1, 1, 1]),
        (4_294_967_295, [3, 3, 3]),
        (4_294_967_296 + 300, [1, 1, 1]),
        (512 << 32, [-1, 0, 2]),
        (-1, [-1, 3, 0]),
    ] {
        let found = [&unsaid, &before, &after].map(|a| place(&**a, KeyValue::Int(key)));
        assert_eq!(found, expected, "{key}");
    }
}

#[test]
fn strings_whose_ends_some_versions_cut_have_no_place() {
    let algorithm = made("mycat_murmur", 2, "", text_key(Folding::Exact));
    for key in [" a", "a ", "a\n", "'a'", "`a`", "''"] {
        assert_eq!(place(&*algorithm, text(key)), -1, "{key}");
    }
    for key in ["'a", "a'", "'", "`a'", "a b"] {
        assert_ne!(place(&*algorithm, text(key)), -1, "{key}");
    }
    let error = algorithm.place(&[text(" a")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoPlaceForValue);
    // Perhaps digits to Java.
    let algorithm = made("mycat_mod_long", 2, "", text_key(Folding::Exact));
    assert_eq!(place(&*algorithm, text("１２")), -1);
    assert_eq!(
        algorithm.place(&[KeyValue::Bytes(vec![0xFF].into())]).ok(),
        None
    );
}

#[test]
fn ranges_of_keys_need_the_shards_of_the_ranges_that_they_meet() {
    let ranges = |default: &str| {
        let params = format!("{default}\nmap = \"0-5=2\\n6-10=0\\n20-30=1\"");
        made("mycat_rang_long", 4, &params, INTEGER)
    };
    let at = Bound::Included;
    let int = KeyValue::Int;
    let table = [
        (at(int(1)), at(int(4)), vec![2]),
        (at(int(5)), at(int(6)), vec![0, 2]),
        (Bound::Excluded(int(5)), Bound::Excluded(int(7)), vec![0]),
        (Bound::Unbounded, at(int(7)), vec![0, 2]),
        (at(int(7)), Bound::Unbounded, vec![0, 1]),
        (at(int(12)), at(int(13)), vec![]),
    ];
    for (lower, upper, expected) in table {
        let range = KeyRange { lower, upper };
        let found = ranges("").places_in(&range);
        assert_eq!(found, set(expected.iter().copied()), "{range:?}");
        let found = ranges("default_node = 3").places_in(&range);
        assert_eq!(found, set(expected.into_iter().chain([3])), "{range:?}");
    }
    let words = KeyRange {
        lower: at(text("a")),
        upper: Bound::Unbounded,
    };
    assert_eq!(ranges("").places_in(&words), NodeSet::All);
}

/// Every day of a range lies in one of the places of the range.
#[test]
fn ranges_of_days_need_the_shards_of_their_days() {
    let ten_days = "date_format = 'yyyy-MM-dd'\ns_begin_date = '2014-01-05'\ns_partion_day = 10";
    let table = [
        ("mycat_partition_by_date", ten_days.to_owned()),
        (
            "mycat_partition_by_date",
            format!("{ten_days}\ns_end_date = '2014-03-01'"),
        ),
        (
            "mycat_partition_by_date",
            "date_format = 'yyyy-MM-dd'\ns_natural_day = 1".to_owned(),
        ),
        ("mycat_partition_by_month", String::new()),
        (
            "mycat_partition_by_month",
            "s_begin_date = '2014-02-01'".to_owned(),
        ),
        (
            "mycat_partition_by_month",
            "s_begin_date = '2013-12-01'\ns_end_date = '2014-02-01'".to_owned(),
        ),
    ];
    let days: Vec<String> = (1..=4)
        .flat_map(|month| (1..=28).map(move |day| format!("2014-{month:02}-{day:02}")))
        .collect();
    for (name, params) in table {
        let algorithm = made(name, 31, &params, KeyType::Date);
        let mut narrowed = 0;
        for (first, lower) in days.iter().enumerate() {
            for (last, upper) in days.iter().enumerate().skip(first).step_by(3) {
                let range = KeyRange {
                    lower: Bound::Included(date(lower)),
                    upper: Bound::Included(date(upper)),
                };
                let found = algorithm.places_in(&range);
                narrowed += i32::from(found != NodeSet::All);
                for day in &days[first..=last] {
                    let at = place(&*algorithm, date(day));
                    assert!(
                        at < 0 || found.contains(at as usize),
                        "{name} {lower} {upper} {day}"
                    );
                }
            }
        }
        assert!(narrowed > 100, "{name} {params}");
    }
}

#[test]
fn a_wrong_setting_says_what_is_wrong() {
    let long = |params: &str| format!("partition_count = {params}");
    let table = [
        (
            "mycat_mod_long",
            "count = 5".to_owned(),
            "must be 1 to 4, the number of shards",
        ),
        ("mycat_rang_long", String::new(), "\"map\" is missing"),
        (
            "mycat_rang_long",
            "map = '0-5=4'".to_owned(),
            "names shard 4; there are 0 to 3",
        ),
        (
            "mycat_rang_long",
            "map = '5=1'".to_owned(),
            "has '5', which is no range such as 0-500",
        ),
        (
            "mycat_rang_long",
            "map = '0-5'".to_owned(),
            "has the line '0-5', which is not understood",
        ),
        (
            "mycat_partition_by_long",
            long("2\npartition_length = 256"),
            "must come to 1024 in all",
        ),
        (
            "mycat_partition_by_long",
            long("8\npartition_length = 128"),
            "needs 8 shards; there are 4",
        ),
        (
            "mycat_murmur",
            "virtual_bucket_times = 0".to_owned(),
            "must be 1 or more",
        ),
        (
            "mycat_murmur",
            "weight_map = '0=99999999'".to_owned(),
            "more than 1000000 virtual nodes",
        ),
        (
            "mycat_crc32slot",
            "rule_data = '0=0-5'".to_owned(),
            "must end with slot 102399",
        ),
        (
            "mycat_hash_int",
            "map = 'bj=0'".to_owned(),
            "has 'bj', which is no number of 32 bits",
        ),
    ];
    for (name, params, message) in table {
        let error = try_build(name, 4, &params, INTEGER)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{name} {params}: {error}");
    }
}

#[test]
fn keys_that_mysql_holds_equal_must_not_be_placed_apart() {
    let map = "map = '0-5=1'";
    let table = [
        ("mycat_murmur", "", false),
        ("mycat_mod_long", "", false),
        ("mycat_crc32slot", "", false),
        ("mycat_jump_consistent_hash", "", false),
        (
            "mycat_partition_by_string",
            "partition_count = 4\npartition_length = 256",
            false,
        ),
        (
            "mycat_partition_by_prefix_pattern",
            "prefix_length = 2\nmap = '0-5=1'",
            false,
        ),
        ("mycat_hash_int", "type = 1\nmap = 'a=1'", false),
        ("mycat_hash_int", "map = '5=1'", true),
        ("mycat_rang_long", map, true),
        ("mycat_partition_by_pattern", map, true),
        (
            "mycat_partition_by_long",
            "partition_count = 4\npartition_length = 256",
            true,
        ),
    ];
    for (name, params, accepted) in table {
        let built = try_build(name, 4, params, text_key(Folding::AsciiCase));
        match built {
            Ok(_) => assert!(accepted, "{name} {params}"),
            Err(error) => {
                assert!(!accepted, "{name} {params}: {error}");
                let message = error.to_string();
                assert!(message.contains("utf8mb4_0900_ai_ci"), "{message}");
                assert!(
                    message.contains("needs a _bin collation or VARBINARY"),
                    "{message}"
                );
            }
        }
        for key in [
            KeyType::Date,
            KeyType::Decimal {
                precision: 9,
                scale: 2,
            },
        ] {
            let error = try_build(name, 4, params, key).unwrap_err();
            assert!(
                matches!(error, AlgorithmError::KeyType { .. }),
                "{name}: {error}"
            );
        }
    }
}
