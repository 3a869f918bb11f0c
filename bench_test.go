package ring_test

import (
	"container/list"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/ring-go/ring"
)

// The benchmarks answer what a hit, a miss and a key cost for the kinds of arguments
// that matter, next to what a careful user would write by hand.

const resident = 1024 // entries in the cache, all of them hit

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

// handWritten is a strict LRU cache as one writes it by hand: a map, a list, a lock.
type handWritten struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	order   list.List
	size    int
}

type handEntry struct {
	key   string
	value any
}

func newHandWritten(size int) *handWritten {
	return &handWritten{entries: map[string]*list.Element{}, size: size}
}

func (h *handWritten) get(key []byte) (any, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok := h.entries[string(key)]
	if !ok {
		return nil, false
	}
	h.order.MoveToFront(e)
	return e.Value.(*handEntry).value, true
}

func (h *handWritten) set(key string, value any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries[key] = h.order.PushFront(&handEntry{key, value})
	if len(h.entries) > h.size {
		delete(h.entries, h.order.Remove(h.order.Back()).(*handEntry).key)
	}
}

func (h *handWritten) ofInt(n int) int {
	var buf [64]byte
	key := strconv.AppendInt(append(buf[:0], "f:"...), int64(n), 10)
	if v, ok := h.get(key); ok {
		return v.(int)
	}
	v := ofInt(n)
	h.set(string(key), v)
	return v
}

func (h *handWritten) ofString(s string) int {
	var buf [64]byte
	key := append(append(buf[:0], "f:"...), s...)
	if v, ok := h.get(key); ok {
		return v.(int)
	}
	v := ofString(s)
	h.set(string(key), v)
	return v
}

func (h *handWritten) ofMixed(n int, s string, b bool) string {
	var buf [64]byte
	key := strconv.AppendInt(append(buf[:0], "f:"...), int64(n), 10)
	key = append(append(append(key, ':'), s...), ':')
	key = strconv.AppendBool(key, b)
	if v, ok := h.get(key); ok {
		return v.(string)
	}
	v := ofMixed(n, s, b)
	h.set(string(key), v)
	return v
}

// subject is one way to call one function.
type subject struct {
	name string
	call func(i int) error
}

// subjects are the ways to call functions that are cached in caches of that size.
func subjects(size int) []subject {
	lru := ring.Lru{MaxSize: size, KeyPrefix: "f"}
	ints, strs, mixed := ring.Wrap(ofInt, lru), ring.Wrap(ofString, lru), ring.Wrap(ofMixed, lru)
	structs, lists := ring.Wrap(ofStruct, lru), ring.Wrap(ofSlice, lru)
	accounts := make([]*ring.Wire, resident)
	balance := ring.Wrap((*account).Balance, lru)
	for i := range accounts {
		accounts[i] = balance.Bind(&account{texts[i]})
	}
	typedInt, typedString, typedMixed := ofInt, ofString, ofMixed
	ring.Decorate(&typedInt, lru)
	ring.Decorate(&typedString, lru)
	ring.Decorate(&typedMixed, lru)
	handInt, handString, handMixed := newHandWritten(size), newHandWritten(size), newHandWritten(size)
	dict := ring.Wrap(ofInt, ring.Dict{})
	return []subject{
		{"int/by-hand", func(i int) error { handInt.ofInt(i); return nil }},
		{"int/Call", func(i int) error { _, err := ints.Call(i); return err }},
		{"int/Scalars", func(i int) error { _, err := ints.Scalars().Call(i); return err }},
		{"int/decorated", func(i int) error { typedInt(i); return nil }},
		{"int/GetOrUpdate", func(i int) error { _, err := ints.GetOrUpdate(i); return err }},
		{"int/Get", func(i int) error { _, err := ints.Get(i); return err }},
		{"int/dict", func(i int) error { _, err := dict.Call(i % resident); return err }},
		{"string/by-hand", func(i int) error { handString.ofString(texts[i%resident]); return nil }},
		{"string/Call", func(i int) error { _, err := strs.Call(texts[i%resident]); return err }},
		{"string/Scalars", func(i int) error { _, err := strs.Scalars().Call(texts[i%resident]); return err }},
		{"string/decorated", func(i int) error { typedString(texts[i%resident]); return nil }},
		{"mixed/by-hand", func(i int) error { handMixed.ofMixed(i, texts[i%resident], true); return nil }},
		{"mixed/Call", func(i int) error { _, err := mixed.Call(i, texts[i%resident], true); return err }},
		{"mixed/Scalars", func(i int) error { _, err := mixed.Scalars().Call(i, texts[i%resident], true); return err }},
		{"mixed/decorated", func(i int) error { typedMixed(i, texts[i%resident], true); return nil }},
		{"struct/Call", func(i int) error { _, err := structs.Call(points[i%resident]); return err }},
		{"slice100/Call", func(i int) error { _, err := lists.Call(intLists[i%resident]); return err }},
		{"method/Call", func(i int) error { _, err := accounts[i%resident].Call(7); return err }},
	}
}

// BenchmarkHit: every argument has been seen.
func BenchmarkHit(b *testing.B) {
	for _, s := range subjects(resident) {
		for i := range resident {
			if err := s.call(i); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(s.name+"/serial", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := s.call(i & (resident - 1)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(s.name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if err := s.call(i & (resident - 1)); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkMiss: every argument is new, and the cache is full.
func BenchmarkMiss(b *testing.B) {
	next := 0
	for _, s := range subjects(resident) {
		switch s.name {
		case "int/by-hand", "int/Call", "int/decorated", "mixed/by-hand", "mixed/Call", "mixed/decorated":
		default:
			continue // their arguments repeat
		}
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				next++
				if err := s.call(next); err != nil {
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
