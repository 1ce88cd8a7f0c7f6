module Shop
  LIMIT = 3

  class Base
    def save(entry)
      log(entry)
    end

    def log(entry) = entry
  end

  module Loud
    def shout = "!"
  end

  module Quiet
    def shout = ""
  end
end
