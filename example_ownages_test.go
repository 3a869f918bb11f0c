package ring_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// shelfLife is your own storage, for Freshness. It tells the time left to a value, and can
// shorten it. Its clock stands still.
type shelfLife struct {
	mu   sync.Mutex
	aged map[string]ring.Aged
}

var (
	_ ring.AgedStorage    = (*shelfLife)(nil)
	_ ring.ShortenStorage = (*shelfLife)(nil)
)

// GetAged implements ring.AgedStorage.
func (s *shelfLife) GetAged(_ context.Context, key string) (ring.Aged, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.aged[key]
	if !ok {
		return ring.Aged{}, ring.ErrNotFound
	}
	return a, nil
}

// GetManyAged implements ring.AgedStorage.
func (s *shelfLife) GetManyAged(ctx context.Context, keys []string) ([]ring.Aged, error) {
	all := make([]ring.Aged, len(keys))
	for i, key := range keys {
		a, err := s.GetAged(ctx, key)
		if err != nil {
			a.Value = err
		}
		all[i] = a
	}
	return all, nil
}

// ShortenValue implements ring.ShortenStorage.
func (s *shelfLife) ShortenValue(_ context.Context, key string, left time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.aged[key]; ok && (a.Left == 0 || a.Left > left) {
		a.Left = left
		s.aged[key] = a
	}
	return nil
}

// GetValue implements ring.Storage.
func (s *shelfLife) GetValue(ctx context.Context, key string) (any, error) {
	a, err := s.GetAged(ctx, key)
	return a.Value, err
}

// SetValue implements ring.Storage.
func (s *shelfLife) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aged[key] = ring.Aged{Value: value, Left: expire}
	return nil
}

// DeleteValue implements ring.Storage.
func (s *shelfLife) DeleteValue(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.aged, key)
	return nil
}

// With your own storage: nothing is stored beside the value, only for longer.
func ExampleAged() {
	var m market
	s := &shelfLife{aged: map[string]ring.Aged{}}
	prices := ring.Wrap(m.price, ring.BaseFactory{
		KeyPrefix: "price", Expire: time.Minute,
		StorageClass: func(any) (ring.Storage, error) { return s, nil },
		Options:      ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}},
	})
	fmt.Println(prices.Call("AAPL"))
	fmt.Println(s.GetAged(context.Background(), "price:AAPL"))

	fmt.Println(prices.MarkStale("AAPL"))
	fmt.Println(s.GetAged(context.Background(), "price:AAPL"))
	fmt.Println(prices.Call("AAPL")) // the old price
	settle()
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// {AAPL 101 1h1m0s <nil>} <nil>
	// <nil>
	// {AAPL 101 1h0m0s <nil>} <nil>
	// AAPL 101 <nil>
	// AAPL 102 <nil>
}
