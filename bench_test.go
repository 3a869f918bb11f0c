package ring_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/ring-go/ring"
)

// The benchmarks measure a miss and a key, for the kinds of arguments that matter.
// Package bench measures hits, and compares all of it with code that a careful user
// writes by hand.

const resident = 1024 // entries in the cache

type point struct {
	X, Y  int
	Name  string
	Scale float64
	On    bool
}

type account struct{ ID string }

func (a *account) RingKey() string       { return a.ID }
func (a *account) Balance(month int) int { return month }

func ofInt(n int) int                        { return n }
func ofString(s string) int                  { return len(s) }
func ofMixed(n int, s string, b bool) string { return s }
func ofStruct(p point) int                   { return p.X }
func ofSlice(l []int) int                    { return len(l) }

var (
	texts    = make([]string, resident)
	points   = make([]point, resident)
	intLists = make([][]int, resident)
)

func init() {
	for i := range resident {
		texts[i] = "user-" + strconv.Itoa(100_000+i)
		points[i] = point{i, -i, texts[i], float64(i) / 3, i%2 == 0}
		intLists[i] = make([]int, 100)
		for j := range intLists[i] {
			intLists[i][j] = i * j
		}
	}
}

// BenchmarkMiss: every argument is new, and the cache is full.
func BenchmarkMiss(b *testing.B) {
	lru := ring.Lru{MaxSize: resident, KeyPrefix: "f"}
	ints, mixed := ring.Wrap(ofInt, lru), ring.Wrap(ofMixed, lru)
	typedInt, typedMixed := ofInt, ofMixed
	ring.Decorate(&typedInt, lru)
	ring.Decorate(&typedMixed, lru)
	next := 0
	for _, way := range []struct {
		name string
		call func(n int) error
	}{
		{"int/Call", func(n int) error { _, err := ints.Call(n); return err }},
		{"int/decorated", func(n int) error { typedInt(n); return nil }},
		{"mixed/Call", func(n int) error { _, err := mixed.Call(n, texts[n%resident], true); return err }},
		{"mixed/decorated", func(n int) error { typedMixed(n, texts[n%resident], true); return nil }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				next++
				if err := way.call(next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkKey: the key as a string, in the three styles.
func BenchmarkKey(b *testing.B) {
	m := map[string]int{}
	for i := range 20 {
		m[texts[i]] = i
	}
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.PythonKeys, ring.HashKeys} {
		lru := ring.Lru{KeyPrefix: "f", Options: ring.Options{KeyStyle: style}}
		account := ring.Wrap((*account).Balance, lru).Bind(&account{"ann"})
		ints, strs, mixed := ring.Wrap(ofInt, lru), ring.Wrap(ofString, lru), ring.Wrap(ofMixed, lru)
		structs, lists := ring.Wrap(ofStruct, lru), ring.Wrap(ofSlice, lru)
		maps := ring.Wrap(func(m map[string]int) int { return len(m) }, lru)
		for _, k := range []struct {
			name string
			key  func() (string, error)
		}{
			{"int", func() (string, error) { return ints.Key(123456) }},
			{"string", func() (string, error) { return strs.Key(texts[0]) }},
			{"mixed", func() (string, error) { return mixed.Key(123456, texts[0], true) }},
			{"struct", func() (string, error) { return structs.Key(points[1]) }},
			{"slice100", func() (string, error) { return lists.Key(intLists[1]) }},
			{"map20", func() (string, error) { return maps.Key(m) }},
			{"method", func() (string, error) { return account.Key(7) }},
		} {
			b.Run(fmt.Sprint(k.name, "/", style), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := k.key(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
