// Package freshness finds an Options.Freshness that Wrap refuses, such as a RefreshAhead
// that is not shorter than Expire.
package freshness

import (
	"errors"
	"go/ast"
	"go/constant"
	"reflect"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("freshness", "find an Options.Freshness that Wrap refuses", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		if site.Factory != nil {
			check(c, site.Factory)
		}
	}
}

// fields are those of numbers; the others are never refused.
var fields = []string{"RefreshAhead", "StaleWhileRevalidate", "StaleIfError", "SoftTimeout", "RunTimeout", "RetryAfter", "MaxRefreshes", "Jitter", "Verify"}

const (
	long = 1 << 40 * time.Microsecond // more than a month; as the Expire of a rope that may have any
	some = time.Hour
)

// check asks the library about the constants. If some fields are not constant, it asks about
// each of the others alone.
func check(c *ropes.Check, f *ropes.Factory) {
	at, known := f.Field("Options", "Freshness")
	if !known || at == nil {
		return
	}
	var all ring.Freshness
	complete := true
	for _, name := range fields {
		v, place, known := f.Constant("Options", "Freshness", name)
		if !known {
			complete = false
			continue
		}
		if v == nil || !set(&all, name, v) {
			continue
		}
		one := ring.Freshness{StaleWhileRevalidate: some}
		set(&one, name, v)
		if err := refuse(long, one); err != nil {
			c.Find(place, "%v", err)
			return
		}
	}
	if !complete {
		return
	}
	expire := long
	if v, _, known := f.Constant("Expire"); known {
		expire = 0
		if v != nil {
			n, _ := constant.Int64Val(constant.ToInt(v))
			expire = time.Duration(n)
		}
	}
	if err := refuse(expire, all); err != nil && expire >= 0 {
		c.Find(inner(at), "%v", err)
	}
}

// inner returns where a finding is reported.
func inner(at ast.Expr) ast.Expr {
	if lit, ok := at.(*ast.CompositeLit); ok {
		return lit.Type
	}
	return at
}

// set sets a field to a constant.
func set(f *ring.Freshness, name string, v constant.Value) bool {
	field := reflect.ValueOf(f).Elem().FieldByName(name)
	switch {
	case field.CanInt():
		n, exact := constant.Int64Val(constant.ToInt(v))
		field.SetInt(n)
		return exact
	case field.CanFloat() && (v.Kind() == constant.Int || v.Kind() == constant.Float):
		x, _ := constant.Float64Val(v)
		field.SetFloat(x)
		return true
	}
	return false
}

// refuse returns why New refuses a Freshness in memory.
func refuse(expire time.Duration, f ring.Freshness) error {
	_, err := ring.New(func(int) int { return 0 }, ring.Lru{MaxSize: 1, Expire: expire, Options: ring.Options{Freshness: f}})
	var e *ring.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
