// Values, names and shapes that break careless readers.
var über = "naïve", \u0061bc = 1, 𠮷 = "𠮷😀", $ = _ => _;
const numbers = [0, -0, 1e999, -1e999, 0x1fffffffffffff, 9007199254740993, 1_000, .5e-7, 10n, 0b101n];
const holes = [, 1, , 2, ,];
const strings = ["\ud800", "\udc00\ud800", "\0", "</script>", "\u2028", "a\
b", `t${`n${𠮷}`} end`.length, String.raw`\u{bad} \unicode`];
const patterns = [/[/\]]+/giu, /(?<year>\d{4})/v, /\p{L}/u];
const object = { __proto__: null, "a-b": 1, 1: 2, async: 3, get: 4, async *gen() {}, async get() {}, 𠮷, ...numbers };
label: for (let i = 0, j = 10; i < j; i++, j--) {
  inner: while (true) { if (i) continue label; else break inner; }
}
do { ; } while (0)
switch (numbers.length) { case 1: case 2: { break } default: debugger }
try { throw 𠮷 } catch { } finally { void 0 }
try { null.x } catch ({ message: [m] = [] }) { m }
const chain = a?.b?.[c]?.(d)?.e.f, coalesce = a ?? ((b || c) && d);
let a = 1, b, c, d; a ||= b; a &&= c; a ??= d; a **= 2; [a, b = 1, [c], ...d] = [b, a]; ({ a, b: c } = object);
if (a) b; else if (c) d; else delete object.x, typeof undeclared;
var tagged = tag`x${1}y${2}`, iife = (function named() { return arguments.length })(), arrow = async ({ x }, [y]) => ({ x, y });
new (foo.bar())(1)(2); new foo.Bar; (0, eval)("1"); !function () {}(); a = b, c;
function tag() { "use strict"; return this } function foo() { function nested() { return nested } var nested }
with_ : { let a; { let a; a } }
(() => { "directive not"; return; })();
