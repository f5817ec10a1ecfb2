use axum::http::HeaderValue;

use super::routes::is_allowed;
use crate::config::Secret;

#[test]
fn only_the_token_itself_opens_the_door() {
    let token = Secret::new("0123456789abcdef");
    let cases: [(Option<&'static str>, bool); 9] = [
        (Some("Bearer 0123456789abcdef"), true),
        (Some("bearer 0123456789abcdef"), true),
        (Some("Bearer 0123456789abcdeF"), false),
        (Some("Bearer 0123456789abcde"), false),
        (Some("Bearer 0123456789abcdef "), false),
        (Some("Bearer "), false),
        (Some("0123456789abcdef"), false),
        (Some("Basic 0123456789abcdef"), false),
        (None, false),
    ];
    for (given, allowed) in cases {
        let header = given.map(HeaderValue::from_static);
        assert_eq!(is_allowed(header.as_ref(), &token), allowed, "{given:?}");
    }
}
