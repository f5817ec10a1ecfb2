<?php // Laravel's Eloquent: models, relations, transactions, the query and the schema builder.

require __DIR__ . '/story.php';
require 'Illuminate/Database/autoload.php';
require_once 'Illuminate/Events/autoload.php';

use Illuminate\Database\Capsule\Manager as DB;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\QueryException;

class Person extends Model
{
    protected $table = 'people';
    public $incrementing = false;
    public $timestamps = false;
    protected $guarded = [];
    protected $casts = ['profile' => 'array', 'active' => 'boolean'];

    public function pets()
    {
        return $this->hasMany(Pet::class, 'owner_id');
    }
}

class Pet extends Model
{
    protected $table = 'pets';
    public $incrementing = false;
    public $timestamps = false;
    protected $guarded = [];

    public function owner()
    {
        return $this->belongsTo(Person::class, 'owner_id');
    }
}

class Note extends Model
{
    public $timestamps = false;
    protected $guarded = [];
}

function rows(): void
{
    Person::create(['id' => 1, 'name' => NAME, 'balance' => BALANCE, 'born' => BORN, 'seen' => SEEN, 'photo' => PHOTO,
        'profile' => PROFILE, 'visits' => VISITS, 'active' => true, 'score' => 0.1]);
    Person::insert(array_map(fn($n) => ['id' => $n, 'name' => "n$n", 'balance' => $n], range(2, 30)));
    Pet::create(['id' => 10, 'owner_id' => 1, 'name' => 'Rex']);
    Pet::create(['id' => 20, 'owner_id' => 2, 'name' => 'Tom']);
    $found = Person::with('pets')->find(1);
    same([$found->name, $found->balance, $found->born, $found->seen, $found->photo, $found->profile, (string) $found->visits, $found->active],
        [NAME, BALANCE, BORN, SEEN, PHOTO, PROFILE, VISITS, true], 'values');
    same($found->pets[0]->name, 'Rex', 'a relation');
}

function questions(): void
{
    same([Person::count(), (int) Person::where('id', '>', 1)->sum('balance'), (int) Person::max('id')], [30, 464, 30], 'totals');
    same(Person::orderBy('id')->skip(10)->take(2)->pluck('id')->all(), [11, 12], 'a page');
    same(Pet::with('owner')->orderBy('id')->get()->map(fn($pet) => $pet->owner->name)->all(), [NAME, 'n2'], 'eager loading');
    same(Person::whereHas('pets')->orderBy('id')->pluck('id')->all(), [1, 2], 'whereHas');
    same(Person::withCount('pets')->orderBy('id')->take(3)->pluck('pets_count')->all(), [1, 1, 0], 'withCount');
    same(DB::table('people')->select('active', DB::raw('COUNT(*) AS n'))->groupBy('active')->get()->map(fn($r) => $r->n)->all(), [30], 'groups');
    same(Person::whereIn('id', [3, 17])->orderBy('id')->pluck('name')->all(), ['n3', 'n17'], 'whereIn');
    $seen = 0;
    Person::orderBy('id')->chunk(7, function ($people) use (&$seen) {
        $seen += count($people);
    });
    same($seen, 30, 'chunks');
    same(Note::create(['title' => 'first'])->id > 0, true, 'a generated id');
    same(Person::where('profile->depth->n', 1)->count(), 1, 'JSON');
}

function transactions(): void
{
    thrown(LogicException::class, fn() => DB::transaction(function () {
        Person::whereIn('id', [4, 5, 6])->update(['name' => 'gone']);
        throw new LogicException();
    }), 'a failing transaction');
    DB::transaction(function () {
        $person = Person::lockForUpdate()->find(4);
        $person->name = 'kept';
        $person->save();
        thrown(LogicException::class, fn() => DB::transaction(function () {
            Person::where('id', 5)->delete();
            throw new LogicException();
        }), 'a savepoint');
    });
    same(Person::whereIn('id', [4, 5, 6])->orderBy('id')->pluck('name')->all(), ['kept', 'n5', 'n6'], 'transactions');
    $error = thrown(QueryException::class, fn() => Person::create(['id' => 1, 'name' => 'again']), 'a duplicate');
    same($error->errorInfo[1], 1062, 'a duplicate');
    Person::upsert([['id' => 6, 'name' => 'upserted'], ['id' => 31, 'name' => 'new']], ['id'], ['name']);
    same(Person::whereIn('id', [6, 31])->orderBy('id')->pluck('name')->all(), ['upserted', 'new'], 'upsert');
    same(Person::destroy([30, 31]), 2, 'destroy');
}

function schema(): void
{
    $schema = DB::schema();
    $schema->dropIfExists('drafts');
    $schema->create('drafts', function ($table) {
        $table->id();
        $table->string('word', 20)->index();
        $table->timestamps();
    });
    $schema->table('drafts', fn($table) => $table->integer('size')->default(3));
    DB::table('drafts')->insert([['word' => 'a'], ['word' => 'b']]);
    same((int) DB::table('drafts')->sum('size'), 6, 'a new column');
    same([$schema->hasTable('people'), $schema->hasTable('missing'), $schema->hasColumn('drafts', 'size')], [true, false, true], 'hasTable');
    same(count($schema->getColumnListing('people')), 10, 'columns');
    $schema->drop('drafts');
}

$capsule = new DB();
$capsule->addConnection(['driver' => 'mysql', 'host' => HOST, 'port' => PORT, 'database' => SCHEMA, 'username' => USER,
    'password' => PASSWORD, 'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'strict' => true]);
$capsule->setAsGlobal();
$capsule->bootEloquent();
rows();
questions();
transactions();
schema();
