"""Errors that the parser recovers from."""
import good
def fine(): return good.call()
class Broken(:
    def method(self) return 1
x = = 3
def after(a, b: return a
print("unterminated
