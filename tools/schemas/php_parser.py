"""Write the schema of the dialect `php-parser`.

    python -m tools.schemas.php_parser > snake_pipe_core/dialects/php-parser/schema.json

Belongs here: what a mapping needs of each kind of the AST of nikic/php-parser (4 and 5). Does not:
the frame.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

KINDS = """
Identifier = name:str
VarLikeIdentifier = name:str
Name = name:str? parts:array?
Name_FullyQualified = name:str? parts:array?
Name_Relative = name:str? parts:array?
Expr_Variable = name:str|node
Stmt_Namespace = name:node? stmts:nodes
Stmt_Class = name:node? stmts:nodes flags:int extends:node? implements:nodes
Stmt_Interface = name:node stmts:nodes extends:nodes
Stmt_Trait = name:node stmts:nodes
Stmt_Enum = name:node stmts:nodes implements:nodes
Stmt_EnumCase = name:node expr:node?
Stmt_Function = name:node params:nodes returnType:node? stmts:nodes
Stmt_ClassMethod = name:node flags:int params:nodes returnType:node? stmts:nodes?
Stmt_Property = flags:int props:nodes type:node?
Stmt_PropertyProperty = name:node default:node?
PropertyItem = name:node default:node?
PropertyHook = name:node
Stmt_ClassConst = flags:int consts:nodes type:node?
Stmt_Const = consts:nodes
Const = name:node value:node
Param = var:node type:node? default:node? flags:int
Expr_Closure = params:nodes uses:nodes returnType:node? stmts:nodes
Expr_ArrowFunction = params:nodes returnType:node? expr:node
Expr_ClosureUse = var:node
ClosureUse = var:node
AttributeGroup = attrs:nodes
Attribute = name:node args:nodes
Stmt_Use = uses:nodes
Stmt_GroupUse = prefix:node uses:nodes
Stmt_UseUse = name:node alias:node?
UseItem = name:node alias:node?
Expr_Include = expr:node
Stmt_TraitUse = traits:nodes
NullableType = type:node
UnionType = types:nodes
IntersectionType = types:nodes
Stmt_Expression = expr:node
Stmt_Return = expr:node?
Stmt_Echo = exprs:nodes
Stmt_Unset = vars:nodes
Stmt_Global = vars:nodes
Stmt_Static = vars:nodes
Stmt_StaticVar = var:node default:node?
StaticVar = var:node default:node?
Stmt_Declare = declares:nodes
Stmt_If = cond:node stmts:nodes elseifs:nodes else:node?
Stmt_ElseIf = cond:node stmts:nodes
Stmt_Else = stmts:nodes
Stmt_For = init:nodes cond:nodes loop:nodes stmts:nodes
Stmt_Foreach = expr:node keyVar:node? valueVar:node stmts:nodes
Stmt_While = cond:node stmts:nodes
Stmt_Do = cond:node stmts:nodes
Stmt_Switch = cond:node cases:nodes
Stmt_Case = cond:node? stmts:nodes
Expr_Match = cond:node arms:nodes
MatchArm = conds:nodes? body:node
Stmt_TryCatch = stmts:nodes catches:nodes finally:node?
Stmt_Catch = types:nodes var:node? stmts:nodes
Stmt_Finally = stmts:nodes
Stmt_Throw = expr:node
Stmt_Break = num:node?
Stmt_Continue = num:node?
Expr_Throw = expr:node
Expr_FuncCall = name:node args:nodes
Expr_MethodCall = var:node name:node args:nodes
Expr_NullsafeMethodCall = var:node name:node args:nodes
Expr_StaticCall = class:node name:node args:nodes
Expr_New = class:node args:nodes
Arg = value:node
Expr_PropertyFetch = var:node name:node
Expr_NullsafePropertyFetch = var:node name:node
Expr_StaticPropertyFetch = class:node name:node
Expr_ClassConstFetch = class:node name:node
Expr_ConstFetch = name:node
Scalar_String = value:str
Expr_Assign = var:node expr:node
Expr_AssignRef = var:node expr:node
Expr_List = items:nodes
Expr_Array = items:nodes
Expr_ArrayItem = value:node key:node?
ArrayItem = value:node key:node?
Expr_Instanceof = expr:node class:node
Expr_Ternary = cond:node if:node? else:node
Expr_BinaryOp_BooleanAnd = left:node right:node
Expr_BinaryOp_BooleanOr = left:node right:node
Expr_BinaryOp_LogicalAnd = left:node right:node
Expr_BinaryOp_LogicalOr = left:node right:node
Expr_BinaryOp_Coalesce = left:node right:node
Expr_AssignOp_Coalesce = var:node expr:node
Stmt_TraitUseAdaptation_Alias =
Stmt_TraitUseAdaptation_Precedence =
Stmt_DeclareDeclare =
DeclareItem =
Stmt_Block =
Stmt_Goto =
Stmt_Label =
Stmt_HaltCompiler =
Stmt_InlineHTML =
Stmt_Nop =
VariadicPlaceholder =
Scalar_LNumber =
Scalar_DNumber =
Scalar_Int =
Scalar_Float =
Scalar_Encapsed =
Scalar_EncapsedStringPart =
Scalar_InterpolatedString =
InterpolatedStringPart =
Scalar_MagicConst_Class =
Scalar_MagicConst_Dir =
Scalar_MagicConst_File =
Scalar_MagicConst_Function =
Scalar_MagicConst_Line =
Scalar_MagicConst_Method =
Scalar_MagicConst_Namespace =
Scalar_MagicConst_Property =
Scalar_MagicConst_Trait =
Expr_ArrayDimFetch =
Expr_BooleanNot =
Expr_BitwiseNot =
Expr_UnaryMinus =
Expr_UnaryPlus =
Expr_PreInc =
Expr_PreDec =
Expr_PostInc =
Expr_PostDec =
Expr_Isset =
Expr_Empty =
Expr_Clone =
Expr_Print =
Expr_Exit =
Expr_Eval =
Expr_ErrorSuppress =
Expr_ShellExec =
Expr_Yield =
Expr_YieldFrom =
Expr_Error =
Expr_Cast_Array = expr:node
Expr_Cast_Bool = expr:node
Expr_Cast_Double = expr:node
Expr_Cast_Int = expr:node
Expr_Cast_Object = expr:node
Expr_Cast_String = expr:node
Expr_Cast_Unset = expr:node
Expr_Cast_Void = expr:node
Expr_AssignOp_BitwiseAnd = var:node expr:node
Expr_AssignOp_BitwiseOr = var:node expr:node
Expr_AssignOp_BitwiseXor = var:node expr:node
Expr_AssignOp_Concat = var:node expr:node
Expr_AssignOp_Div = var:node expr:node
Expr_AssignOp_Minus = var:node expr:node
Expr_AssignOp_Mod = var:node expr:node
Expr_AssignOp_Mul = var:node expr:node
Expr_AssignOp_Plus = var:node expr:node
Expr_AssignOp_Pow = var:node expr:node
Expr_AssignOp_ShiftLeft = var:node expr:node
Expr_AssignOp_ShiftRight = var:node expr:node
Expr_BinaryOp_BitwiseAnd = left:node right:node
Expr_BinaryOp_BitwiseOr = left:node right:node
Expr_BinaryOp_BitwiseXor = left:node right:node
Expr_BinaryOp_Concat = left:node right:node
Expr_BinaryOp_Div = left:node right:node
Expr_BinaryOp_Equal = left:node right:node
Expr_BinaryOp_Greater = left:node right:node
Expr_BinaryOp_GreaterOrEqual = left:node right:node
Expr_BinaryOp_Identical = left:node right:node
Expr_BinaryOp_LogicalXor = left:node right:node
Expr_BinaryOp_Minus = left:node right:node
Expr_BinaryOp_Mod = left:node right:node
Expr_BinaryOp_Mul = left:node right:node
Expr_BinaryOp_NotEqual = left:node right:node
Expr_BinaryOp_NotIdentical = left:node right:node
Expr_BinaryOp_Pipe = left:node right:node
Expr_BinaryOp_Plus = left:node right:node
Expr_BinaryOp_Pow = left:node right:node
Expr_BinaryOp_ShiftLeft = left:node right:node
Expr_BinaryOp_ShiftRight = left:node right:node
Expr_BinaryOp_Smaller = left:node right:node
Expr_BinaryOp_SmallerOrEqual = left:node right:node
Expr_BinaryOp_Spaceship = left:node right:node
"""

# What has no attributes: the document, an array to JSON, and comments.
BARE = """
File =
Comment = text:str line:int
Comment_Doc = text:str line:int
"""


def main() -> None:
    """Print the schema."""
    # Attributes may be an empty array, which is how PHP writes an empty map.
    schema = document_schema(
        name="php-parser",
        title="The AST of nikic/php-parser, 4 and 5",
        description="Producer: php-parse --json-dump. The document is an array of statements.",
        discriminators=["nodeType"],
        roots=[],
        kinds=kinds_of(KINDS, everywhere="attributes:object|array") | kinds_of(BARE),
        skip=[],
    )
    statements: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$defs/child"}}
    schema["$defs"]["root"] = statements
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
