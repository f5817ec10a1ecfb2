<?php // Doctrine: DBAL, the ORM with relations, transactions, its schema tools.

require __DIR__ . '/story.php';
require 'Doctrine/ORM/autoload.php';
require_once 'Symfony/Component/Cache/autoload.php';

use Doctrine\Common\Collections\ArrayCollection;
use Doctrine\DBAL\DriverManager;
use Doctrine\DBAL\Exception\UniqueConstraintViolationException;
use Doctrine\DBAL\LockMode;
use Doctrine\DBAL\Schema\Comparator;
use Doctrine\DBAL\Schema\Schema;
use Doctrine\ORM\EntityManager;
use Doctrine\ORM\Mapping as ORM;
use Doctrine\ORM\ORMSetup;

#[ORM\Entity]
#[ORM\Table(name: 'people')]
class Person
{
    #[ORM\Id]
    #[ORM\Column(type: 'bigint')]
    public $id;
    #[ORM\Column(type: 'string', length: 100)]
    public $name;
    #[ORM\Column(type: 'decimal', precision: 20, scale: 6, nullable: true)]
    public $balance;
    #[ORM\Column(type: 'date', nullable: true)]
    public $born;
    #[ORM\Column(type: 'blob', nullable: true)]
    public $photo;
    #[ORM\Column(type: 'json', nullable: true)]
    public $profile;
    #[ORM\Column(type: 'boolean')]
    public $active = true;
    #[ORM\OneToMany(targetEntity: Pet::class, mappedBy: 'owner', cascade: ['persist', 'remove'])]
    public $pets;

    public function __construct(int $id, string $name)
    {
        [$this->id, $this->name, $this->pets] = [$id, $name, new ArrayCollection()];
    }
}

#[ORM\Entity]
#[ORM\Table(name: 'pets')]
class Pet
{
    #[ORM\Id]
    #[ORM\Column(type: 'bigint')]
    public $id;
    #[ORM\ManyToOne(targetEntity: Person::class, inversedBy: 'pets')]
    #[ORM\JoinColumn(name: 'owner_id', nullable: false)]
    public $owner;
    #[ORM\Column(type: 'string', length: 50)]
    public $name;

    public function __construct(int $id, Person $owner, string $name)
    {
        [$this->id, $this->owner, $this->name] = [$id, $owner, $name];
    }
}

#[ORM\Entity]
#[ORM\Table(name: 'notes')]
class Note
{
    #[ORM\Id]
    #[ORM\GeneratedValue]
    #[ORM\Column(type: 'bigint')]
    public $id;
    #[ORM\Column(type: 'string', length: 100)]
    public $title;
}

function manager(): EntityManager
{
    $settings = ORMSetup::createAttributeMetadataConfiguration([__FILE__], true);
    $connection = DriverManager::getConnection([
        'driver' => 'pdo_mysql', 'host' => HOST, 'port' => PORT, 'user' => USER, 'password' => PASSWORD,
        'dbname' => SCHEMA, 'charset' => 'utf8mb4',
    ], $settings);
    return new EntityManager($connection, $settings);
}

function rows(EntityManager $manager): void
{
    $first = new Person(1, NAME);
    [$first->balance, $first->born, $first->photo, $first->profile] = [BALANCE, new DateTime(BORN), PHOTO, PROFILE];
    $first->pets->add(new Pet(10, $first, 'Rex'));
    $manager->persist($first);
    for ($n = 2; $n <= 30; $n++) {
        $manager->persist($person = new Person($n, "n$n"));
        $person->balance = (string) $n;
    }
    $manager->flush();
    $manager->clear();
    $found = $manager->find(Person::class, 1);
    same([$found->name, $found->balance, $found->born->format('Y-m-d'), stream_get_contents($found->photo), $found->profile, $found->active],
        [NAME, BALANCE, BORN, PHOTO, PROFILE, true], 'values');
    same($found->pets[0]->name, 'Rex', 'a relation');
}

function questions(EntityManager $manager): void
{
    $told = $manager->createQuery('SELECT COUNT(p), SUM(p.balance) FROM Person p WHERE p.id > 1')->getSingleResult();
    same(array_map('intval', array_values($told)), [29, 464], 'totals');
    $page = $manager->getRepository(Person::class)->findBy([], ['id' => 'DESC'], 2, 3);
    same(array_map(fn($p) => (int) $p->id, $page), [27, 26], 'a page');
    $joined = $manager->createQuery('SELECT p, q FROM Person p JOIN p.pets q ORDER BY p.id')->getResult();
    same(count($joined), 1, 'a fetch join');
    $changed = $manager->createQuery("UPDATE Person p SET p.name = 'm' WHERE p.id IN (3, 4)")->execute();
    same($changed, 2, 'UPDATE');
    $note = new Note();
    $note->title = 'first';
    $manager->persist($note);
    $manager->flush();
    same($note->id > 0, true, 'a generated id');
}

function transactions(EntityManager $manager): void
{
    $db = $manager->getConnection();
    thrown(LogicException::class, fn() => $db->transactional(function ($db) {
        $db->executeStatement("UPDATE people SET name = 'gone' WHERE id IN (?, ?)", [5, 6]);
        throw new LogicException();
    }), 'a failing transaction');
    same((int) $db->fetchOne("SELECT COUNT(*) FROM people WHERE name = 'gone'"), 0, 'ROLLBACK');
    $manager->wrapInTransaction(function ($manager) {
        $person = $manager->find(Person::class, 7, LockMode::PESSIMISTIC_WRITE);
        $person->name = 'locked';
    });
    $db->insert('people', ['id' => 40, 'name' => 'forty']);
    same($db->delete('people', ['id' => 40]), 1, 'DELETE');
    thrown(UniqueConstraintViolationException::class, fn() => $db->insert('people', ['id' => 1, 'name' => 'again']), 'a duplicate');
    same($db->fetchOne('SELECT name FROM people WHERE id = ?', [7]), 'locked', 'COMMIT');
}

function schema(EntityManager $manager): void
{
    $db = $manager->getConnection();
    $asked = $db->createSchemaManager();
    $drafts = (new Schema())->createTable('drafts');
    $drafts->addColumn('id', 'bigint', ['autoincrement' => true]);
    $drafts->addColumn('word', 'string', ['length' => 20]);
    $drafts->setPrimaryKey(['id']);
    $drafts->addIndex(['word']);
    $asked->createTable($drafts);
    $wider = clone $drafts;
    $wider->addColumn('size', 'integer', ['default' => 3]);
    $asked->alterTable($asked->createComparator()->compareTables($asked->introspectTable('drafts'), $wider));
    $db->insert('drafts', ['word' => 'w']);
    same((int) $db->fetchOne('SELECT SUM(size) FROM drafts'), 3, 'a new column');
    $asked->dropTable('drafts');
    same(array_diff(['people', 'pets', 'notes'], $asked->listTableNames()), [], 'tables');
    $people = $asked->introspectTable('people');
    same([$people->getColumn('balance')->getScale(), $people->getColumn('id')->getComment()], [6, 'sharding key'], 'columns');
    same(current($asked->listTableForeignKeys('pets'))->getForeignTableName(), 'people', 'foreign keys');
}

$manager = manager();
rows($manager);
questions($manager);
transactions($manager);
schema($manager);
