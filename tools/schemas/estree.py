"""Write the JSON Schema of ESTree with its TypeScript and JSX nodes.

Belongs here: the productions, in a notation of one line per kind, read off the ESTree specification
(https://github.com/estree/estree), typescript-estree's `ast-spec` and JSX's
(https://github.com/facebook/jsx), and checked against what six parsers write. Does not: how nodes
are mapped.

Run: `python -m tools.schemas.estree > snake_pipe_core/dialects/estree/schema.json`
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.schemas.shape import document_schema, productions

FUNCTION = "params:node* body:node id:node? async:bool? generator:bool? expression:bool?"
SIGNATURE = "params:node* returnType:node? typeParameters:node?"
CLASS = "body:node id:node? superClass:node? decorators:node*? implements:node*?"
PROPERTY = "key:node value:node? computed:bool? static:bool? decorators:node*? typeAnnotation:node?"

SCRIPT = f"""
Program: body:node* sourceType:str?
ExpressionStatement: expression:node directive:str?
BlockStatement: body:node*
StaticBlock: body:node*
EmptyStatement:
DebuggerStatement:
WithStatement: object:node body:node
ReturnStatement: argument:node?
LabeledStatement: label:node body:node
BreakStatement: label:node?
ContinueStatement: label:node?
IfStatement: test:node consequent:node alternate:node?
SwitchStatement: discriminant:node cases:node*
SwitchCase: test:node? consequent:node*
ThrowStatement: argument:node
TryStatement: block:node handler:node? finalizer:node?
CatchClause: param:node? body:node
WhileStatement: test:node body:node
DoWhileStatement: body:node test:node
ForStatement: init:node? test:node? update:node? body:node
ForInStatement: left:node right:node body:node
ForOfStatement: left:node right:node body:node await:bool?
FunctionDeclaration: {FUNCTION} returnType:node? typeParameters:node?
VariableDeclaration: declarations:node* kind:str
VariableDeclarator: id:node init:node?
ThisExpression:
Super:
ArrayExpression: elements:hole*
ObjectExpression: properties:node*
Property: key:node value:node kind:str? method:bool? shorthand:bool? computed:bool?
FunctionExpression: {FUNCTION} returnType:node? typeParameters:node?
ArrowFunctionExpression: {FUNCTION} returnType:node? typeParameters:node?
UnaryExpression: operator:str argument:node prefix:bool?
UpdateExpression: operator:str argument:node prefix:bool?
BinaryExpression: operator:str left:node right:node
AssignmentExpression: operator:str left:node right:node
LogicalExpression: operator:str left:node right:node
MemberExpression: object:node property:node computed:bool? optional:bool?
ChainExpression: expression:node
ConditionalExpression: test:node consequent:node alternate:node
CallExpression: callee:node arguments:node* optional:bool?
NewExpression: callee:node arguments:node*?
SequenceExpression: expressions:node*
YieldExpression: argument:node? delegate:bool?
AwaitExpression: argument:node
ImportExpression: source:node options:node?
ParenthesizedExpression: expression:node
TemplateLiteral: quasis:node* expressions:node*
TaggedTemplateExpression: tag:node quasi:node
TemplateElement: value:object tail:bool?
SpreadElement: argument:node
Identifier: name:str typeAnnotation:node? decorators:node*? optional:bool?
PrivateIdentifier: name:str
Literal: value:any raw:str? regex:object? bigint:str?
MetaProperty: meta:node property:node
ObjectPattern: properties:node* typeAnnotation:node?
ArrayPattern: elements:hole* typeAnnotation:node?
RestElement: argument:node typeAnnotation:node?
AssignmentPattern: left:node right:node
ClassDeclaration: {CLASS}
ClassExpression: {CLASS}
ClassBody: body:node*
MethodDefinition: key:node value:node kind:str computed:bool? static:bool? decorators:node*?
PropertyDefinition: {PROPERTY}
AccessorProperty: {PROPERTY}
Decorator: expression:node
ImportDeclaration: specifiers:node* source:node importKind:str? attributes:node*?
ImportSpecifier: imported:node local:node importKind:str?
ImportDefaultSpecifier: local:node
ImportNamespaceSpecifier: local:node
ImportAttribute: key:node value:node
ExportNamedDeclaration: declaration:node? specifiers:node* source:node? exportKind:str?
ExportSpecifier: local:node exported:node exportKind:str?
ExportDefaultDeclaration: declaration:node
ExportAllDeclaration: source:node exported:node?
Hashbang: value:str
Line: value:str
Block: value:str
Shebang: value:str
"""

JSX = """
JSXElement: openingElement:node closingElement:node? children:node*
JSXFragment: openingFragment:node closingFragment:node children:node*
JSXOpeningElement: name:node attributes:node* selfClosing:bool?
JSXClosingElement: name:node
JSXOpeningFragment:
JSXClosingFragment:
JSXAttribute: name:node value:node?
JSXSpreadAttribute: argument:node
JSXSpreadChild: expression:node
JSXExpressionContainer: expression:node
JSXEmptyExpression:
JSXText: value:str raw:str?
JSXIdentifier: name:str
JSXMemberExpression: object:node property:node
JSXNamespacedName: namespace:node name:node
"""

TYPES = f"""
TSAbstractAccessorProperty: key:node
TSAbstractKeyword:
TSAbstractMethodDefinition: key:node value:node kind:str? static:bool? computed:bool?
TSAbstractPropertyDefinition: key:node computed:bool? static:bool? typeAnnotation:node?
TSAnyKeyword:
TSArrayType: elementType:node
TSAsExpression: expression:node typeAnnotation:node
TSAsyncKeyword:
TSBigIntKeyword:
TSBooleanKeyword:
TSCallSignatureDeclaration: {SIGNATURE}
TSClassImplements: expression:node typeArguments:node? typeParameters:node?
TSConditionalType: checkType:node extendsType:node trueType:node falseType:node
TSConstructSignatureDeclaration: {SIGNATURE}
TSConstructorType: {SIGNATURE} abstract:bool?
TSDeclareFunction: id:node? {SIGNATURE} declare:bool? async:bool? generator:bool?
TSDeclareKeyword:
TSEmptyBodyFunctionExpression: {SIGNATURE} id:node?
TSEnumBody: members:node*
TSEnumDeclaration: id:node members:node*? body:node? const:bool? declare:bool?
TSEnumMember: id:node initializer:node? computed:bool?
TSExportAssignment: expression:node
TSExportKeyword:
TSExternalModuleReference: expression:node
TSFunctionType: {SIGNATURE}
TSImportEqualsDeclaration: id:node moduleReference:node importKind:str?
TSImportType: argument:node? source:node? qualifier:node?
TSIndexSignature: parameters:node* typeAnnotation:node? readonly:bool? static:bool?
TSIndexedAccessType: objectType:node indexType:node
TSInferType: typeParameter:node
TSInstantiationExpression: expression:node typeArguments:node?
TSInterfaceBody: body:node*
TSInterfaceDeclaration: id:node body:node extends:node*? typeParameters:node? declare:bool?
TSInterfaceHeritage: expression:node typeArguments:node? typeParameters:node?
TSIntersectionType: types:node*
TSIntrinsicKeyword:
TSLiteralType: literal:node
TSMappedType: key:node? constraint:node? typeParameter:node? nameType:node? typeAnnotation:node?
TSMethodSignature: key:node {SIGNATURE} kind:str? computed:bool? optional:bool?
TSModuleBlock: body:node*
TSModuleDeclaration: id:node body:node? kind:str? declare:bool? global:bool?
TSNamedTupleMember: label:node elementType:node optional:bool?
TSNamespaceExportDeclaration: id:node
TSNeverKeyword:
TSNonNullExpression: expression:node
TSNullKeyword:
TSNumberKeyword:
TSObjectKeyword:
TSOptionalType: typeAnnotation:node
TSParameterProperty: parameter:node accessibility:str? decorators:node*? readonly:bool?
TSPrivateKeyword:
TSPropertySignature: key:node typeAnnotation:node? computed:bool? optional:bool? readonly:bool?
TSProtectedKeyword:
TSPublicKeyword:
TSQualifiedName: left:node right:node
TSReadonlyKeyword:
TSRestType: typeAnnotation:node
TSSatisfiesExpression: expression:node typeAnnotation:node
TSStaticKeyword:
TSStringKeyword:
TSSymbolKeyword:
TSTemplateLiteralType: quasis:node* types:node*
TSThisType:
TSTupleType: elementTypes:node*
TSTypeAliasDeclaration: id:node typeAnnotation:node typeParameters:node? declare:bool?
TSTypeAnnotation: typeAnnotation:node
TSTypeAssertion: expression:node typeAnnotation:node
TSTypeLiteral: members:node*
TSTypeOperator: operator:str typeAnnotation:node?
TSTypeParameter: name:name constraint:node? default:node?
TSTypeParameterDeclaration: params:node*
TSTypeParameterInstantiation: params:node*
TSTypePredicate: parameterName:node typeAnnotation:node? asserts:bool?
TSTypeQuery: exprName:node typeArguments:node?
TSTypeReference: typeName:node typeArguments:node? typeParameters:node?
TSUndefinedKeyword:
TSUnionType: types:node*
TSUnknownKeyword:
TSVoidKeyword:
"""

# Members that hold objects with a `type` that are no nodes.
SKIP = ["tokens"]


def estree_kinds() -> dict[str, dict[str, Any]]:
    """Return the schema of every kind, by name; Babel's begins with them."""
    return productions(SCRIPT + JSX + TYPES, positions=POSITIONS)


POSITIONS: dict[str, Any] = {
    "start": {"type": ["integer", "null"]},
    "end": {"type": ["integer", "null"]},
    "range": {
        "type": ["array", "null"],
        "items": {"type": "integer"},
        "minItems": 2,
    },
    "loc": {
        "type": ["object", "null"],
        "properties": {
            side: {
                "type": ["object", "null"],
                "properties": {"line": {"type": "integer"}, "column": {"type": "integer"}},
            }
            for side in ("start", "end")
        },
    },
}


def main() -> None:
    """Print the schema."""
    schema = document_schema(
        name="estree",
        title="ESTree with TypeScript and JSX",
        description="Producers: acorn, espree, esprima, meriyah, oxc, typescript-estree.",
        discriminators=["type"],
        roots=["Program"],
        kinds=estree_kinds(),
        skip=SKIP,
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
