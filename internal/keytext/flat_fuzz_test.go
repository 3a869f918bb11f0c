package keytext

import (
	"math"
	"reflect"
	"strconv"
	"testing"
)

type flatFields struct {
	A    string
	Long int    `ring:"a_name_of_more_than_sixteen_bytes"`
	B    string `ring:"sixteen__bytes"`
	F    float64
	G    float32
	On   bool
	U    uint8
	V    uint64
	I    int16
	Z    string
}

// FuzzFlat: a flat struct has the text that its coercer writes, in a buffer of any size.
func FuzzFlat(f *testing.F) {
	f.Add("a", "b,", "'", 1, 0.5, float32(2), true, uint8(3), uint64(math.MaxUint64), int16(-1), uint8(5))
	f.Add(":", `\`, "None", math.MinInt, math.NaN(), float32(math.Inf(1)), false, uint8(0), uint64(0), int16(0), uint8(120))
	f.Fuzz(func(t *testing.T, a, b, z string, n int, x float64, y float32, on bool, u uint8, v uint64, i int16, room uint8) {
		s := flatFields{a, n, b, x, y, on, u, v, i, z}
		for _, r := range []Rules{{}, {Python: true}, {InMemory: true}, {Python: true, InMemory: true}} {
			k, err := NewPlan([]Param{{Type: reflect.TypeFor[string]()}, {Type: reflect.TypeFor[flatFields](), At: 1, In: 1}, {Type: reflect.TypeFor[string](), At: 2, In: 2}}, r, "p")
			if err != nil {
				t.Fatal(err)
			}
			p := &k.Parts[1]
			if !p.Direct() {
				t.Fatal("not flat")
			}
			var text Text
			if err := p.co.part(&text, reflect.ValueOf(s)); err != nil {
				t.Fatal(err)
			}
			got := p.append(append(make([]byte, 0, 1+int(room)), 'x'), s)
			if string(got) != "x"+string(text.Buf) {
				t.Fatalf("%v: %q, by the coercer %q", r, got, text.Buf)
			}
			want, err := k.Key([]any{a, s, z})
			if err != nil {
				t.Fatal(err)
			}
			head := []byte("p:")
			for _, buf := range [][]byte{make([]byte, 0, KeySize), make([]byte, 0, 1000)} {
				key, wrote := AppendScalars(append(buf, head...), k.Parts, []any{a, s, z}, 0, false)
				if wrote == Ambiguous {
					key, wrote = AppendScalars(append(buf[:0], head...), k.Parts, []any{a, s, z}, 0, true)
				}
				if wrote == Crowded {
					continue
				}
				if wrote != Whole || string(key) != want {
					t.Fatalf("%v: %q, want %q", wrote, key, want)
				}
			}
		}
	})
}

// FuzzInjective: different calls have different keys.
func FuzzInjective(f *testing.F) {
	f.Add("a", "b:c", 1, "x", "a:b", "c", 1, "x")
	f.Add(`a\`, ":", 1, `\`, `a`, `\:`, 1, `\`)
	k, err := NewPlan([]Param{{Type: reflect.TypeFor[string]()}, {Type: reflect.TypeFor[string](), At: 1}, {Type: reflect.TypeFor[int](), At: 2}, {Type: reflect.TypeFor[string](), At: 3}}, Rules{}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b string, n int, c string, a2, b2 string, n2 int, c2 string) {
		one, err := k.Key([]any{a, b, n, c})
		two, err2 := k.Key([]any{a2, b2, n2, c2})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if same := a == a2 && b == b2 && n == n2 && c == c2; same != (one == two) {
			t.Fatalf("%q %q", one, two)
		}
	})
}

// FuzzDigitsInRoom compares with strconv.
func FuzzDigitsInRoom(f *testing.F) {
	f.Add(int64(math.MinInt64), uint8(3))
	f.Fuzz(func(t *testing.T, n int64, room uint8) {
		for i := range int64(3) {
			m := n + i - 1
			if got := string(AppendInt(append(make([]byte, 0, room), 'x'), m)); got != "x"+strconv.FormatInt(m, 10) {
				t.Fatal(got, m)
			}
			if got := string(AppendUint(make([]byte, 0, room), uint64(m))); got != strconv.FormatUint(uint64(m), 10) {
				t.Fatal(got, m)
			}
		}
	})
}
