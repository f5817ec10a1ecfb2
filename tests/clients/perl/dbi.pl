#!/usr/bin/env perl
# Perl's DBI; the argument is the driver: mysql or MariaDB. Then with prepared statements of the server.

use strict;
use warnings;
use utf8;
use DBI;

my $driver = shift @ARGV;
my $name = "Zoë 'the \\ \"q\" 🎈'\n";
my $photo = join('', map { chr } 0 .. 255) . "'\\\r\n\x1a";
my $prefix = $driver eq 'mysql' ? 'mysql' : 'mariadb';

sub connection {
    my ($prepared) = @_;
    my $db = DBI->connect("DBI:$driver:database=$ENV{MYSQL_DB};host=$ENV{MYSQL_HOST};port=$ENV{MYSQL_PORT}",
        $ENV{MYSQL_USER}, $ENV{MYSQL_PASSWORD}, { RaiseError => 1, PrintError => 0, "${prefix}_server_prepare" => $prepared });
    $db->{mysql_enable_utf8mb4} = 1 if $driver eq 'mysql';
    return $db;
}

sub same {
    my ($found, $expected, $what) = @_;
    die "FAILED: $what: $found, expected $expected\n" unless $found eq $expected;
}

sub fails {
    my ($db, $code, $sql) = @_;
    eval { $db->do($sql); 1 } and die "FAILED: no error: $sql\n";
    same($db->err, $code, $sql);
}

sub rows {
    my ($db) = @_;
    $db->do('DELETE FROM people');
    my $insert = $db->prepare('INSERT INTO people (id, name, balance, born, seen, photo, profile, visits) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    $insert->bind_param(1, 1);
    $insert->bind_param(2, $name);
    $insert->bind_param(3, '12345678901234.567890');
    $insert->bind_param(4, '1990-12-31');
    $insert->bind_param(5, '2026-01-02 03:04:05.678901');
    $insert->bind_param(6, $photo, DBI::SQL_BLOB);
    $insert->bind_param(7, '{"a": 1}');
    $insert->bind_param(8, '18446744073709551615');
    same($insert->execute, 1, 'INSERT');
    my $many = $db->prepare('INSERT INTO people (id, name, balance) VALUES (?, ?, ?)');
    $many->execute($_, "n$_", $_) for 2 .. 30;
    my $found = $db->selectrow_hashref('SELECT * FROM people WHERE id = ?', undef, 1);
    same($found->{name}, $name, 'text');
    same($found->{balance}, '12345678901234.567890', 'DECIMAL');
    same($found->{seen}, '2026-01-02 03:04:05.678901', 'DATETIME(6)');
    same($found->{photo}, $photo, 'BLOB');
    same($found->{visits}, '18446744073709551615', 'BIGINT UNSIGNED');
}

sub questions {
    my ($db) = @_;
    same(join(' ', $db->selectrow_array('SELECT COUNT(*), SUM(balance) FROM people WHERE id > ?', undef, 1)), '29 464.000000', 'totals');
    same(join(' ', @{ $db->selectcol_arrayref('SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 10') }), '11 12', 'a page');
    same($db->do("UPDATE people SET visits = 1 WHERE id IN (2, 3, 4)"), 3, 'UPDATE');
    $db->do("INSERT INTO notes (title) VALUES (?)", undef, 'note ' . $db->{"${prefix}_server_prepare"});
    same($db->last_insert_id(undef, undef, 'notes', 'id') > 0, 1, 'last_insert_id');
}

sub transactions {
    my ($db) = @_;
    $db->begin_work;
    $db->do("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6, 7)");
    $db->rollback;
    $db->{AutoCommit} = 0;
    $db->do('DELETE FROM people WHERE id = 30');
    $db->commit;
    $db->{AutoCommit} = 1;
    same(join(' ', $db->selectrow_array("SELECT COUNT(*), SUM(name = 'gone') FROM people")), '29 0', 'transactions');
    fails($db, 1062, "INSERT INTO people (id, name) VALUES (1, 'again')");
    fails($db, 1064, 'SELECT FROM');
    fails($db, 1146, 'SELECT * FROM missing');
}

sub schema {
    my ($db) = @_;
    same(scalar(grep { /people/ } $db->tables(undef, undef, undef, 'TABLE')), 1, 'tables');
    same($db->column_info(undef, $ENV{MYSQL_DB}, 'people', 'balance')->fetchrow_hashref->{DECIMAL_DIGITS}, 6, 'column_info');
    same(join(' ', $db->primary_key(undef, $ENV{MYSQL_DB}, 'people')), 'id', 'primary_key');
    same($db->ping, 1, 'ping');
}

for my $prepared (0, 1) {
    my $db = connection($prepared);
    rows($db);
    questions($db);
    transactions($db);
    schema($db);
    $db->disconnect;
}
no strict 'refs';
print "version: DBI $DBI::VERSION, DBD::$driver ${\"DBD::${driver}::VERSION\"}\n";
