package shelve

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"unicode/utf8"
)

// Item is an entry of a shelf.
type Item struct {
	Key   string
	Value any
}

// Keys returns the keys in the order of their bytes.
// Python: keys, __iter__.
//
// The loop may use the shelf, also change it. A key that is added or removed during the loop,
// by anybody, may be among the keys or not; the others are, each of them once.
//
// An error that ends the loop comes with an empty key; one with a key is about that entry
// alone, and the loop goes on unless it is left.
func (s *Shelf) Keys() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range s.items("keys", selectKeys) {
			if !yield(item.Key, err) {
				return
			}
		}
	}
}

// Items returns the keys and their values, with the rules of [Shelf.Keys]. A value that
// cannot be decoded is an error with its key. Python: items, values.
func (s *Shelf) Items() iter.Seq2[Item, error] {
	return s.items("items", selectItems)
}

// items goes through the shelf in pages, so that neither a connection nor a lock is held
// while the loop runs.
func (s *Shelf) items(op, query string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		from := []byte{}
		for {
			page, err := s.page(query, from)
			if err != nil {
				yield(Item{}, s.fail(op, "", err))
				return
			}
			if len(page) == 0 {
				return
			}
			for _, e := range page {
				if !yield(e.Item, s.fail(op, e.Key, e.err)) {
					return
				}
			}
			// The least key after the last one.
			next := append([]byte(page[len(page)-1].Key), 0)
			if bytes.Compare(next, from) <= 0 {
				yield(Item{}, s.fail(op, "", errOrder))
				return
			}
			from = next
		}
	}
}

// errOrder: without the order of keys the loop would not end.
var errOrder = fmt.Errorf("%w: its keys are out of order: restore it from a copy, or remove it to start anew", ErrCorrupt)

// result is an item or, with a key, why there is none.
type result struct {
	Item
	err error
}

func (s *Shelf) page(query string, from []byte) ([]result, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	page, err := s.store.page(context.Background(), query, from)
	if err != nil {
		return nil, err
	}
	results := make([]result, len(page))
	for i, e := range page {
		results[i] = s.result(query, e)
	}
	return results, nil
}

func (s *Shelf) result(query string, e entry) result {
	r := result{Item: Item{Key: e.key}}
	switch value, ok := s.values[e.key]; {
	case !utf8.ValidString(e.key):
		r.err = ErrKey
	case query == selectKeys:
	case ok:
		r.Value = value
	default:
		r.Value, r.err = s.decode(e.key, e.data)
	}
	return r
}
