package storagetest

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring"
)

// ability is a set of what storages can do beside the three methods of Storage.
type ability uint

const (
	hasStorage ability = 1 << iota
	touchStorage
	ttlStorage
	bulkStorage
	sizedStorage
	agedStorage
	condStorage
	shortenStorage
	inMemory
	expires     // SetValue takes an expiry
	touches     // TouchValue does not return ErrUnsupported
	bulkTouches // nor does TouchManyValues
	aged        // nor does GetAged
	adds        // nor does AddValue
	shortens    // nor does ShortenValue
	bytesKept   // one of Options.Values is a []byte
)

// explore finds out by trial what the interfaces of a storage do not say. If a method
// fails with another error than errors.ErrUnsupported, its own check reports that.
func explore(storage ring.Storage, o Options) ability {
	ctx, key := context.Background(), o.Keys[0]
	refused := func(f func() error) bool { return unsupported(safely(f)) }
	able := claims(storage)
	if slices.ContainsFunc(o.Values, func(v any) bool { _, ok := v.([]byte); return ok }) {
		able |= bytesKept
	}
	able |= expires
	if refused(func() error { return storage.SetValue(ctx, key, o.Values[0], long) }) {
		able &^= expires
		_ = safely(func() error { return storage.SetValue(ctx, key, o.Values[0], 0) })
	}
	if touch, ok := storage.(ring.TouchStorage); ok && !refused(func() error { return touch.TouchValue(ctx, key, long) }) {
		able |= touches
	}
	if bulk, ok := storage.(ring.BulkStorage); ok &&
		!refused(func() error { return bulk.TouchManyValues(ctx, []string{key}, long) }) {
		able |= bulkTouches
	}
	return able | exploreAges(storage, o, refused)
}

// exploreAges is the part of explore about ages and what depends on them.
func exploreAges(storage ring.Storage, o Options, refused func(func() error) bool) (able ability) {
	ctx, key := context.Background(), o.Keys[0]
	if s, ok := storage.(ring.AgedStorage); ok && !refused(func() error { _, err := s.GetAged(ctx, key); return err }) {
		able |= aged
	}
	if s, ok := storage.(ring.CondStorage); ok && !refused(func() error { _, err := s.AddValue(ctx, key, o.Values[0], 0); return err }) {
		able |= adds
	}
	if s, ok := storage.(ring.ShortenStorage); ok && !refused(func() error { return s.ShortenValue(ctx, key, long) }) {
		able |= shortens
	}
	return able
}

// claims returns what the interfaces of a storage say.
func claims(storage ring.Storage) ability {
	var able ability
	if _, ok := storage.(ring.HasStorage); ok {
		able |= hasStorage
	}
	if _, ok := storage.(ring.TouchStorage); ok {
		able |= touchStorage
	}
	if _, ok := storage.(ring.TTLStorage); ok {
		able |= ttlStorage
	}
	if _, ok := storage.(ring.BulkStorage); ok {
		able |= bulkStorage
	}
	if _, ok := storage.(ring.SizedStorage); ok {
		able |= sizedStorage
	}
	if _, ok := storage.(ring.AgedStorage); ok {
		able |= agedStorage
	}
	if _, ok := storage.(ring.CondStorage); ok {
		able |= condStorage
	}
	if _, ok := storage.(ring.ShortenStorage); ok {
		able |= shortenStorage
	}
	if m, ok := storage.(ring.InMemory); ok && m.InMemoryStorage() {
		able |= inMemory
	}
	return able
}

// interfaces finds methods that look as if they belonged to an optional interface, but
// are never called because the storage does not implement it. Size is too common a name
// for that.
func interfaces(h host, storage ring.Storage, able ability) {
	h.Helper()
	h.Logf("%T: expiry %t, has %t, touch %t, ttl %t, bulk %t, size %t, in memory %t, aged %t, conditions %t, shorten %t",
		storage, able&expires != 0, able&hasStorage != 0, able&touches != 0, able&ttlStorage != 0, able&bulkStorage != 0,
		able&sizedStorage != 0, able&inMemory != 0, able&aged != 0, able&adds != 0, able&shortens != 0)
	for _, optional := range []reflect.Type{
		reflect.TypeFor[ring.HasStorage](), reflect.TypeFor[ring.TouchStorage](), reflect.TypeFor[ring.TTLStorage](),
		reflect.TypeFor[ring.BulkStorage](), reflect.TypeFor[ring.InMemory](),
		reflect.TypeFor[ring.AgedStorage](), reflect.TypeFor[ring.CondStorage](), reflect.TypeFor[ring.ShortenStorage](), reflect.TypeFor[ring.ClearStorage](),
	} {
		if reflect.TypeOf(storage).Implements(optional) {
			continue
		}
		if name := oneOf(reflect.TypeOf(storage), optional); name != "" {
			h.Errorf("%T has a method %s but does not implement ring.%s, so that ring never calls it: want %v",
				storage, name, optional.Name(), methods(optional))
		}
	}
}

// oneOf returns the name of a method of an interface that typ, or a pointer to it, has
// as well.
func oneOf(typ, iface reflect.Type) string {
	if typ.Kind() != reflect.Pointer {
		typ = reflect.PointerTo(typ)
	}
	for m := range iface.Methods() {
		if _, ok := typ.MethodByName(m.Name); ok {
			return m.Name
		}
	}
	return ""
}

func methods(iface reflect.Type) string {
	var all []string
	for m := range iface.Methods() {
		all = append(all, m.Name+strings.TrimPrefix(m.Type.String(), "func"))
	}
	return strings.Join(all, "; ")
}
