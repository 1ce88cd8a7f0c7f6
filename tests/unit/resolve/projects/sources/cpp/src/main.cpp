#include "shop/item.h"
using namespace shop;

int main() {
  Item item("pen", 120);
  auto *other = new shop::Item("ink", 300);
  ItemPointer held{other};
  held->price();
  other->price();
  return total(item, *other) + shop::total(item, item) + item.price();
}
