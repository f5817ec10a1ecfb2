//! The configuration file of the demo's proxy.

use std::net::SocketAddr;

use super::cluster::Cluster;

/// What the file says besides the servers.
pub struct Front<'a> {
    /// Where the proxy listens for clients.
    pub listen: SocketAddr,
    /// Where operators ask by HTTP.
    pub admin: SocketAddr,
    /// The application's account.
    pub user: &'a str,
    /// The account that may ask and order the proxy itself.
    pub operator: &'a str,
    /// The password of both.
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
        admin,
        user,
        operator,
        password,
    } = front;
    let (backend_user, backend_password) = cluster.account();
    let shards = cluster
        .shard_names()
        .map(|name| format!("\"{name}\""))
        .join(", ");
    format!(
        r#"# Written by `shardwell demo`, which reads it again when it changes.

[server]
listen = "{listen}"
admin = "{admin}"

[[users]]
name = "{user}"
password = "{password}"
schemas = ["shop"]

[[users]]                       # for SHOW SHARDWELL … and orders
name = "{operator}"
password = "{password}"
schemas = ["shop"]
admin = true

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
read = "causal"                 # replicas answer reads, once they have what the session has written

{TABLES}"#,
        primary_a = cluster.primary_a(),
        replica_a = cluster.replica_a(),
        primary_b = cluster.primary_b(),
    )
}
