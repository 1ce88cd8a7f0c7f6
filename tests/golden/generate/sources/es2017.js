"use strict";
// ECMAScript 2017: what esprima 4 reads.
const http = require("http"), { parse } = require("./url");
let pattern = /a+/gi, holes = [, 1, ,], huge = 1e999, astral = "😀𠮷", π = 3.14;
function outer(first, second = pattern, ...others) {
  function inner() { return outer(first, ...others); }
  return { inner, [first]: second, get value() { return 1; }, async method() { await inner(); } };
}
class Base { constructor(x) { this.x = x; } static make() { return new Base(1); } get double() { return this.x * 2; } }
class Derived extends Base { constructor() { super(2); } run() { return super.toString() + this.double; } *gen() { yield 1; } }
Derived.prototype.extra = function extra(π) { return parse(π); };
label: for (const [k, v] of new Map()) { if (!k) continue label; switch (v) { case 1: break; default: throw new Error(`bad ${v}`); } }
module.exports = { outer, Derived, server: http.createServer((request, response) => response.end()) };
exports.π = π;
