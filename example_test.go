package ring_test

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/ring-go/ring"
)

// tinyMemory is a storage that tells where its values are, and how many.
type tinyMemory struct{ tinyStorage }

func (tinyMemory) InMemoryStorage() bool { return true }

func (m tinyMemory) Size() (limit, current int) {
	m.values.Range(func(_, _ any) bool {
		current++
		return true
	})
	return ring.Unbounded, current
}

// Author is a receiver. It makes its own text for a key, so its other fields make no
// difference.
type Author struct {
	ID   int
	Name string
}

// RingKey implements ring.RingKeyer.
func (a *Author) RingKey() string { return "author" + strconv.Itoa(a.ID) }

// Book returns the author's n-th book.
func (a *Author) Book(n int) string {
	fmt.Println("looking for book", n, "of", a.Name)
	return a.Name + ", Collected Works " + strconv.Itoa(n)
}

// LowerCaseKeys replaces the key. All other sub-functions use the new one.
type LowerCaseKeys struct{ ring.CacheUserInterface }

// Key is the usual key in lower case.
func (l LowerCaseKeys) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := l.CacheUserInterface.Key(w, p)
	return strings.ToLower(key), err
}

// Delete refuses.
func (ReadOnly) Delete(*ring.Wire, ring.ArgPack) error { return errors.New("read only") }

// Set refuses.
func (ReadOnly) Set(*ring.Wire, any, ring.ArgPack) error { return errors.New("read only") }

// gobCoder is your own coder.
type gobCoder struct{}

func (gobCoder) Encode(value any) (any, error) {
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(value)
	return data.Bytes(), err
}

// Decode returns a value of the type typ, so a hit has the same type as a miss.
func (gobCoder) Decode(data any, typ reflect.Type) (any, error) {
	text, ok := data.([]byte)
	if !ok || typ == nil {
		return nil, fmt.Errorf("a %T is not a gob", data)
	}
	value := reflect.New(typ)
	err := gob.NewDecoder(bytes.NewReader(text)).DecodeValue(value)
	return value.Elem().Interface(), err
}

// slowSquare is the function of most examples. It prints a line when it runs; other
// results come from the cache.
func slowSquare(n int) int {
	fmt.Println("squaring", n)
	return n * n
}
