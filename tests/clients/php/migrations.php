<?php // Laravel's migrations, from files, of tables of their own and of a sharded one: up, status, rollback, reset.

require __DIR__ . '/story.php';
require 'Illuminate/Database/autoload.php';
require_once 'Illuminate/Events/autoload.php';
require_once 'Illuminate/Filesystem/autoload.php';

use Illuminate\Database\Capsule\Manager as DB;
use Illuminate\Database\Migrations\DatabaseMigrationRepository;
use Illuminate\Database\Migrations\Migrator;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Support\Facades\Facade;

$first = <<<'PHP'
<?php
use Illuminate\Database\Capsule\Manager as DB;
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;

class MakeVisits extends Migration
{
    public function up()
    {
        DB::schema()->create('visits', function (Blueprint $table) {
            $table->id();
            $table->string('name', 50)->index();
            $table->decimal('price', 12, 3)->default(0);
            $table->json('details')->nullable();
            $table->enum('kind', ['a', 'b'])->default('a');
            $table->timestamps();
        });
        DB::schema()->create('guests', function (Blueprint $table) {
            $table->id();
            $table->foreignId('visit_id')->constrained('visits')->cascadeOnDelete();
        });
        DB::schema()->table('people', function (Blueprint $table) {
            $table->string('nick', 20)->nullable()->index('people_by_nick');
        });
    }

    public function down()
    {
        DB::schema()->table('people', function (Blueprint $table) {
            $table->dropIndex('people_by_nick');
            $table->dropColumn('nick');
        });
        DB::schema()->dropIfExists('guests');
        DB::schema()->dropIfExists('visits');
    }
}
PHP;

$second = <<<'PHP'
<?php
use Illuminate\Database\Capsule\Manager as DB;
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;

class FillNicks extends Migration
{
    public function up()
    {
        DB::statement("UPDATE people SET nick = IF(id < 10, name, 'x')");
        DB::schema()->table('visits', function (Blueprint $table) {
            $table->unsignedInteger('size')->default(3)->after('name')->comment('how big');
            $table->unique(['size', 'name'], 'visits_by_size');
        });
        DB::table('visits')->insert([['name' => 'a'], ['name' => 'b']]);
        DB::schema()->rename('guests', 'company');
    }

    public function down()
    {
        DB::table('visits')->delete();
        DB::schema()->rename('company', 'guests');
        DB::schema()->table('visits', function (Blueprint $table) {
            $table->dropUnique('visits_by_size');
            $table->dropColumn('size');
        });
        DB::table('people')->update(['nick' => null]);
    }
}
PHP;

function alike($got, $wanted, string $what): void
{
    if ($got != $wanted) {
        throw new Exception("$what: " . json_encode($got) . ' instead of ' . json_encode($wanted));
    }
}

$capsule = new DB();
$capsule->addConnection([
    'driver' => 'mysql', 'host' => getenv('MYSQL_HOST'), 'port' => getenv('MYSQL_PORT'), 'database' => getenv('MYSQL_DB'),
    'username' => getenv('MYSQL_USER'), 'password' => getenv('MYSQL_PASSWORD'), 'charset' => 'utf8mb4',
    'collation' => 'utf8mb4_unicode_ci', 'prefix' => '',
]);
$capsule->setAsGlobal();

$people = array_map(fn ($id) => ['id' => $id, 'name' => "n$id"], range(1, 40));
DB::table('people')->insert($people);

$folder = sys_get_temp_dir() . '/migrations-' . getmypid();
mkdir($folder);
file_put_contents("$folder/2026_01_01_000001_make_visits.php", $first);
file_put_contents("$folder/2026_01_01_000002_fill_nicks.php", $second);

$resolver = $capsule->getDatabaseManager();
$repository = new DatabaseMigrationRepository($resolver, 'migrations');
$migrator = new Migrator($repository, $resolver, new Filesystem());
try {
    alike($migrator->repositoryExists(), false, 'a table of migrations');
    $repository->createRepository();
    $migrator->run([$folder], ['step' => true]);
    alike(count($repository->getRan()), 2, 'what was run');
    $nicks = (array) DB::selectOne("SELECT COUNT(*) AS c, SUM(nick = name) AS n, SUM(nick = 'x') AS x FROM people");
    alike(array_map('intval', array_values($nicks)), [40, 9, 31], 'rows of the sharded table');
    alike((int) DB::table('visits')->sum('size'), 6, 'rows of an own table');
    alike(DB::schema()->hasTable('company'), true, 'a renamed table');
    alike(DB::schema()->hasColumn('people', 'nick'), true, 'a column');
    alike($migrator->run([$folder]), [], 'what is left');
    $migrator->rollback([$folder], ['step' => 1]);
    alike(DB::schema()->hasColumn('visits', 'size'), false, 'a column that is gone');
    $migrator->run([$folder]);
    $migrator->reset([$folder]);
    alike(DB::schema()->hasTable('visits'), false, 'a table that is gone');
    alike(DB::schema()->getColumnListing('people'), array_values(array_diff(DB::schema()->getColumnListing('people'), ['nick'])), 'columns');
    $migrator->deleteRepository();
} finally {
    array_map('unlink', glob("$folder/*.php"));
    rmdir($folder);
}
