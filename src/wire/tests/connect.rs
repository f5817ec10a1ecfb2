use bytes::BytesMut;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{HandshakePacket, HandshakeResponse};
use mysql_common::proto::MyDeserialize;
use proptest::prelude::*;

use super::refuses_prefixes;
use crate::error::StageError;
use crate::wire::handshake::{AuthMoreData, AuthSwitchRequest};
use crate::wire::{
    BackendWish, CapabilityFlags as C, ChangeUser, FirstPacket, Greeting, Login,
    SERVER_CAPABILITIES, ServerFeatures, ServerHello, SslRequest, StatusFlags, WireError,
    client_capabilities, negotiate, server_capabilities,
};

fn greeting() -> Greeting {
    Greeting {
        version: b"8.4.9-shardwell".to_vec(),
        connection_id: 0x0403_0201,
        salt: *b"abcdefghijABCDEFGHIJ",
        capabilities: SERVER_CAPABILITIES,
        extended_capabilities: 0,
        collation: 255,
        status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
        auth_plugin: b"caching_sha2_password".to_vec(),
    }
}

fn login() -> Login {
    Login {
        capabilities: SERVER_CAPABILITIES,
        max_packet: 1 << 24,
        collation: 45,
        user: b"app".to_vec(),
        auth_response: vec![7; 32],
        schema: Some(b"shop".to_vec()),
        auth_plugin: Some(b"caching_sha2_password".to_vec()),
        attributes: vec![(b"_client_name".to_vec(), b"libmysql".to_vec())],
        zstd_level: None,
    }
}

fn bytes(encode: impl FnOnce(&mut BytesMut) -> crate::wire::Result<()>) -> Vec<u8> {
    let mut out = BytesMut::new();
    encode(&mut out).unwrap();
    out.to_vec()
}

#[test]
fn a_greeting_is_read_back() {
    let packet = bytes(|out| greeting().encode(out));
    assert_eq!(
        ServerHello::decode(&packet),
        Ok(ServerHello::Greeting(greeting()))
    );
    // The plugin's name is the one part whose end may be missing.
    refuses_prefixes(&packet[..packet.len() - 22], Greeting::decode);
}

#[test]
fn another_implementation_reads_our_greeting() {
    let packet = bytes(|out| greeting().encode(out));
    let theirs = HandshakePacket::deserialize((), &mut ParseBuf(&packet)).unwrap();
    assert_eq!(theirs.server_version_ref(), b"8.4.9-shardwell");
    assert_eq!(theirs.connection_id(), 0x0403_0201);
    assert_eq!(theirs.capabilities(), SERVER_CAPABILITIES);
    assert_eq!(theirs.scramble_1_ref(), b"abcdefgh");
    assert_eq!(&theirs.scramble_2_ref().unwrap()[..12], b"ijABCDEFGHIJ");
    assert_eq!(theirs.default_collation(), 255);
    assert_eq!(
        theirs.auth_plugin_name_ref(),
        Some(&b"caching_sha2_password"[..])
    );
}

#[test]
fn mariadb_hides_capabilities_in_the_filler() {
    let mut mariadb = greeting();
    mariadb.version = b"5.5.5-10.11.6-MariaDB".to_vec();
    mariadb.capabilities -= C::CLIENT_LONG_PASSWORD;
    mariadb.extended_capabilities = 0x1D;
    let packet = bytes(|out| mariadb.encode(out));
    assert_eq!(Greeting::decode(&packet), Ok(mariadb.clone()));
    mariadb.capabilities |= C::CLIENT_LONG_PASSWORD;
    let packet = bytes(|out| mariadb.encode(out));
    assert_eq!(Greeting::decode(&packet).unwrap().extended_capabilities, 0);
}

#[test]
fn a_refusal_in_place_of_a_greeting_is_told() {
    for packet in [
        &b"\xFF\x10\x04Too many connections"[..],
        b"\xFF\x10\x04#08004Too many connections",
    ] {
        let Ok(ServerHello::Refused(error)) = ServerHello::decode(packet) else {
            panic!("{packet:?}");
        };
        assert_eq!(
            (error.code, &error.message[..]),
            (1040, &b"Too many connections"[..])
        );
    }
}

#[test]
fn greetings_of_another_age_are_refused() {
    let mut old = greeting();
    old.capabilities -= C::CLIENT_SECURE_CONNECTION;
    let packet = bytes(|out| old.encode(out));
    let refused = Greeting::decode(&packet).unwrap_err();
    assert_eq!(
        refused,
        WireError::MissingCapability("CLIENT_SECURE_CONNECTION")
    );
    assert_eq!(refused.to_mysql().code, 1043);
    assert_eq!(
        Greeting::decode(&[9, 0]),
        Err(WireError::ProtocolVersion(9))
    );
}

#[test]
fn a_login_is_read_back_and_cut_ones_are_refused() {
    let packet = bytes(|out| login().encode(out));
    assert_eq!(
        FirstPacket::decode(&packet, SERVER_CAPABILITIES),
        Ok(FirstPacket::Login(login()))
    );
    // A login may end behind the schema or the plugin's name: some clients leave the rest out.
    let optional = packet.len() - 22 - 1 - 13 - 9;
    refuses_prefixes(&packet[..optional], |cut| {
        Login::decode(cut, SERVER_CAPABILITIES)
    });
    for len in optional..packet.len() {
        let _ = Login::decode(&packet[..len], SERVER_CAPABILITIES);
    }
}

#[test]
fn another_implementation_reads_our_login() {
    let packet = bytes(|out| login().encode(out));
    let theirs = HandshakeResponse::deserialize((), &mut ParseBuf(&packet)).unwrap();
    assert_eq!(theirs.user(), b"app");
    assert_eq!(theirs.scramble_buf(), [7; 32]);
    assert_eq!(theirs.db_name(), Some(&b"shop"[..]));
    assert_eq!(theirs.capabilities(), SERVER_CAPABILITIES);
    assert_eq!(theirs.connect_attributes().unwrap().len(), 1);
}

#[test]
fn flags_that_were_not_offered_do_not_count() {
    // mysql2 for Node sets ODBC and others whatever the server offers.
    let mut eager = login();
    eager.capabilities |= C::CLIENT_ODBC | C::CLIENT_COMPRESS | C::CLIENT_REMEMBER_OPTIONS;
    let packet = bytes(|out| eager.encode(out));
    let read = Login::decode(&packet, SERVER_CAPABILITIES - C::CLIENT_FOUND_ROWS).unwrap();
    assert_eq!(
        read.capabilities,
        SERVER_CAPABILITIES - C::CLIENT_FOUND_ROWS
    );
}

#[test]
fn a_login_without_a_length_encoded_response_is_understood() {
    // PHP's mysqlnd knows plugins but not PLUGIN_AUTH_LENENC_CLIENT_DATA.
    let mut php = login();
    php.capabilities -= C::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA | C::CLIENT_CONNECT_ATTRS;
    php.attributes.clear();
    php.auth_response = vec![7; 251];
    let packet = bytes(|out| php.encode(out));
    assert_eq!(Login::decode(&packet, SERVER_CAPABILITIES), Ok(php.clone()));
    php.auth_response = vec![7; 256];
    assert!(matches!(
        php.encode(&mut BytesMut::new()),
        Err(WireError::TooLong { max: 255, .. })
    ));
}

#[test]
fn unknown_tails_an_empty_schema_and_missing_ends_are_tolerated() {
    let mut packet = bytes(|out| login().encode(out));
    packet.extend_from_slice(b"\x03and more");
    assert_eq!(Login::decode(&packet, SERVER_CAPABILITIES), Ok(login()));

    let mut bare = login();
    bare.schema = Some(Vec::new());
    bare.capabilities -= C::CLIENT_CONNECT_ATTRS;
    bare.attributes.clear();
    let mut packet = bytes(|out| bare.encode(out));
    packet.pop();
    let read = Login::decode(&packet, SERVER_CAPABILITIES).unwrap();
    assert_eq!(read.schema, None);
    assert_eq!(read.auth_plugin, bare.auth_plugin);
}

#[test]
fn a_client_without_plugins_names_none() {
    let mut old = login();
    old.capabilities = C::CLIENT_PROTOCOL_41 | C::CLIENT_SECURE_CONNECTION;
    old.schema = None;
    old.auth_plugin = None;
    old.attributes.clear();
    let packet = bytes(|out| old.encode(out));
    assert_eq!(Login::decode(&packet, SERVER_CAPABILITIES), Ok(old));
}

#[test]
fn a_client_before_4_1_is_told_so() {
    let refused = Login::decode(&[5, 0, 0, 0, 0, b'r', 0], SERVER_CAPABILITIES);
    assert_eq!(
        refused,
        Err(WireError::MissingCapability("CLIENT_PROTOCOL_41"))
    );
}

#[test]
fn too_many_attributes_are_refused_both_ways() {
    let mut greedy = login();
    greedy.attributes = vec![(b"name".to_vec(), vec![b'x'; 70_000])];
    assert!(greedy.encode(&mut BytesMut::new()).is_err());
    greedy.attributes.clear();
    let mut packet = bytes(|out| greedy.encode(out));
    packet.pop();
    packet.extend_from_slice(&[0xFD, 0x00, 0x00, 0x01]);
    packet.resize(packet.len() + 0x1_0000, 0);
    assert!(matches!(
        Login::decode(&packet, SERVER_CAPABILITIES),
        Err(WireError::TooLong { .. })
    ));
}

#[test]
fn a_zero_byte_in_a_name_is_refused() {
    let mut odd = login();
    odd.user = b"a\0b".to_vec();
    assert!(odd.encode(&mut BytesMut::new()).is_err());
}

#[test]
fn a_login_shows_no_scramble_when_printed() {
    assert!(!format!("{:?}", login()).contains("7, 7"));
}

#[test]
fn a_request_for_tls_is_told_from_a_login() {
    let offered = SERVER_CAPABILITIES | C::CLIENT_SSL;
    let request = SslRequest {
        capabilities: offered,
        max_packet: 0,
        collation: 45,
    };
    let mut packet = BytesMut::new();
    request.encode(&mut packet);
    assert_eq!(packet.len(), 32);
    assert_eq!(
        FirstPacket::decode(&packet, offered),
        Ok(FirstPacket::SslRequest(request))
    );
    assert!(
        FirstPacket::decode(&packet, SERVER_CAPABILITIES).is_err(),
        "TLS was not offered"
    );
    refuses_prefixes(&packet, |cut| FirstPacket::decode(cut, offered));
}

#[test]
fn authentication_requests_are_read_back() {
    let request = AuthSwitchRequest {
        plugin: b"mysql_native_password",
        data: b"abcdefghijABCDEFGHIJ",
    };
    let packet = bytes(|out| request.encode(out));
    assert_eq!(AuthSwitchRequest::decode(&packet), Ok(request));
    for len in (0..packet.len()).filter(|len| *len != 1) {
        let cut = AuthSwitchRequest::decode(&packet[..len]);
        assert_eq!(cut.is_err(), len <= 22, "{len}");
    }
    let old = AuthSwitchRequest::decode(&[0xFE]).unwrap();
    assert!(old.plugin.is_empty());
    assert_eq!(AuthMoreData::decode(b"\x01\x04"), Ok(AuthMoreData(b"\x04")));
    assert!(AuthMoreData::decode(b"\x00\x04").is_err());
}

#[test]
fn the_offer_and_the_wish_follow_the_configuration() {
    let all = server_capabilities(ServerFeatures {
        tls: true,
        local_files: true,
        zlib: true,
        zstd: true,
    });
    let extras = C::CLIENT_SSL
        | C::CLIENT_LOCAL_FILES
        | C::CLIENT_COMPRESS
        | C::CLIENT_ZSTD_COMPRESSION_ALGORITHM;
    assert_eq!(all - SERVER_CAPABILITIES, extras);
    assert!(!SERVER_CAPABILITIES.intersects(extras | C::CLIENT_OPTIONAL_RESULTSET_METADATA));

    let wish = BackendWish {
        found_rows: true,
        schema: true,
        ..BackendWish::default()
    };
    let asked = client_capabilities(wish, C::all());
    assert!(asked.contains(C::CLIENT_FOUND_ROWS | C::CLIENT_CONNECT_WITH_DB));
    assert!(!asked.intersects(C::CLIENT_SSL | C::CLIENT_COMPRESS | C::CLIENT_MULTI_STATEMENTS));
    let old = C::all() - C::CLIENT_QUERY_ATTRIBUTES;
    assert_eq!(
        client_capabilities(wish, old),
        asked - C::CLIENT_QUERY_ATTRIBUTES
    );
    let unknown = C::from_bits_retain(u32::MAX);
    assert_eq!(negotiate(unknown, all), all);
}

#[test]
fn change_user_may_end_behind_the_schema() {
    let read = ChangeUser::decode(b"app\0\x02xyshop\0", SERVER_CAPABILITIES).unwrap();
    assert_eq!(read.schema.as_deref(), Some(&b"shop"[..]));
    assert_eq!(
        (read.collation, &read.auth_response[..]),
        (None, &b"xy"[..])
    );
    refuses_prefixes(b"app\0\x02xyshop\0", |cut| {
        ChangeUser::decode(cut, SERVER_CAPABILITIES)
    });
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1..=255u8, 1..40)
}

proptest! {
    #[test]
    fn any_login_is_read_back(
        user in name(),
        auth_response in prop::collection::vec(any::<u8>(), 0..256),
        schema in prop::option::of(name()),
        auth_plugin in name(),
        attributes in prop::collection::vec((name(), name()), 0..5),
        zstd_level in prop::option::of(any::<u8>()),
        collation: u8,
    ) {
        let offered = SERVER_CAPABILITIES | C::CLIENT_ZSTD_COMPRESSION_ALGORITHM;
        let mut capabilities = offered;
        capabilities.set(C::CLIENT_CONNECT_WITH_DB, schema.is_some());
        capabilities.set(C::CLIENT_ZSTD_COMPRESSION_ALGORITHM, zstd_level.is_some());
        let login = Login {
            capabilities,
            max_packet: 0,
            collation,
            user,
            auth_response,
            schema,
            auth_plugin: Some(auth_plugin),
            attributes,
            zstd_level,
        };
        let packet = bytes(|out| login.encode(out));
        prop_assert_eq!(Login::decode(&packet, offered), Ok(login));
    }

    #[test]
    fn noise_is_refused_or_read_but_never_panics(noise: Vec<u8>, offered: u32) {
        let offered = C::from_bits_retain(offered);
        let _ = ServerHello::decode(&noise);
        let _ = FirstPacket::decode(&noise, offered);
        let _ = ChangeUser::decode(&noise, offered);
        let _ = AuthSwitchRequest::decode(&noise);
    }
}
