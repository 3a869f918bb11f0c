package signature

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/internal/pyvalue"
)

func TestLiterals(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for src, want := range map[string]any{
		"0": 0, "00": 0, "1_000": 1000, "-7": -7, "0xFF": 255, "0o17": 15, "0b101": 5, "-9223372036854775808": math.MinInt64,
		"123456789012345678901234567890": huge,
		"1.5":                            1.5, ".5": 0.5, "1.": 1.0, "1e3": 1000.0, "1E-3": 0.001, "1_0.5": 10.5, "1e999": math.Inf(1), "-1e999": math.Inf(-1),
		"2j": 2i, "1+2j": 1 + 2i, "1.5-2j": 1.5 - 2i,
		"True": true, "False": false, "None": nil, "...": pyvalue.Ellipsis,
		`'a'`: "a", `"a'b"`: "a'b", `'a' "b" '''c'''`: "abc", `'\n\t\\\'\x41\101\u00e9\U0001F600\q'`: "\n\t\\'AAé😀\\q",
		`r'\n'`: `\n`, `"""a
b"""`: "a\nb", `'a\
b'`: "ab",
		`b'a\xff\n'`: []byte("a\xff\n"), `rb'\x'`: []byte(`\x`), `b''`: []byte{},
		"()": pyvalue.Tuple{}, "(1,)": pyvalue.Tuple{1}, "(1, 'x')": pyvalue.Tuple{1, "x"}, "(1)": 1, "((1,), [2])": pyvalue.Tuple{pyvalue.Tuple{1}, []any{2}},
		"[]": []any{}, "[1, [2], ]": []any{1, []any{2}},
		"{}": map[any]any{}, "{'a': 1, (1, 2): 3}": map[any]any{"a": 1, [2]any{1, 2}: 3}, "{b'x': 1}": map[any]any{[1]byte{'x'}: 1},
		"{1, 2}": map[any]struct{}{1: {}, 2: {}}, "set()": map[any]struct{}{}, "frozenset()": pyvalue.FrozenSet{},
	} {
		sig, err := Parse("a=" + src)
		if assert.NoError(t, err, src) {
			assert.Equal(t, want, sig.Formals[0].Def, src)
		}
	}
}
