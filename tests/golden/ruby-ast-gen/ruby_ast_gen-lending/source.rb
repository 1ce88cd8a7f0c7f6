class Book < Item
  def lend(to:, days: DAYS)
    raise Lost, "gone" if lost?
    raise ArgumentError.new("days") unless days.positive?

    case to
    when Reader then to.take(self)
    when nil, :nobody
      note!(:nobody)
    else
      yield to, days
    end
  rescue Lost, ::IOError => error
    warn(error.message)
    retry
  ensure
    touch
  end

  alias borrow lend
  alias_method :hand_out, :lend

  define_method(:label) { |upper| upper ? title.upcase : title }

  protected

  def check(code) = @code = code

  private

  def lost?
    @place.nil? && !@seen.empty?
  end

  attr_reader :hidden

  def note!(what)
    $last_note = what
    @seen << what
  end

  public def touch
    count
  end

  def drop; end
  private :drop

  class Heavy < Book
    def lend(to:, days: 7)
      if days > 3
        super
      elsif days.zero?
        super(to: to, days: 1)
      else
        super.tap { |lent| lent.touch }
      end
    end
  end
end
