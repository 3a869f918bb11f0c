package keytext

import (
	"cmp"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// mapSorter writes the maps of one type whose keys are strings or integers, sorted by
// key. It reuses its buffers from one map to the next.
type mapSorter struct {
	key, elem *coercer
	rooms     sync.Pool // of *mapRoom
}

// mapRoom holds the buffers for writing one map.
type mapRoom struct {
	iter      reflect.MapIter
	key, elem reflect.Value // where iter puts them
	pairs     []mapPair
	elems     Text // of all pairs, one after the other
}

// mapPair is a key of the map, and the place of its element's text in elems.
type mapPair struct {
	name     string
	number   int64  // an unsigned key is mapped so that the order stays the same
	from, to uint32 // a pair of 32 bytes is sorted a quarter faster than one of 40
}

// newMapSorter returns nil for a map whose keys have to be compared differently.
func newMapSorter(t reflect.Type, key, elem *coercer) *mapSorter {
	if key.scalar == NoScalar || key.scalar == ScalarBool || key.scalar > scalarUint64 {
		return nil
	}
	s := &mapSorter{key: key, elem: elem}
	s.rooms.New = func() any {
		return &mapRoom{key: reflect.New(t.Key()).Elem(), elem: reflect.New(t.Elem()).Elem()}
	}
	return s
}

// write appends m: the text of between goes between two pairs, and colon between a key
// and its element.
func (s *mapSorter) write(t *Text, m reflect.Value, writeKey, writeElem coerceFunc, between func(), colon string) error {
	return t.within(m, func() error {
		room := s.rooms.Get().(*mapRoom)
		err := s.read(t, m, room, writeElem)
		for i := range room.pairs {
			if err != nil {
				break
			}
			if i > 0 {
				between()
			}
			p := &room.pairs[i]
			err = s.writeKey(t, room, p, writeKey)
			t.string(colon)
			t.Buf = append(t.Buf, room.elems.Buf[p.from:p.to]...)
		}
		s.put(room)
		return err
	})
}

// read fills the room with the sorted pairs of m.
func (s *mapSorter) read(t *Text, m reflect.Value, room *mapRoom, writeElem coerceFunc) error {
	elems := &room.elems
	elems.blank, elems.asDict, elems.depth, elems.seen = t.blank, t.asDict, t.depth, t.seen
	room.iter.Reset(m)
	for room.iter.Next() {
		room.key.SetIterKey(&room.iter)
		room.elem.SetIterValue(&room.iter)
		p := mapPair{from: uint32(len(elems.Buf))}
		switch {
		case s.key.scalar == ScalarString:
			p.name = room.key.String()
		case room.key.CanInt():
			p.number = room.key.Int()
		default:
			p.number = int64(room.key.Uint() - 1<<63)
		}
		if err := writeElem(elems, room.elem); err != nil {
			return err
		}
		if uint64(len(elems.Buf)) > math.MaxUint32 {
			return errors.New("the elements of a map have more than 4 GiB of text")
		}
		p.to = uint32(len(elems.Buf))
		room.pairs = append(room.pairs, p)
	}
	if s.key.scalar == ScalarString {
		slices.SortFunc(room.pairs, func(a, b mapPair) int { return strings.Compare(a.name, b.name) })
	} else {
		slices.SortFunc(room.pairs, func(a, b mapPair) int { return cmp.Compare(a.number, b.number) })
	}
	return nil
}

func (s *mapSorter) writeKey(t *Text, room *mapRoom, p *mapPair, write coerceFunc) error {
	switch {
	case s.key.scalar == ScalarString:
		room.key.SetString(p.name)
	case room.key.CanInt():
		room.key.SetInt(p.number)
	default:
		room.key.SetUint(uint64(p.number) + 1<<63)
	}
	return write(t, room.key)
}

// put empties the room and returns it for reuse, unless it has grown too large to keep.
func (s *mapSorter) put(room *mapRoom) {
	if cap(room.elems.Buf) > 64<<10 || cap(room.pairs) > 2<<10 {
		return
	}
	clear(room.pairs)
	room.pairs = room.pairs[:0]
	room.elems = Text{Buf: room.elems.Buf[:0]}
	room.iter.Reset(reflect.Value{})
	room.key.SetZero()
	room.elem.SetZero()
	s.rooms.Put(room)
}
