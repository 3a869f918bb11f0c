package keytext

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// BenchmarkKeyText compares the text of a key with what a careful user appends to a
// buffer by hand. Module bench runs it and knows the goals.
func BenchmarkKeyText(b *testing.B) {
	type point struct {
		X, Y  int
		Name  string
		Scale float64
		On    bool
	}
	p := point{512, -512, "user-100512", 128.25, true}
	list, entries := make([]int, 100), make(map[string]int, 20)
	for i := range list {
		list[i] = 1000 + 512*i
	}
	for i := range 20 {
		entries[fmt.Sprint("user-", 100_000+i)] = 100_000 + 7*i
	}
	buf := make([]byte, 0, 2048)
	name := func(dst []byte, s string) []byte {
		dst = strconv.AppendInt(dst, int64(len(s)), 10)
		return append(append(dst, ':'), s...)
	}
	for _, c := range []struct {
		name   string
		value  any
		byHand func() []byte
	}{
		{"struct", p, func() []byte {
			dst := strconv.AppendInt(append(buf, "f:"...), int64(p.X), 10)
			dst = strconv.AppendInt(append(dst, ','), int64(p.Y), 10)
			dst = name(append(dst, ','), p.Name)
			dst = strconv.AppendFloat(append(dst, ','), p.Scale, 'g', -1, 64)
			return strconv.AppendBool(append(dst, ','), p.On)
		}},
		{"slice", list, func() []byte {
			dst := append(buf, "f:"...)
			for _, n := range list {
				dst = append(strconv.AppendInt(dst, int64(n), 10), ',')
			}
			return dst
		}},
		{"map", entries, func() []byte {
			var room [32]string
			keys := room[:0]
			for key := range entries {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			dst := append(buf, "f:"...)
			for _, key := range keys {
				dst = name(dst, key)
				dst = append(strconv.AppendInt(append(dst, '='), int64(entries[key]), 10), ',')
			}
			return dst
		}},
	} {
		plan, values := planFor(b, safeKeys, reflect.TypeOf(c.value)), []any{c.value}
		plan.Prefix = "f"
		b.Run(c.name+"/ring", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if plan.Parts[0].Direct() {
					var buf [KeySize]byte
					if _, wrote := AppendScalars(append(buf[:0], "f:"...), plan.Parts, values, 0, false); wrote != Whole {
						b.Fatal("no text")
					}
					continue
				}
				t := GetText()
				if err := plan.Write(t, nil, values); err != nil {
					b.Fatal(err)
				}
				PutText(t)
			}
		})
		b.Run(c.name+"/by-hand", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(c.byHand()) == 0 {
					b.Fatal("no text")
				}
			}
		})
	}
}
