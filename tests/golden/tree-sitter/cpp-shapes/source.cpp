#include "shapes.h"

namespace geo {
/** A shape with corners. */
class Square final : public Shape {
 public:
  explicit Square(double side) : side_(side) {}
  ~Square();
  double area() const override;
  static int count;
  Square &operator+=(const Square &other) { side_ += other.side_; return *this; }

 private:
  double side_;
  void check(int times = 1);
  friend double total(const Shape &one, const Shape &other);
};

template <class T>
struct Holder {
  T held;
  T take() { return held; }
};

template <typename U>
U twice(U value) { return value + value; }
}

namespace geo {
enum class Color : int { Red, Green };
using Area = double;
}

int geo::Square::count = 0;

geo::Square::~Square() { count--; }

double geo::Square::area() const { return this->side_ * side_; }

void geo::Square::check(int times) {
  auto again = [&](int more) { return more + times; };
  if (again(2) > 3) throw times;
}

using geo::Square;
namespace g = geo;

double geo::total(const Shape &one, const Shape &other) { return one.area() + other.area(); }

int main() {
  Square square(2);
  Square *more = new Square(3);
  square += *more;
  geo::Holder<int> holder{4};
  try {
    return holder.take() + geo::twice(square.count);
  } catch (int code) {
    return static_cast<int>(geo::Color::Green);
  }
}
