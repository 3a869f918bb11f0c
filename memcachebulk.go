package ring

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

// GetManyValues implements BulkStorage: one request to every server concerned. When one
// of them fails, each key without a value is asked for by itself, to tell those that are
// missing from those that failed. Of the latter the BulkErrors have the error, and the
// value is ErrNotFound. Python: get_many_values.
func (s *MemcacheStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	plain := make([]string, len(keys))
	for i, key := range keys {
		plain[i] = MemcacheKey(key)
	}
	items, err := s.getMulti(slices.Compact(slices.Sorted(slices.Values(plain))))
	values := make([]any, len(keys))
	var absent []int
	for i, key := range plain {
		values[i] = ErrNotFound
		if item := items[key]; item != nil {
			values[i] = itemValue(item)
		} else {
			absent = append(absent, i)
		}
	}
	if err == nil || len(absent) == 0 {
		return values, nil
	}
	errs := make([]error, len(keys))
	for _, i := range absent {
		errs[i] = err
	}
	if len(absent) <= maxAbsent {
		s.askAbsent(ctx, keys, absent, values, errs)
	}
	return values, bulkErrors(errs)
}

// maxAbsent is for how many keys it is worth asking one by one which of them failed.
const maxAbsent = 1000

// getMulti is the client's. What is there beside an error of a connection that was closed
// does not have to be asked for again.
func (s *MemcacheStorage) getMulti(keys []string) (map[string]*memcache.Item, error) {
	closings := s.closings.Load()
	items, err := s.Client.GetMulti(keys)
	if err == nil || !s.dropClosed(err, closings) {
		return items, err
	}
	var rest []string
	for _, key := range keys {
		if items[key] == nil {
			rest = append(rest, key)
		}
	}
	more, err := s.Client.GetMulti(rest)
	if items == nil {
		return more, err
	}
	maps.Copy(items, more)
	return items, err
}

// askAbsent asks for keys one by one, several at a time, unless their error is a time-out:
// each would take as long again.
func (s *MemcacheStorage) askAbsent(ctx context.Context, keys []string, absent []int, values []any, errs []error) {
	var slow atomic.Bool
	slow.Store(isTimeout(errs[absent[0]]))
	s.spread(len(absent), func(n int) {
		i := absent[n]
		if slow.Load() || ctx.Err() != nil {
			return
		}
		value, err := s.GetValue(ctx, keys[i])
		switch {
		case err == nil:
			values[i], errs[i] = value, nil
		case err == ErrNotFound:
			errs[i] = nil
		default:
			errs[i] = err
			slow.CompareAndSwap(false, isTimeout(err))
		}
	})
}

// SetManyValues implements BulkStorage: the client has no bulk set, so it is one
// request for each key, on several connections at a time. Python: set_many_values.
func (s *MemcacheStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	last := make(map[string]int, len(keys)) // of equal keys the last one counts
	for i, key := range keys {
		last[key] = i
	}
	return s.each(ctx, keys, func(i int) error {
		if last[keys[i]] != i {
			return nil
		}
		return s.SetValue(ctx, keys[i], values[i], expire)
	})
}

// DeleteManyValues implements BulkStorage, as SetManyValues.
// Python: delete_many_values.
func (s *MemcacheStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	return s.each(ctx, keys, func(i int) error { return s.DeleteValue(ctx, keys[i]) })
}

// HasManyValues implements BulkStorage. The client can only ask for the values. Of a key
// that failed the BulkErrors have the error, and its answer is false.
func (s *MemcacheStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	values, err := s.GetManyValues(ctx, keys)
	has := make([]bool, len(values))
	for i, v := range values {
		has[i] = v != any(ErrNotFound)
	}
	return has, err
}

// TouchManyValues implements BulkStorage, as SetManyValues.
func (s *MemcacheStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	return s.each(ctx, keys, func(i int) error { return s.TouchValue(ctx, keys[i], expire) })
}

// each runs do for every key, until ctx is done.
func (s *MemcacheStorage) each(ctx context.Context, keys []string, do func(i int) error) error {
	errs := make([]error, len(keys))
	s.spread(len(keys), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			errs[i] = do(i)
		}
	})
	return bulkErrors(errs)
}

// spread runs do for 0 to n-1, on as many connections at a time as the client keeps.
func (s *MemcacheStorage) spread(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(s.connections(), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func (s *MemcacheStorage) connections() int {
	if c, ok := s.Client.(*memcache.Client); ok && c.MaxIdleConns > 0 {
		return c.MaxIdleConns
	}
	return memcache.DefaultMaxIdleConns
}
