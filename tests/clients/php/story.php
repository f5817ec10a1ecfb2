<?php // What the PHP clients write and expect to read back.

const NAME = "Zoë 'the \\ \"q\" 🎈'\n";
const BALANCE = '12345678901234.567890';
const BORN = '1990-12-31';
const SEEN = '2026-01-02 03:04:05.678901';
const PROFILE = ['tags' => ['é', '🎈'], 'depth' => ['n' => 1]];
const VISITS = '18446744073709551615';

define('PHOTO', implode('', array_map('chr', range(0, 255))) . "'\\\r\n\x1a");
define('HOST', getenv('MYSQL_HOST'));
define('PORT', (int) getenv('MYSQL_PORT'));
define('USER', getenv('MYSQL_USER'));
define('PASSWORD', getenv('MYSQL_PASSWORD'));
define('SCHEMA', getenv('MYSQL_DB'));

function same($found, $expected, string $what): void
{
    if ($found !== $expected) {
        fwrite(STDERR, "FAILED: $what: " . var_export($found, true) . ', expected ' . var_export($expected, true) . "\n");
        fwrite(STDERR, (new Exception())->getTraceAsString() . "\n");
        exit(1);
    }
}

/** Fails unless $action throws a $class; gives it back. */
function thrown(string $class, callable $action, string $what): Throwable
{
    try {
        $action();
    } catch (Throwable $error) {
        same($error instanceof $class, true, "$what: " . get_class($error) . ' ' . $error->getMessage());
        return $error;
    }
    same('no error', $class, $what);
}
