# What the clients need. To be sourced by tests/clients/run.
#
# In: a client's name. Out: `command`, or a failure with `why`. Packages go into $home, those of the
# distribution into the system, as root only.

PYTHON_PACKAGES=(PyMySQL==1.2.4 cryptography mysql-connector-python==26.10.0 asyncmy SQLAlchemy peewee alembic)
# Built against the C library of the distribution.
# aiomysql needs an older PyMySQL.
PYTHON_BUILT_PACKAGES=(mysqlclient Django==5.2.19 aiomysql PyMySQL==1.1.1 cryptography)
NODE_PACKAGES=(mysql2@3 mysql@2 mariadb@3 sequelize@6 knex@3 typeorm@1 reflect-metadata drizzle-orm umzug@3)
PRISMA_PACKAGES=(prisma@7 @prisma/client@7 @prisma/adapter-mariadb@7)
# For machines without Debian's package of the driver.
GO_DRIVER=github.com/go-sql-driver/mysql@v1.8.1

# once NAME KEY COMMAND…: makes $home/NAME by COMMAND unless it was made for the same KEY before.
# Two runs at once wait for each other.
once() {
    local name="$1" key="$2" log="$home/$1.log"
    shift 2
    mkdir -p "$home"
    (
        flock 9
        [ "$(cat "$home/$name/.made-for" 2>/dev/null)" != "$key" ] || exit 0
        say "Installing $key ..."
        rm -rf "${home:?}/$name"
        mkdir -p "$home/$name"
        "$@" >"$log" 2>&1 || { tail -n 5 "$log" | sed 's/^/    /' >&2; exit 1; }
        printf '%s\n' "$key" >"$home/$name/.made-for"
    ) 9>"$home/.$name.lock"
}

# from_apt PACKAGE…: installs into the system what is not there yet, as root only.
from_apt() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
    say "Installing ${missing[*]} ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        >"$work/apt" 2>&1
}

# package_version PACKAGE: for clients that don't tell theirs.
package_version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null | sed 's/^[0-9]*://; s/[+-].*//'; }

packaged() { from_apt "$@" || { why="not to be had: packages $*"; return 1; }; }

make_venv() { python3 -m venv "$1" || { from_apt python3-venv && python3 -m venv --clear "$1"; }; }

make_python() {
    make_venv "$home/python-packages" && "$home/python-packages/bin/pip" install --quiet --disable-pip-version-check "${PYTHON_PACKAGES[@]}"
}

make_python_built() {
    make_venv "$home/python-built" &&
        "$home/python-built/bin/pip" install --quiet --disable-pip-version-check "${PYTHON_BUILT_PACKAGES[@]}"
}

make_node() { npm install --prefix "$home/node-packages" --no-audit --no-fund --no-save "${NODE_PACKAGES[@]}"; }

# The schema engine is not needed here, and only comes from a host of its own.
make_prisma() {
    npm install --prefix "$home/prisma" --no-audit --no-fund --no-save --ignore-scripts "${PRISMA_PACKAGES[@]}" &&
        cp "$here/node/prisma.schema" "$home/prisma/schema.prisma" &&
        (cd "$home/prisma" && PRISMA_SCHEMA_ENGINE_BINARY="$(type -P true)" npx prisma generate --schema schema.prisma)
}

# Debian's packages where they are or can be had, else Go's own modules.
make_go() {
    local program="$1" packaged=/usr/share/gocode/src/github.com/go-sql-driver/mysql
    export GOCACHE="$home/go-cache" GOFLAGS=-p=1 GOTOOLCHAIN=local
    from_apt golang-go golang-github-go-sql-driver-mysql-dev golang-github-jinzhu-gorm-dev || true
    if [ -d "$packaged" ] && command -v go >/dev/null; then
        (cd "$here/go/$program" && GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$home/go-$program/client" .)
    else
        cp "$here/go/$program/main.go" "$home/go-$program/"
        (cd "$home/go-$program" && export GOMODCACHE="$home/go-modules" GOFLAGS="-p=1 -modcacherw" &&
            go mod init clients && go get "$GO_DRIVER" && go mod tidy && go build -o client main.go)
    fi
}

# use_python SCRIPT [ARGUMENT…]
use_python() {
    command -v python3 >/dev/null || { why="python3 is not on PATH"; return 1; }
    once python-packages "${PYTHON_PACKAGES[*]}" make_python || { why="its packages cannot be installed"; return 1; }
    command=("$home/python-packages/bin/python" -B "$here/python/$1" "${@:2}")
}

use_built_python() {
    command -v python3 >/dev/null || { why="python3 is not on PATH"; return 1; }
    packaged default-libmysqlclient-dev pkg-config gcc || return 1
    once python-built "${PYTHON_BUILT_PACKAGES[*]}" make_python_built || { why="its packages cannot be built"; return 1; }
    command=("$home/python-built/bin/python" -B "$here/python/$1" "${@:2}")
}

# use_node SCRIPT [ARGUMENT…]
use_node() {
    { command -v node && command -v npm; } >/dev/null || { why="node and npm are not on PATH"; return 1; }
    once node-packages "${NODE_PACKAGES[*]}" make_node || { why="its packages cannot be installed"; return 1; }
    command=(env NODE_PATH="$home/node-packages/node_modules" node "$here/node/$1" "${@:2}")
}

use_prisma() {
    { command -v node && command -v npm; } >/dev/null || { why="node and npm are not on PATH"; return 1; }
    once prisma "${PRISMA_PACKAGES[*]} $(cksum <"$here/node/prisma.schema")" make_prisma || { why="its packages cannot be installed"; return 1; }
    command=(env NODE_PATH="$home/prisma/node_modules" PRISMA_CLIENT="$home/prisma/generated" node "$here/node/prisma.js")
}

# The driver knows only mysql_native_password, which MySQL 9 has no more.
use_old_node() {
    use_node "$1" || return 1
    command=(env MYSQL_USER=old "${command[@]}")
    [ "${SERVER:-mysql}" != mysql ] || no_plain="MySQL 9 has no mysql_native_password"
}

use_go() {
    once "go-$1" "go $1 $(cksum <"$here/go/$1/main.go")" make_go "$1" || { why="Go or its packages cannot be had"; return 1; }
    command=("$home/go-$1/client")
    version="go-sql-driver/mysql $(package_version golang-github-go-sql-driver-mysql-dev)"
    [ "$1" != gorm ] || version="GORM $(package_version golang-github-jinzhu-gorm-dev), $version"
}

# use_php SCRIPT PACKAGE…
use_php() {
    packaged php-cli php-mysql "${@:2}" || return 1
    command=(php "$here/php/$1")
    version="PHP $(package_version "$(dpkg-query -W -f '${Depends}' php-cli | cut -d ' ' -f 1)")${2:+, $2 $(package_version "${2:-}")}"
}

# The application itself; the packages that it wants (a web server) are not needed.
use_wordpress() {
    local package
    packaged php-cli php-mysql || return 1
    package="$(apt-cache policy wordpress 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9].*\)/\1/p')"
    [ -n "$package" ] && once wordpress "WordPress $package" make_wordpress || { why="not to be had: package wordpress"; return 1; }
    command=(php "$here/php/wordpress.php" "$home/wordpress/usr/share/wordpress")
}

make_wordpress() (
    cd "$home/wordpress" && apt-get download -q wordpress && dpkg -x wordpress_*.deb . && rm wordpress_*.deb
)

# The C library of the distribution: MySQL's, or MariaDB's with the same interface.
use_c() {
    packaged default-libmysqlclient-dev pkg-config gcc || return 1
    once c "C $(cksum <"$here/c/cursors.c")" make_c || { why="it does not compile"; return 1; }
    command=("$home/c/cursors")
}

make_c() {
    local library=mysqlclient
    pkg-config --exists "$library" || library=libmariadb
    # shellcheck disable=SC2046  # words of a list
    gcc -Wall -O1 -o "$home/c/cursors" "$here/c/cursors.c" $(pkg-config --cflags --libs "$library")
}

# use_rust NAME [PACKAGE…]: a program of tests/clients/rust, built by cargo with the versions of its Cargo.lock.
use_rust() {
    command -v cargo >/dev/null || { why="cargo is not on PATH"; return 1; }
    packaged "${@:2}" || return 1
    once "rust-$1" "$1 $(cd "$here/rust" && find . -type f -not -path './target/*' | LC_ALL=C sort | xargs cat | cksum)" make_rust "$1" ||
        { why="it does not compile"; return 1; }
    command=("$home/rust-$1/bin/${1}_client")
    version="$1 $(sed -n "/^name = \"$1\"/{n;s/^version = \"\(.*\)\"/\1/p}" "$here/rust/Cargo.lock")"
}

make_rust() {
    cargo install --quiet --locked --debug --path "$here/rust" --features "$1" --bin "${1}_client" --no-track \
        --root "$home/rust-$1" --target-dir "$home/rust-target"
}

use_ruby() {
    packaged ruby "${@:2}" || return 1
    command=(ruby -Ku "$here/ruby/$1")
}

use_perl() {
    packaged perl "$2" || return 1
    command=(perl "$here/perl/dbi.pl" "$1")
}

# use_java SCHEME PACKAGE JAR: Connector/J from a package of the distribution.
use_java() {
    packaged default-jdk-headless libhikaricp-java libslf4j-java "$2" || return 1
    local jars=/usr/share/java path
    [ -e "$jars/$3" ] || { why="$3 is in no package of this distribution"; return 1; }
    path="$jars/$3:$jars/HikariCP.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar:$home/java"
    once java "JDBC $(cksum <"$here/java/Story.java")" javac -encoding UTF-8 -cp "$path" -d "$home/java" "$here/java/Story.java" ||
        { why="it does not compile"; return 1; }
    # Connector/J 2.7 of MariaDB and MySQL 9 don't agree about statements that the server prepares.
    local options="rewriteBatchedStatements=false rewriteBatchedStatements=true"
    [ "$1 ${SERVER:-mysql}" = "mariadb mysql" ] || options="$options useServerPrepStmts=true"
    command=(env JDBC="jdbc:$1" JDBC_OPTIONS="$options" java -Dfile.encoding=UTF-8 -Xshare:auto -cp "$path" Story)
}

# use_dump [OPTION…]: options of every dump.
use_dump() {
    use_shell mysqldump.sh mysql || return 1
    command+=("$@")
    MYSQLDUMP="$(mysqls_on_path mysqldump || printf '%s' "$CACHE/mysql/bin/mysqldump")"
    # It comes with the server's client.
    [ -x "$MYSQLDUMP" ] || [ ! -e "$CACHE/mysql/root/usr/bin/mysqldump" ] || wrapper "$CACHE/mysql/bin" mysqldump usr/bin/mysqldump
    [ -x "$MYSQLDUMP" ] || { why="mysqldump cannot be obtained"; return 1; }
    export MYSQLDUMP
}

use_mydumper() {
    packaged mydumper && use_shell mydumper.sh mysql
}

use_adminer() {
    packaged php-cli php-mysql adminer || return 1
    command=(python3 -B "$here/python/adminer.py" /usr/share/adminer/adminer.php)
    version="Adminer $(package_version adminer)"
}

use_sysbench() {
    SYSBENCH="$(scripts/get-tool sysbench)" || { why="sysbench cannot be obtained"; return 1; }
    export SYSBENCH
    command=("$here/shell/sysbench.sh")
}

use_shell() {
    MYSQL_CLI="$(scripts/get-server "$2" client)" || { why="the client cannot be obtained"; return 1; }
    export MYSQL_CLI
    command=("$here/shell/$1")
}

# The client asks by name for what only MySQL has, of MariaDB itself too.
mysql_only() { [ "${SERVER:-mysql}" = mysql ] || { why="does not work with MariaDB itself"; return 1; }; }
