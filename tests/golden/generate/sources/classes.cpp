#include <map>
#include "shapes.h"

namespace outer {
namespace inner {
class Later;
int deep = 0;
}  // namespace inner
}  // namespace outer
namespace a::b {
int value;
}
namespace alias = outer::inner;
using namespace outer;
using std::map;
using Names = map<int, std::string>;

/// What can be drawn.
struct Drawable {
  virtual ~Drawable() = default;
  virtual void draw(int depth) const = 0;
};

/// A box of things.
template <typename T, class U = int, int Size = 3, typename... Rest>
class Box final : public Drawable, private virtual ns::Base<T> {
  int hidden;

 public:
  Box(int size, const T &first = 1) : hidden(size), items_{first} {}
  explicit Box(Box &&other) = default;
  ~Box() override;
  void draw(int depth) const override;
  static T make(T *from) { return *from; }
  T &operator[](int index);
  operator bool() const { return hidden > 0; }
  template <class V>
  V as(V otherwise);
  friend class Friend;
  friend void befriend(Box &);
  enum class Mode : int { Open, Closed };
  struct Entry {
    int key;
  };
  using Self = Box;

 protected:
  static const int kLimit = 10;
  mutable map<int, T> items_;
};

template <typename T, class U>
T &Box<T, U>::operator[](int index) {
  return this->items_[index];
}

template <>
class Box<int> {};

int Far::away(int x) const {
  return this->near(x) + closer();
}
int Far::count = 0;
int outer::inner::Later::run() {
  return deep;
}
Far::Far() {}

class SHAPES_API Exported : public Drawable {
 public:
  int size() const { return size_; }
 private:
  int size_;
};

extern "C" {
int plain(int);
}
enum Color { Red, Green };
namespace {
int unseen;
}
static int here = Red;
