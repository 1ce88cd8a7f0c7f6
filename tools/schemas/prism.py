"""Write the schema of the dialect `prism`.

    python -m tools.schemas.prism > snake_pipe_core/dialects/prism/schema.json

Belongs here: what a mapping needs of each kind of Prism's trees, as JSON.stringify writes those of
@ruby/prism. Does not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema, is_kind

KINDS = """
ProgramNode = statements:node
StatementsNode = body:nodes
ClassNode = name:str constantPath:node superclass:node? body:node?
ModuleNode = name:str constantPath:node body:node?
SingletonClassNode = expression:node body:node?
DefNode = name:str receiver:node? parameters:node? body:node?
LambdaNode = parameters:node? body:node?
BlockNode = parameters:node? body:node?
AliasMethodNode = newName:node oldName:node
UndefNode = names:nodes
ParametersNode = requireds:nodes optionals:nodes rest:node? posts:nodes keywords:nodes keywordRest:node? block:node?
BlockParametersNode = parameters:node? locals:nodes
RequiredParameterNode = name:str
OptionalParameterNode = name:str value:node
RestParameterNode = name:str?
RequiredKeywordParameterNode = name:str
OptionalKeywordParameterNode = name:str value:node
KeywordRestParameterNode = name:str?
BlockParameterNode = name:str?
BlockLocalVariableNode = name:str
LocalVariableReadNode = name:str
InstanceVariableReadNode = name:str
ClassVariableReadNode = name:str
GlobalVariableReadNode = name:str
ConstantReadNode = name:str
ConstantPathNode = parent:node? name:str?
LocalVariableWriteNode = name:str value:node
LocalVariableOperatorWriteNode = name:str value:node
LocalVariableOrWriteNode = name:str value:node
LocalVariableAndWriteNode = name:str value:node
LocalVariableTargetNode = name:str
InstanceVariableWriteNode = name:str value:node
InstanceVariableOperatorWriteNode = name:str value:node
InstanceVariableOrWriteNode = name:str value:node
InstanceVariableAndWriteNode = name:str value:node
InstanceVariableTargetNode = name:str
ClassVariableWriteNode = name:str value:node
ClassVariableOperatorWriteNode = name:str value:node
ClassVariableOrWriteNode = name:str value:node
ClassVariableAndWriteNode = name:str value:node
ClassVariableTargetNode = name:str
GlobalVariableWriteNode = name:str value:node
GlobalVariableOperatorWriteNode = name:str value:node
GlobalVariableOrWriteNode = name:str value:node
GlobalVariableAndWriteNode = name:str value:node
GlobalVariableTargetNode = name:str
ConstantWriteNode = name:str value:node
ConstantOperatorWriteNode = name:str value:node
ConstantOrWriteNode = name:str value:node
ConstantAndWriteNode = name:str value:node
ConstantTargetNode = name:str
ConstantPathWriteNode = target:node value:node
ConstantPathOperatorWriteNode = target:node value:node
ConstantPathOrWriteNode = target:node value:node
ConstantPathAndWriteNode = target:node value:node
MultiWriteNode = lefts:nodes rest:node? rights:nodes value:node
MultiTargetNode = lefts:nodes rest:node? rights:nodes
CallNode = receiver:node? name:str arguments:node? block:node?
CallOperatorWriteNode = receiver:node? readName:str value:node
CallOrWriteNode = receiver:node? readName:str value:node
CallAndWriteNode = receiver:node? readName:str value:node
SuperNode = arguments:node? block:node?
ForwardingSuperNode = block:node?
YieldNode = arguments:node?
ArgumentsNode = arguments:nodes
IfNode = predicate:node statements:node? subsequent:node?
UnlessNode = predicate:node statements:node? elseClause:node?
ElseNode = statements:node?
CaseNode = predicate:node? conditions:nodes elseClause:node?
CaseMatchNode = predicate:node? conditions:nodes elseClause:node?
WhenNode = conditions:nodes statements:node?
InNode = pattern:node statements:node?
WhileNode = predicate:node statements:node?
UntilNode = predicate:node statements:node?
ForNode = index:node collection:node statements:node?
BeginNode = statements:node? rescueClause:node? elseClause:node? ensureClause:node?
RescueNode = exceptions:nodes reference:node? statements:node? subsequent:node?
EnsureNode = statements:node?
RescueModifierNode = expression:node rescueExpression:node
ReturnNode = arguments:node?
AndNode = left:node right:node
OrNode = left:node right:node
ParenthesesNode = body:node?
ArrayNode = elements:nodes
HashNode = elements:nodes
KeywordHashNode = elements:nodes
AssocNode = key:node value:node
StringNode = unescaped:object
SymbolNode = unescaped:object
InterpolatedStringNode = parts:nodes
MissingNode =
AliasGlobalVariableNode =
NumberedParametersNode =
ItParametersNode =
ForwardingParameterNode =
NoKeywordsParameterNode =
ItLocalVariableReadNode =
NumberedReferenceReadNode =
BackReferenceReadNode =
SelfNode =
ConstantPathTargetNode =
ShareableConstantNode =
CallTargetNode =
IndexOperatorWriteNode =
IndexOrWriteNode =
IndexAndWriteNode =
IndexTargetNode =
ImplicitRestNode =
ForwardingArgumentsNode =
BlockArgumentNode =
SplatNode =
BreakNode =
NextNode =
RedoNode =
RetryNode =
PreExecutionNode =
PostExecutionNode =
DefinedNode =
EmbeddedStatementsNode =
EmbeddedVariableNode =
RangeNode =
FlipFlopNode =
ImplicitNode =
AssocSplatNode =
MatchPredicateNode =
MatchRequiredNode =
MatchWriteNode =
AlternationPatternNode =
ArrayPatternNode =
CapturePatternNode =
FindPatternNode =
HashPatternNode =
PinnedExpressionNode =
PinnedVariableNode =
XStringNode =
RegularExpressionNode =
MatchLastLineNode =
InterpolatedSymbolNode =
InterpolatedXStringNode =
InterpolatedRegularExpressionNode =
InterpolatedMatchLastLineNode =
IntegerNode =
FloatNode =
RationalNode =
ImaginaryNode =
TrueNode =
FalseNode =
NilNode =
SourceEncodingNode =
SourceFileNode =
SourceLineNode =
"""


def main() -> None:
    """Print the schema."""
    wrapper = {
        "description": "The whole result of the parser.",
        "type": "object",
        "required": ["value"],
        "properties": {
            "value": {"allOf": [{"$ref": "#/$defs/node"}, is_kind(["type"], "ProgramNode")]},
        },
    }
    schema = document_schema(
        name="prism",
        title="The trees of Prism, as @ruby/prism has them",
        description="Producer: @ruby/prism, JSON.stringify of the parse result's value.",
        discriminators=["type"],
        roots=["ProgramNode"],
        kinds=kinds_of(KINDS, everywhere="location:object"),
        skip=[],
        wrapper=wrapper,
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
