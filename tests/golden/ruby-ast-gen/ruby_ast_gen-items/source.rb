module Countable
  def count
    items.size
  end
end

# Something that can be lent.
class Item < Storage::Record
  include Countable, Comparable
  extend Enumerable
  prepend Storage::Cached

  @@made = 0

  attr_reader :title, "code"
  attr_accessor :place
  attr_writer :note

  def initialize(title, *rest, place: nil, **options, &block)
    super(title)
    @title = title
    @place = place || Place.new("desk")
    @@made += 1
    @seen ||= Set.new
    block&.call(self)
  end

  def self.parse(text, strict = false)
    title, code = text.split(",")
    item = new(title)
    item.check(code) if strict
    item
  end

  def self.forget; end
  private_class_method :forget

  class << self
    attr_accessor :shelves

    def build(text)
      parse(text)
    end

    private

    def secret; end
  end

  def <=>(other)
    title <=> other.title
  end

  class Place < Struct.new(:name)
    def to_s = name
  end
  private_constant :Place
end
