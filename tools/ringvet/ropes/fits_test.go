package ropes_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/tools/ringvet/ropes"
)

type (
	number int8
	path   string
	point  struct{ X, Y int }
	pixel  struct{ X, Y int }
	named  struct{ Name string }
	sizes  []int
)

const declarations = `package p

import (
	"math"
	"math/big"
	"time"
)

var _, _, _ = math.Pi, big.NewInt, time.Second

type (
	number int8
	path   string
	point  struct{ X, Y int }
	pixel  struct{ X, Y int }
	named  struct{ Name string }
	sizes  []int
)
`

// values are expressions, and what they are.
var values = []struct {
	text  string
	value any
}{
	{"nil", nil}, {"true", true}, {`"a"`, "a"}, {`path("a")`, path("a")}, {"1", 1}, {"-1", -1}, {"0", 0}, {"300", 300}, {"'a'", 'a'},
	{"number(3)", number(3)}, {"int64(1) << 62", int64(1) << 62}, {"uint64(1) << 63", uint64(1) << 63}, {"uint8(200)", uint8(200)},
	{"1<<24 + 1", 1<<24 + 1}, {"1<<53 + 1", 1<<53 + 1}, {"1.5", 1.5}, {"2.0", 2.0}, {"0.1", 0.1}, {"1e39", 1e39}, {"1e300", 1e300},
	{"float32(0.1)", float32(0.1)}, {"math.MaxFloat64", math.MaxFloat64}, {"1i", 1i}, {"complex64(2)", complex64(2)},
	{"time.Second", time.Second}, {"time.Time{}", time.Time{}}, {"big.NewInt(7)", big.NewInt(7)}, {"*big.NewInt(7)", *big.NewInt(7)},
	{"[]byte(`a`)", []byte("a")}, {"[]int{1}", []int{1}}, {"[]any{1}", []any{1}}, {"[]string{`a`}", []string{"a"}}, {"sizes{1}", sizes{1}},
	{"[2]int{1, 2}", [2]int{1, 2}}, {"[]interface{}{}", []any{}}, {"map[string]int{`a`: 1}", map[string]int{"a": 1}}, {"map[any]any{}", map[any]any{}},
	{"point{1, 2}", point{1, 2}}, {"&point{1, 2}", &point{1, 2}}, {"pixel{}", pixel{}}, {"&pixel{}", &pixel{}}, {"named{}", named{}},
	{"new(int)", new(int)}, {"new(string)", new(string)}, {"make(chan int)", make(chan int)}, {"func() {}", func() {}},
	{"struct{ X, Y int }{}", struct{ X, Y int }{}},
}

// kinds are types, by their texts.
var kinds = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "string": reflect.TypeFor[string](), "path": reflect.TypeFor[path](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "number": reflect.TypeFor[number](), "int32": reflect.TypeFor[int32](),
	"int64": reflect.TypeFor[int64](), "uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint64": reflect.TypeFor[uint64](),
	"float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](), "complex64": reflect.TypeFor[complex64](), "complex128": reflect.TypeFor[complex128](),
	"time.Duration": reflect.TypeFor[time.Duration](), "time.Time": reflect.TypeFor[time.Time](), "big.Int": reflect.TypeFor[big.Int](), "*big.Int": reflect.TypeFor[*big.Int](),
	"[]byte": reflect.TypeFor[[]byte](), "[]int": reflect.TypeFor[[]int](), "[]any": reflect.TypeFor[[]any](), "sizes": reflect.TypeFor[sizes](), "[2]int": reflect.TypeFor[[2]int](), "[]string": reflect.TypeFor[[]string](),
	"map[string]int": reflect.TypeFor[map[string]int](), "map[any]any": reflect.TypeFor[map[any]any](), "point": reflect.TypeFor[point](), "*point": reflect.TypeFor[*point](),
	"pixel": reflect.TypeFor[pixel](), "named": reflect.TypeFor[named](), "*int": reflect.TypeFor[*int](), "*string": reflect.TypeFor[*string](),
	"any": reflect.TypeFor[any](), "error": reflect.TypeFor[error](), "interface{ String() string }": reflect.TypeFor[interface{ String() string }](),
	"chan int": reflect.TypeFor[chan int](), "func()": reflect.TypeFor[func()](), "struct{ X, Y int }": reflect.TypeFor[struct{ X, Y int }](),
}

// TestMisfitAgrees: what Misfit refuses, the library refuses. Of constants it refuses all that
// the library does.
func TestMisfitAgrees(t *testing.T) {
	var src strings.Builder
	src.WriteString(declarations + "var _ = []any{\n")
	for _, v := range values {
		src.WriteString(v.text + ",\n")
	}
	src.WriteString("}\n")
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src.String(), 0)
	require.NoError(t, err)
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := config.Check("p", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	list := file.Decls[len(file.Decls)-1].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.CompositeLit)
	require.Len(t, list.Elts, len(values))

	refusals := 0
	for text, typ := range kinds {
		tv, err := types.Eval(fset, pkg, file.End()-1, text)
		require.NoError(t, err)
		param := ropes.TypeOf(tv.Type)
		for i, v := range values {
			arg := ropes.ValueOf(info, list.Elts[i])
			_, refused := convert.To(v.value, typ)
			why := arg.Misfit(param)
			pair := fmt.Sprintf("%s as %s", v.text, text)
			if why != "" {
				refusals++
				assert.Error(t, refused, "%s: %s", pair, why)
			}
			if arg.Const != nil && reflect.Bool <= typ.Kind() && typ.Kind() <= reflect.Complex128 && reflect.TypeOf(v.value).Kind() <= reflect.Float64 {
				assert.Equal(t, refused != nil, why != "", pair)
			}
		}
	}
	assert.Greater(t, refusals, len(values)*len(kinds)/3)
}
