# ActiveRecord on mysql2: models, relations, transactions, migrations, schema questions.

require 'active_record'
require_relative 'story'
include Story

ActiveRecord::Base.establish_connection(adapter: 'mysql2', encoding: 'utf8mb4', pool: 3, prepared_statements: ENV['PREPARED'] == '1', **CONNECTION)
ActiveRecord.default_timezone = :utc if ActiveRecord.respond_to?(:default_timezone=)

class Person < ActiveRecord::Base
  self.table_name = 'people'
  has_many :pets, foreign_key: :owner_id
end

class Pet < ActiveRecord::Base
  belongs_to :owner, class_name: 'Person'
end

class Note < ActiveRecord::Base
end

class Draft < ActiveRecord::Base
end

class MakeDrafts < ActiveRecord::Migration[6.1]
  def change
    create_table :drafts do |t|
      t.string :word, limit: 20, null: false
      t.timestamps
    end
    add_index :drafts, :word
    add_column :drafts, :size, :integer, default: 3
  end
end

def rows
  Person.create!(id: 1, name: NAME, balance: BALANCE, born: BORN, seen: SEEN, photo: PHOTO, profile: PROFILE, visits: VISITS, score: 0.1)
  Person.insert_all((2..30).map { |n| { id: n, name: "n#{n}", balance: n } })
  Pet.create!(id: 10, owner_id: 1, name: 'Rex')
  Pet.create!(id: 20, owner_id: 2, name: 'Tom')
  found = Person.includes(:pets).find(1)
  same([found.name, found.balance, found.born, found.photo, found.profile, found.visits, found.active, found.score, found.seen],
       [NAME, BALANCE, BORN, PHOTO, PROFILE, VISITS, true, 0.1, SEEN], 'values')
  same(found.pets.map(&:name), ['Rex'], 'a relation')
end

def questions
  same([Person.count, Person.where('id > 1').sum(:balance), Person.maximum(:id)], [30, 464, 30], 'totals')
  same(Person.order(:id).offset(10).limit(2).pluck(:id), [11, 12], 'a page')
  same(Pet.joins(:owner).order(:id).pluck('people.name'), [NAME, 'n2'], 'a join')
  same(Person.group(:active).count, { true => 30 }, 'groups')
  same(Person.where(id: [3, 17]).order(id: :desc).map(&:name), %w[n17 n3], 'IN')
  same(Person.find_each(batch_size: 7).count, 30, 'batches')
  same(Person.where(name: 'n5').exists?, true, 'exists?')
  same(Note.create!(title: 'first').id.positive?, true, 'a generated id')
end

def transactions
  Person.transaction do
    Person.where(id: [4, 5, 6]).update_all(name: 'gone')
    raise ActiveRecord::Rollback
  end
  Person.transaction do
    Person.lock.find(4).update!(name: 'kept')
    Person.transaction(requires_new: true) do
      Person.find(5).destroy!
      raise ActiveRecord::Rollback
    end
  end
  same(Person.where(id: [4, 5, 6]).order(:id).pluck(:name), %w[kept n5 n6], 'transactions')
  thrown(ActiveRecord::RecordNotUnique, 'a duplicate') { Person.create!(id: 1, name: 'again') }
  Person.upsert_all([{ id: 6, name: 'upserted' }])
  same(Person.find(6).name, 'upserted', 'upsert')
  same(Person.where(id: 30).delete_all, 1, 'DELETE')
end

def schema
  ActiveRecord::Migration.verbose = false
  MakeDrafts.migrate(:up)
  Draft.create!(word: 'w')
  same(Draft.sum(:size), 3, 'a new column')
  db = ActiveRecord::Base.connection
  same(%w[people pets notes] - db.tables, [], 'tables')
  same(db.columns('people').find { |c| c.name == 'balance' }.scale, 6, 'columns')
  same(db.foreign_keys('pets').map(&:to_table), ['people'], 'foreign keys')
  same(db.indexes('notes').map(&:unique), [true], 'indexes')
  MakeDrafts.migrate(:down)
  same(db.table_exists?('drafts'), false, 'a migration back')
end

rows
questions
transactions
schema
puts "version: ActiveRecord #{ActiveRecord::VERSION::STRING}, mysql2 #{Mysql2::VERSION}"
