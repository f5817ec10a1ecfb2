#!/usr/bin/env bash
# Fills the shop of docker-compose.yml through the proxy, unless it is filled already.
set -euo pipefail

client=(mysql -h"${SHARDWELL_HOST:-shardwell}" -P"${SHARDWELL_PORT:-3307}" -uapp --default-character-set=utf8mb4)

users="$("${client[@]}" -N -e 'SELECT COUNT(*) FROM users' shop)"
if [ "$users" != 0 ]; then
    echo "The shop is filled already."
    exit 0
fi
"${client[@]}" shop <"${SAMPLE:-/sample}/rows.sql"
echo "The shop is filled: mysql -h127.0.0.1 -P3307 -uapp -papp-demo shop"
