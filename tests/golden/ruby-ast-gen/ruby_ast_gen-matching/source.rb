# Patterns, loops, literals.
module Matching
  def self.matched(value)
    case value
    in { name: String => name, age: Integer | Float => age, **rest } if age > 3
      name
    in [Integer => one, *, ^name]
      one
    in [*, Symbol, *]
      nil
    else
      value in { kind: }
    end
  end

  def loops(list, &)
    for each in list do break if each.nil? end
    while (line = gets)
      next unless line =~ /(?<word>\w+)/
      redo if $1 == "again"
    end
    x = 0
    x += 1 until x > 3
    list.each_with_index { |(k, v), i; local| local = [k, v, i] }
    list.map { _1 + 1 }.map { it * 2 }
    twice = ->(n, m = 2) { n * m }
    twice.(3) and twice[4] or not false
    list&.first&.size
    run(&)
    eval("1") rescue nil
  end
end

text = <<~TEXT + `ls` + 'a' "b#{1r}c#{2i}" + ?c
  Größe #{__LINE__} #{__ENCODING__} #@ivar
TEXT
puts(text, 1..2, 3.., 1.5, /a#{text}/x, :"sym#{1}", (true if (text == "a")..(text == "b")), defined?(Foo), self, {"a": 1, b: 2, **{}})
include Matching
