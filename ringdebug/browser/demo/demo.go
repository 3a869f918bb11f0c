// Package demo is a shop with cached functions, and customers who call them: something to see
// on the pages of ringdebug.
package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/shelve"
)

// Shop holds the cached functions.
type Shop struct {
	Ropes []*ring.Rope
	loads []load
	ends  []func() error
}

// load is how often a function is called, and for what.
type load struct {
	rope  *ring.Rope
	every time.Duration // between two calls
	keys  int           // of so many, the first ones more often
}

// New makes the shop. It keeps its files in dir.
func New(dir string) (*Shop, error) {
	s := &Shop{}
	disk, err := diskcache.Open(filepath.Join(dir, "thumbnails"), nil)
	if err != nil {
		return nil, err
	}
	shelf, err := shelve.Open(filepath.Join(dir, "taxes.db"), nil)
	if err != nil {
		return nil, err
	}
	s.ends = append(s.ends, disk.Close, shelf.Close)
	fresh := ring.Freshness{RefreshAhead: 2 * time.Second, StaleWhileRevalidate: 10 * time.Second, StaleIfError: 40 * time.Second, Jitter: 0.1}
	s.add("prices.Quote", slow(4*time.Millisecond, 0), ring.Lru{MaxSize: 2000, Expire: 8 * time.Second, Options: ring.Options{Freshness: fresh}}, 2*time.Millisecond, 900)
	s.add("catalogue.Product", slow(11*time.Millisecond, 0), ring.Lru{MaxSize: 500}, 3*time.Millisecond, 1400)
	s.add("catalogue.Search", slow(60*time.Millisecond, 0.02), ring.Lru{MaxSize: 300, Expire: 20 * time.Second}, 30*time.Millisecond, 250)
	s.add("stock.Available", slow(2*time.Millisecond, 0), ring.Lru{MaxSize: 128, Expire: time.Second}, 8*time.Millisecond, 90)
	s.add("users.Session", slow(900*time.Microsecond, 0), ring.Dict{Expire: 30 * time.Second}, 5*time.Millisecond, 400)
	s.add("shipping.Rate", slow(140*time.Millisecond, 0.08), ring.Lru{MaxSize: 64, Expire: 3 * time.Second, Options: ring.Options{OnError: quiet, Freshness: ring.Freshness{
		StaleWhileRevalidate: 5 * time.Second, StaleIfError: time.Minute, SoftTimeout: 20 * time.Millisecond, MaxRefreshes: 2}}}, 25*time.Millisecond, 40)
	s.add("images.Thumbnail", slow(35*time.Millisecond, 0), ring.Disk{Obj: disk, Expire: time.Hour}, 60*time.Millisecond, 120)
	s.add("taxes.Rules", slow(420*time.Millisecond, 0), ring.Shelve{Shelf: shelf}, 400*time.Millisecond, 12)
	s.add("recommend.ForUser", slow(230*time.Millisecond, 0), ring.Lru{MaxSize: 32}, 120*time.Millisecond, 60)
	return s, nil
}

// add makes a cached function.
func (s *Shop) add(name string, f func(context.Context, int) (int, error), storage ring.Factory, every time.Duration, keys int) {
	r := ring.Wrap(f, storage, ring.Name("example.com/shop/"+name), ring.Signature("id"))
	s.Ropes = append(s.Ropes, r)
	s.loads = append(s.loads, load{r, every, keys})
}

var errDown = errors.New("the service is down")

// quiet drops the errors that no call returns.
func quiet(context.Context, *ring.Error) {}

// slow returns a function that takes about so long, and fails sometimes.
func slow(mean time.Duration, fails float64) func(context.Context, int) (int, error) {
	return func(ctx context.Context, id int) (int, error) {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(time.Duration(float64(mean) * (0.55 + rand.ExpFloat64()*0.45))):
		}
		if rand.Float64() < fails {
			return 0, fmt.Errorf("id %d: %w", id, errDown)
		}
		return id * 7, nil
	}
}

// Run calls the functions until ctx ends.
func (s *Shop) Run(ctx context.Context) {
	for _, l := range s.loads {
		for part := range 2 {
			go l.run(ctx, time.Duration(part)*l.every/2)
		}
	}
}

func (l load) run(ctx context.Context, after time.Duration) {
	time.Sleep(after)
	zipf := rand.NewZipf(rand.New(rand.NewPCG(uint64(l.keys), uint64(after))), 1.25, 3, uint64(l.keys-1))
	for ctx.Err() == nil {
		_, _ = l.rope.WithContext(ctx).Call(int(zipf.Uint64()))
		time.Sleep(time.Duration(float64(2*l.every) * rand.ExpFloat64()))
	}
}

// Close ends what holds files.
func (s *Shop) Close() error {
	var errs []error
	for _, end := range s.ends {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}
