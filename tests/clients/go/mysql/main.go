// go-sql-driver/mysql against a demo shop: with its default of prepared statements, then with
// interpolateParams (text protocol).
// Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB and MYSQL_TLS (on or off).
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	firstKey = 950000
	keys     = 16
	name     = "Zoë 'the \\ \"q\" 🎈'\n"
	big      = 17 << 20
)

// Whether the driver puts parameters into the text by itself.
var interpolate bool

var moment = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

func check(ok bool, what string, details ...interface{}) {
	if !ok {
		log.Panicf("FAILED: %s: %q", what, fmt.Sprint(details...))
	}
}

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

func fails(code uint16, err error) {
	var told *mysql.MySQLError
	check(errors.As(err, &told) && told.Number == code, fmt.Sprintf("error %d", code), err)
}

func open(change func(*mysql.Config)) *sql.DB {
	config := mysql.NewConfig()
	config.User = os.Getenv("MYSQL_USER")
	config.Passwd = os.Getenv("MYSQL_PASSWORD")
	config.Net = "tcp"
	config.Addr = os.Getenv("MYSQL_HOST") + ":" + os.Getenv("MYSQL_PORT")
	config.DBName = os.Getenv("MYSQL_DB")
	config.ParseTime = true
	config.InterpolateParams = interpolate
	config.MaxAllowedPacket = 64 << 20
	if os.Getenv("MYSQL_TLS") == "on" {
		// The demo's certificate is its own: encrypted, but nobody vouches for it.
		config.TLSConfig = "skip-verify"
	}
	if change != nil {
		change(config)
	}
	db, err := sql.Open("mysql", config.FormatDSN())
	must(err)
	db.SetMaxOpenConns(4)
	return db
}

type querier interface {
	QueryRow(query string, args ...interface{}) *sql.Row
	Exec(query string, args ...interface{}) (sql.Result, error)
}

func affected(db querier, statement string, args ...interface{}) int64 {
	result, err := db.Exec(statement, args...)
	must(err)
	count, err := result.RowsAffected()
	must(err)
	return count
}

func text(db querier, statement string, args ...interface{}) string {
	var value sql.NullString
	must(db.QueryRow(statement, args...).Scan(&value))
	return value.String
}

func clear(db *sql.DB) {
	for key := firstKey; key < firstKey+keys; key++ {
		affected(db, "DELETE FROM users WHERE user_id = ?", key)
		affected(db, "DELETE FROM orders WHERE user_id = ?", key)
	}
}

func rows(db *sql.DB) {
	for key := firstKey; key < firstKey+keys; key++ {
		count := affected(db, "INSERT INTO users VALUES (?, ?, ?, ?, ?)", key, name, "z@shop.example", 1, moment)
		check(count == 1, "INSERT", count)
		count = affected(db, "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", key, key, "paid", "12.30", nil, moment)
		check(count == 1, "INSERT", count)
	}
	for key := firstKey; key < firstKey+keys; key++ {
		var found, status, total string
		var created time.Time
		var note sql.NullString
		must(db.QueryRow("SELECT u.name, u.created_at, o.status, o.total, o.note FROM users u "+
			"JOIN orders o USING (user_id) WHERE u.user_id = ?", key).Scan(&found, &created, &status, &total, &note))
		check(found == name && created.Equal(moment) && status == "paid" && total == "12.30" && !note.Valid,
			"the row", found, created, status, total)
	}
	update := "UPDATE users SET region_id = 2 WHERE user_id = ?"
	check(affected(db, update, firstKey+3) == 1, "UPDATE")
	check(affected(db, update, firstKey+3) == 0, "UPDATE of nothing")
	finder := open(func(config *mysql.Config) { config.ClientFoundRows = true })
	check(affected(finder, update, firstKey+3) == 1, "UPDATE with found rows")
	must(finder.Close())
	check(affected(db, "DELETE FROM orders WHERE user_id = ?", firstKey+4) == 1, "DELETE")
	err := db.QueryRow("SELECT status FROM orders WHERE user_id = ?", firstKey+4).Scan(new(string))
	check(errors.Is(err, sql.ErrNoRows), "no row", err)
}

func transactions(db *sql.DB) {
	key := firstKey + 1
	find := "SELECT name FROM users WHERE user_id = ?"
	update := "UPDATE users SET name = ? WHERE user_id = ?"
	begin := func(options *sql.TxOptions) *sql.Tx {
		transaction, err := db.BeginTx(context.Background(), options)
		must(err)
		return transaction
	}
	transaction := begin(&sql.TxOptions{Isolation: sql.LevelReadCommitted})
	affected(transaction, update, "changed", key)
	check(text(transaction, find, key) == "changed", "within")
	check(text(db, find, key) == name, "outside")
	must(transaction.Rollback())
	check(text(db, find, key) == name, "ROLLBACK")
	transaction = begin(nil)
	affected(transaction, update, "kept", key)
	must(transaction.Commit())
	check(text(db, find, key) == "kept", "COMMIT")
	transaction = begin(&sql.TxOptions{ReadOnly: true})
	_, err := transaction.Exec(update, "no", key)
	fails(1792, err)
	must(transaction.Rollback())
}

func refusals(db *sql.DB) {
	exec := func(db *sql.DB, statement string) error {
		_, err := db.Exec(statement)
		return err
	}
	fails(1062, exec(db, fmt.Sprintf("INSERT INTO users VALUES (%d, 'n', 'e', 1, NOW())", firstKey)))
	fails(1064, exec(db, "SELECT FROM"))
	fails(1146, exec(db, "SELECT * FROM no_such_table"))
	fails(1054, exec(db, "SELECT nonsense FROM users WHERE user_id = 1"))
	wrong := open(func(config *mysql.Config) { config.Passwd = "wrong" })
	fails(1045, wrong.Ping())
	wrong = open(func(config *mysql.Config) { config.DBName = "no_such_schema" })
	fails(1044, wrong.Ping())
}

func session(db *sql.DB) {
	set := open(func(config *mysql.Config) {
		config.Collation = "latin1_swedish_ci"
		config.Params = map[string]string{"time_zone": "'+03:00'", "sql_mode": "'ANSI_QUOTES'"}
	})
	check(text(set, "SELECT CONCAT(@@time_zone, @@sql_mode)") == "+03:00ANSI_QUOTES", "SET at login")
	affected(set, "UPDATE \"users\" SET name = '\xe9' WHERE user_id = 950002")
	must(set.Close())
	check(text(db, "SELECT name FROM users WHERE user_id = 950002") == "é", "latin1")
	check(text(db, "SELECT DATABASE()") == os.Getenv("MYSQL_DB"), "DATABASE()")
	found, err := db.Query("SHOW TABLES")
	must(err)
	var tables []string
	for found.Next() {
		var table string
		must(found.Scan(&table))
		tables = append(tables, table)
	}
	must(found.Err())
	check(sort.StringsAreSorted(tables) && strings.Contains(strings.Join(tables, " "), "orders products regions users"), "SHOW TABLES", tables)
	columns, err := db.Query("SELECT user_id, name, total FROM users JOIN orders USING (user_id) WHERE user_id = 950000")
	must(err)
	types, err := columns.ColumnTypes()
	must(err)
	check(types[0].DatabaseTypeName() == "BIGINT" && types[1].DatabaseTypeName() == "VARCHAR", "types")
	precision, scale, ok := types[2].DecimalSize()
	check(ok && precision == 12 && scale == 2, "DECIMAL", precision, scale)
	must(columns.Close())
}

func severalStatements() {
	db := open(func(config *mysql.Config) { config.MultiStatements = true })
	found, err := db.Query("SELECT 1; SELECT region_id FROM users WHERE user_id = 950000; SELECT 3")
	must(err)
	var values []int
	for more := true; more; more = found.NextResultSet() {
		for found.Next() {
			var value int
			must(found.Scan(&value))
			values = append(values, value)
		}
	}
	must(found.Err())
	check(fmt.Sprint(values) == "[1 1 3]", "several results", values)
	must(db.Close())
}

func bigValues(db *sql.DB) {
	// 2^24 - 1 bytes is where a packet needs a second one; the row's own overhead is 4 bytes.
	for _, size := range []int{16777210, 16777211, 16777212, big} {
		check(text(db, "SELECT REPEAT('x', ?)", size) == strings.Repeat("x", size), fmt.Sprint(size, " bytes"))
	}
	body, stored := make([]byte, big), []byte{}
	_, err := rand.Read(body)
	must(err)
	affected(db, "DROP TABLE IF EXISTS go_bodies")
	affected(db, "CREATE TABLE go_bodies (id INT PRIMARY KEY, body LONGBLOB)")
	check(affected(db, "INSERT INTO go_bodies VALUES (1, ?)", body) == 1, "INSERT of a body")
	must(db.QueryRow("SELECT body FROM go_bodies WHERE id = 1").Scan(&stored))
	check(bytes.Equal(body, stored), "a stored body")
	affected(db, "DROP TABLE go_bodies")
}

func interruption(db *sql.DB) {
	ctx := context.Background()
	connection, err := db.Conn(ctx)
	must(err)
	var id int
	must(connection.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id))
	time.AfterFunc(time.Second, func() { affected(db, fmt.Sprint("KILL QUERY ", id)) })
	started, woken := time.Now(), 0
	err = connection.QueryRowContext(ctx, "SELECT SLEEP(60)").Scan(&woken)
	if err != nil {
		fails(1317, err)
	} else {
		check(woken == 1, "SLEEP tells that it was woken")
	}
	check(time.Since(started) < 30*time.Second, "KILL QUERY stops SLEEP")
	must(connection.PingContext(ctx))
	must(connection.Close())
	limited, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	_, err = db.ExecContext(limited, "DO SLEEP(60)")
	cancel()
	check(errors.Is(err, context.DeadlineExceeded), "a deadline", err)
	must(db.Ping())
}

func atOnce(db *sql.DB) {
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for round := 0; round < 20; round++ {
				key := firstKey + (worker+round)%keys
				found := text(db, "SELECT user_id FROM users WHERE user_id = ?", key)
				check(found == fmt.Sprint(key), "a row among many", found)
			}
		}(worker)
	}
	group.Wait()
}

func main() {
	for _, interpolate = range []bool{false, true} {
		all()
	}
}

func all() {
	db := open(nil)
	must(db.Ping())
	clear(db)
	rows(db)
	transactions(db)
	refusals(db)
	session(db)
	severalStatements()
	bigValues(db)
	interruption(db)
	atOnce(db)
	clear(db)
	must(db.Close())
}
