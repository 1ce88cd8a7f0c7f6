"""Write the JSON Schema of @babel/parser 7 and 8.

Belongs here: what Babel has beside ESTree's nodes, and where it is looser, after
https://github.com/babel/babel/blob/main/packages/babel-parser/ast/spec.md. Does not: ESTree's own
nodes (`estree`), how nodes are mapped.

Run: `python -m tools.schemas.babel > snake_pipe_core/dialects/babel/schema.json`
"""

from __future__ import annotations

import json
import sys

from tools.schemas.estree import POSITIONS, estree_kinds
from tools.schemas.shape import document_schema, is_kind, productions

METHOD = "key:node params:node* body:node kind:str? computed:bool? static:bool? decorators:node*?"
FIELD = "key:node value:node? computed:bool? static:bool? typeAnnotation:node? decorators:node*?"
# Babel 7 writes the parameters of signatures as `parameters` and the result as `typeAnnotation`.
SIGNATURE = (
    "params:node*? parameters:node*? returnType:node? typeAnnotation:node? typeParameters:node?"
)

BABEL = f"""
File: program:node comments:hole*? errors:any*?
Program: body:node* directives:node*? interpreter:node? sourceType:str?
BlockStatement: body:node* directives:node*?
Directive: value:node
DirectiveLiteral: value:str
InterpreterDirective: value:str
CommentBlock: value:str
CommentLine: value:str
StringLiteral: value:str
NumericLiteral: value:any
BigIntLiteral: value:any
DecimalLiteral: value:any
BooleanLiteral: value:bool
NullLiteral:
RegExpLiteral: pattern:str flags:str?
PrivateName: id:node
ClassMethod: {METHOD} returnType:node?
ClassPrivateMethod: {METHOD} returnType:node?
ClassProperty: {FIELD}
ClassPrivateProperty: {FIELD}
ClassAccessorProperty: {FIELD}
ObjectProperty: key:node value:node computed:bool? shorthand:bool?
ObjectMethod: {METHOD} returnType:node?
OptionalMemberExpression: object:node property:node computed:bool? optional:bool?
OptionalCallExpression: callee:node arguments:node* optional:bool?
Import:
BindExpression: object:node? callee:node
DoExpression: body:node
ModuleExpression: body:node
RecordExpression: properties:node*
TupleExpression: elements:hole*
TopicReference:
ArgumentPlaceholder:
V8IntrinsicIdentifier: name:str
ExportNamedDeclaration: declaration:node? specifiers:node*? source:node?
ExportNamespaceSpecifier: exported:node
ExportDefaultSpecifier: exported:node
TSExpressionWithTypeArguments: expression:node typeParameters:node?
TSParenthesizedType: typeAnnotation:node
TSDeclareMethod: key:node params:node* returnType:node? kind:str? computed:bool? static:bool?
TSDeclareFunction: id:node? params:node* returnType:node? declare:bool?
TSFunctionType: {SIGNATURE}
TSConstructorType: {SIGNATURE}
TSCallSignatureDeclaration: {SIGNATURE}
TSConstructSignatureDeclaration: {SIGNATURE}
TSMethodSignature: key:node {SIGNATURE} kind:str?
"""


def main() -> None:
    """Print the schema."""
    kinds = estree_kinds() | productions(BABEL, positions=POSITIONS)
    wrapper = {
        "description": "astgen's wrapper around the tree.",
        "type": "object",
        "required": ["ast"],
        "properties": {
            "relativeName": {"type": "string"},
            "fullName": {"type": "string"},
            "ast": {"allOf": [{"$ref": "#/$defs/node"}, is_kind(["type"], "File")]},
        },
    }
    schema = document_schema(
        name="babel",
        title="The trees of @babel/parser 7 and 8",
        description="Producers: @babel/parser, plain or with its estree plugin; astgen.",
        discriminators=["type"],
        roots=["File"],
        kinds=kinds,
        skip=["tokens", "leadingComments", "trailingComments", "innerComments"],
        wrapper=wrapper,
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
