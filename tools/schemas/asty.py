"""Write the schemas of the dialects `asty` and `goastgen`, which both write Go's go/ast.

    python -m tools.schemas.asty asty > snake_pipe_core/dialects/asty/schema.json
    python -m tools.schemas.asty goastgen > snake_pipe_core/dialects/goastgen/schema.json

Belongs here: what a mapping needs of each kind of go/ast. Does not: the frame.
"""

from __future__ import annotations

import json
import sys

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

KINDS = """
File = Name:node Decls:nodes?
GenDecl = Tok:str Specs:nodes?
ImportSpec = Path:node Name:node?
ValueSpec = Names:nodes Type:node? Values:nodes?
TypeSpec = Name:node Type:node TypeParams:node?
FuncDecl = Name:node Type:node Recv:node? Body:node?
BadDecl =
Field = Type:node Names:nodes? Tag:node?
FieldList = List:nodes?
BlockStmt = List:nodes?
DeclStmt = Decl:node
EmptyStmt =
LabeledStmt = Label:node Stmt:node
ExprStmt = X:node
SendStmt = Chan:node Value:node
IncDecStmt = X:node Tok:str
AssignStmt = Lhs:nodes Tok:str Rhs:nodes
GoStmt = Call:node
DeferStmt = Call:node
ReturnStmt = Results:nodes?
BranchStmt = Tok:str Label:node?
IfStmt = Init:node? Cond:node Body:node Else:node?
CaseClause = List:nodes? Body:nodes?
SwitchStmt = Init:node? Tag:node? Body:node
TypeSwitchStmt = Init:node? Assign:node Body:node
CommClause = Comm:node? Body:nodes?
SelectStmt = Body:node
ForStmt = Init:node? Cond:node? Post:node? Body:node
RangeStmt = Key:node? Value:node? Tok:str X:node Body:node
BadStmt =
Ident = Name:str
BasicLit = Kind:str Value:str
FuncLit = Type:node Body:node
CompositeLit = Type:node? Elts:nodes?
ParenExpr = X:node
SelectorExpr = X:node Sel:node
IndexExpr = X:node Index:node
IndexListExpr = X:node Indices:nodes
SliceExpr = X:node Low:node? High:node? Max:node?
TypeAssertExpr = X:node Type:node?
CallExpr = Fun:node Args:nodes?
StarExpr = X:node
UnaryExpr = Op:str X:node
BinaryExpr = X:node Op:str Y:node
KeyValueExpr = Key:node Value:node
Ellipsis = Elt:node?
BadExpr =
ArrayType = Len:node? Elt:node
StructType = Fields:node
FuncType = TypeParams:node? Params:node Results:node?
InterfaceType = Methods:node
MapType = Key:node Value:node
ChanType = Value:node
CommentGroup = List:nodes?
Comment = Text:str
"""

# A position of asty is an object with a NodeType.
POSITIONS = [
    "Arrow", "Begin", "Case", "Closing", "Colon", "Defer", "Ellipsis", "EndPos", "For", "From", "Func", "Go",
    "If", "Interface", "Lbrace", "Lbrack", "Lparen", "Map", "NamePos", "OpPos", "Opening", "Package", "Rbrace",
    "Rbrack", "Return", "Rparen", "Select", "Semicolon", "Slash", "Star", "Struct", "Switch", "To", "TokPos",
    "ValuePos", "Doc", "Comment", "FileSet",
]  # fmt: skip


def asty() -> dict[str, object]:
    """Return the schema of asty's trees."""
    return document_schema(
        name="asty",
        title="Go's go/ast as asty writes it",
        description="Producer: asty go2json, with -positions and -comments.",
        discriminators=["NodeType"],
        roots=["File"],
        kinds=kinds_of(KINDS),
        skip=POSITIONS,
    )


# What goastgen may meet twice: declarations, and what a loop over a range goes through.
SHARED = {
    "FuncDecl",
    "TypeSpec",
    "ValueSpec",
    "ImportSpec",
    "Field",
    "AssignStmt",
    "LabeledStmt",
    "Object",
    "Ident",
    "BasicLit",
    "FuncLit",
    "CompositeLit",
    "ParenExpr",
    "SelectorExpr",
    "IndexExpr",
    "IndexListExpr",
    "SliceExpr",
    "TypeAssertExpr",
    "CallExpr",
    "StarExpr",
    "UnaryExpr",
    "BinaryExpr",
}


def goastgen() -> dict[str, object]:
    """Return the schema of goastgen's trees, where a node may be a reference to another."""
    kinds = kinds_of(KINDS + "Object =\nScope =\n")
    elsewhere = {"required": ["node_reference_id"]}
    return document_schema(
        name="goastgen",
        title="Go's go/ast as goastgen writes it",
        description="Producer: goastgen.",
        discriminators=["node_type"],
        roots=["ast.File"],
        kinds={
            f"ast.{kind}": {"anyOf": [elsewhere, schema]} if kind in SHARED else schema
            for kind, schema in kinds.items()
        },
        skip=[],
    )


def main() -> None:
    """Print the schema that the argument names."""
    schema = {"asty": asty, "goastgen": goastgen}[sys.argv[1]]()
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
