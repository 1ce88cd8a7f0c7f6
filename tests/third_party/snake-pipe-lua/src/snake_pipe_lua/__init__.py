"""The dialect `luaparse`: this folder, as data.

Belongs here: nothing but data. Does not: code; the engine compiles the folder.
"""
