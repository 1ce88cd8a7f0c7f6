/** A base with every kind of member. */
class Shape {
  static #count = 0;
  static registry = new Map();
  #sides = 0;
  name = "shape";
  ["computed" + 1] = true;
  static {
    Shape.registry.set("shape", Shape);
  }
  constructor(sides, { name = "shape", ...rest } = {}, ...more) {
    this.#sides = sides;
    this.name = name;
    this.rest = [rest, more];
    Shape.#count++;
  }
  get sides() { return this.#sides; }
  set sides(value) { this.#check(value); this.#sides = value; }
  #check(value) { if (value < 0) throw new RangeError("negative"); }
  static create(...args) { return new this(...args); }
  async load(url) { for await (const part of fetch(url)) yield_(part); }
  *points() { yield 1; yield* [2, 3]; }
  async *stream() { yield await this.load("x"); }
  [Symbol.iterator]() { return this.points(); }
  "quoted method"() { return #sides in this; }
  static async *[`t${1}`]() {}
  area() { return 0; }
}

const Mixin = (Base) => class extends Base {
  mixed() { return super.area(); }
};

class Square extends Mixin(Shape) {
  constructor(side) {
    super(4, { name: "square" });
    this.side = side;
  }
  area() { return super.area() + this.side ** 2; }
  onClick = () => this.area();
  static #secret() { return Square.create(1).area(); }
}

const anonymous = class {};
const named = class Inner extends Square { self() { return Inner; } };
var holder = { Class: class {}, method() { return super.toString(); }, get g() { return 1; }, set g(v) {} };

function yield_(value) { return value; }
