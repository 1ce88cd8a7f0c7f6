"""Write the schema of the dialect `swc`.

    python -m tools.schemas.swc > snake_pipe_core/dialects/swc/schema.json

Belongs here: what a mapping needs of each kind of swc's AST (1.2 to 1.16). Does not: the frame.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

MAPPING = Path(__file__).parents[2] / "snake_pipe_core" / "dialects" / "swc" / "mapping.toml"
KINDS = """
Module = body:nodes
Script = body:nodes
FunctionDeclaration = identifier:node params:nodes body:node?
FunctionExpression = identifier:node? params:nodes body:node?
ArrowFunctionExpression = params:nodes body:node
ClassDeclaration = identifier:node superClass:node? body:nodes
ClassExpression = identifier:node? superClass:node? body:nodes
ClassMethod = key:node params:nodes? kind:str
PrivateMethod = key:node params:nodes? kind:str
Constructor = key:node params:nodes
ClassProperty = key:node value:node?
PrivateProperty = key:node value:node?
VariableDeclaration = kind:str declarations:nodes
VariableDeclarator = id:node init:node?
ImportDeclaration = specifiers:nodes source:node
ImportSpecifier = local:node imported:node?
ImportDefaultSpecifier = local:node
ImportNamespaceSpecifier = local:node
ExportDeclaration = declaration:node
ExportNamedDeclaration = specifiers:nodes source:node?
ExportDefaultDeclaration = decl:node
ExportDefaultExpression = expression:node
ExportAllDeclaration = source:node
ExportSpecifier = orig:node exported:node?
Identifier = value:str
CallExpression = callee:node arguments:array
NewExpression = callee:node arguments:array?
MemberExpression = object:node property:node
AssignmentExpression = operator:str left:node right:node
BinaryExpression = operator:str left:node right:node
UnaryExpression = operator:str argument:node
UpdateExpression = operator:str argument:node
StringLiteral = value:str
NumericLiteral = value:any?
KeyValueProperty = key:node value:node
MethodProperty = key:node params:nodes? body:node?
ObjectExpression = properties:nodes
ObjectPattern = properties:nodes
ArrayPattern = elements:nodes
RestElement = argument:node
AssignmentPattern = left:node right:node
ExpressionStatement = expression:node
IfStatement = test:node consequent:node alternate:node?
ReturnStatement = argument:node?
ThrowStatement = argument:node
TsInterfaceDeclaration = id:node
TsTypeAliasDeclaration = id:node typeAnnotation:node
TsEnumDeclaration = id:node members:nodes
"""


def main() -> None:
    """Print the schema."""
    named = [kind for kind in tomllib.loads(MAPPING.read_text())["kinds"] if kind != "*"]
    told = {line.split("=")[0].strip() for line in KINDS.splitlines() if line}
    others = "\n".join(f"{kind} =" for kind in named if kind not in told)
    schema = document_schema(
        name="swc",
        title="The AST of swc, 1.2 to 1.16",
        description="Producer: @swc/core, the result of `parse`.",
        discriminators=["type"],
        roots=["Module", "Script"],
        kinds=kinds_of(KINDS + others, everywhere="span:object?"),
        skip=[],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
