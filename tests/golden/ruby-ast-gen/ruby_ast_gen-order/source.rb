require "shop/base"

module Shop
  class Order < Base
    include Quiet
    include Loud

    def initialize(log)
      @base = Base.new
    end

    def close
      save(LIMIT)
      shout
      @base.save(Line.new)
    end

    def log(entry)
      super
    end
  end

  class Base
    def added; end
  end
end

order = Shop::Order.new(nil)
order.added
order.close
Shop::Order.new(1).log(2)
