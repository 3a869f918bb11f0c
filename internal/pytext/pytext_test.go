package pytext

import (
	"math"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                 `''`,
		"plain":            `'plain'`,
		"it's":             `"it's"`,
		`say "hi"`:         `'say "hi"'`,
		`it's "x"`:         `'it\'s "x"'`,
		"\n\t\r\\\x7f\x00": `'\n\t\r\\\x7f\x00'`,
		"é\u00ad\u00a0":    `'é\xad\xa0'`,
		"\u200b\u3000中":    `'\u200b\u3000中'`,
		"😀\U000e0001":      `'😀\U000e0001'`,
		"\xff":             `'\udcff'`,
		"\u0378":           `'\u0378'`, // unassigned
		"\U0001fae8":       `'\U0001fae8'`,
	} {
		assert.Equal(t, want, string(AppendString(nil, in)), "%q", in)
	}
}

func TestAppendBytes(t *testing.T) {
	for in, want := range map[string]string{
		"":         `b''`,
		"a b":      `b'a b'`,
		"\x00\xff": `b'\x00\xff'`,
		"it's":     `b"it's"`,
		`'"`:       `b'\'"'`,
		`"'`:       `b'"\''`,
		"\n\\":     `b'\n\\'`,
	} {
		assert.Equal(t, want, string(AppendBytes(nil, []byte(in))), "%q", in)
	}
}

func TestAppendFloat(t *testing.T) {
	for want, in := range map[string]float64{
		"0.0": 0, "-0.0": math.Copysign(0, -1), "1.0": 1, "0.1": 0.1, "1e+16": 1e16, "1000000000000000.0": 1e15,
		"0.0001": 1e-4, "1e-05": 1e-5, "1.5e-07": 1.5e-7, "5e-324": 5e-324, "1.7976931348623157e+308": math.MaxFloat64,
		"inf": math.Inf(1), "-inf": math.Inf(-1), "nan": math.NaN(), "-1.5": -1.5,
	} {
		assert.Equal(t, want, string(AppendFloat(nil, in, 64)))
	}
	assert.Equal(t, "0.1", string(AppendFloat(nil, float64(float32(0.1)), 32)))
}

func TestAppendComplex(t *testing.T) {
	for want, in := range map[string]complex128{
		"0j": 0, "2j": 2i, "(1+2j)": 1 + 2i, "(1.5-0.5j)": 1.5 - 0.5i, "(1+0j)": 1,
		"(-0+1j)": complex(math.Copysign(0, -1), 1), "(nan+nanj)": complex(math.NaN(), math.NaN()),
	} {
		assert.Equal(t, want, string(AppendComplex(nil, in, 64)))
	}
}

func FuzzAppendStringIsInjective(f *testing.F) {
	f.Add("a", "b")
	f.Add("\xff", "\\udcff")
	f.Add("\\n", "\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		ta, tb := AppendString(nil, a), AppendString(nil, b)
		assert.Equal(t, a == b, string(ta) == string(tb))
		assert.True(t, utf8.Valid(ta))
	})
}
