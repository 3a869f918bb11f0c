// Package signature finds a ring.Signature that Wrap refuses: it does not parse, does not
// have the parameters of the function, or has a default value of another type.
package signature

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"reflect"
	"strconv"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("signature", "find a ring.Signature that Wrap refuses", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		if site.Text == nil {
			continue
		}
		s, err := signature.Parse(*site.Text)
		if err != nil {
			c.Find(site.TextAt, "%v", err)
			continue
		}
		if why := refuse(site, s.Formals); why != "" {
			c.Find(site.TextAt, "signature %q: %s", *site.Text, why)
		}
	}
	c.In.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) { alone(c, n.(*ast.CallExpr)) })
}

// alone parses a Signature that is no argument of Wrap itself.
func alone(c *ropes.Check, call *ast.CallExpr) {
	if ropes.RingFunc(c.TypesInfo, call) != "Signature" || len(call.Args) != 1 {
		return
	}
	for _, site := range c.Sites {
		if site.TextAt == call.Args[0] {
			return
		}
	}
	v := c.TypesInfo.Types[call.Args[0]].Value
	if v == nil || v.Kind() != constant.String {
		return
	}
	if _, err := signature.Parse(constant.StringVal(v)); err != nil {
		c.Find(call.Args[0], "%v", err)
	}
}

// refuse returns why a signature does not fit its function; "" if it does.
func refuse(site *ropes.Site, formals []signature.Formal) string {
	r := site.Rope
	if r == nil {
		return ""
	}
	if have, want := len(formals), len(r.Params); have != want {
		return fmt.Sprintf("it has %d parameter%s, the function %s has %d (a context does not count, a receiver does)",
			have, fault.Plural(have), types.TypeString(site.Type, func(p *types.Package) string { return p.Name() }), want)
	}
	for i, f := range formals {
		t := r.Params[i]
		why := kind(r, i, f, t)
		if why == "" && f.HasDefault {
			why = misfit(f.Def, t)
		}
		if why != "" {
			return fmt.Sprintf("parameter %d, %q (%s): %s", i+1, f.Label(), t.Short, why)
		}
	}
	return ""
}

// kind compares the declaration of a parameter with its type.
func kind(r *ropes.Rope, i int, f signature.Formal, t ropes.Type) string {
	byPosition := f.Kind == signature.PositionalOnly || f.Kind == signature.PositionalOrKeyword
	switch {
	case r.Variadic && i == len(r.Params)-1 && f.Kind != signature.VarPositional:
		return "it is variadic: write *" + f.Name
	case t.Kind == reflect.Invalid:
		return ""
	case f.Kind == signature.VarPositional && t.Kind != reflect.Slice:
		return "it must be variadic or a slice"
	case f.Kind == signature.VarKeyword && (t.Kind != reflect.Map || t.Key != reflect.String):
		return "it must be a map[string]T"
	case r.Receiver && i == 0 && (!byPosition || f.HasDefault):
		return "it is the receiver: it must come first and without a default value"
	}
	return ""
}

// misfit returns why a default value is none of a type; "" if it may be one.
func misfit(def any, t ropes.Type) string {
	v, known := valueOf(def)
	if !known {
		return ""
	}
	why := v.Misfit(t)
	if why == "" || t.Kind == reflect.Pointer && t.Elem != nil && v.Misfit(*t.Elem) == "" {
		return ""
	}
	return "the default value " + why
}

// valueOf describes a literal as the library reads it.
func valueOf(def any) (v ropes.Value, known bool) {
	of := func(name string, kind reflect.Kind, c constant.Value) (ropes.Value, bool) {
		return ropes.Value{Type: ropes.Type{Name: name, Short: name, Kind: kind}, Const: c}, true
	}
	switch def := def.(type) {
	case nil:
		return ropes.Value{Nil: true}, true
	case bool:
		return of("bool", reflect.Bool, constant.MakeBool(def))
	case int:
		return of("int", reflect.Int, constant.MakeInt64(int64(def)))
	case *big.Int:
		return of("*math/big.Int", reflect.Pointer, nil)
	case float64:
		return of("float64", reflect.Float64, constant.MakeFromLiteral(strconv.FormatFloat(def, 'g', -1, 64), token.FLOAT, 0))
	case string:
		return of("string", reflect.String, constant.MakeString(def))
	case pyvalue.Tuple, []any:
		return of("list", reflect.Slice, nil)
	case map[any]any, map[any]struct{}:
		return of("dict", reflect.Map, nil)
	}
	return v, false
}
