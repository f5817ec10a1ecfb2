# ActiveRecord's migrations, from files, of tables of their own and of a sharded one: up, down, redo, and the schema
# that is dumped and loaded.

require 'active_record'
require 'stringio'
require 'tmpdir'
require_relative 'story'
include Story

ActiveRecord::Base.establish_connection(adapter: 'mysql2', encoding: 'utf8mb4', pool: 3, **CONNECTION)
ActiveRecord::Migration.verbose = false

FILES = {
  '20260101000001_make_visits.rb' => <<~RUBY,
    class MakeVisits < ActiveRecord::Migration[6.1]
      def change
        create_table :visits do |t|
          t.string :name, limit: 50, null: false, index: true
          t.decimal :price, precision: 12, scale: 3, default: 0
          t.json :details
          t.timestamps
        end
        create_table :guests do |t|
          t.references :visit, foreign_key: { on_delete: :cascade }
          t.string :kind, limit: 10, comment: 'who it is'
        end
        add_column :people, :nick, :string, limit: 20
        add_index :people, :nick, name: 'people_by_nick'
      end
    end
  RUBY
  '20260101000002_fill_nicks.rb' => <<~RUBY
    class FillNicks < ActiveRecord::Migration[6.1]
      def up
        execute "UPDATE people SET nick = IF(id < 10, name, 'x')"
        change_column :people, :nick, :string, limit: 40, null: false, default: 'x'
        change_table :visits, bulk: true do |t|
          t.rename :name, :title
          t.integer :size, default: 3
          t.index [:size, :title], unique: true, name: 'visits_by_size'
        end
        execute "INSERT INTO visits (title, created_at, updated_at) VALUES ('a', NOW(), NOW()), ('b', NOW(), NOW())"
        rename_table :guests, :company
        add_check_constraint :visits, 'size > 0', name: 'some_size' if connection.supports_check_constraints?
      end

      def down
        remove_check_constraint :visits, name: 'some_size' if connection.supports_check_constraints?
        execute 'DELETE FROM visits'
        rename_table :company, :guests
        change_table :visits, bulk: true do |t|
          t.remove_index name: 'visits_by_size'
          t.remove :size
          t.rename :title, :name
        end
        change_column :people, :nick, :string, limit: 20, null: true, default: nil
      end
    end
  RUBY
}.freeze

def ask(sql)
  ActiveRecord::Base.connection.select_rows(sql).first.map(&:to_i)
end

def columns(table)
  ActiveRecord::Base.connection.schema_cache.clear!
  ActiveRecord::Base.connection.columns(table).map(&:name)
end

def finished
  expect(ask("SELECT COUNT(*), SUM(nick = name), SUM(nick = 'x') FROM people") == [40, 9, 31], 'rows of the sharded table')
  expect(ask('SELECT COUNT(*), SUM(size) FROM visits') == [2, 6], 'rows of an own table')
  expect(columns('visits').include?('title'), 'a renamed column')
  expect(ActiveRecord::Base.connection.foreign_keys('company').map(&:to_table) == ['visits'], 'a foreign key')
  expect(ActiveRecord::Base.connection.indexes('people').map(&:name).include?('people_by_nick'), 'an index')
end

def expect(good, what)
  raise "#{what}: not as expected" unless good
end

values = (1..40).map { |n| "(#{n}, 'n#{n}')" }.join(', ')
ActiveRecord::Base.connection.execute("INSERT INTO people (id, name) VALUES #{values}")
Dir.mktmpdir do |folder|
  FILES.each { |name, text| File.write("#{folder}/#{name}", text) }
  context = ActiveRecord::MigrationContext.new(folder, ActiveRecord::SchemaMigration)
  expect(context.needs_migration?, 'something to do')
  context.migrate
  finished
  expect(!context.needs_migration?, 'nothing to do')
  context.rollback(1)
  expect(columns('visits').include?('name'), 'a column with its old name')
  context.migrate
  dumped = StringIO.new
  ActiveRecord::SchemaDumper.dump(ActiveRecord::Base.connection, dumped)
  %w[people_by_nick company].each { |word| expect(dumped.string.include?(word), "#{word} in the dump") }
  context.migrate(0)
  expect(!ActiveRecord::Base.connection.table_exists?('visits'), 'no table')
  expect(!columns('people').include?('nick'), 'no column')
end
ActiveRecord::Base.connection.drop_table(:schema_migrations, if_exists: true)
ActiveRecord::Base.connection.drop_table(:ar_internal_metadata, if_exists: true)
puts "version: ActiveRecord #{ActiveRecord::VERSION::STRING}, mysql2 #{Mysql2::VERSION}"
