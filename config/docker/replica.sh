#!/usr/bin/env bash
# Makes a server of docker-compose.yml a replica of the one named in SOURCE. The image's entrypoint runs
# this once, on an empty data folder; replication begins when the server starts anew.
set -euo pipefail

client=(mysql -uroot ${SOCKET:+--socket="$SOCKET"})
export MYSQL_PWD="${MYSQL_ROOT_PASSWORD:-}"

# What the entrypoint wrote itself is nobody's business.
"${client[@]}" <<SQL
RESET BINARY LOGS AND GTIDS;
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$SOURCE', SOURCE_PORT = ${SOURCE_PORT:-3306},
    SOURCE_USER = 'shardwell', SOURCE_PASSWORD = 'shardwell-demo',
    SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1;
SET PERSIST super_read_only = ON;
SQL
