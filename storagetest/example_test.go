package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/storagetest"
)

// mapStorage is your own storage: it keeps the values themselves and has no expiry.
type mapStorage struct{ values sync.Map }

func (s *mapStorage) GetValue(_ context.Context, key string) (any, error) {
	if value, ok := s.values.Load(key); ok {
		return value, nil
	}
	return nil, ring.ErrNotFound
}

func (s *mapStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		return fmt.Errorf("%w: a mapStorage keeps no expiry", errors.ErrUnsupported)
	}
	s.values.Store(key, value)
	return nil
}

func (s *mapStorage) DeleteValue(_ context.Context, key string) error {
	s.values.Delete(key)
	return nil
}

func (s *mapStorage) InMemoryStorage() bool { return true }

// In your own test file, call the function TestMapStorage, and go test runs it.
func ExampleRun() {
	testMapStorage = func(t *testing.T) {
		storagetest.Run(t, func(*testing.T) ring.Storage { return new(mapStorage) }, nil)
	}
}

// With a storage that has its own clock a test need not wait, and values can have other
// types than []byte.
func ExampleRun_options() {
	now := time.Unix(0, 0)
	testDictStorage = func(t *testing.T) {
		storagetest.Run(t, func(t *testing.T) ring.Storage {
			storage, err := ring.NewExpirableDictStorage(map[string]any{})
			if err != nil {
				t.Fatal(err)
			}
			storage.(*ring.ExpirableDictStorage).Now = func() time.Time { return now }
			return storage
		}, &storagetest.Options{
			Values:     []any{nil, 1, "one", 1.5, []any{1, 2}, map[string]int{"a": 1}},
			Advance:    func(_ *testing.T, d time.Duration) { now = now.Add(d) },
			Resolution: time.Nanosecond,
		})
	}
}

var testMapStorage, testDictStorage func(*testing.T)

// TestExamples runs the tests that the examples define.
func TestExamples(t *testing.T) {
	ExampleRun()
	t.Run("MapStorage", testMapStorage)
	ExampleRun_options()
	t.Run("DictStorage", testDictStorage)
}
