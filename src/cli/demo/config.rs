//! The configuration file of the demo's proxy.

use std::net::SocketAddr;

use super::cluster::Cluster;

/// What the file says besides the servers.
pub struct Front<'a> {
    /// Where the proxy listens for clients.
    pub listen: SocketAddr,
    /// The client account.
    pub user: &'a str,
    /// The client account's password.
    pub password: &'a str,
}

/// How the shop's tables are placed.
const TABLES: &str = r#"[schemas.shop.tables.users]
key = "user_id"
algorithm = "hash_mod"

[schemas.shop.tables.orders]
key = "user_id"
algorithm = "hash_mod"
bind = "users"

[schemas.shop.tables.order_items]
key = "user_id"
algorithm = "hash_mod"
bind = "users"

[schemas.shop.tables.products]
kind = "broadcast"

[schemas.shop.tables.regions]
kind = "broadcast"

# The table `events` is not listed: a single table, found where it lives (a/shop_0).
"#;

/// The text of a configuration file for this cluster.
pub fn config_toml(cluster: &Cluster, front: &Front<'_>) -> String {
    let Front {
        listen,
        user,
        password,
    } = front;
    let (backend_user, backend_password) = cluster.account();
    let shards = cluster
        .shard_names()
        .map(|name| format!("\"{name}\""))
        .join(", ");
    format!(
        r#"# Written by `shardwell demo`.

[server]
listen = "{listen}"

[[users]]
name = "{user}"
password = "{password}"
schemas = ["shop"]

[backend]
user = "{backend_user}"
password = "{backend_password}"

[replica_sets.a]
primary  = "{primary_a}"
replicas = ["{replica_a}"]

[replica_sets.b]
primary = "{primary_b}"

[schemas.shop]
shards = [{shards}]

{TABLES}"#,
        primary_a = cluster.primary_a(),
        replica_a = cluster.replica_a(),
        primary_b = cluster.primary_b(),
    )
}
