//! Expected values: what Vitess's own tests say (vitessio/vitess, `go/vt/vtgate/vindexes`, each
//! test's file is named), and its arithmetic run with Go 1.19, cespare/xxhash 2.1.1 and
//! golang.org/x/text 0.7.0 over more keys.

use super::super::testing::{text, text_key, try_build};
use super::super::{AlgorithmError, Setting};
use super::keyspace::Vindex;
use super::{
    binary, binary_md5, hash, numeric, reverse_bits, unicode_loose_md5, unicode_loose_xxhash,
    xxhash,
};
use crate::topology::{Folding, KeyType};
use crate::value::KeyValue;

const INTEGER: KeyType = KeyType::Integer {
    min: i64::MIN as i128,
    max: u64::MAX as i128,
};

fn vindex<V: Vindex>(key_type: KeyType) -> V {
    let setting = Setting {
        params: &toml::Table::new(),
        places: 1,
        key_types: &[key_type],
        present: None,
    };
    V::new(&setting).unwrap()
}

/// The keyspace id in hexadecimal.
fn id<V: Vindex>(vindex: &V, key: KeyValue<'_>) -> Option<String> {
    vindex.keyspace_id(&key).map(hex::encode)
}

/// 1 to 6: hash_test.go, TestHashMap; reverse_bits_test.go, TestReverseBitsMap.
#[test]
fn integers_become_the_ids_that_vitess_gives_them() {
    let table: [(i128, &str, &str); 17] = [
        (0, "8ca64de9c1b123a7", "0000000000000000"),
        (1, "166b40b44aba4bd6", "8000000000000000"),
        (2, "06e7ea22ce92708f", "4000000000000000"),
        (3, "4eb190c9a2fa169c", "c000000000000000"),
        (4, "d2fd8867d50d2dfe", "2000000000000000"),
        (5, "70bb023c810ca87a", "a000000000000000"),
        (6, "f098480ac4c4be71", "6000000000000000"),
        (42, "61f0f4f610d0a79a", "5400000000000000"),
        (2_147_483_647, "a2b3a60939fa143a", "fffffffe00000000"),
        (2_147_483_648, "e943d7568aec0c5c", "0000000100000000"),
        (4_294_967_295, "e1eceaa84715eb8e", "ffffffff00000000"),
        (4_294_967_296, "aeb5f5ede22d1a36", "0000000080000000"),
        (
            9_223_372_036_854_775_807,
            "f77d48aadda1f1bb",
            "fffffffffffffffe",
        ),
        (
            9_223_372_036_854_775_808,
            "95f8a5e5dd31d900",
            "0000000000000001",
        ),
        (
            18_446_744_073_709_551_615,
            "355550b2150e2451",
            "ffffffffffffffff",
        ),
        (-5, "8f381ecc90fd28ae", ""),
        (-2_147_483_648, "a126f1e03d67828a", ""),
    ];
    let hash: hash::Hash = vindex(INTEGER);
    let reverse: reverse_bits::ReverseBits = vindex(INTEGER);
    let numeric: numeric::Numeric = vindex(INTEGER);
    for (key, hashed, reversed) in table {
        let key = KeyValue::Int(key);
        assert_eq!(id(&hash, key.clone()).as_deref(), Some(hashed), "{key:?}");
        let some = (!reversed.is_empty()).then_some(reversed);
        assert_eq!(id(&reverse, key.clone()).as_deref(), some, "{key:?}");
        let KeyValue::Int(number) = key else {
            continue;
        };
        let number = u64::try_from(number).ok().map(|n| format!("{n:016x}"));
        assert_eq!(id(&numeric, key), number);
    }
}

/// Of each text: xxHash, MD5, and both of its loose weights (none where it is not printable ASCII).
/// "Test", " Test", "test1", "test2": xxhash_test.go, binarymd5_test.go, unicodeloosemd5_test.go,
/// unicodeloosexxhash_test.go.
#[rustfmt::skip]
const TEXTS: [(&str, &str, &str, &str, &str); 19] = [
        (
            "",
            "99e9d85137db46ef",
            "d41d8cd98f00b204e9800998ecf8427e",
            "99e9d85137db46ef",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        (
            "a",
            "5b6e8ca9f1c44ed2",
            "0cc175b9c0f1b6a831c399e269772661",
            "2143a97694a4f7ee",
            "cecd92a198405e4449bac0d33407e52f",
        ),
        (
            "abc",
            "990977adf52cbc44",
            "900150983cd24fb0d6963f7d28e17f72",
            "01537f41ecf22f9c",
            "124e00b37fb8134feac789eafa55b89f",
        ),
        (
            "ABC",
            "98eecf4f35e76ae6",
            "902fbdd2b1df0c4f70b4a5d23525e932",
            "01537f41ecf22f9c",
            "124e00b37fb8134feac789eafa55b89f",
        ),
        (
            "Test",
            "b422898ac3ef83da",
            "0cbc6611f5540bd0809a388dc95a615b",
            "42d21361087a4c07",
            "0b5edbb401fd7524393690491d64f1f5",
        ),
        (
            "test1",
            "d01ab7e4d6978f0b",
            "5a105e8b9d40e1329780d62ea2265d8a",
            "131725ddab64e1d3",
            "e393de01d3cda91d26e904dd20386d85",
        ),
        (
            "test2",
            "87eb11714c0a0e89",
            "ad0234829205b9033196ba818f7a872b",
            "e0da803d8434b73c",
            "ab21a03180bb999c3e93ec7d0da58ec0",
        ),
        (
            "007",
            "64f8bcf2565c9eb1",
            "9e94b15ed312fa42232fd87a55db0d39",
            "e775a3a1b6613807",
            "729cb2fdaaf55503c4c01af63009aa3e",
        ),
        (
            "héllo",
            "e4bb8e381063d03b",
            "be50e8478cf24ff3595bc7307fb91b50",
            "",
            "",
        ),
        (
            "数据库",
            "2a2a67567eb9091c",
            "68051bf4aa2743b030984b694628ee9c",
            "",
            "",
        ),
        (
            "😀",
            "807be8aaabb82590",
            "2a02eac39d716a70ecf37579185927b6",
            "",
            "",
        ),
        (
            "user@example.com",
            "603dfe399e4a2ae9",
            "b58996c504c5638798eb6b511e6f49af",
            "914f3c0f3e16a0b7",
            "a2807f8b0ae1e6b592ae7d4e734d884b",
        ),
        (
            "User@Example.COM",
            "0304f18d70049149",
            "3a4b6fc5c50af69f7c5706918cc7eb97",
            "914f3c0f3e16a0b7",
            "a2807f8b0ae1e6b592ae7d4e734d884b",
        ),
        (
            "Test ",
            "b54d93f34c4b9dd7",
            "1a28f88c7402a7c69005ee182b39b67f",
            "42d21361087a4c07",
            "0b5edbb401fd7524393690491d64f1f5",
        ),
        (
            " Test",
            "c4fa4c61f50bf5e0",
            "b18afe8bbd1f2e00ba5941b41c72677a",
            "4fcb8be34ec05775",
            "a2e3515c7e8df1ffd2ccfc11c6b19dd1",
        ),
        (
            "-1",
            "d8e2a6a7c8c7623d",
            "6bb61e3b7bce0931da574d19d1d82c88",
            "01887373ec3eca63",
            "c215280d668704227d39623a189cf7d5",
        ),
        (
            "9223372036854775808",
            "a3523da2ce8f4a3f",
            "8dbd96443e092a30e452efbf91f16e09",
            "9088787ca2e4bd8b",
            "5e623eb6b92740fec9ec2dcddbc40f17",
        ),
        (
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
            "2036d3b27b93cb50",
            "83236d741418daf505da89a4c14985c5",
            "49229128b8ee94a1",
            "0ad47125d5dfc794c577ea6a5e3fab9f",
        ),
        (
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            "4bb7c12d44f4ac67",
            "442e9d62bc3a517609fb3b8bc29e7dd5",
            "f5625695ca48cc1a",
            "9d1078ec64554c7d60a38eedcceb27f7",
        ),
];

#[test]
fn texts_become_the_ids_that_vitess_gives_them() {
    let exact = || text_key(Folding::Exact);
    let xx: xxhash::XxHash = vindex(exact());
    let md5: binary_md5::BinaryMd5 = vindex(exact());
    let bytes: binary::Binary = vindex(exact());
    let loose_xx: unicode_loose_xxhash::UnicodeLooseXxHash = vindex(text_key(Folding::AsciiCase));
    let loose_md5: unicode_loose_md5::UnicodeLooseMd5 = vindex(exact());
    for (key, xx_id, md5_id, loose_xx_id, loose_md5_id) in TEXTS {
        let some = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        assert_eq!(id(&xx, text(key)), some(xx_id), "{key}");
        assert_eq!(id(&md5, text(key)), some(md5_id), "{key}");
        assert_eq!(id(&bytes, text(key)), Some(hex::encode(key)), "{key}");
        assert_eq!(id(&loose_xx, text(key)), some(loose_xx_id), "{key}");
        assert_eq!(id(&loose_md5, text(key)), some(loose_md5_id), "{key}");
    }
}

/// unicodeloosexxhash_test.go and unicodeloosemd5_test.go: what they hold equal.
#[test]
fn loose_ids_do_not_know_case_nor_blanks_at_the_end() {
    let loose: unicode_loose_md5::UnicodeLooseMd5 = vindex(text_key(Folding::Exact));
    let test = id(&loose, text("Test"));
    for same in ["TEST", "test", "Test ", "tEsT   "] {
        assert_eq!(id(&loose, text(same)), test, "{same}");
    }
    assert_ne!(id(&loose, text(" Test")), test);
    for unsure in ["Te\u{301}st", "Tést", "Test\t", "Test\0", "\u{7F}"] {
        assert_eq!(id(&loose, text(unsure)), None, "{unsure:?}");
    }
}

/// xxhash_test.go, TestXXHashMap.
#[test]
fn xxhash_takes_the_digits_of_integers() {
    let xx: xxhash::XxHash = vindex(INTEGER);
    let table: [(i128, &str); 5] = [
        (1, "d46405367612b4b7"),
        (-1, "d8e2a6a7c8c7623d"),
        (18_446_744_073_709_551_615, "477cfa8d6d8f1f8d"),
        (9_223_372_036_854_775_807, "b37eb01f7bffafd8"),
        (-9_223_372_036_854_775_808, "102c27ddb26a609e"),
    ];
    for (key, expected) in table {
        assert_eq!(
            id(&xx, KeyValue::Int(key)).as_deref(),
            Some(expected),
            "{key}"
        );
    }
}

/// The first number of each shard of a generated keyspace, by its first two bytes.
/// Expected: `GenerateShardRanges` of go/vt/key/key.go; TestGenerateShardRanges.
#[test]
fn shards_have_the_ranges_that_vitess_generates() {
    let table: [(usize, Vec<u16>); 6] = [
        (1, vec![]),
        (2, vec![0x8000]),
        (3, vec![0x5500, 0xAA00]),
        (5, vec![0x3300, 0x6600, 0x9900, 0xCC00]),
        (7, vec![0x2400, 0x4900, 0x6D00, 0x9200, 0xB600, 0xDB00]),
        (
            10,
            vec![
                0x1900, 0x3300, 0x4C00, 0x6600, 0x8000, 0x9900, 0xB300, 0xCC00, 0xE600,
            ],
        ),
    ];
    for (shards, starts) in table {
        let algorithm = try_build("vitess_numeric", shards, "", INTEGER).unwrap();
        let at = |id: u64| algorithm.place(&[KeyValue::Int(i128::from(id))]).unwrap();
        assert_eq!(at(0), 0);
        for (place, start) in starts.iter().enumerate() {
            let first = u64::from(*start) << 48;
            assert_eq!(
                (at(first - 1), at(first)),
                (place, place + 1),
                "{start:x} of {shards}"
            );
        }
        assert_eq!(at(u64::MAX), shards - 1);
    }
    let many = try_build("vitess_numeric", 300, "", INTEGER).unwrap();
    let at = |id: u64| many.place(&[KeyValue::Int(i128::from(id << 48))]).unwrap();
    assert_eq!((at(0x00D9), at(0x00DA), at(0x01B4)), (0, 1, 2));
    assert_eq!((at(0xFF24), at(0xFF25)), (298, 299));
}

#[test]
fn named_shards_are_in_the_order_of_the_schema() {
    let params = "shards = ['c0-', '-4000', '80-c0', '40-80']";
    let algorithm = try_build("vitess_reverse_bits", 4, params, INTEGER).unwrap();
    for (key, expected) in [(0, 1), (1, 2), (2, 3), (3, 0), (4, 1), (u64::MAX, 0)] {
        let place = algorithm.place(&[KeyValue::Int(i128::from(key))]);
        assert_eq!(place, Ok(expected), "{key}");
    }
    // Zero bytes at the end do not count: key_test.go, TestCompare.
    let params = "shards = ['-8000', '80-']";
    let algorithm = try_build(
        "vitess_binary",
        2,
        params,
        KeyType::Binary {
            fixed: false,
            length: 9,
        },
    );
    let algorithm = algorithm.unwrap();
    for (key, expected) in [
        (vec![], 0),
        (vec![0x7F, 0xFF], 0),
        (vec![0x80], 1),
        (vec![0x80, 0], 1),
    ] {
        assert_eq!(
            algorithm.place(&[KeyValue::Bytes(key.clone().into())]),
            Ok(expected),
            "{key:?}"
        );
    }
    let one = try_build("vitess_hash", 1, "shards = '0'", INTEGER).unwrap();
    assert_eq!(one.place(&[KeyValue::Int(5)]), Ok(0));
}

#[test]
fn a_wrong_setting_says_what_is_wrong() {
    let table = [
        ("shards = ['-80']", "must name all 2 shards, not 1"),
        (
            "shards = ['-80', '81-']",
            "has '81-', which leaves a gap or overlaps another",
        ),
        (
            "shards = ['-80', '70-']",
            "has '70-', which leaves a gap or overlaps another",
        ),
        ("shards = ['-80', '80-c0']", "must reach to the end"),
        (
            "shards = ['-8', '8-']",
            "has '-8', which is no range such as 40-80",
        ),
        ("shards = ['-', '-']", "leaves a gap or overlaps another"),
        ("shards = 3", "must be a list of texts"),
    ];
    for (params, message) in table {
        let error = try_build("vitess_hash", 2, params, INTEGER)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{params}: {error}");
    }
}

#[test]
fn keys_that_mysql_holds_equal_must_not_be_placed_apart() {
    let table = [
        ("vitess_xxhash", false),
        ("vitess_binary", false),
        ("vitess_binary_md5", false),
        ("vitess_unicode_loose_xxhash", true),
        ("vitess_unicode_loose_md5", true),
    ];
    for (name, accepted) in table {
        let built = try_build(name, 2, "", text_key(Folding::AsciiCase));
        match built {
            Ok(_) => assert!(accepted, "{name}"),
            Err(error) => {
                assert!(!accepted, "{name}");
                assert!(
                    matches!(error, AlgorithmError::Collation { .. }),
                    "{name}: {error}"
                );
            }
        }
    }
    for name in ["vitess_hash", "vitess_numeric", "vitess_reverse_bits"] {
        let error = try_build(name, 2, "", text_key(Folding::Exact));
        assert!(
            matches!(error, Err(AlgorithmError::KeyType { .. })),
            "{name}"
        );
    }
}
