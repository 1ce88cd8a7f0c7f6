"""Write the schema of the dialect `solc`.

    python -m tools.schemas.solc > snake_pipe_core/dialects/solc/schema.json

Belongs here: what a mapping needs of each kind of solc's AST (0.5 to 0.8). Does not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

KINDS = """
SourceUnit = nodes:nodes absolutePath:str?
PragmaDirective =
ImportDirective = file:str absolutePath:str? symbolAliases:array? unitAlias:str?
UsingForDirective = libraryName:node? typeName:node?
ContractDefinition = name:str contractKind:str nodes:nodes baseContracts:nodes
InheritanceSpecifier = baseName:node
StructDefinition = name:str members:nodes
EnumDefinition = name:str members:nodes
EnumValue = name:str
UserDefinedValueTypeDefinition = name:str underlyingType:node?
ErrorDefinition = name:str parameters:node
EventDefinition = name:str parameters:node
FunctionDefinition = name:str parameters:node returnParameters:node? body:node? modifiers:nodes?
ModifierDefinition = name:str parameters:node body:node?
ModifierInvocation = modifierName:node arguments:nodes?
OverrideSpecifier = overrides:nodes?
ParameterList = parameters:nodes
StructuredDocumentation = text:str?
VariableDeclaration = name:str typeName:node? value:node?
ElementaryTypeName = name:str
UserDefinedTypeName = pathNode:node? name:str?
IdentifierPath = name:str
ArrayTypeName = baseType:node length:node?
Mapping = keyType:node valueType:node
FunctionTypeName = parameterTypes:node returnParameterTypes:node
Block = statements:nodes?
UncheckedBlock = statements:nodes?
PlaceholderStatement =
ExpressionStatement = expression:node
VariableDeclarationStatement = declarations:nodes initialValue:node?
IfStatement = condition:node trueBody:node falseBody:node?
ForStatement = body:node
WhileStatement = condition:node body:node
DoWhileStatement = condition:node body:node
TryStatement = externalCall:node clauses:nodes
TryCatchClause = block:node errorName:str? parameters:node?
Return = expression:node?
EmitStatement = eventCall:node
RevertStatement = errorCall:node
Throw =
Break =
Continue =
InlineAssembly =
Assignment = operator:str leftHandSide:node rightHandSide:node
BinaryOperation = operator:str leftExpression:node rightExpression:node
UnaryOperation = operator:str subExpression:node
Conditional = condition:node trueExpression:node falseExpression:node
TupleExpression = components:nodes
FunctionCall = expression:node arguments:nodes
FunctionCallOptions = expression:node options:nodes
NewExpression = typeName:node
MemberAccess = expression:node memberName:str
IndexAccess = baseExpression:node indexExpression:node?
IndexRangeAccess = baseExpression:node
Identifier = name:str
ElementaryTypeNameExpression = typeName:any
Literal = kind:str value:any?
YulBlock = statements:nodes
YulAssignment = variableNames:nodes value:node
YulVariableDeclaration = variables:nodes value:node?
YulTypedName = name:str
YulExpressionStatement = expression:node
YulFunctionCall = functionName:node arguments:nodes
YulFunctionDefinition = name:str body:node
YulIdentifier = name:str
YulLiteral = value:any?
YulIf = condition:node body:node
YulForLoop = body:node
YulSwitch = expression:node cases:nodes
YulCase = body:node
YulBreak =
YulContinue =
YulLeave =
"""


def main() -> None:
    """Print the schema."""
    schema = document_schema(
        name="solc",
        title="The AST of the Solidity compiler, 0.5 to 0.8",
        description="Producer: solc, standard JSON output, the `ast` of one source.",
        discriminators=["nodeType"],
        roots=["SourceUnit"],
        kinds=kinds_of(KINDS, everywhere="src:str"),
        skip=["typeDescriptions"],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
