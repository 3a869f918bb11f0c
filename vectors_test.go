package ring

import "reflect"

type ringKeyed struct{ text string }

type stringed struct{ text string }

type Acct struct{ hash uint64 }

type A struct{}

type Point struct {
	X any `ring:"x"`
	Y any `ring:"y"`
}

type User struct {
	Name   any `ring:"name"`
	Age    any `ring:"age"`
	Active any `ring:"active"`
}

type Data struct {
	Name   any `ring:"name"`
	MyInt  any `ring:"my_int"`
	MyDict any `ring:"my_dict"`
}

type Inner struct {
	P any `ring:"p"`
	Q any `ring:"q"`
}

func (r ringKeyed) RingKey() string { return r.text }

func (s stringed) String() string { return s.text }

func (a Acct) Hash() (uint64, error) { return a.hash, nil }

// normal makes what a Go function got comparable with a vector's value.
func normal(v any) any {
	switch v := v.(type) {
	case Tuple:
		return append([]any{}, v...)
	case Kwargs:
		return normal(map[string]any(v))
	case map[string]any:
		m := map[any]any{}
		for k := range v {
			m[k] = v[k]
		}
		return m
	}
	return v
}

// planArgs is a value as it stands among the arguments of a call.
type planArgs struct{ values []any }

func (p planArgs) typ() reflect.Type { return reflect.TypeOf(p.values[0]) }

func (p planArgs) value() reflect.Value { return reflect.ValueOf(&p.values[0]).Elem().Elem() }
