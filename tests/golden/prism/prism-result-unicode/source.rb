# Umlaute und 変数: offsets are bytes.
class Größe
  attr_reader :höhe

  def messen(変数, 😀: "é")
    @höhe = 変数.länge + 😀.size
  end
end

Größe.new.messen("日本")
