// Writes the trees of go/parser in the forms of asty and of goastgen. Neither can be had as a module
// (their go.mod names `asty` and `privado.ai/goastgen`), so this program says what they write; with
// `-check asty|goastgen <source> <artifact>` it compares itself with an artifact of theirs.
// What to parse is in cases.json.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Members of go/ast that are younger than the producers, or that asty leaves out.
var younger = map[string]bool{
	"File.FileStart": true, "File.FileEnd": true, "File.GoVersion": true, "RangeStmt.Range": true,
	"BasicLit.ValueEnd": true,
}
var leftOut = map[string]bool{"File.Scope": true, "Ident.Obj": true, "CommClause.Colon": true}

// Members that asty writes only if they are there.
var optional = map[string]bool{
	"Field.Doc": true, "Field.Tag": true, "Field.Comment": true, "ImportSpec.Doc": true, "ImportSpec.Comment": true,
	"ValueSpec.Doc": true, "ValueSpec.Comment": true, "TypeSpec.Doc": true, "TypeSpec.Comment": true,
	"GenDecl.Doc": true, "FuncDecl.Doc": true,
}

// ---- asty

type asty struct{ set *token.FileSet }

// An object whose members keep their order.
type members struct{ bytes.Buffer }

func (m *members) add(key string, value []byte) {
	if m.Len() == 0 {
		m.WriteByte('{')
	} else {
		m.WriteByte(',')
	}
	fmt.Fprintf(m, "%s:%s", encoded(key), value)
}

func (m *members) done() []byte {
	m.WriteByte('}')
	return m.Bytes()
}

func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func (a asty) value(value reflect.Value) []byte {
	switch value.Kind() {
	case reflect.Interface, reflect.Pointer:
		if value.IsNil() {
			return []byte("null")
		}
		if value.Kind() == reflect.Interface {
			return a.value(value.Elem())
		}
		return a.node(value.Elem())
	case reflect.Slice:
		if value.IsNil() && value.Type() != reflect.TypeFor[[]ast.Decl]() {
			return []byte("null")
		}
		list := []json.RawMessage{}
		for i := range value.Len() {
			list = append(list, a.value(value.Index(i)))
		}
		return encoded(list)
	}
	switch plain := value.Interface().(type) {
	case token.Token:
		return encoded(plain.String())
	case ast.ChanDir:
		return encoded(map[ast.ChanDir]string{ast.SEND: "SEND", ast.RECV: "RECV", ast.SEND | ast.RECV: "BOTH"}[plain])
	default:
		return encoded(plain)
	}
}

func (a asty) node(node reflect.Value) []byte {
	object := &members{}
	kind := node.Type().Name()
	object.add("NodeType", encoded(kind))
	for i := range node.NumField() {
		field, value := node.Type().Field(i).Name, node.Field(i)
		switch place, isPlace := value.Interface().(token.Pos); {
		case younger[kind+"."+field] || leftOut[kind+"."+field]:
		case isPlace && place == token.NoPos:
		case isPlace:
			where := a.set.PositionFor(place, false)
			position := &members{}
			position.add("NodeType", encoded("Position"))
			position.add("Filename", encoded(where.Filename))
			position.add("Offset", encoded(where.Offset))
			position.add("Line", encoded(where.Line))
			position.add("Column", encoded(where.Column))
			object.add(field, position.done())
		case optional[kind+"."+field] && value.IsNil():
		default:
			object.add(field, a.value(value))
		}
	}
	if kind == "File" {
		var files any
		if err := a.set.Write(func(set any) error { files = set; return nil }); err != nil {
			panic(err)
		}
		object.add("FileSet", encoded(files))
	}
	return object.done()
}

func writeAsty(name string, text []byte) []byte {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		panic(err)
	}
	return asty{set}.value(reflect.ValueOf(file))
}

// ---- goastgen

type goastgen struct {
	set  *token.FileSet
	last int
	ids  map[uintptr]int
}

func (g *goastgen) value(value reflect.Value) (any, bool) {
	switch value.Kind() {
	case reflect.Interface:
		return g.value(value.Elem())
	case reflect.Pointer:
		if value.IsNil() {
			return nil, false
		}
		return g.object(value.Elem(), value), true
	case reflect.Invalid:
		return nil, false
	case reflect.Slice:
		var list []any
		for i := range value.Len() {
			if element, ok := g.value(value.Index(i)); ok {
				list = append(list, element)
			}
		}
		return list, true
	case reflect.Map:
		objects := map[string]any{}
		keys := value.MapKeys() // goastgen takes them as they come: ids differ from run to run
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			objects[key.String()] = g.object(value.MapIndex(key).Elem(), reflect.Value{})
		}
		return objects, true
	}
	if word, ok := value.Interface().(token.Token); ok {
		return word.String(), true
	}
	return value.Interface(), true
}

// What is met a second time is no more than a reference to the first.
func (g *goastgen) object(node, pointer reflect.Value) map[string]any {
	object := map[string]any{"node_id": g.last, "node_type": node.Type().String()}
	g.last++
	if pointer.IsValid() {
		if place, ok := pointer.Interface().(ast.Node); ok {
			if begin := place.Pos(); begin.IsValid() {
				where := g.set.Position(begin)
				object["node_line_no"], object["node_col_no"] = where.Line, where.Column
				if node.Type().Name() == "File" {
					object["node_filename"] = where.Filename
				}
			}
			if end := place.End(); end.IsValid() {
				where := g.set.Position(end)
				object["node_line_no_end"], object["node_col_no_end"] = where.Line, where.Column
			}
		}
		if id, met := g.ids[pointer.Pointer()]; met {
			object["node_reference_id"] = id
			return object
		}
		g.ids[pointer.Pointer()] = object["node_id"].(int)
	}
	for i := range node.NumField() {
		field := node.Type().Field(i).Name
		if younger[node.Type().Name()+"."+field] {
			continue
		}
		if value, ok := g.value(node.Field(i)); ok {
			object[field] = value
		}
	}
	return object
}

func writeGoastgen(name string, text []byte) []byte {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, 0)
	if err != nil {
		panic(err)
	}
	tree, _ := (&goastgen{set, 1, map[uintptr]int{}}).value(reflect.ValueOf(file))
	text, err = json.MarshalIndent(tree, "", "  ")
	if err != nil {
		panic(err)
	}
	return text
}

// ---- cases

var producers = map[string]func(string, []byte) []byte{"asty": writeAsty, "goastgen": writeGoastgen}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return text
}

func write(path string, text []byte) {
	if err := os.WriteFile(path, text, 0o644); err != nil {
		panic(err)
	}
}

// The artifact tells under which name the source was parsed.
func check(producer, source, artifact string) {
	var theirs, ours map[string]any
	if err := json.Unmarshal(read(artifact), &theirs); err != nil {
		panic(err)
	}
	name, _ := theirs["node_filename"].(string)
	if place, ok := theirs["Package"].(map[string]any); ok {
		name = place["Filename"].(string)
	}
	if err := json.Unmarshal(producers[producer](name, read(source)), &ours); err != nil {
		panic(err)
	}
	fmt.Println(reflect.DeepEqual(ours, theirs), artifact)
}

// Two producers read one project: each has a folder of its own.
func writeProject(source, producer string) {
	projects := filepath.Join("..", "..", "unit", "resolve", "projects")
	root, target := filepath.Join(projects, "sources", source), filepath.Join(projects, "asts", source+"-"+producer)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		document, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		artifact := filepath.Join(target, document+".json")
		if err := os.MkdirAll(filepath.Dir(artifact), 0o755); err != nil {
			return err
		}
		write(artifact, append(producers[producer](filepath.ToSlash(document), read(path)), '\n'))
		return nil
	})
	if err != nil {
		panic(err)
	}
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "-check" {
		check(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	var cases struct {
		Golden   []struct{ Dialect, Case, Producer, Source string }
		Projects []struct{ Source, Producer string }
	}
	if err := json.Unmarshal(read("cases.json"), &cases); err != nil {
		panic(err)
	}
	for _, one := range cases.Golden {
		if producer := producers[one.Producer]; producer != nil {
			folder := filepath.Join("..", one.Dialect, one.Case)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				panic(err)
			}
			text := read(filepath.Join("sources", one.Source))
			write(filepath.Join(folder, "source.go"), text)
			write(filepath.Join(folder, "source.go.json"), append(producer("source.go", text), '\n'))
		}
	}
	for _, one := range cases.Projects {
		if producers[one.Producer] != nil {
			writeProject(one.Source, one.Producer)
		}
	}
}
