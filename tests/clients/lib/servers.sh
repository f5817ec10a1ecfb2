# The servers of the client suite. To be sourced by tests/clients/run.
#
# In: $work, a folder of the run; SERVER. Out: a demo's servers with the schemas `shop` and `app` on
# four shards each, a proxy in front of them, and both schemas once more, unsharded, on one of these
# servers: the plain one.

APP_PASSWORD=app-password
MARIADB_OR_MYSQL="${SERVER:-mysql}"

# toml KEY: a string of the demo's configuration.
toml() { sed -n "s/^$1 *= *\"\(.*\)\"\$/\1/p" "$demo_config" | "${2:-head}" -n 1; }

# root_sql SOCKET [DATABASE]: statements on stdin, straight to a server.
root_sql() { "$SQL" --no-defaults -uroot -S"$@"; }

start_demo() {
    local server
    server="$(scripts/get-server "$MARIADB_OR_MYSQL")"
    cargo build --quiet --locked
    : >"$work/demo"
    TMPDIR="$work" target/debug/shardwell demo --mysqld "$server" --port "$(free_port)" >"$work/demo" 2>&1 &
    demo=$!
    for _ in $(seq 240); do
        ! grep -q 'mysql -h' "$work/demo" || break
        kill -0 "$demo" 2>/dev/null || { cat "$work/demo" >&2; die "the demo does not start"; }
        sleep 0.5
    done
    demo_config="$(find "$work" -name shardwell.toml)"
    [ -n "$demo_config" ] || die "the demo does not get ready"
    SQL="$(scripts/get-server "$MARIADB_OR_MYSQL" client)"
    socket_a="$(socket_of "$(toml primary head)")"
    socket_b="$(socket_of "$(toml primary tail)")"
}

# Below the ports that the system gives to connections' near ends: none of those takes it before its use.
free_port() {
    python3 - <<'END'
import random, socket
while True:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", random.randrange(15000, 32768)))
        except OSError:
            continue
        print(listener.getsockname()[1])
        break
END
}

# socket_of ADDRESS: which of the demo's sockets belongs to the server there.
socket_of() {
    local socket
    for socket in $(find "$work" -type s); do
        [ "$(root_sql "$socket" -N -e 'SELECT @@port' 2>/dev/null)" != "${1##*:}" ] || printf '%s\n' "$socket"
    done
}

# The schema `app` on four shards, and both schemas on the plain server.
make_tables() {
    local name socket password="$APP_PASSWORD"
    for name in app_0 app_1 app_2 app_3 app shop; do
        socket="$socket_b"
        case "$name" in app_0 | app_1) socket="$socket_a" ;; esac
        root_sql "$socket" -e "CREATE DATABASE $name CHARACTER SET utf8mb4"
        case "$name" in app*) root_sql "$socket" "$name" <"$here/schema.sql" ;; esac
        case "$name" in app | app_0) root_sql "$socket" "$name" <"$here/single.sql" ;; esac
        case "$name" in shop) cat src/cli/demo/sample/{tables,events}.sql | root_sql "$socket" shop ;; esac
    done
    [ "$MARIADB_OR_MYSQL" = mysql ] ||
        root_sql "$socket_b" -e "CREATE USER old@'%' IDENTIFIED BY '$password'; GRANT ALL ON app.* TO old@'%'"
    root_sql "$socket_b" -e "CREATE USER app@'%' IDENTIFIED BY '$password'; GRANT ALL ON shop.* TO app@'%'; GRANT ALL ON app.* TO app@'%'"
}

# The plain server keeps the account's password from its first login over TLS on; a client without
# TLS that doesn't ask for the server's key could not log in before.
first_login() {
    [ "$MARIADB_OR_MYSQL" != mysql ] ||
        MYSQL_PWD="$APP_PASSWORD" "$SQL" --no-defaults -h127.0.0.1 -P"$plain_port" -uapp --protocol=TCP --ssl-mode=REQUIRED -e "SELECT 1" >/dev/null
}

# Empties the tables of `app` and drops what a client left there.
clear_tables() {
    local name socket
    for name in app_0 app_1 app_2 app_3 app; do
        socket="$socket_b"
        case "$name" in app_0 | app_1) socket="$socket_a" ;; esac
        root_sql "$socket" -N -e "SELECT CONCAT('DROP TABLE IF EXISTS \`', table_name, '\`;') FROM information_schema.tables
            WHERE table_schema = '$name' AND table_name NOT IN ('people', 'pets', 'notes')" >"$work/leftover"
        {
            echo "SET foreign_key_checks = 0; TRUNCATE people; TRUNCATE pets;"
            case "$name" in app | app_0) echo "TRUNCATE notes;" ;; esac
            cat "$work/leftover"
        } | root_sql "$socket" "$name"
    done
}

# start_proxy [CONFIGURATION]
start_proxy() {
    proxy_port="$(free_port)"
    sed -e "s/PROXY_PORT/$proxy_port/" -e "s/APP_PASSWORD/$APP_PASSWORD/" \
        -e "s/PRIMARY_A/$(toml primary head)/" -e "s/PRIMARY_B/$(toml primary tail)/" \
        -e "s/BACKEND_PASSWORD/$(toml password tail)/" "${1:-$here/proxy.toml}" >"$work/proxy.toml"
    target/debug/shardwell serve --config "$work/proxy.toml" >"$work/proxy.log" 2>&1 &
    proxy=$!
    for _ in $(seq 120); do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$proxy_port") 2>/dev/null || return 0
        kill -0 "$proxy" 2>/dev/null || { cat "$work/proxy.log" >&2; die "the proxy does not start"; }
        sleep 0.5
    done
    die "the proxy does not get ready"
}

stop_servers() {
    local process
    for process in $proxy $demo; do
        kill -INT "$process" 2>/dev/null && wait "$process" || true
    done
}
