# Programs from Debian or Ubuntu packages without root and beside the system's own libc.
# To be sourced, not run.
#
# In: package names and a suite. Out: a folder in the cache that holds the packages with everything
# they depend on (libc too), unpacked, and small wrappers in its bin/ that run them by their own
# dynamic loader. Nothing outside the cache is written; packages are verified by apt as always.

set -euo pipefail

CACHE="${SHARDWELL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/shardwell}"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $1"
    shift
    for line in "$@"; do say "       $line"; done
    exit 1
}

# The path of a program on PATH or in the folders that only root has on its PATH.
on_path() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" 2>/dev/null; }

# The same for a program of MySQL's. MariaDB's packages install their own under MySQL's names too.
mysqls_on_path() {
    local found
    found="$(on_path "$1")" || return 1
    ! "$found" --no-defaults --version 2>/dev/null | grep -qi mariadb || return 1
    printf '%s\n' "$found"
}

# os_field ID → "debian"
os_field() { (. /etc/os-release 2>/dev/null && eval "printf '%s' \"\${$1:-}\""); }

require_apt() {
    local tool
    for tool in apt-get apt-cache dpkg dpkg-deb flock; do
        on_path "$tool" >/dev/null ||
            die "$1 is not on PATH, and this machine has no $tool to obtain it with." \
                "Install $1 with your system's package manager and put it on PATH."
    done
}

# The archives of this machine's own distribution, one per line: "URI suite components".
# Read from apt itself, so both forms of sources and any mirror work.
own_archives() {
    local codename
    codename="$(os_field VERSION_CODENAME)"
    apt-get indextargets --no-release-info \
        --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' 2>/dev/null |
        awk -v c="$codename" '
            $1 == "Packages" && ($4 == "main" || $4 == "universe") &&
            ($3 == c || $3 == c "-updates" || $3 == c "-security" || $3 == c "/updates" ||
             $3 ~ /^(stable|testing|unstable|sid)(-updates|-security)?$/) {
                key = $2 " " $3
                if (!((key, $4) in seen)) { seen[key, $4] = 1; all[key] = all[key] " " $4 }
            }
            END { for (key in all) print key all[key] }' | sort
}

# The main archive's address: the one that carries the release itself, not its updates.
own_mirror() { own_archives | awk '$2 !~ /-(updates|security)$|\/updates$/ { print $1; exit }'; }

distribution_keyring() {
    local id file
    id="$(os_field ID)"
    for file in "/usr/share/keyrings/$id-archive-keyring.pgp" "/usr/share/keyrings/$id-archive-keyring.gpg"; do
        if [ -r "$file" ]; then
            printf '%s' "$file"
            return
        fi
    done
}

# write_sources DIR SUITE KEYRING: SUITE is "own" for the machine's own release.
write_sources() {
    local dir="$1" suite="$2" keyring="$3" option="" line
    [ -z "$keyring" ] || option="[signed-by=$keyring] "
    if [ "$suite" = own ]; then
        own_archives | while read -r line; do echo "deb $option$line"; done
    else
        echo "deb $option$(own_mirror) $suite main"
    fi >"$dir/etc/sources.list"
    grep -q '://\|file:' "$dir/etc/sources.list" ||
        die "apt on this machine names no archive of its own distribution ($(os_field ID) $(os_field VERSION_CODENAME))." \
            "See /etc/apt/sources.list and /etc/apt/sources.list.d."
}

# A private apt: its own lists, cache and an empty status, so that dependencies down to libc are
# chosen; the machine's proxy and mirror settings still hold.
write_apt_conf() {
    local dir="$1"
    mkdir -p "$dir"/{etc,state/lists/partial,cache/archives/partial,log}
    : >"$dir/status"
    cat >"$dir/apt.conf" <<CONF
Dir::State "$dir/state";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Log "$dir/log";
Dir::Etc::sourcelist "$dir/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
CONF
}

# apt_update DIR: the package lists; every failure is fatal here, unlike plain apt-get update.
apt_update() {
    local dir="$1"
    apt-get -c "$dir/apt.conf" -qq -o APT::Update::Error-Mode=any update >"$dir/log/update" 2>&1
}

update_lists() {
    local dir="$1" suite="$2" keyring
    keyring="$(distribution_keyring)"
    write_sources "$dir" "$suite" "$keyring"
    apt_update "$dir" && return
    # This machine's keyring may be older than the key that signs a newer suite. Its own release
    # carries the newer keyring, signed by a key that is trusted here.
    if [ "$suite" != own ] && grep -q 'NO_PUBKEY\|EXPKEYSIG\|not signed\|Missing key' "$dir/log/update"; then
        say "The keyring of this machine does not know the key of $suite; looking for a newer keyring ..."
        if keyring="$(newer_keyring "$dir" "$keyring")"; then
            write_sources "$dir" "$suite" "$keyring"
            apt_update "$dir" && return
        fi
    fi
    sed 's/^/    /' "$dir/log/update" >&2
    die "these package lists could not be read: $(sed 's/^deb \(\[[^]]*\] \)\{0,1\}//' "$dir/etc/sources.list" | paste -sd, -)" \
        "Check that this machine reaches its apt mirror (does \`apt-get update\` work?), and a proxy if it needs one." \
        "If a key is missing: install the newest $(os_field ID)-archive-keyring." \
        "Or install the program yourself and put it on PATH: then nothing is downloaded."
}

# newer_keyring DIR OLD: prints the path of the keyring of this machine's own release.
newer_keyring() {
    local dir="$1" old="$2" package file
    package="$(os_field ID)-archive-keyring"
    write_sources "$dir" own "$old"
    apt_update "$dir" || return 1
    (cd "$dir/etc" && apt-get -c "$dir/apt.conf" -qq download "$package" >&2) || return 1
    dpkg-deb -x "$dir"/etc/"$package"_*.deb "$dir/etc/keyring" || return 1
    for file in "$dir"/etc/keyring/usr/share/keyrings/"$package".{pgp,gpg}; do
        if [ -r "$file" ]; then
            printf '%s' "$file"
            return 0
        fi
    done
    return 1
}

# wrapper BIN NAME PATH [LINE …]: an executable BIN/NAME that runs <root>/PATH by the loader and the
# libraries of the same root. LINEs (shell) may set variables and the array `extra`, which goes last.
wrapper() {
    local bin="$1" name="$2" path="$3"
    shift 3
    {
        cat <<'HEAD'
#!/usr/bin/env bash
# Written by Shardwell's scripts: runs a program beside the system's own libc.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
root="$here/../root"
root="$(cd "$root" && pwd)"
extra=()
HEAD
        printf '%s\n' "$@"
        cat <<TAIL
for loader in "\$root"/usr/lib64/ld-linux-*.so.* "\$root"/lib64/ld-linux-*.so.* "\$root"/usr/lib/ld-linux-*.so.* "\$root"/lib/ld-linux-*.so.* "\$root"/usr/lib/*/ld-linux-*.so.* "\$root"/lib/*/ld-linux-*.so.*; do
    [ -e "\$loader" ] && break
done
libraries=
for folder in "\$root"/usr/lib/*-linux-gnu* "\$root"/lib/*-linux-gnu*; do
    [ -d "\$folder" ] && libraries="\$libraries\${libraries:+:}\$folder"
done
exec "\$loader" --library-path "\$libraries" "\$root/$path" "\$@" "\${extra[@]}"
TAIL
    } >"$bin/$name"
    chmod +x "$bin/$name"
}

# unpack NAME SUITE WRAPPERS PACKAGE…: makes \$CACHE/NAME unless it is there already. WRAPPERS is a
# function that is called with the new bin/ folder. A package may be a regular expression: the
# newest match is taken. Two calls at once wait for each other; an interrupted one starts over.
unpack() {
    local name="$1" suite="$2" wrappers="$3" dir
    shift 3
    [ ! -x "$CACHE/$name/bin" ] || return 0
    require_apt "$name"
    mkdir -p "$CACHE" || die "the cache folder $CACHE cannot be made." "Set SHARDWELL_CACHE to a folder of yours."
    exec 9>"$CACHE/.$name.lock"
    if ! flock -n 9; then
        say "Another process is obtaining $name; waiting for it ..."
        flock 9
    fi
    [ ! -x "$CACHE/$name/bin" ] || return 0
    # The lock is held, so what an interrupted run left behind belongs to nobody.
    rm -rf "$CACHE"/."$name".new.*
    dir="$(mktemp -d "$CACHE/.$name.new.XXXXXX")"
    # Expanded now on purpose: the variable is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$dir'" EXIT
    mkdir -p "$dir/bin" "$dir/root" "$dir/apt"
    write_apt_conf "$dir/apt"
    say "Reading the package lists for $name (once; the result stays in $CACHE/$name) ..."
    update_lists "$dir/apt" "$suite"
    download "$dir" "$@"
    unpack_all "$dir"
    "$wrappers" "$dir/bin"
    rm -rf "$dir/apt"
    chmod 755 "$dir"
    mv -T "$dir" "$CACHE/$name"
    trap - EXIT
    exec 9>&-
    say "Ready: $CACHE/$name"
}

# download DIR PATTERN…: the packages and all they need, into DIR/apt/cache/archives.
download() {
    local dir="$1" pattern package names=()
    shift
    for pattern in "$@"; do
        package="$(apt-cache -c "$dir/apt/apt.conf" pkgnames | grep -Ex "$pattern" | sort -V | tail -n1 || true)"
        [ -n "$package" ] || die "no package matches $pattern in:" "$(cat "$dir/apt/etc/sources.list")"
        names+=("$package")
    done
    say "Downloading ${names[*]} and what they need ..."
    apt-get -c "$dir/apt/apt.conf" -y -q --download-only install "${names[@]}" >"$dir/apt/log/download" 2>&1 || {
        tail -n 20 "$dir/apt/log/download" | sed 's/^/    /' >&2
        die "the download failed." "Run this again: it starts over. If it fails again, check the apt mirror of this machine."
    }
}

unpack_all() {
    local dir="$1" deb count
    count="$(find "$dir/apt/cache/archives" -maxdepth 1 -name '*.deb' | wc -l)"
    say "Unpacking $count packages ..."
    for deb in "$dir"/apt/cache/archives/*.deb; do
        # Perl serves only helper scripts that nobody calls here, and is the largest part.
        case "${deb##*/}" in perl*.deb | libperl*.deb) continue ;; esac
        dpkg-deb --fsys-tarfile "$deb" |
            tar -x -C "$dir/root" --no-same-owner --keep-directory-symlink \
                --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
        basename "$deb" .deb >>"$dir/packages.txt"
    done
}
