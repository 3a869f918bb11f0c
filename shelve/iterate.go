package shelve

import (
	"context"
	"iter"
	"unicode/utf8"
)

// Item is an entry of a shelf.
type Item struct {
	Key   string
	Value any
}

// Keys returns the keys in the order of their bytes. The loop sees the keys that the
// shelf had when the loop began: all of them are read then. The loop may use and change
// the shelf.
//
// An error with an empty key ends the loop. An error with a key concerns that entry
// alone, and the loop goes on.
//
// Python: keys, __iter__.
func (s *Shelf) Keys() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		keys, err := s.keys()
		if err != nil {
			yield("", s.fail("keys", "", err))
			return
		}
		for _, key := range keys {
			if !yield(key, s.fail("keys", key, checkKey(key))) {
				return
			}
		}
	}
}

func (s *Shelf) keys() ([]string, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.store.keys(context.Background())
}

func checkKey(key string) error {
	if !utf8.ValidString(key) {
		return ErrKey
	}
	return nil
}

// Items returns the keys and their values, by the rules of [Shelf.Keys], but leaves out
// entries that were removed meanwhile. A value that cannot be decoded is an error with
// its key. Values are read in batches, so the loop holds neither a connection nor a
// lock.
// Python: items, values.
func (s *Shelf) Items() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		keys, err := s.keys()
		for len(keys) > 0 && err == nil {
			var page []result
			var n int
			page, n, err = s.page(keys)
			for _, r := range page {
				if !yield(r.Item, s.fail("items", r.Key, r.err)) {
					return
				}
			}
			keys = keys[n:]
		}
		if err != nil {
			yield(Item{}, s.fail("items", "", err))
		}
	}
}

// result is an item or an error, which may have a key.
type result struct {
	Item
	err error
}

// page returns the items of the first n keys.
func (s *Shelf) page(keys []string) (results []result, n int, err error) {
	if err := s.enter(); err != nil {
		return nil, 0, err
	}
	defer s.leave()
	page, n, err := s.store.page(context.Background(), keys)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range page {
		results = append(results, s.result(e))
	}
	return results, n, nil
}

func (s *Shelf) result(e entry) result {
	r := result{Item: Item{Key: e.key}, err: checkKey(e.key)}
	if r.err != nil {
		return r
	}
	if value, ok := s.values[e.key]; ok {
		r.Value = value
	} else {
		r.Value, r.err = s.decode(e.key, e.data)
	}
	return r
}
