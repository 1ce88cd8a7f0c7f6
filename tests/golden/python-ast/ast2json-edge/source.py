# -*- coding: utf-8 -*-
'''Ünïcode docstring: é, 𠮷, 😀, and a NUL \0.'''
é = "e\u0301"; ﬁ = 1; 变量 = "𠮷😀"; Ω = 变量.upper()
numbers = [0, -0.0, 1e999, -1e999, 10**3, 9223372036854775808, 123456789012345678901234567890, 0xFF, 0b1, 1_000, .5e-7]
complexes = [1j, 1e999j, -0j]
strings = ["\ud800", "\udfff\ud800", "\0", "\x7f", "</script>", "\u2028", '\'"', r"\raw", """a
b""", "implicit " "concatenation" f" {é!r:>{10}} {{}} {'nested' + f'{1}'}"]
blobs = [b"plain", b"\xff\xfe", bytes(3), rb"\n"]
ellipsis = [..., Ellipsis, "...", None, "None", True, "True", NotImplemented]
dictionary = {"a": 1, **{"b": 2}, **{}, (): ..., 1: {2: {3: {}}}}
def ƒ(λ, *, 𝐱=1, **кw): "docstring"; return λ if 𝐱 else кw
class Ünï(object,): "d"; pass
a = b = c, *d = [1, 2, 3]; a: int; (b): str = ""; c.x: int = 1; d[0]: "forward" = 2
a, (b, [c, *d]) = e = 1, (2, [3]); a += 1; a @= b; a //= c; a **= 2; x = y = 0
if 1 < a <= 2 != 3 in d is not None: pass
print((yield_ := 1), not a, ~a, -a, +a, a if b else c, a[1:2, ..., ::3], a[:, None], *d, **e)
lambda: 0; lambda *, k: k; (lambda x: x)(1); [].append; "".join; ().__class__.__mro__[1]
async def _(): return [x async for x in y if await x], await z
def defaults(a=[], b={}, *, c, d=None, e=lambda: None): return defaults.__defaults__
type_ = None  # type: ignore[assignment]
del (a, b), [c], d[0], e.f
assert (1, "always true"), 1; raise_ = 1; pass
