#include <memory>
#include "classes.h"

template <typename T>
T add(T left, T right) {
  return left + right;
}

auto twice(int x) -> int {
  auto doubled = [&x, extra = 1](int more) mutable {
    if (more > 0 && extra) {
      return x + more;
    }
    return extra;
  };
  return doubled(2);
}

struct Maker {
  Maker *make() { return new Maker(); }
  int count = 0;
  int size() { return this->count + total(); }
  int total() { return count; }
};

int run(std::vector<Maker> makers, Maker *given) {
  Maker first(1), second{2};
  auto *made = new Maker();
  auto shared = std::make_unique<Maker>(3);
  const Maker &same = first;
  made->make()->size();
  same.size();
  for (auto &each : makers) {
    each.size();
    given->count += 1;
  }
  for (int i = 0; i < 3; ++i) {
    add<int>(i, 2);
  }
  try {
    if (int found = given->size(); found) throw Failure("none");
  } catch (const Failure &failure) {
    failure.tell();
  } catch (...) {
    delete given;
  }
  auto [left, right] = pair();
  outer::inner::deep = left;
  static_cast<Maker *>(given)->total();
  return Box<int>::make(nullptr) + Color::Red + sizeof(Maker);
}
