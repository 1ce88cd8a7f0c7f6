"""Write the schema of the dialect `whitequark`.

    python -m tools.schemas.whitequark > snake_pipe_core/dialects/whitequark/schema.json

Belongs here: what a mapping needs of each kind; members are the indices of an array's elements. Does
not: the frame.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

MAPPING = Path(__file__).parents[2] / "snake_pipe_core" / "dialects" / "whitequark" / "mapping.toml"
KINDS = """
send = 1:node? 2:str
csend = 1:node? 2:str
def = 1:str 2:node? 3:node?
defs = 1:node 2:str 3:node? 4:node?
class = 1:node 2:node? 3:node?
module = 1:node 2:node?
sclass = 1:node 2:node?
const = 1:node? 2:str
casgn = 1:node? 2:str 3:node?
lvasgn = 1:str 2:node?
ivasgn = 1:str 2:node?
gvasgn = 1:str 2:node?
cvasgn = 1:str 2:node?
lvar = 1:str
ivar = 1:str
gvar = 1:str
cvar = 1:str
arg = 1:str
optarg = 1:str 2:node?
kwarg = 1:str
kwoptarg = 1:str 2:node?
block = 1:node 2:node? 3:node?
if = 1:node? 2:node? 3:node?
while = 1:node? 2:node?
until = 1:node? 2:node?
and = 1:node? 2:node?
or = 1:node? 2:node?
alias = 1:node 2:node
op_asgn = 1:node 2:str 3:node?
"""


def main() -> None:
    """Print the schema."""
    named = [kind for kind in tomllib.loads(MAPPING.read_text())["kinds"] if kind != "*"]
    told = {line.split("=")[0].strip() for line in KINDS.splitlines() if line}
    others = "\n".join(f"{kind} =" for kind in named if kind not in told)
    schema = document_schema(
        name="whitequark",
        title="The S-expressions of the Ruby gem parser",
        description="Producer: ruby-parse --emit-json, one file. It is about the artifact with an object for every "
        "array that begins with a text: its members are the elements, their keys the indices.",
        discriminators=["0"],
        roots=named,
        kinds=kinds_of(KINDS + others),
        skip=[],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
