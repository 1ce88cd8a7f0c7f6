"""Write the schema of the dialect `javaparser`.

    python -m tools.schemas.javaparser > snake_pipe_core/dialects/javaparser/schema.json

Belongs here: what a mapping needs of each class of JavaParser's AST (3.16 to 3.27). Does not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

BASE = "com.github.javaparser.ast"
# Classes by package; a member that the serializer leaves out when it is empty has a `?`.
CLASSES = {
    "": """
CompilationUnit = imports:nodes? types:nodes? packageDeclaration:node? module:node?
PackageDeclaration = name:node
ImportDeclaration = name:node isAsterisk:str isStatic:str
Modifier = keyword:str
ArrayCreationLevel = dimension:node?
""",
    "body": """
AnnotationDeclaration = name:node members:nodes? modifiers:nodes? annotations:nodes?
AnnotationMemberDeclaration = name:node type:node defaultValue:node? modifiers:nodes? annotations:nodes?
ClassOrInterfaceDeclaration = name:node isInterface:str members:nodes? extendedTypes:nodes? implementedTypes:nodes? typeParameters:nodes? modifiers:nodes? annotations:nodes?
CompactConstructorDeclaration = name:node body:node modifiers:nodes?
ConstructorDeclaration = name:node body:node parameters:nodes? thrownExceptions:nodes? modifiers:nodes?
EnumConstantDeclaration = name:node arguments:nodes? classBody:nodes?
EnumDeclaration = name:node entries:nodes? members:nodes? implementedTypes:nodes? modifiers:nodes?
FieldDeclaration = variables:nodes modifiers:nodes? annotations:nodes?
InitializerDeclaration = body:node
MethodDeclaration = name:node type:node body:node? parameters:nodes? thrownExceptions:nodes? modifiers:nodes? typeParameters:nodes?
Parameter = name:node type:node isVarArgs:str? modifiers:nodes?
ReceiverParameter = name:node type:node
RecordDeclaration = name:node parameters:nodes? members:nodes? implementedTypes:nodes? modifiers:nodes?
VariableDeclarator = name:node type:node initializer:node?
""",
    "comments": """
BlockComment = content:str
JavadocComment = content:str
TraditionalJavadocComment = content:str
MarkdownComment = content:str
LineComment = content:str
""",
    "expr": """
ArrayAccessExpr = name:node index:node
ArrayCreationExpr = elementType:node levels:nodes? initializer:node?
ArrayInitializerExpr = values:nodes?
AssignExpr = target:node operator:str value:node
BinaryExpr = left:node operator:str right:node
BooleanLiteralExpr = value:str
CastExpr = type:node expression:node
CharLiteralExpr = value:str
ClassExpr = type:node
ConditionalExpr = condition:node thenExpr:node elseExpr:node
DoubleLiteralExpr = value:str
EnclosedExpr = inner:node
FieldAccessExpr = scope:node name:node typeArguments:nodes?
InstanceOfExpr = expression:node type:node? pattern:node?
IntegerLiteralExpr = value:str
LambdaExpr = parameters:nodes? body:node
LongLiteralExpr = value:str
MarkerAnnotationExpr = name:node
MatchAllPatternExpr =
MemberValuePair = name:node value:node
MethodCallExpr = name:node scope:node? arguments:nodes? typeArguments:nodes?
MethodReferenceExpr = scope:node identifier:str typeArguments:nodes?
Name = identifier:str qualifier:node?
NameExpr = name:node
NormalAnnotationExpr = name:node pairs:nodes?
NullLiteralExpr =
ObjectCreationExpr = type:node arguments:nodes? scope:node? anonymousClassBody:nodes? typeArguments:nodes?
PatternExpr = type:node? name:node?
RecordPatternExpr = type:node patternList:nodes?
SimpleName = identifier:str
SingleMemberAnnotationExpr = name:node memberValue:node
StringLiteralExpr = value:str
SuperExpr = typeName:node?
SwitchExpr = selector:node entries:nodes?
TextBlockLiteralExpr = value:str
ThisExpr = typeName:node?
TypeExpr = type:node
TypePatternExpr = type:node name:node
UnaryExpr = expression:node operator:str
VariableDeclarationExpr = variables:nodes modifiers:nodes? annotations:nodes?
""",
    "modules": """
ModuleDeclaration = name:node directives:nodes? isOpen:str?
ModuleExportsDirective = name:node moduleNames:nodes?
ModuleOpensDirective = name:node moduleNames:nodes?
ModuleProvidesDirective = name:node with:nodes?
ModuleRequiresDirective = name:node modifiers:nodes?
ModuleUsesDirective = name:node
""",
    "stmt": """
AssertStmt = check:node message:node?
BlockStmt = statements:nodes?
BreakStmt = label:node?
CatchClause = parameter:node body:node
ContinueStmt = label:node?
DoStmt = body:node condition:node
EmptyStmt =
ExplicitConstructorInvocationStmt = isThis:str arguments:nodes? expression:node?
ExpressionStmt = expression:node
ForEachStmt = variable:node iterable:node body:node
ForStmt = initialization:nodes? compare:node? update:nodes? body:node
IfStmt = condition:node thenStmt:node elseStmt:node?
LabeledStmt = label:node statement:node
LocalClassDeclarationStmt = classDeclaration:node
LocalRecordDeclarationStmt = recordDeclaration:node
ReturnStmt = expression:node?
SwitchEntry = labels:nodes? statements:nodes? type:str? guard:node?
SwitchStmt = selector:node entries:nodes?
SynchronizedStmt = expression:node body:node
ThrowStmt = expression:node
TryStmt = tryBlock:node resources:nodes? catchClauses:nodes? finallyBlock:node?
UnparsableStmt =
WhileStmt = condition:node body:node
YieldStmt = expression:node
""",
    "type": """
ArrayType = componentType:node
ClassOrInterfaceType = name:node scope:node? typeArguments:nodes?
IntersectionType = elements:nodes
PrimitiveType = type:str
TypeParameter = name:node typeBound:nodes?
UnionType = elements:nodes
UnknownType =
VarType =
VoidType =
WildcardType = extendedType:node? superType:node?
""",
}


def main() -> None:
    """Print the schema."""
    kinds = {
        ".".join(filter(None, (BASE, package, name))): schema
        for package, lines in CLASSES.items()
        for name, schema in kinds_of(lines, everywhere="range:object?").items()
    }
    schema = document_schema(
        name="javaparser",
        title="The JSON of JavaParser's serializer, 3.16 to 3.27",
        description="Producer: JavaParserJsonSerializer of javaparser-core-serialization.",
        discriminators=["!"],
        roots=[f"{BASE}.CompilationUnit"],
        kinds=kinds,
        skip=["tokenRange", "range"],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
