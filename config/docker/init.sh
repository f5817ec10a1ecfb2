#!/usr/bin/env bash
# Makes the shards of one server of docker-compose.yml: the databases named in SHARDS. The image's
# entrypoint runs this once, on an empty data folder; the root password is in its environment.
set -euo pipefail

sample="${SAMPLE:-/sample}"
client=(mysql -uroot --default-character-set=utf8mb4 ${SOCKET:+--socket="$SOCKET"})
export MYSQL_PWD="${MYSQL_ROOT_PASSWORD:-}"

"${client[@]}" <<'SQL'
CREATE USER 'shardwell'@'%' IDENTIFIED WITH caching_sha2_password BY 'shardwell-demo';
GRANT ALL ON *.* TO 'shardwell'@'%';
SQL

for shard in $SHARDS; do
    "${client[@]}" -e "CREATE DATABASE $shard CHARACTER SET utf8mb4"
    cat "$sample/tables.sql" "$sample/broadcast.sql" | "${client[@]}" "$shard"
    # The shop's single table lives on the first shard.
    if [ "$shard" = shop_0 ]; then "${client[@]}" "$shard" <"$sample/events.sql"; fi
done
