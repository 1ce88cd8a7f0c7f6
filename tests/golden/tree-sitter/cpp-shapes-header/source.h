#pragma once
namespace geo {
class Shape {
 public:
  virtual double area() const = 0;
 protected:
  int sides;
};
double total(const Shape &one, const Shape &other);
}
