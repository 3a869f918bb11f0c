package ring

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/signature"
)

// KeyStyle says how keys are written. See "Keys" in the package documentation.
type KeyStyle uint8

const (
	// SafeKeys, the default, are Python's text where that is unambiguous, and escaped
	// elsewhere. Different calls never share a key.
	SafeKeys KeyStyle = iota

	// PythonKeys are byte for byte those of Python's ring, for a cache shared with a
	// Python process. Different calls can share a key, as in Python.
	PythonKeys

	// HashKeys are SafeKeys with lists, maps and structs hashed: short, however large
	// the value.
	HashKeys
)

// String returns the name of the constant.
func (s KeyStyle) String() string {
	switch s {
	case SafeKeys:
		return "SafeKeys"
	case PythonKeys:
		return "PythonKeys"
	case HashKeys:
		return "HashKeys"
	}
	return fmt.Sprintf("KeyStyle(%d)", uint8(s))
}

// check refuses a style that is none of the constants.
func (s KeyStyle) check() error {
	if s > HashKeys {
		return errors.New("the key style is not SafeKeys, PythonKeys or HashKeys")
	}
	return nil
}

// checkIgnorable compares IgnorableKeys with the parameters.
func checkIgnorable(c *callable.Callable, ignorable []string) error {
	for i, name := range ignorable {
		known := slices.ContainsFunc(c.Params, func(p callable.Parameter) bool { return p.Name != "" && p.Label() == name })
		switch {
		case slices.Contains(ignorable[:i], name):
			return fmt.Errorf("the ignorable key %q is named twice", name)
		case !known && !c.Signature.Named:
			return fmt.Errorf("the ignorable key %q: the parameters have no names; give them with ring.Signature", name)
		case !known:
			return fmt.Errorf("the ignorable key %q is not a parameter; they are %s", name, c.Labels())
		}
	}
	return nil
}

// RingKeyer is a value that makes its own text for a key. Python: __ring_key__.
type RingKeyer interface{ RingKey() string }

func rulesOf(style KeyStyle, inMemory bool) keytext.Rules {
	return keytext.Rules{Python: style == PythonKeys, Hashed: style == HashKeys, InMemory: inMemory}
}

// keyParams returns the parameters of a function that are part of its keys.
func keyParams(c *callable.Callable, ignorable []string) []keytext.Param {
	var params []keytext.Param
	for i := range c.Params {
		p := &c.Params[i]
		if p.Name != "" && slices.Contains(ignorable, p.Label()) {
			continue
		}
		params = append(params, keytext.Param{
			Type: p.Type, At: i, In: p.In, What: p.Describe(i),
			Variadic: p.Kind == signature.VarPositional, Receiver: i == 0 && c.Receiver,
		})
	}
	return params
}

// partialKeys tells whether calls of a rope with different arguments can have the same
// key, because the key leaves something out or the user's code makes it. A call within
// the run of such a key, with the same key, need not recurse for ever.
type partialKeys struct {
	always  atomic.Bool
	dynamic bool // whether a value in an interface leaves something out
}

// canBe reports whether the key of any call can be partial.
func (k *partialKeys) canBe() bool { return k.always.Load() || k.dynamic }

// has reports whether the key of this call is partial.
func (k *partialKeys) has(bound any, args []any, kwargs Kwargs) bool {
	return k.always.Load() || k.dynamic && k.hasDynamic(bound, args, kwargs)
}

func (k *partialKeys) hasDynamic(bound any, args []any, kwargs Kwargs) bool {
	if keytext.IsIncomplete(bound) || slices.ContainsFunc(args, keytext.IsIncomplete) {
		return true
	}
	for _, v := range kwargs {
		if keytext.IsIncomplete(v) {
			return true
		}
	}
	return false
}
