//! Known answers, and both halves of the exchange played against each other.

use std::sync::{Arc, LazyLock};

use mysql_common::scramble::{scramble_native, scramble_sha256};

use super::server_side::Step as ServerStep;
use super::*;
use crate::auth::scramble::{Salt, native_scramble, sha2_scramble};
use crate::error::MysqlError;
use crate::wire::{AuthSwitchRequest, put_err};

const SALT: Salt = *b"abcdefghijABCDEFGHIJ";
const PASSWORD: &[u8] = b"s3cret";
/// SHA1(SHA1("s3cret")) as MySQL prints it.
const NATIVE_STORED: &[u8] = b"*B865CAE8F340F6CE1485A06F4492BB49718DF1EC";
/// hashcat's example of a stored caching_sha2_password hash; the password is "hashcat".
const CRYPT_STORED: &str = "0x24412430303524F9CC98CE08892924F50A213B6BC571A2C11778C5\
    625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F";

/// One key for all tests: making one takes long.
static KEY: LazyLock<Arc<RsaKey>> = LazyLock::new(|| Arc::new(RsaKey::new()));

fn credential(text: &[u8]) -> Arc<Credential> {
    Arc::new(Credential::parse(text).unwrap())
}

fn context(secure: bool, native: bool) -> ServerContext {
    ServerContext {
        salt: SALT,
        secure,
        native,
        rsa: Arc::clone(&KEY),
    }
}

fn offer<'a>(plugin: Option<&'a [u8]>, response: &'a [u8]) -> ClientOffer<'a> {
    ClientOffer {
        plugin,
        response,
        change_user: false,
    }
}

fn is_wrong_password(step: &ServerStep) -> bool {
    matches!(step, ServerStep::Denied(Denial::WrongPassword { .. }))
}

/// Lets a client log in and returns whether it got in, and the packets that the server sent.
fn play(
    account: Account,
    context: ServerContext,
    client: ClientAuth,
    change_user: bool,
) -> (bool, Vec<Vec<u8>>) {
    let mut client = client;
    let hello = client.initial_response();
    let first = ClientOffer {
        plugin: Some(hello.plugin),
        response: &hello.auth_response,
        change_user,
    };
    let (mut server, mut step) = ServerAuth::start(account, context, first);
    let mut sent = Vec::new();
    loop {
        match step {
            ServerStep::Continue { send } => {
                let ClientStep::Send(answer) = client.on_packet(&send) else {
                    panic!("the client has no answer to {send:?}");
                };
                sent.push(send);
                step = server.on_packet(&answer);
            }
            ServerStep::Authenticated { send, .. } => {
                if let Some(send) = send {
                    assert_eq!(client.on_packet(send), ClientStep::Wait);
                    sent.push(send.to_vec());
                }
                assert_eq!(client.on_packet(&[0, 0, 0, 2, 0, 0, 0]), ClientStep::Done);
                return (true, sent);
            }
            ServerStep::Denied(denial) => {
                let mut payload = bytes::BytesMut::new();
                let error = denial.to_mysql("app", "localhost");
                put_err(&mut payload, &error);
                assert_eq!(
                    client.on_packet(&payload),
                    ClientStep::Error(AuthError::Refused(error))
                );
                return (false, sent);
            }
        }
    }
}

#[test]
fn scrambles_equal_those_of_another_implementation() {
    for password in [&b"x"[..], PASSWORD, &[0xFF; 200]] {
        assert_eq!(
            Some(native_scramble(password, &SALT)),
            scramble_native(&SALT, password)
        );
        assert_eq!(
            Some(sha2_scramble(password, &SALT)),
            scramble_sha256(&SALT, password)
        );
    }
}

#[test]
fn the_second_hash_is_the_one_that_mysql_prints() {
    let printed = format!("*{}", hex::encode_upper(scramble::native_hash(PASSWORD)));
    assert_eq!(printed.as_bytes(), NATIVE_STORED);
}

/// sqlx before 0.9 hashed the salt first. MySQL asks it for the password, and only then is it in step: it
/// does not read the OK behind "the scramble was right".
#[test]
fn a_client_whose_scramble_is_wrong_is_asked_for_its_password() {
    let hash = scramble::sha256;
    let first = hash(&[PASSWORD]);
    let mask = hash(&[&SALT, &hash(&[&first])]);
    let response: Vec<u8> = first.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    for (password, admitted) in [(&b"s3cret\0"[..], true), (b"other\0", false)] {
        for exists in [true, false] {
            let account = match exists {
                true => Account::known(credential(PASSWORD)),
                false => Account::unknown(credential(PASSWORD)),
            };
            let offer = offer(Some(CACHING_SHA2), &response);
            let (mut auth, step) = ServerAuth::start(account, context(true, false), offer);
            assert_eq!(step, ServerStep::Continue { send: vec![1, 4] });
            let step = auth.on_packet(password);
            assert_eq!(is_wrong_password(&step), !(admitted && exists));
        }
    }
}

#[test]
fn scrambles_of_the_wrong_length_salt_or_password_are_wrong() {
    let known = credential(PASSWORD);
    let right = sha2_scramble(PASSWORD, &SALT);
    let cases: [&[u8]; 5] = [
        b"",
        &right[..31],
        &[&right[..], &[0]].concat(),
        &sha2_scramble(b"other", &SALT),
        &sha2_scramble(PASSWORD, &[7; 20]),
    ];
    for response in cases {
        assert_eq!(known.verify_sha2(response, &SALT), Some(false));
        assert_eq!(known.verify_native(response, &SALT), Some(false));
    }
}

#[test]
fn a_secret_knows_what_its_form_tells() {
    let sha2 = sha2_scramble(PASSWORD, &SALT);
    let native = native_scramble(PASSWORD, &SALT);
    let hashed = credential(NATIVE_STORED);
    assert_eq!(hashed.verify_native(&native, &SALT), Some(true));
    assert_eq!(
        hashed.verify_sha2(&sha2, &SALT),
        None,
        "not before the password was seen"
    );
    assert!(!hashed.verify_cleartext(b"wrong"));
    assert_eq!(
        hashed.verify_sha2(&sha2, &SALT),
        None,
        "a wrong password teaches nothing"
    );
    assert!(hashed.verify_cleartext(PASSWORD));
    assert_eq!(hashed.verify_sha2(&sha2, &SALT), Some(true));

    let crypt = credential(CRYPT_STORED.as_bytes());
    assert_eq!(crypt.verify_native(&native, &SALT), None);
    assert_eq!(crypt.verify_sha2(&sha2, &SALT), None);
    assert!(!crypt.verify_cleartext(PASSWORD));
    assert!(crypt.verify_cleartext(b"hashcat"));
    let scramble = sha2_scramble(b"hashcat", &SALT);
    assert_eq!(crypt.verify_sha2(&scramble, &SALT), Some(true));
    assert_eq!(crypt.verify_sha2(&sha2, &SALT), Some(false));
}

#[test]
fn the_raw_and_the_hexadecimal_form_of_a_stored_hash_are_one() {
    let raw = hex::decode(&CRYPT_STORED[2..]).unwrap();
    assert!(credential(&raw).verify_cleartext(b"hashcat"));
}

#[test]
fn what_is_nearly_a_stored_hash_is_refused() {
    let raw = hex::decode(&CRYPT_STORED[2..]).unwrap();
    for len in 3..raw.len() {
        let error = Credential::parse(&raw[..len]).unwrap_err();
        assert!(matches!(error, AuthError::BadHash(_)), "{len} bytes");
    }
    for (place, byte) in [(3, b'x'), (6, b'!'), (69, b'!')] {
        let mut broken = raw.clone();
        broken[place] = byte;
        assert!(matches!(
            Credential::parse(&broken),
            Err(AuthError::BadHash(_))
        ));
    }
    let mut free = raw;
    free[3..6].copy_from_slice(b"000");
    assert!(matches!(
        Credential::parse(&free),
        Err(AuthError::BadHash(_))
    ));
}

#[test]
fn what_only_looks_a_little_like_a_hash_is_a_password() {
    for text in [&b"*4EDB"[..], b"$6$x", b"0x41", b"$A"] {
        assert!(credential(text).verify_cleartext(text));
    }
    let long = [b'x'; MAX_PASSWORD + 1];
    assert_eq!(
        Credential::parse(&long).unwrap_err(),
        AuthError::PasswordTooLong(MAX_PASSWORD + 1)
    );
    assert!(!credential(b"x").verify_cleartext(&long));
}

#[test]
fn no_debug_output_tells_a_secret() {
    let account = Account::known(credential(PASSWORD));
    let (auth, _) = ServerAuth::start(account, context(true, true), offer(Some(b""), b""));
    let client = ClientAuth::new(PASSWORD, CACHING_SHA2, SALT, true);
    let step = ClientStep::Send(PASSWORD.to_vec());
    for text in [
        format!("{auth:?}"),
        format!("{client:?}"),
        format!("{step:?}"),
    ] {
        assert!(
            !text.contains("s3cret") && !text.contains("115, 51"),
            "{text}"
        );
    }
}

#[test]
fn every_combination_of_client_server_and_password_ends_as_it_must() {
    let secrets: [(&[u8], &[u8]); 4] = [
        (PASSWORD, PASSWORD),
        (NATIVE_STORED, PASSWORD),
        (CRYPT_STORED.as_bytes(), b"hashcat"),
        (b"", b""),
    ];
    let openings: [&[u8]; 4] = [CACHING_SHA2, NATIVE, b"sha256_password", b""];
    for (secret, password) in secrets {
        for opening in openings {
            for flags in 0..16 {
                let [secure, native, exists, change_user] =
                    [0, 1, 2, 3].map(|bit| flags >> bit & 1 == 1);
                for (typed, right) in [(password, true), (b"wrong", false)] {
                    let credential = credential(secret);
                    let account = if exists {
                        Account::known(credential)
                    } else {
                        Account::unknown(credential)
                    };
                    let client = ClientAuth::new(typed, opening, SALT, secure);
                    let (admitted, _) = play(account, context(secure, native), client, change_user);
                    assert_eq!(
                        admitted,
                        exists && right,
                        "{secret:?} {opening:?} secure={secure} native={native} {change_user}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_known_password_needs_no_second_round() {
    let client = ClientAuth::new(PASSWORD, CACHING_SHA2, SALT, false);
    let account = Account::known(credential(PASSWORD));
    let played = play(account, context(false, false), client, false);
    assert_eq!(played, (true, vec![vec![1, 3]]));
}

#[test]
fn the_full_exchange_is_needed_once_only() {
    for secure in [true, false] {
        let shared = credential(CRYPT_STORED.as_bytes());
        let log_in = || {
            let client = ClientAuth::new(b"hashcat", CACHING_SHA2, SALT, secure);
            let account = Account::known(Arc::clone(&shared));
            play(account, context(secure, false), client, false)
        };
        let (admitted, sent) = log_in();
        assert!(admitted);
        assert_eq!(sent[0], [1, 4]);
        assert_eq!(
            sent.len(),
            if secure { 1 } else { 2 },
            "the key goes out without TLS only"
        );
        assert_eq!(log_in(), (true, vec![vec![1, 3]]));
    }
}

#[test]
fn a_password_in_the_clear_is_refused_without_tls() {
    let account = Account::known(credential(CRYPT_STORED.as_bytes()));
    let response = sha2_scramble(b"hashcat", &SALT);
    let offer = offer(Some(CACHING_SHA2), &response);
    let (mut auth, step) = ServerAuth::start(account, context(false, false), offer);
    assert_eq!(step, ServerStep::Continue { send: vec![1, 4] });
    assert!(is_wrong_password(&auth.on_packet(b"hashcat\0")));
    let after = auth.on_packet(b"hashcat\0");
    assert_eq!(after, ServerStep::Denied(Denial::BadHandshake));
}

#[test]
fn a_client_that_has_our_key_need_not_ask_for_it() {
    let account = Account::known(credential(CRYPT_STORED.as_bytes()));
    let response = sha2_scramble(b"hashcat", &SALT);
    let offer = offer(Some(CACHING_SHA2), &response);
    let (mut auth, _) = ServerAuth::start(account, context(false, false), offer);
    let key = KEY.public_pem().unwrap();
    let encrypted = rsa::encrypt_password(b"hashcat", &SALT, key).unwrap();
    let step = auth.on_packet(&encrypted);
    assert!(matches!(step, ServerStep::Authenticated { send: None, .. }));
}

#[test]
fn a_client_with_another_plugin_is_asked_to_switch() {
    for plugin in [
        &b"dummy_fallback_auth"[..],
        b"",
        NATIVE,
        CLEAR,
        b"sha256_password",
    ] {
        let account = Account::known(credential(PASSWORD));
        let (mut auth, step) =
            ServerAuth::start(account, context(false, false), offer(Some(plugin), b"junk"));
        let ServerStep::Continue { send } = step else {
            panic!("{step:?}");
        };
        let request = AuthSwitchRequest::decode(&send).unwrap();
        assert_eq!((request.plugin, request.data), (CACHING_SHA2, &SALT[..]));
        let step = auth.on_packet(&sha2_scramble(PASSWORD, &SALT));
        assert!(matches!(
            step,
            ServerStep::Authenticated {
                send: Some([1, 3]),
                ..
            }
        ));
    }
}

#[test]
fn the_native_plugin_stays_where_it_is_allowed_and_possible() {
    let response = native_scramble(PASSWORD, &SALT);
    let cases: [(&[u8], bool, bool); 4] = [
        (PASSWORD, true, true),
        (NATIVE_STORED, true, true),
        (PASSWORD, false, false),
        (CRYPT_STORED.as_bytes(), true, false),
    ];
    for (secret, allowed, stays) in cases {
        let account = Account::known(credential(secret));
        let offer = offer(Some(NATIVE), &response);
        let (_, step) = ServerAuth::start(account, context(false, allowed), offer);
        assert_eq!(
            matches!(step, ServerStep::Authenticated { send: None, .. }),
            stays
        );
        assert_eq!(matches!(step, ServerStep::Continue { .. }), !stays);
    }
}

#[test]
fn clients_without_plugins_get_in_by_native_or_are_told_that_they_are_old() {
    let response = native_scramble(PASSWORD, &SALT);
    let start = |secret: &[u8], native, response| {
        let account = Account::known(credential(secret));
        ServerAuth::start(account, context(false, native), offer(None, response)).1
    };
    let step = start(PASSWORD, true, &response);
    assert!(matches!(step, ServerStep::Authenticated { send: None, .. }));
    assert!(is_wrong_password(&start(PASSWORD, true, &[1; 20])));
    for (secret, native) in [(PASSWORD, false), (CRYPT_STORED.as_bytes(), true)] {
        let step = start(secret, native, &response);
        assert_eq!(step, ServerStep::Denied(Denial::ClientTooOld));
    }
    assert_eq!(Denial::ClientTooOld.to_mysql("a", "b").code, 1251);
}

#[test]
fn no_password_is_an_empty_answer_or_a_zero() {
    for (secret, admitted) in [(&b""[..], true), (PASSWORD, false)] {
        for plugin in [CACHING_SHA2, NATIVE] {
            for response in [&b""[..], &[0]] {
                let account = Account::known(credential(secret));
                let offer = offer(Some(plugin), response);
                let (_, step) = ServerAuth::start(account, context(false, true), offer);
                let expected = ServerStep::Denied(Denial::WrongPassword {
                    password_used: false,
                });
                assert_eq!(step != expected, admitted);
            }
        }
    }
}

#[test]
fn a_denial_reads_as_mysql_words_it() {
    let denial = Denial::WrongPassword {
        password_used: true,
    };
    assert_eq!(
        denial.to_mysql("app", "10.0.0.1").to_string(),
        "ERROR 1045 (28000): Access denied for user 'app'@'10.0.0.1' (using password: YES)"
    );
}

#[test]
fn nobody_opens_the_decoy() {
    for password in [&b""[..], b"\0", PASSWORD] {
        assert!(!Credential::decoy().verify_cleartext(password));
    }
}

#[test]
fn the_key_refuses_what_was_not_made_with_it() {
    let pem = KEY.public_pem().unwrap();
    let sealed = rsa::encrypt_password(PASSWORD, &SALT, pem).unwrap();
    let open = |bytes: &[u8], salt| KEY.decrypt_password(bytes, salt).unwrap();
    assert_eq!(open(&sealed, &SALT).as_deref(), Some(PASSWORD));
    assert_ne!(open(&sealed, &[9; 20]).as_deref(), Some(PASSWORD));
    for bytes in [&b""[..], &[2], &[0; 256], &[0xFF; 256], &sealed[..255]] {
        assert_eq!(open(bytes, &SALT), None);
    }
    let too_long = rsa::encrypt_password(&[b'x'; 214], &SALT, pem);
    assert_eq!(too_long, Err(AuthError::BadKey));
    for key in [
        &b""[..],
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        let sealed = rsa::encrypt_password(PASSWORD, &SALT, key);
        assert_eq!(sealed, Err(AuthError::BadKey));
    }
}

#[test]
fn a_login_to_a_server_names_what_it_cannot_do() {
    let cases: [(&[u8], bool, AuthError); 6] = [
        (
            b"\xFEmysql_clear_password\0",
            false,
            AuthError::NeedsTls("mysql_clear_password"),
        ),
        (
            b"\xFEclient_ed25519\0abc\0",
            true,
            AuthError::UnsupportedPlugin("client_ed25519".to_owned()),
        ),
        (
            b"\xFE",
            true,
            AuthError::UnsupportedPlugin("mysql_old_password".to_owned()),
        ),
        (
            b"\xFEmysql_native_password\0short\0",
            true,
            AuthError::UnexpectedPacket,
        ),
        (b"\x01\x07", true, AuthError::UnexpectedPacket),
        (b"", true, AuthError::UnexpectedPacket),
    ];
    for (packet, secure, error) in cases {
        let mut client = ClientAuth::new(PASSWORD, CACHING_SHA2, SALT, secure);
        assert_eq!(client.on_packet(packet), ClientStep::Error(error));
    }
}

#[test]
fn the_password_goes_in_the_clear_over_tls_where_the_server_asks_so() {
    let mut client = ClientAuth::new(PASSWORD, CACHING_SHA2, SALT, true);
    let step = client.on_packet(b"\xFEmysql_clear_password\0");
    assert_eq!(step, ClientStep::Send(b"s3cret\0".to_vec()));
}

#[test]
fn a_refusal_keeps_the_servers_words() {
    let mut client = ClientAuth::new(PASSWORD, CACHING_SHA2, SALT, true);
    let step = client.on_packet(b"\xFF\x15\x04#28000Access denied");
    let ClientStep::Error(AuthError::Refused(MysqlError { code, message, .. })) = step else {
        panic!("{step:?}");
    };
    assert_eq!((code, message.as_slice()), (1045, &b"Access denied"[..]));
}
