//! `[server.admin]`: where operators look at the proxy, and who may.

use toml::Spanned;

use super::super::admin::{AdminConfig, AdminTls};
use super::super::defaults;
use super::super::file::{AdminFile, Key};
use super::super::secret::Secret;
use super::super::types::Address;
use super::problems::Problems;
use super::scalar::{self, Outside, PasswordKeys};
use super::server;

const WAYS: &str = "one of token, token_env, token_file";

/// `None`: there is no such listener.
pub(super) fn admin(
    key: &Key<AdminFile>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Option<AdminConfig> {
    let file = key.as_ref()?;
    let listen = listen(file, problems);
    let token = token(file.get_ref(), outside, problems);
    let tls = file.get_ref().tls.as_ref().map(|tls| AdminTls {
        identity: server::identity((&tls.cert, &tls.key), outside, problems),
        client_ca: scalar::path(tls.client_ca.as_ref(), outside, problems),
    });
    let (address, span) = listen?;
    let has_token = !file.get_ref().token_keys().spans().is_empty();
    if !has_token && !AdminConfig::is_local(&address) {
        problems.add(
            span,
            format!("`admin` on {address} can be reached from other machines, and has no token"),
            format!("listen on 127.0.0.1, or add {WAYS} to [server.admin]"),
        );
    }
    if let (Some(tls), Address::Unix(_)) = (&file.get_ref().tls, &address) {
        let why = "on a Unix socket";
        problems.useless(tls.cert.as_ref(), "cert", why);
        problems.useless(tls.key.as_ref(), "key", why);
        problems.useless(tls.client_ca.as_ref(), "client_ca", why);
    }
    let tls = tls.filter(|_| matches!(address, Address::Tcp { .. }));
    Some(AdminConfig {
        listen: address,
        token,
        tls,
    })
}

fn listen(
    file: &Spanned<AdminFile>,
    problems: &mut Problems,
) -> Option<(Address, std::ops::Range<usize>)> {
    let port = defaults::ADMIN_PORT;
    let (span, text) = match (&file.get_ref().address, &file.get_ref().listen) {
        (Some(text), _) => (file.span(), text),
        (None, Some(listen)) => (listen.span(), listen.get_ref()),
        (None, None) => {
            let help = format!("add listen = \"127.0.0.1:{port}\"");
            problems.add(file.span(), "`admin` has no address", help);
            return None;
        }
    };
    let address = scalar::address(span.clone(), text, port, problems)?;
    Some((address, span))
}

fn token(file: &AdminFile, outside: &Outside<'_>, problems: &mut Problems) -> Option<Secret> {
    let keys = file.token_keys();
    if let [_, .., last] = keys.spans().as_slice() {
        problems.add(
            last.clone(),
            "`admin` has more than one token",
            format!("keep {WAYS}"),
        );
    }
    let token = keys.resolve(outside, problems)?;
    let least = defaults::ADMIN_TOKEN_BYTES;
    let plain = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    // A token that was not looked up is empty.
    let known = file.token.is_some() || !token.expose().is_empty();
    if known && (token.expose().len() < least || !plain) {
        let span = keys.spans().into_iter().next().unwrap_or_default();
        problems.add(
            span,
            "the token of `admin` can be guessed, or cannot travel in a header",
            format!("at least {least} printable ASCII characters without blanks"),
        );
    }
    Some(token)
}

impl AdminFile {
    fn token_keys(&self) -> PasswordKeys<'_> {
        PasswordKeys {
            text: self.token.as_ref(),
            env: self.token_env.as_ref(),
            file: self.token_file.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_reaches_a_local_address() {
        let tcp = |host: &str| Address::Tcp {
            host: host.to_owned(),
            port: 9307,
        };
        for (address, local) in [
            (tcp("127.0.0.1"), true),
            (tcp("127.8.8.8"), true),
            (tcp("::1"), true),
            (tcp("LocalHost"), true),
            (Address::Unix("/run/admin.sock".into()), true),
            (tcp("0.0.0.0"), false),
            (tcp("::"), false),
            (tcp("10.0.0.7"), false),
            (tcp("localhost.example"), false),
        ] {
            assert_eq!(AdminConfig::is_local(&address), local, "{address}");
        }
    }
}
