//! Clients that do not keep to the protocol, or not to their password.

use std::time::{Duration, Instant};

use shardwell::wire::put_packet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{APP_PASSWORD, APP_USER};
use crate::raw::{Raw, rest_of, tcp};
use crate::solo::{SOLO, shared};

const QUICK_HANDSHAKE: &str = "[server.timeouts]\nhandshake = \"1s\"";

#[tokio::test]
async fn garbage_instead_of_a_login_ends_only_its_own_connection() {
    let (_place, proxy) = shared(QUICK_HANDSHAKE, "").await;
    let mut witness = Raw::app(proxy.address(), Some(SOLO)).await;
    let garbage: [&[u8]; 8] = [
        b"GET / HTTP/1.1\r\nHost: example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0; 64],
        &[0xFF; 64],
        &[0xFF, 0xFF, 0xFF, 0x01],
        &[0x01, 0x00, 0x00, 0x01, 0x03],
        &[0x20, 0x00, 0x00, 0x07],
        b"\x05\x00\x00\x01\x85\xa6\x03\x20\x00",
    ];
    for bytes in garbage {
        let mut stream = tcp(proxy.address()).await;
        stream.write_all(bytes).await.unwrap();
        let started = Instant::now();
        rest_of(&mut stream).await;
        assert!(started.elapsed() < Duration::from_secs(4), "{bytes:?}");
        assert!(witness.works().await);
    }
}

/// SQL in UCS-2 could not be told from other bytes: neither MySQL nor the proxy lets it in.
#[tokio::test]
async fn a_login_in_letters_of_two_bytes_is_refused_as_by_the_server() {
    let (place, proxy) = shared("", "").await;
    let server = place.shards()[0].0.address();
    for address in [proxy.address(), server] {
        let mut raw = Raw::greeted(address).await;
        raw.collation = 35;
        let refused = raw.login(APP_USER, APP_PASSWORD, None).await.unwrap_err();
        let text = String::from_utf8_lossy(&refused.message).into_owned();
        assert_eq!(refused.code, 1231, "{address}: {text}");
        assert!(text.contains("'ucs2'"), "{address}: {text}");
    }
    assert!(Raw::app(proxy.address(), Some(SOLO)).await.works().await);
}

#[tokio::test]
async fn half_a_login_and_silence_end_with_the_handshake_timeout() {
    let (_place, proxy) = shared(QUICK_HANDSHAKE, "").await;
    for half in [
        &b""[..],
        b"\x50",
        b"\x50\x00\x00\x01",
        b"\x50\x00\x00\x01\x85\xa6",
    ] {
        let mut stream = tcp(proxy.address()).await;
        stream.write_all(half).await.unwrap();
        let started = Instant::now();
        rest_of(&mut stream).await;
        let waited = started.elapsed();
        assert!(waited > Duration::from_millis(800), "{waited:?}");
        assert!(waited < Duration::from_secs(4), "{waited:?}");
    }
}

#[tokio::test]
async fn garbage_behind_the_login_is_an_error_and_the_end() {
    let (_place, proxy) = shared("", "").await;
    let mut witness = Raw::app(proxy.address(), Some(SOLO)).await;
    // A wrong sequence id, an announcement above the limit, an unknown command, an empty packet.
    let cases: [(&[u8], Option<u16>); 4] = [
        (&[0x02, 0, 0, 9, 3, b'x'], Some(1156)),
        (&[0xFF, 0xFF, 0xFF, 1], Some(1156)),
        (&[0x01, 0, 0, 0, 0x77], None),
        (&[0x00, 0, 0, 0], None),
    ];
    for (bytes, ends_with) in cases {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.packets.output().extend_from_slice(bytes);
        raw.packets.flush().await.unwrap();
        match ends_with {
            Some(code) => assert_eq!(raw.last_words().await.code, code),
            None => {
                raw.packets.set_sequence(1);
                assert!(raw.answer().await.is_err());
                assert!(raw.works().await);
            }
        }
        assert!(witness.works().await);
    }
}

#[tokio::test]
async fn an_announced_packet_above_the_limit_is_refused() {
    let (_place, proxy) = shared("max_allowed_packet = \"1MiB\"", "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    raw.packets
        .output()
        .extend_from_slice(&[0x01, 0x00, 0x10, 0x00, 0x03]);
    raw.packets.flush().await.unwrap();
    assert_eq!(raw.last_words().await.code, 1153);
    // What is just within the limit is read.
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    let sql = format!("SELECT 1 /* {} */", "x".repeat((1 << 20) - 64));
    assert_eq!(raw.query(&sql).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_byte_at_a_time_is_enough() {
    let (_place, proxy) = shared("", "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut bytes = bytes::BytesMut::new();
    put_packet(&mut bytes, &mut 0, b"\x03\x00\x01SELECT 'drop by drop'");
    for byte in &bytes {
        raw.packets.output().extend_from_slice(&[*byte]);
        raw.packets.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    raw.packets.set_sequence(1);
    assert_eq!(raw.answer().await.unwrap(), [b"\x0cdrop by drop".to_vec()]);
}

#[tokio::test]
async fn a_login_one_byte_at_a_time_is_enough() {
    let (_place, proxy) = shared("", "").await;
    // The bytes of a login pass through a relay that dribbles.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let target = proxy.address();
    let relay = tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = tcp(target).await;
        let (mut near_in, mut near_out) = near.split();
        let (mut far_in, mut far_out) = far.split();
        let dribble = async {
            let mut byte = [0u8; 1];
            while near_in.read(&mut byte).await.unwrap_or(0) > 0 {
                far_out.write_all(&byte).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = dribble => {}
            _ = tokio::io::copy(&mut far_in, &mut near_out) => {}
        }
    });
    let mut raw = Raw::app(address, Some(SOLO)).await;
    assert!(raw.works().await);
    relay.abort();
}

#[tokio::test]
async fn commands_sent_ahead_are_answered_in_order() {
    let (_place, proxy) = shared("", "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    for n in 0..50 {
        let payload = format!("\x03\x00\x01SELECT {n}, SLEEP(0.01)");
        put_packet(raw.packets.output(), &mut 0, payload.as_bytes());
    }
    raw.packets.flush().await.unwrap();
    for n in 0..50 {
        raw.packets.set_sequence(1);
        let rows = raw.answer().await.unwrap();
        let text = n.to_string();
        assert_eq!(&rows[0][1..=text.len()], text.as_bytes());
    }
}

#[tokio::test]
async fn whoever_may_not_come_in_is_told_why() {
    let (_place, proxy) = shared("", "").await;
    let cases = [
        (APP_USER, "wrong", None, 1045),
        (APP_USER, "", None, 1045),
        ("nobody", APP_PASSWORD, None, 1045),
        ("", "", None, 1045),
        (APP_USER, APP_PASSWORD, Some("nowhere"), 1044),
        ("other", APP_PASSWORD, Some("nowhere"), 1049),
    ];
    for (user, password, schema, code) in cases {
        let mut raw = Raw::greeted(proxy.address()).await;
        let error = raw.login(user, password, schema).await.unwrap_err();
        assert_eq!(error.code, code, "{user} {schema:?}: {error}");
        assert!(raw.is_closed().await);
    }
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    assert_eq!(raw.query("USE nowhere").await.unwrap_err().code, 1044);
    assert!(raw.works().await);
}

#[tokio::test]
async fn random_bytes_never_disturb_anybody_else() {
    let (_place, proxy) = shared(QUICK_HANDSHAKE, "").await;
    let mut witness = Raw::app(proxy.address(), Some(SOLO)).await;
    for round in 0..60usize {
        let noise: Vec<u8> = (0..rand::random_range(1..2000))
            .map(|_| rand::random())
            .collect();
        if round % 2 == 0 {
            let mut stream = tcp(proxy.address()).await;
            let _ = stream.write_all(&noise).await;
            drop(stream);
        } else {
            let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
            // A valid frame around nonsense reaches the decoders of commands.
            let mut payload = noise;
            payload[0] %= 0x20;
            put_packet(raw.packets.output(), &mut 0, &payload);
            let _ = raw.packets.flush().await;
            let _ =
                tokio::time::timeout(Duration::from_millis(20), raw.packets.read_packet()).await;
        }
        assert!(witness.works().await, "after round {round}");
    }
}
