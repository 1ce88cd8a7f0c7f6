"""Line ends: CRLF, a lone CR, a form feed, tabs; U+2028 ends no line here."""
import os
class After:
	def tab(self):
		return " ", self

continued = os.sep + \
    "😀"; after_astral = "é"; last = continuedold_mac = """a
bc""", last
