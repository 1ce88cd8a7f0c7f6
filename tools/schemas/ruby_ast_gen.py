"""Write the schema of the dialect `ruby-ast-gen`.

    python -m tools.schemas.ruby_ast_gen > snake_pipe_core/dialects/ruby-ast-gen/schema.json

Belongs here: what a mapping needs of each kind of ruby_ast_gen's trees. Does not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

KINDS = """
begin = body:nodes?
kwbegin = body:nodes?
class = name:node superclass:node? body:node?
module = name:node body:node?
sclass = name:node def:node?
def = name:str arguments:node? body:node?
defs = base:node name:str arguments:node? body:node?
alias = alias:node name:node
block = call_name:node arguments:node? body:node?
args = children:nodes?
arg = value:str
optarg = key:str value:node
restarg = value:str?
kwarg = key:str
kwoptarg = key:str value:node
kwrestarg = value:str?
blockarg = value:str?
mlhs = children:nodes?
const = base:node? name:str
lvar = value:str
ivar = value:str
cvar = value:str
gvar = value:str
lvasgn = lhs:str rhs:node?
ivasgn = lhs:str rhs:node?
cvasgn = lhs:str rhs:node?
gvasgn = lhs:str rhs:node?
casgn = base:node? lhs:str rhs:node?
masgn = lhs:node rhs:node
op_asgn = lhs:node rhs:node
or_asgn = lhs:node rhs:node
and_asgn = lhs:node rhs:node
send = receiver:node? name:str arguments:nodes?
csend = receiver:node? name:str arguments:nodes?
super = arguments:nodes?
if = condition:node then_branch:node? else_branch:node?
resbody = exec_list:node? exec_var:node? body:node?
and = lhs:node rhs:node
or = lhs:node rhs:node
array = children:nodes?
hash = children:nodes?
pair = key:node value:node
File =
undef =
numblock =
itblock =
lambda =
numargs =
shadowarg =
procarg0 =
itarg =
kwnilarg =
blocknilarg =
forward_args =
forward_arg =
forwarded_args =
forwarded_restarg =
forwarded_kwrestarg =
cbase =
nth_ref =
back_ref =
self =
zsuper =
yield =
index =
indexasgn =
block_pass =
splat =
kwsplat =
kwargs =
case =
case_match =
when =
in_pattern =
if_guard =
unless_guard =
while =
while_post =
until =
until_post =
for =
rescue =
ensure =
return =
break =
next =
redo =
retry =
preexe =
postexe =
empty_else =
not =
defined? =
irange =
erange =
iflipflop =
eflipflop =
match_with_lvasgn =
match_current_line =
match_pattern =
match_pattern_p =
in_match =
match_var =
match_as =
match_alt =
match_rest =
match_nil_pattern =
match_with_trailing_comma =
array_pattern =
array_pattern_with_tail =
find_pattern =
hash_pattern =
const_pattern =
pin =
str =
dstr =
xstr =
sym =
dsym =
regexp =
regopt =
int =
float =
rational =
complex =
nil =
true =
false =
__FILE__ =
__LINE__ =
__ENCODING__ =
"""


def main() -> None:
    """Print the schema."""
    kinds = kinds_of(KINDS, everywhere="meta_data:object")
    # A tree that is too deep is cut; what is cut off has no members.
    for kind in kinds.values():
        required = [name for name in kind.pop("required", []) if name != "meta_data"]
        kind["required"] = ["meta_data"]
        if required:
            kind["if"] = {
                "not": {"properties": {"nested": {"const": True}}, "required": ["nested"]}
            }
            kind["then"] = {"required": required}
    # The file is not in the JSON.
    kinds["File"] = {"type": "object"}
    schema = document_schema(
        name="ruby-ast-gen",
        title="The trees of ruby_ast_gen",
        description="Producer: ruby_ast_gen, of joern or of AppThreat.",
        discriminators=["type"],
        roots=list(kinds),
        kinds=kinds,
        skip=["magic_comments"],
    )
    # Any statement may be the root.
    schema["$defs"]["root"] = {"$ref": "#/$defs/node"}
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
