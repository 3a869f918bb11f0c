package keytext

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"reflect"
	"slices"
	"strconv"

	"github.com/mitchellh/hashstructure/v2"

	"github.com/ring-go/ring/internal/fault"
)

var (
	hashableType      = reflect.TypeFor[hashstructure.Hashable]()
	includableType    = reflect.TypeFor[hashstructure.Includable]()
	includableMapType = reflect.TypeFor[hashstructure.IncludableMap]()
)

// isHashed reports whether a type asks to be hashed by hashstructure's conventions: a
// method Hash() (uint64, error), or a tag hash:"…" on a field.
func isHashed(t reflect.Type) bool {
	if HasOwn(t, hashableType) {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if _, ok := t.Field(i).Tag.Lookup("hash"); ok {
			return true
		}
	}
	return false
}

// buildHash: the name of the type and a hash of the value, however large the value is.
func (c *compiler) buildHash(co *coercer, t reflect.Type) error {
	if !HasOwn(t, hashableType) {
		if err := checkHash(t, nil); err != nil {
			return err
		}
	}
	name := hashName(t)
	digest, err := c.digest(t)
	if err != nil {
		return err
	}
	co.everywhere(func(t *Text, v reflect.Value) error {
		t.string(name)
		t.string(":hash:")
		return digest(t, v)
	}, shapeDelimited)
	return nil
}

// hashName returns the beginning of the text of a hashed type.
func hashName(t reflect.Type) string {
	if t.Name() == "" {
		return plainTypeName(t)
	}
	return unnumbered(t.Name())
}

// ownHash writes the result of the value's own Hash. Python has a signed number there,
// which is never -1.
func (c *compiler) ownHash(t reflect.Type) coerceFunc {
	hashable := accessor[hashstructure.Hashable](t)
	return func(t *Text, v reflect.Value) error {
		h, err := safely(func() (uint64, error) { return hashable(v).Hash() })
		if err != nil {
			return fmt.Errorf("%w: %w", fault.ErrKey, err)
		}
		if !c.Python {
			t.Buf = strconv.AppendUint(t.Buf, h, 16)
			return nil
		}
		signed := int64(h)
		if signed == -1 {
			signed = -2
		}
		t.Buf = strconv.AppendInt(t.Buf, signed, 10)
		return nil
	}
}

// digest writes 128 bits: two hashes by hashstructure, with different hash functions.
// For a type with its own Hash it writes that.
func (c *compiler) digest(t reflect.Type) (coerceFunc, error) {
	if HasOwn(t, hashableType) {
		return c.ownHash(t), nil
	}
	stand, err := standIn(t)
	if err != nil {
		return nil, err
	}
	return func(t *Text, v reflect.Value) error {
		for _, h := range c.hashers() {
			sum, err := safely(func() (uint64, error) {
				value, err := stand(v)
				if err != nil {
					return 0, err
				}
				return hashstructure.Hash(value, hashstructure.FormatV2, &hashstructure.HashOptions{Hasher: h})
			})
			if err != nil {
				return fmt.Errorf("%w: %w", fault.ErrKey, err)
			}
			t.Buf = fmt.Appendf(t.Buf, "%016x", sum)
		}
		return nil
	}, nil
}

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// hashers returns the two hash functions: seeded for this process, like Python's own
// hash, or stable if keys outlive the process.
func (c *compiler) hashers() [2]hash.Hash64 {
	if !c.InMemory {
		return [2]hash.Hash64{newStable(0), newStable(1)}
	}
	var hashers [2]hash.Hash64
	for i, seed := range seeds {
		h := &maphash.Hash{}
		h.SetSeed(seed)
		hashers[i] = h
	}
	return hashers
}

// stable is a hash function that is the same in every process and for which nobody can
// find collisions: the first half of a SHA-256.
type stable struct {
	hash.Hash
	domain byte
}

func newStable(domain byte) *stable {
	s := &stable{sha256.New(), domain}
	s.Reset()
	return s
}

func (s *stable) Reset() {
	s.Hash.Reset()
	s.Write([]byte{s.domain})
}

func (s *stable) Sum64() uint64 {
	return binary.BigEndian.Uint64(s.Sum(nil))
}

// checkHash refuses the types in which hashstructure would lose a difference. outer are
// the enclosing types.
func checkHash(t reflect.Type, outer []reflect.Type) error {
	if t == timeType {
		return nil
	}
	if err := checkWhole(t); err != nil {
		return err
	}
	if slices.Contains(outer, t) {
		return fmt.Errorf("%v contains itself, which hashing would follow forever%s", t, hashRemedy(outer[0]))
	}
	outer = append(slices.Clip(outer), t)
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Slice, reflect.Array:
		return checkHash(t.Elem(), outer)
	case reflect.Map:
		if err := checkHash(t.Key(), outer); err != nil {
			return fmt.Errorf("key: %w", err)
		}
		return checkHash(t.Elem(), outer)
	case reflect.Struct:
		return checkHashFields(t, outer)
	case reflect.Pointer:
		return fmt.Errorf("hashing takes a nil %v for a pointer to zero%s", t, hashRemedy(outer[0]))
	case reflect.Interface:
		return fmt.Errorf("hashing cannot tell values of different types apart in %v, such as 1 and true%s", t, hashRemedy(outer[0]))
	}
	return fmt.Errorf("hashing knows no %v%s", t.Kind(), hashRemedy(outer[0]))
}

// hashRemedy says what to do about a type that cannot be hashed. Within a hashed value
// RingKey is not called, so only a RingKey of the whole value helps. A type whose tags
// ask for hashing is hashed in every KeyStyle.
func hashRemedy(whole reflect.Type) string {
	give := fmt.Sprintf("give %v, which is hashed as a whole,", whole)
	if whole.Name() == "" {
		give = fmt.Sprintf("make the %v, which is hashed as a whole, a type of its own with", whole)
	}
	remedy := ": " + give + ` a method RingKey() string that tells apart the values whose results differ, ` +
		`tag the field hash:"ignore" or leave the parameter out with Options.IgnorableKeys if it makes no difference, ` +
		`or pass the text itself that tells two values apart`
	if isHashed(whole) {
		return remedy
	}
	if _, err := (Rules{}).coercerFor(whole); err != nil {
		return remedy
	}
	return remedy + ", or use SafeKeys"
}

func checkHashFields(t reflect.Type, outer []reflect.Type) error {
	for _, iface := range []reflect.Type{hashableType, includableType, includableMapType} {
		switch {
		case !Has(t, iface):
		case !HasOwn(t, iface):
			return fmt.Errorf("%v has the method of %v from an embedded field, and hashing may forget the others: name that field instead of embedding it, or give the type RingKey() string", t, iface)
		case !t.Implements(iface):
			return fmt.Errorf("%v has the method of %v with a pointer receiver, where hashing does not always find it: use a value receiver", t, iface)
		case iface == hashableType:
			return nil
		}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("hash")
		var err error
		switch {
		case tag == "ignore" || tag == "-" || f.Name == "_" || f.Type.Size() == 0:
		case !f.IsExported():
			err = errors.New("is not exported, and hashing leaves it out" + hashRemedy(outer[0]))
		case tag == "set":
			err = errors.New(`is tagged hash:"set", by which {a,a} and {b,b} are one: make it a map[T]struct{}`)
		case tag == "string":
			if !f.Type.Implements(stringerType) {
				err = errors.New(`is tagged hash:"string" but has no method String() string`)
			}
		case tag != "":
			err = fmt.Errorf("has the tag hash:%q, which hashstructure does not know", tag)
		default:
			err = checkHash(f.Type, outer)
		}
		if err != nil {
			return fmt.Errorf("field %s (%v): %w", f.Name, f.Type, err)
		}
	}
	return nil
}
