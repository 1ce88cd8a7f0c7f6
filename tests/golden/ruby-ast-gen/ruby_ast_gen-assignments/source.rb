# All ways to assign, and parameters of all kinds.
module Tools
  module_function

  def pick((first, *others), last = nil, *, key:, **options)
    a, (b, *c), @d = first, others, last
    $count, @@total = a, b
    x = y = 0
    x += 1
    y ||= x
    y &&= 2
    key.size ||= 3
    key[:a] ||= 4
    key.name, key[1] = a, b
    [a, b, *c, x, y, key]
  end

  def strict(**nil) = nil

  def pass(...) = pick(...)

  CONST ||= 1
  Tools::OTHER = %w[a b].freeze
  Point = Data.define(:x, :y)
end

class Object
  undef to_json
end

alias $new_out $stdout
$level = 1
LOW, HIGH = 1, 2
counter = Point.new(1, 2)
counter.x
BEGIN { START = 1 }
END { puts :done }
