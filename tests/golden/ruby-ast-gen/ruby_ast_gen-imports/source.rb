# frozen_string_literal: true

require "set"
require "json" if ENV["JSON"]
require_relative "../storage/disk"
load "settings.rb"

begin
  require "zlib"
rescue LoadError
  nil
end

require File.join(__dir__, "late")

module Library
  autoload :Catalog, "library/catalog"

  DAYS = 14
  Fine = Struct.new(:amount, :reason) do
    def to_s
      "#{amount}: #{reason}"
    end
  end
  Lost = Class.new(StandardError)

  def self.open
    require "library/desk"
    Desk.new(DAYS).open
  end
end

class Library::Magazine < Library::Item
  LIMIT = 3

  def issues
    [1, 2, 3].select { |each| each < LIMIT }.map(&:to_s)
  end
end

module Other::Deep
  def self.run; end
end

def main(arguments)
  shelf = Library::Magazine.new("Ruby")
  shelf.issues(arguments.first) do |reader, days|
    puts "#{reader} #{days}"
  end
  ::Library::Item.parse("a,b").touch
end

main(ARGV) if __FILE__ == $0
