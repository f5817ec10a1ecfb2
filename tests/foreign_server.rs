//! A shard that is neither MySQL nor MariaDB but speaks their protocol: a server of opensrv-mysql.

#![allow(clippy::unwrap_used)]

use std::io;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use opensrv_mysql::{
    AsyncMysqlIntermediary, AsyncMysqlShim, Column, ColumnFlags, ColumnType, OkResponse,
    ParamParser, QueryResultWriter, StatementMetaWriter,
};
use shardwell::cli::demo::proxy::start_proxy;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;

/// Answers every SELECT with one row, and one of them with an error.
struct Oracle;

#[async_trait::async_trait]
impl<W: AsyncWrite + Send + Unpin> AsyncMysqlShim<W> for Oracle {
    type Error = io::Error;

    async fn on_prepare<'a>(
        &'a mut self,
        _: &'a str,
        info: StatementMetaWriter<'a, W>,
    ) -> io::Result<()> {
        info.reply(1, &[], &[]).await
    }

    async fn on_execute<'a>(
        &'a mut self,
        _: u32,
        _: ParamParser<'a>,
        results: QueryResultWriter<'a, W>,
    ) -> io::Result<()> {
        results.completed(OkResponse::default()).await
    }

    async fn on_close(&mut self, _: u32) {}

    async fn on_query<'a>(
        &'a mut self,
        sql: &'a str,
        results: QueryResultWriter<'a, W>,
    ) -> io::Result<()> {
        if !sql.starts_with("SELECT 4") {
            return results.completed(OkResponse::default()).await;
        }
        let column = Column {
            table: String::new(),
            column: "answer".to_owned(),
            coltype: ColumnType::MYSQL_TYPE_VAR_STRING,
            colflags: ColumnFlags::empty(),
        };
        let columns = [column];
        let mut rows = results.start(&columns).await?;
        rows.write_col("forty-two")?;
        rows.finish().await
    }
}

async fn serve() -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, write) = stream.into_split();
            tokio::spawn(AsyncMysqlIntermediary::run_on(Oracle, read, write));
        }
    });
    Ok(port)
}

#[tokio::test]
async fn a_server_of_another_make_is_served_through_the_proxy() {
    let port = serve().await.unwrap();
    let config = format!(
        r#"
[server]
listen = "127.0.0.1:{}"
[[users]]
name = "app"
password = "secret"
schemas = ["*"]
[backend]
user = "any"
password = ""
[replica_sets.a]
primary = "127.0.0.1:{port}"
[schemas.shop]
shards = ["a/shop_0", "a/shop_1"]
"#,
        shardwell::cli::demo::server::free_port().unwrap()
    );
    let proxy = start_proxy(config).await.unwrap();
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(proxy.address().port())
        .user(Some("app"))
        .pass(Some("secret"))
        .prefer_socket(false)
        .max_allowed_packet(Some(1 << 20))
        .wait_timeout(Some(60));
    let mut client = Conn::new(options).await.unwrap();
    let answer: Option<String> = client.query_first("SELECT 42").await.unwrap();
    assert_eq!(answer.as_deref(), Some("forty-two"));
    client.disconnect().await.unwrap();
    proxy.shutdown().await;
}
