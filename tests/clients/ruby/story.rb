# What the Ruby clients write and expect to read back.

require 'bigdecimal'
require 'date'
require 'json'

module Story
  NAME = "Zoë 'the \\ \"q\" 🎈'\n"
  BALANCE = BigDecimal('12345678901234.567890')
  BORN = Date.new(1990, 12, 31)
  SEEN = Time.utc(2026, 1, 2, 3, 4, 5, 678901)
  PHOTO = ((0..255).to_a.pack('C*') + "'\\\r\n\x1a").b
  PROFILE = { 'tags' => ['é', '🎈'], 'depth' => { 'n' => 1 } }.freeze
  VISITS = 18_446_744_073_709_551_615
  CONNECTION = {
    host: ENV.fetch('MYSQL_HOST'), port: ENV.fetch('MYSQL_PORT').to_i, username: ENV.fetch('MYSQL_USER'),
    password: ENV.fetch('MYSQL_PASSWORD'), database: ENV.fetch('MYSQL_DB')
  }.freeze

  def same(found, expected, what)
    raise "FAILED: #{what}: #{found.inspect}, expected #{expected.inspect}" unless found == expected
  end

  def thrown(kind, what)
    yield
  rescue kind => e
    e
  else
    raise "FAILED: #{what}: no #{kind}"
  end
end
