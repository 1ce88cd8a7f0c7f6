#include "shop/item.h"

namespace shop {
Item::Item(std::string name, int cents) : name_(name), cents_(cents) {}

int Item::price() const { return rounded(cents_); }

int Item::rounded(int cents) const { return cents + limit(); }

int total(const Item &first, const Item &second) {
  return first.price() + second.name().size();
}
}  // namespace shop
