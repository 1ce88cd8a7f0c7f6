"""Write the schema of the dialect `glayzzle`.

    python -m tools.schemas.glayzzle > snake_pipe_core/dialects/glayzzle/schema.json

Belongs here: what a mapping needs of each kind of the AST of the npm package php-parser (3). Does
not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

KINDS = """
program = children:nodes
commentblock = value:str
commentline = value:str
identifier = name:str
name = name:str
variable = name:str|node
selfreference = raw:str
staticreference = raw:str
parentreference = raw:str
namespace = name:any children:nodes
class = name:node? extends:node? implements:nodes? body:nodes
interface = name:node extends:nodes? body:nodes
trait = name:node body:nodes
enum = name:node implements:nodes? body:nodes
enumcase = name:node
function = name:node arguments:nodes type:node? body:node?
method = name:node arguments:nodes type:node? body:node? visibility:str?
propertystatement = properties:nodes visibility:str?
property = name:node value:node? type:node?
propertyhook =
classconstant = constants:nodes visibility:str?
constantstatement = constants:nodes
constant = name:node|str value:node?
parameter = name:node type:node? flags:int?
closure = arguments:nodes uses:nodes type:node? body:node
arrowfunc = arguments:nodes type:node? body:node
attrgroup = attrs:nodes
attribute = name:str args:nodes
usegroup = name:str? items:nodes
useitem = name:str alias:node?
include = target:node
traituse = traits:nodes
traitalias =
traitprecedence =
typereference = name:str
uniontype = types:nodes
intersectiontype = types:nodes
expressionstatement = expression:node
block = children:nodes
return = expr:node?
echo = expressions:nodes
unset = variables:nodes
global = items:nodes
static = variables:nodes
staticvariable = variable:node defaultValue:node?
declare =
declaredirective =
if = test:node body:node? alternate:node?
for = init:nodes test:nodes increment:nodes body:node?
foreach = source:node key:node? value:node body:node?
while = test:node body:node?
do = test:node body:node?
switch = test:node body:node
case = test:node? body:node?
match = cond:node arms:nodes
matcharm = conds:nodes? body:node
try = body:node catches:nodes always:node?
catch = what:nodes variable:node? body:node
throw = what:node
break = level:node?
continue = level:node?
goto =
label =
halt =
inline = value:str
noop =
call = what:node arguments:nodes
new = what:node arguments:nodes
namedargument = name:str value:node
variadic = what:node
variadicplaceholder =
propertylookup = what:node offset:node
nullsafepropertylookup = what:node offset:node
staticlookup = what:node offset:node
offsetlookup = what:node
string = value:str
number = value:str|int
boolean =
nullkeyword =
magic =
nowdoc =
encapsed = value:nodes
encapsedpart = expression:node
assign = left:node right:node operator:str
assignref = left:node right:node
bin = type:str left:node right:node
unary = what:node
pre = what:node
post = what:node
cast = expr:node
array = items:nodes
list = items:nodes
entry = value:node key:node?
byref = what:node
retif = test:node trueExpr:node? falseExpr:node
isset = variables:nodes
empty = expression:node
clone = what:node
eval =
exit =
print =
silent = expr:node
yield =
yieldfrom =
literal =
expression =
operation =
lookup =
reference =
statement =
declaration =
error =
"""


def main() -> None:
    """Print the schema."""
    schema = document_schema(
        name="glayzzle",
        title="The AST of php-parser for Node.js, 3",
        description="Producer: the npm package php-parser, Engine.parseCode.",
        discriminators=["kind"],
        roots=["program"],
        kinds=kinds_of(KINDS),
        skip=["leadingComments", "trailingComments", "errors", "tokens"],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
