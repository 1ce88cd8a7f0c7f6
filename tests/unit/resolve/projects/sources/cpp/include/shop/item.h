#pragma once
#include <memory>
#include <string>

namespace shop {

class Priced {
 public:
  virtual ~Priced() = default;
  virtual int price() const = 0;
};

class Item : public Priced {
 public:
  Item(std::string name, int cents);
  int price() const override;
  const std::string &name() const { return name_; }

 private:
  int rounded(int cents) const;
  std::string name_;
  int cents_ = 0;
};

using ItemPointer = std::unique_ptr<Item>;
int total(const Item &first, const Item &second);
}  // namespace shop
