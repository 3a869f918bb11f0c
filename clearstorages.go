package ring

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
)

var (
	_ ClearStorage = (*LruStorage)(nil)
	_ ClearStorage = (*ExpirableDictStorage)(nil)
	_ ClearStorage = (*PersistentDictStorage)(nil)
	_ ClearStorage = (*DiskCacheStorage)(nil)
	_ ClearStorage = (*ShelveStorage)(nil)
)

// clearing is a Clear while it is under way.
type clearing struct {
	prefix  string
	owns    func(key string) bool // which of the keys with the prefix; nil: all
	removed atomic.Int64
}

// includes reports whether the value of a key is to be removed.
func (c *clearing) includes(key string) bool {
	return strings.HasPrefix(key, c.prefix) && (c.owns == nil || c.owns(key))
}

// chosen returns those keys whose values are to be removed, in the same slice.
func (c *clearing) chosen(keys []string) []string {
	return slices.DeleteFunc(keys, func(key string) bool { return !c.includes(key) })
}

// chooser is one of ring's own storages. It can leave some of the keys with a prefix.
type chooser interface {
	clearKeys(ctx context.Context, c *clearing) error
}

// clearPrefix is ClearPrefix by the clearKeys of a storage.
func clearPrefix(ctx context.Context, prefix string, clearKeys func(context.Context, *clearing) error) (int, error) {
	c := &clearing{prefix: prefix}
	err := clearKeys(ctx, c)
	return int(c.removed.Load()), err
}

// ClearPrefix implements ClearStorage. The cache knows a key of more than 4 KiB by its
// digest alone: values of such keys go in any case, whatever they begin with.
func (s *LruStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

func (s *LruStorage) clearKeys(_ context.Context, c *clearing) error {
	n := s.Cache.DeleteFunc(func(key string) bool { return key == "" || c.includes(key) })
	c.removed.Add(int64(n))
	return nil
}

// ClearPrefix implements ClearStorage for a map and a sync.Map, and for a Mapping with the
// method Keys() iter.Seq[string]. An expired value that is still there counts.
func (s *DictStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

func (s *DictStorage) clearKeys(_ context.Context, c *clearing) error {
	m, ok := s.dict.Mapping.(interface{ Keys() iter.Seq[string] })
	if !ok {
		return fmt.Errorf("%w: %T cannot tell its keys: give it a method Keys() iter.Seq[string]", errors.ErrUnsupported, s.dict.Mapping)
	}
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	for _, key := range c.chosen(slices.Collect(m.Keys())) {
		s.dict.Delete(key)
		c.removed.Add(1)
	}
	return nil
}

// Keys returns the keys. The loop must not use the map.
func (l *lockedMap) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		l.mu.RLock()
		defer l.mu.RUnlock()
		for key := range l.m {
			if !yield(key) {
				return
			}
		}
	}
}

// Keys returns the keys that are strings.
func (s syncMap) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		s.m.Range(func(key, _ any) bool {
			text, ok := key.(string)
			return !ok || yield(text)
		})
	}
}

// ClearPrefix implements ClearStorage, if Obj has the method DeletePrefix of a
// *diskcache.Cache. An expired value that is still there counts.
func (s *DiskCacheStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

func (s *DiskCacheStorage) clearKeys(ctx context.Context, c *clearing) error {
	obj, ok := s.Obj.(interface {
		DeletePrefix(ctx context.Context, prefix string, del func(key string) bool) (int, error)
	})
	if !ok {
		return fmt.Errorf("%w: %T has no DeletePrefix", errors.ErrUnsupported, s.Obj)
	}
	n, err := obj.DeletePrefix(ctx, c.prefix, c.includes)
	c.removed.Add(int64(n))
	return err
}

// ClearPrefix implements ClearStorage, if the Shelf has the method Keys of a *shelve.Shelf.
func (s *ShelveStorage) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	return clearPrefix(ctx, prefix, s.clearKeys)
}

// shelfChunk is how many keys go in one transaction.
const shelfChunk = 100

func (s *ShelveStorage) clearKeys(ctx context.Context, c *clearing) error {
	shelf, ok := s.Shelf.(interface {
		Keys() iter.Seq2[string, error]
	})
	if !ok {
		return fmt.Errorf("%w: %T has no Keys", errors.ErrUnsupported, s.Shelf)
	}
	var keys []string
	for key, err := range shelf.Keys() {
		if err != nil && key == "" {
			return err
		}
		if c.includes(key) {
			keys = append(keys, key)
		}
	}
	for chunk := range slices.Chunk(keys, shelfChunk) {
		if err := s.Shelf.DeleteMany(ctx, chunk); err != nil {
			return err
		}
		c.removed.Add(int64(len(chunk)))
	}
	return nil
}
