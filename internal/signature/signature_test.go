package signature

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSignatureSyntax(t *testing.T) {
	for _, src := range []string{
		"", "a", "a,", "a, b=2", "*args", "**kw", "*args, **kw", "a, /", "a, /, b", "*, k", "a, *, k=1, m", "a, b=1, *args, c, d='x', **kw",
		"(a, b)", "(a: int, b: str = 'x', *args: Tuple[int, str]) -> Dict[str, List[int]]", "a: 'quoted, =' = 1",
		" a ,\n\tb = 2 , # a comment\n c = 3", "x, /, a, b=2, *args, c, d='x', **kw,", "été=1, 名=2",
		"a=-1, b=+2, c=--3, d=(1), e=(1,), f=()", "a = [1, [2]], b={1: 2, 'x': (3,)}, c={1, 2}, d={}, e=set(), f=...",
	} {
		_, err := Parse(src)
		assert.NoError(t, err, src)
	}
	for src, want := range map[string]string{
		"a b":          `column 3: a comma is missing before "b"`,
		"a=":           "column 3: a value is missing",
		"1a":           "column 1: the name of a parameter is missing",
		"a, a":         `column 4: a second parameter "a"`,
		"class":        "column 1: class is a keyword",
		"/":            "/ must follow a parameter",
		"a, /, /":      "/ must follow a parameter, once",
		"a, *, /":      "/ must follow a parameter",
		"a, *, b, /":   "and come before *",
		"*":            "a parameter must follow the bare *",
		"*,":           "a parameter must follow the bare *",
		"*, **kw":      "a parameter must follow the bare *",
		"*a, *b":       "a second *",
		"**kw, a":      "nothing can follow **kw",
		"*args=1":      "*args cannot have a default value",
		"a=1, b":       `"b" without a default value follows one with a default value`,
		"a, b=1, c":    `"c" without a default value`,
		"a=x":          `"x" is not a literal: a number`,
		"a=nil":        `"nil" is not a literal: Python writes None`,
		"a=null":       `"null" is not a literal: Python writes None`,
		"a=true":       `"true" is not a literal: Python writes True`,
		"a=false":      `"false" is not a literal: Python writes False`,
		"a=1+2":        "a calculation is not a literal",
		"a='x":         "the string does not end",
		"a='x\n'":      "the string does not end",
		"a=f'x'":       `a string with the prefix "f"`,
		`a='\N{DASH}'`: `\N{...} is not supported`,
		`a='\ud800'`:   "not a character that UTF-8 can hold",
		`a='\x4'`:      `"4'" is not the number of a character`,
		"a=b'é'":       "bytes can only hold ASCII",
		"a='x' b'y'":   "bytes and text cannot be joined",
		"a=012":        `"012" is not a number`,
		"a=1__0":       "underscore in the wrong place",
		"a=0x":         `"0x" is not a number`,
		"a={[1]: 2}":   "cannot be in a set or be the key of a dict",
		"a={1: 2, 3}":  "a dict and a set in one",
		"a=[1 2]":      `"]" or a comma is missing`,
		"(a":           "a comma is missing",
		"(a) b":        "does not belong to a signature",
		"a..":          "a comma is missing",
		"(*,":          "a parameter must follow the bare *",
		"(a, *,":       "a parameter must follow the bare *",
		"a\x00b!!":     "there is a zero byte in it",
		"a:":           "the annotation is missing",
		"a: , b":       "the annotation is missing",
		"a:'x":         "the string does not end",
		"() -> ":       "the annotation is missing",
	} {
		_, err := Parse(src)
		assert.ErrorContains(t, err, want, src)
	}
}

func FuzzSignature(f *testing.F) {
	for _, seed := range []string{"x, /, a, b=2, *args, c, d='x', **kw", "a=(1,[2,{'x':b'y'}])", "a='\\N", "*,", "a=1e999+2j", "(a:int)->x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		sig, err := Parse(src)
		if err != nil {
			return
		}
		// A value that was read binds its own defaults.
		kwargs := map[string]any{}
		args := []any{}
		for _, p := range sig.Formals {
			switch {
			case p.Kind == KeywordOnly && !p.HasDefault:
				kwargs[p.Name] = 1
			case p.Kind <= PositionalOrKeyword && !p.HasDefault:
				args = append(args, 1)
			}
			assert.True(t, reflect.DeepEqual(CloneLiteral(p.Def), p.Def) || p.Def != nil, "clone of %#v", p.Def)
		}
		bound, err := sig.Bind("f", args, kwargs, 0)
		require.NoError(t, err)
		require.Len(t, bound, len(sig.Formals))
	})
}
