package pickle

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
)

// Pair is one entry of a Dict.
type Pair struct {
	Key, Value any
}

// Dict is a Python dict. It keeps the order of insertion and compares keys as Python
// does: 1, 1.0 and true are one key, and tuples and frozensets compare by value. A key
// is nil, a bool, a number, a string, []byte, Tuple, *FrozenSet, time.Time, Date,
// time.Duration, Decimal, UUID, *big.Int, or any other Go value that can be a map key.
// The zero value is an empty Dict. Any number of goroutines may read it while none
// changes it.
type Dict struct {
	pairs []Pair
	index map[any]int // from the form that keyOf returns; nil while there are few pairs
	lent  bool        // copies of this Dict share its pairs and index: copy them before a change
}

// OrderedDict is a Python collections.OrderedDict.
type OrderedDict struct {
	Dict
}

// fewPairs is the number of pairs up to which comparing each key costs less than an
// index.
const fewPairs = 8

// NewDict returns a Dict of the pairs. Of equal keys the last value wins, at the place
// of the first, as in Python. It panics like Set.
func NewDict(pairs ...Pair) *Dict {
	d := &Dict{pairs: make([]Pair, 0, len(pairs))}
	for _, p := range pairs {
		d.Set(p.Key, p.Value)
	}
	return d
}

// NewOrderedDict returns an OrderedDict of the pairs, like NewDict.
func NewOrderedDict(pairs ...Pair) *OrderedDict {
	return &OrderedDict{*NewDict(pairs...)}
}

// Get returns the value of key. It returns false if key is not in the Dict or cannot be
// a key.
func (d *Dict) Get(key any) (any, bool) {
	i, _, err := d.find(key)
	if err != nil || i < 0 {
		return nil, false
	}
	return d.pairs[i].Value, true
}

// Set stores value under key. Like a Go map, it panics if key cannot be a key, such as a
// slice or a *Dict.
func (d *Dict) Set(key, value any) {
	if err := d.set(key, value); err != nil {
		panic(err.Error())
	}
}

// Delete removes key and reports whether it was there. It takes time proportional to the
// number of pairs.
func (d *Dict) Delete(key any) bool {
	i, _, err := d.find(key)
	if err != nil || i < 0 {
		return false
	}
	d.own()
	d.pairs = slices.Delete(d.pairs, i, i+1)
	d.index = nil
	if len(d.pairs) > fewPairs {
		d.buildIndex()
	}
	return true
}

// Len returns the number of pairs.
func (d *Dict) Len() int { return len(d.pairs) }

// All iterates over keys and values in order of insertion.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, p := range d.pairs {
			if !yield(p.Key, p.Value) {
				return
			}
		}
	}
}

// String formats the dict as Python does. It cuts very long or deep content short.
func (d *Dict) String() string { return repr(d) }

// String formats the dict as Python does. It cuts very long or deep content short.
func (d *OrderedDict) String() string { return repr(d) }

// find returns the place of key or -1 and, if there is an index, the form of key in it.
func (d *Dict) find(key any) (int, any, error) {
	if d.index == nil {
		i, err := d.scan(key)
		return i, nil, err
	}
	k, err := keyOf(key)
	if err != nil {
		return -1, nil, err
	}
	if i, ok := d.index[k]; ok {
		return i, k, nil
	}
	return -1, k, nil
}

func (d *Dict) scan(key any) (int, error) {
	s, isString := key.(string)
	if isString {
		for i := range d.pairs {
			if t, ok := keyText(d.pairs[i].Key); ok && t == s {
				return i, nil
			}
		}
		return -1, nil
	}
	k, err := keyOf(key)
	if err != nil {
		return -1, err
	}
	for i := range d.pairs {
		if t, err := keyOf(d.pairs[i].Key); err == nil && t == k {
			return i, nil
		}
	}
	return -1, nil
}

// keyText returns a key whose form is a string.
func keyText(key any) (string, bool) {
	switch key := key.(type) {
	case string:
		return key, true
	case nil, int, Decimal:
		return "", false
	}
	v := reflect.ValueOf(key)
	return v.String(), v.Kind() == reflect.String
}

func (d *Dict) set(key, value any) error {
	i, k, err := d.find(key)
	if err != nil {
		return err
	}
	d.own()
	if i >= 0 {
		d.pairs[i].Value = value
		return nil
	}
	d.pairs = append(d.pairs, Pair{key, value})
	if d.index != nil {
		d.index[k] = len(d.pairs) - 1
	} else if len(d.pairs) > fewPairs {
		d.buildIndex()
	}
	return nil
}

// setForm is set for a key with a known form. forms holds the forms of the pairs while
// there is no index.
func (d *Dict) setForm(forms *[fewPairs]any, form any, p Pair) {
	at, found := -1, false
	if d.index != nil {
		at, found = d.index[form]
	} else {
		at = slices.Index(forms[:len(d.pairs)], form)
		found = at >= 0
	}
	if found {
		d.pairs[at].Value = p.Value
		return
	}
	n := len(d.pairs)
	d.pairs = append(d.pairs, p)
	switch {
	case d.index != nil:
		d.index[form] = n
	case n < fewPairs:
		forms[n] = form
	default:
		d.index = make(map[any]int, cap(d.pairs))
		for i, f := range forms {
			d.index[f] = i
		}
		d.index[form] = n
	}
}

// lend records that d is about to be copied.
func (d *Dict) lend() { d.lent = true }

// own copies what d shares with its copies.
func (d *Dict) own() {
	if !d.lent {
		return
	}
	d.pairs, d.index, d.lent = slices.Clone(d.pairs), maps.Clone(d.index), false
}

func (d *Dict) buildIndex() {
	d.index = make(map[any]int, cap(d.pairs))
	for i, p := range d.pairs {
		k, err := keyOf(p.Key)
		if err != nil {
			panic(fmt.Sprintf("pickle: key %T changed in a Dict: %v", p.Key, err))
		}
		d.index[k] = i
	}
}
