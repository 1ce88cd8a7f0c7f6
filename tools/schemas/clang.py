"""Write the schema of the dialect `clang`.

    python -m tools.schemas.clang > snake_pipe_core/dialects/clang/schema.json

Belongs here: what a mapping needs of clang's kinds (14 to 19). Does not: the frame. clang writes members
only where they say something, so few are required.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

from tools.schemas.lines import kinds_of
from tools.schemas.shape import document_schema

MAPPING = Path(__file__).parents[2] / "snake_pipe_core" / "dialects" / "clang" / "mapping.toml"
KINDS = """
TranslationUnitDecl = inner:array
NamespaceDecl = name:str?
CXXRecordDecl = name:str? tagUsed:str? bases:array? parentDeclContextId:str?
RecordDecl = name:str? tagUsed:str?
ClassTemplateSpecializationDecl = name:str? bases:array? parentDeclContextId:str?
ClassTemplatePartialSpecializationDecl = name:str? bases:array? parentDeclContextId:str?
EnumDecl = name:str?
EnumConstantDecl = name:str
TypedefDecl = name:str type:object?
TypeAliasDecl = name:str type:object?
FunctionDecl = name:str? type:object storageClass:str? previousDecl:str? parentDeclContextId:str?
CXXMethodDecl = name:str? type:object storageClass:str? previousDecl:str? parentDeclContextId:str?
CXXConstructorDecl = name:str? type:object previousDecl:str? parentDeclContextId:str?
CXXDestructorDecl = name:str? type:object previousDecl:str? parentDeclContextId:str?
CXXConversionDecl = name:str? type:object previousDecl:str? parentDeclContextId:str?
VarDecl = name:str? type:object storageClass:str? previousDecl:str? parentDeclContextId:str?
ParmVarDecl = name:str? type:object
FieldDecl = name:str? type:object
AccessSpecDecl = access:str
DeclRefExpr = referencedDecl:object
MemberExpr = name:str? referencedMemberDecl:str?
BinaryOperator = opcode:str
CompoundAssignOperator = opcode:str
UnaryOperator = opcode:str
"""


def main() -> None:
    """Print the schema."""
    named = [kind for kind in tomllib.loads(MAPPING.read_text())["kinds"] if kind != "*"]
    told = {line.split("=")[0].strip() for line in KINDS.splitlines() if line}
    others = "\n".join(f"{kind} =" for kind in named if kind not in told)
    schema = document_schema(
        name="clang",
        title="The JSON dump of clang, 14 to 19",
        description="Producer: clang -fsyntax-only -Xclang -ast-dump=json, one translation unit.",
        discriminators=["kind"],
        roots=["TranslationUnitDecl"],
        kinds=kinds_of(KINDS + others, everywhere="id:str? loc:object? range:object? inner:array?"),
        skip=[],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
