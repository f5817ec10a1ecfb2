// JDBC with HikariCP's pool: MariaDB Connector/J or MySQL Connector/J, as the URL's scheme in JDBC says.
// Text statements, prepared ones of the client and of the server, batches, metadata, transactions.

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

public class Story {
    static final String NAME = "Zoë 'the \\ \"q\" 🎈'\n";
    static final BigDecimal BALANCE = new BigDecimal("12345678901234.567890");
    static final byte[] PHOTO = {-1, 0, -2, '\'', '\\', '\r', '\n', 26};

    interface Action {
        void run() throws SQLException;
    }

    static void same(Object found, Object expected, String what) {
        if (!Objects.equals(String.valueOf(found), String.valueOf(expected))) {
            throw new AssertionError("FAILED: " + what + ": " + found + ", expected " + expected);
        }
    }

    static void fails(int code, String state, Action action) {
        try {
            action.run();
        } catch (SQLException error) {
            same(error.getErrorCode() + " " + error.getSQLState(), code + " " + state, error.getMessage());
            return;
        }
        throw new AssertionError("FAILED: no error " + code);
    }

    static PreparedStatement prepare(Connection db, String sql, Object... values) throws SQLException {
        PreparedStatement statement = db.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
        for (int place = 0; place < values.length; place++) {
            statement.setObject(place + 1, values[place]);
        }
        return statement;
    }

    static List<String> ask(Connection db, String sql, Object... values) throws SQLException {
        List<String> told = new ArrayList<>();
        try (PreparedStatement statement = prepare(db, sql, values); ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int place = 1; place <= rows.getMetaData().getColumnCount(); place++) {
                    row.add(rows.getString(place));
                }
                told.add(String.join(" ", row));
            }
        }
        return told;
    }

    static int change(Connection db, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(db, sql, values)) {
            return statement.executeUpdate();
        }
    }

    static void rows(Connection db) throws SQLException {
        change(db, "DELETE FROM people");
        same(change(db, "INSERT INTO people (id, name, balance, born, seen, photo, profile, visits) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            1L, NAME, BALANCE, java.sql.Date.valueOf("1990-12-31"), java.sql.Timestamp.valueOf("2026-01-02 03:04:05.678901"),
            PHOTO, "{\"a\": 1}", "18446744073709551615"), 1, "INSERT");
        try (PreparedStatement batch = db.prepareStatement("INSERT INTO people (id, name, balance) VALUES (?, ?, ?)")) {
            for (int number = 2; number <= 30; number++) {
                batch.setLong(1, number);
                batch.setString(2, "n" + number);
                batch.setBigDecimal(3, BigDecimal.valueOf(number));
                batch.addBatch();
            }
            same(batch.executeBatch().length, 29, "a batch");
        }
        try (PreparedStatement statement = prepare(db, "SELECT * FROM people WHERE id = ?", 1L); ResultSet row = statement.executeQuery()) {
            row.next();
            same(row.getString("name"), NAME, "text");
            same(row.getBigDecimal("balance"), BALANCE, "DECIMAL");
            same(row.getDate("born"), "1990-12-31", "DATE");
            same(row.getTimestamp("seen"), "2026-01-02 03:04:05.678901", "DATETIME(6)");
            same(Arrays.toString(row.getBytes("photo")), Arrays.toString(PHOTO), "BLOB");
            same(row.getObject("visits"), "18446744073709551615", "BIGINT UNSIGNED");
            same(row.getMetaData().getTableName(1) + "." + row.getMetaData().getColumnName(1), "people.id", "metadata of rows");
        }
    }

    static void questions(Connection db) throws SQLException {
        same(ask(db, "SELECT COUNT(*), SUM(balance) FROM people WHERE id > ?", 1), "[29 464.000000]", "totals");
        same(ask(db, "SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?", 2, 10), "[11, 12]", "a page");
        for (int number = 2; number < 12; number++) {
            same(ask(db, "SELECT name FROM people WHERE id = ?", number), "[n" + number + "]", "by key");
        }
        try (Statement stream = db.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            stream.setFetchSize(5);
            int count = 0;
            try (ResultSet rows = stream.executeQuery("SELECT id FROM people ORDER BY id")) {
                while (rows.next()) {
                    count++;
                }
            }
            same(count, 30, "a stream");
        }
        try (PreparedStatement statement = prepare(db, "INSERT INTO notes (title) VALUES (?)", "n" + System.nanoTime())) {
            statement.executeUpdate();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                same(keys.next() && keys.getLong(1) > 0, true, "generated keys");
            }
        }
    }

    static void transactions(Connection db) throws SQLException {
        db.setAutoCommit(false);
        same(change(db, "UPDATE people SET name = ? WHERE id IN (?, ?, ?)", "gone", 4, 5, 6), 3, "UPDATE");
        db.rollback();
        change(db, "UPDATE people SET name = 'kept' WHERE id = 4");
        Savepoint savepoint = db.setSavepoint("s");
        change(db, "DELETE FROM people WHERE id = 5");
        db.rollback(savepoint);
        change(db, "DELETE FROM people WHERE id = 30");
        db.commit();
        db.setAutoCommit(true);
        same(ask(db, "SELECT name FROM people WHERE id IN (4, 5, 6) ORDER BY id"), "[kept, n5, n6]", "transactions");
        db.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        same(db.getTransactionIsolation(), Connection.TRANSACTION_READ_COMMITTED, "isolation");
        db.setReadOnly(true);
        same(ask(db, "SELECT COUNT(*) FROM people"), "[29]", "read only");
        db.setReadOnly(false);
        fails(1062, "23000", () -> change(db, "INSERT INTO people (id, name) VALUES (1, 'again')"));
        fails(1064, "42000", () -> ask(db, "SELECT FROM"));
        fails(1146, "42S02", () -> ask(db, "SELECT * FROM missing"));
    }

    static void schema(Connection db) throws SQLException {
        String name = db.getCatalog();
        try (ResultSet columns = db.getMetaData().getColumns(name, null, "people", "balance")) {
            same(columns.next() ? columns.getInt("DECIMAL_DIGITS") : null, 6, "columns");
        }
        try (ResultSet keys = db.getMetaData().getPrimaryKeys(name, null, "people")) {
            same(keys.next() ? keys.getString("COLUMN_NAME") : null, "id", "primary keys");
        }
        try (ResultSet tables = db.getMetaData().getTables(name, null, "people", new String[] {"TABLE"})) {
            same(tables.next() ? tables.getString("TABLE_NAME") : null, "people", "tables");
            same(tables.next(), false, "one row for a table");
        }
        try (ResultSet keys = db.getMetaData().getImportedKeys(name, null, "pets")) {
            same(keys.next() ? keys.getString("PKTABLE_NAME") : null, "people", "foreign keys");
        }
        same(db.isValid(2), true, "isValid");
        same(db.getWarnings(), null, "warnings");
    }

    public static void main(String[] arguments) throws SQLException {
        String version = "";
        for (String options : System.getenv("JDBC_OPTIONS").split(" ")) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(System.getenv("JDBC") + "://" + System.getenv("MYSQL_HOST") + ":" + System.getenv("MYSQL_PORT") + "/"
                + System.getenv("MYSQL_DB") + "?allowPublicKeyRetrieval=true&" + options);
            config.setUsername(System.getenv("MYSQL_USER"));
            config.setPassword(System.getenv("MYSQL_PASSWORD"));
            config.setMaximumPoolSize(2);
            try (HikariDataSource pool = new HikariDataSource(config)) {
                try (Connection db = pool.getConnection()) {
                    rows(db);
                    questions(db);
                    transactions(db);
                }
                try (Connection db = pool.getConnection()) {
                    schema(db);
                    version = db.getMetaData().getDriverName() + " " + db.getMetaData().getDriverVersion();
                }
            }
        }
        System.out.println("version: " + version);
    }
}
