package pickle

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// field is a field of a struct that is part of its dict.
type field struct {
	name      string // the key
	tagged    bool   // the name is from a tag
	leftOut   bool   // the tag is "-"
	omitEmpty bool
	index     []int // from the struct down through embedded ones
	codec     *codec
	text      [2][]byte // the key as opcodes of protocols below 4 and from 4 on; nil if only the encoder can write it
}

// structType is what is known about a struct.
type structType struct {
	fields   []field        // in the order of the struct
	byName   map[string]int // exact names
	byFold   map[string]int // names in lower case; the first field of that name
	complete bool           // every field is always written
	longest  int            // bytes of the longest name
}

func (b builder) compileStruct(c *codec) {
	t := c.typ
	s := &structType{byName: map[string]int{}, byFold: map[string]int{}, complete: true}
	fields, hidden := structFields(t)
	if len(fields) == 0 && hidden {
		compileRefused(c, "a struct that has only unexported fields: give it a MarshalText method")
		return
	}
	s.fields = fields
	for i := range s.fields {
		f := &s.fields[i]
		f.codec = b.codec(t.FieldByIndex(f.index).Type)
		f.prepare()
		s.byName[f.name] = i
		s.longest = max(s.longest, len(f.name))
		if fold := strings.ToLower(f.name); !has(s.byFold, fold) {
			s.byFold[fold] = i
		}
		s.complete = s.complete && !f.omitEmpty && len(f.index) == 1
	}
	c.encode, c.decode = nested(t, s.encode), s.decode
	if isTupleStruct(t) {
		c.encode, c.decode = nested(t, s.encodeTuple), s.decodeTuple
	}
}

// nested counts a level around encode, as the decoder does for each container.
func nested(t reflect.Type, encode func(*encoder, reflect.Value) error) func(*encoder, reflect.Value) error {
	return func(e *encoder, v reflect.Value) error {
		if err := e.enter(t); err != nil {
			return err
		}
		err := encode(e, v)
		e.depth--
		return err
	}
}

// isTupleStruct reports whether a struct is written as a tuple: a blank field in it
// declares that.
func isTupleStruct(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.Name == "_" && f.Tag.Get("pickle") == ",tuple" {
			return true
		}
	}
	return false
}

func (s *structType) encodeTuple(e *encoder, v reflect.Value) error {
	return e.tuple(len(s.fields), func(i int) error {
		f := &s.fields[i]
		value, _ := f.get(v)
		if value.Type() != f.codec.typ { // below a nil pointer
			e.none()
			return nil
		}
		return inField(f.codec.encode(e, value), f.name)
	})
}

func (s *structType) decodeTuple(d *decoder, n node, v reflect.Value) error {
	if n.kind != kindTuple && n.kind != kindList {
		return d.typeError(n, v.Type())
	}
	items := d.items(n)
	if len(items) != len(s.fields) {
		return &TypeError{
			Value: d.describe(n), Type: v.Type(),
			Reason: fmt.Sprintf("there are %d items for %d fields", len(items), len(s.fields)),
		}
	}
	for i, item := range items {
		f := &s.fields[i]
		if err := d.decode(f.codec, item, f.place(v)); err != nil {
			return inField(err, f.name)
		}
	}
	return nil
}

func has(m map[string]int, key string) bool { _, ok := m[key]; return ok }

// prepare writes the key beforehand. It leaves keys of which Python has only one
// object, and invalid ones, to encode.
func (f *field) prepare() {
	if _, single := strSingleton(f.name); single || !validText([]byte(f.name)) {
		return
	}
	for i, protocol := range []int{2, 4} {
		e := encoder{protocol: protocol}
		e.text(f.name)
		f.text[i] = e.buf
	}
}

// structFields lists the fields that count, by the rules of encoding/json: the fields
// of embedded structs count as fields of the outer one. Of several fields with one
// name, the least deeply embedded one counts, then the tagged one; if several are left,
// none does. hidden says whether there are unexported fields.
func structFields(t reflect.Type) (fields []field, hidden bool) {
	type level struct {
		typ   reflect.Type
		index []int
	}
	candidates := map[string][]field{}
	visited := map[reflect.Type]bool{}
	for current := []level{{typ: t}}; len(current) > 0; {
		var next []level
		for _, l := range current {
			if visited[l.typ] {
				continue
			}
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				f := newField(sf, append(slices.Clone(l.index), i))
				embedded := embeddedStruct(sf)
				switch {
				case f.leftOut:
				case embedded != nil && !f.tagged && (sf.IsExported() || sf.Type.Kind() == reflect.Struct):
					next = append(next, level{embedded, f.index})
				case sf.IsExported():
					candidates[f.name] = append(candidates[f.name], f)
				default:
					hidden = hidden || sf.Name != "_"
				}
			}
		}
		for _, l := range current {
			visited[l.typ] = true
		}
		current = next
	}
	for _, c := range candidates {
		if f, ok := dominant(c); ok {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields, hidden
}

func newField(sf reflect.StructField, index []int) field {
	tag := sf.Tag.Get("pickle")
	name, options, _ := strings.Cut(tag, ",")
	f := field{name: name, tagged: name != "", leftOut: tag == "-", index: index}
	if name == "" {
		f.name = sf.Name
	}
	f.omitEmpty = slices.Contains(strings.Split(options, ","), "omitempty")
	return f
}

// embeddedStruct returns the type of an embedded struct, or of a pointer to one, whose
// fields belong to the outer struct, else nil.
func embeddedStruct(sf reflect.StructField) reflect.Type {
	if !sf.Anonymous {
		return nil
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || isKnown(sf.Type) || isKnown(t) || isText(t) {
		return nil
	}
	return t
}

// dominant returns the field that a name refers to.
func dominant(fields []field) (field, bool) {
	depth := len(fields[0].index)
	for _, f := range fields {
		depth = min(depth, len(f.index))
	}
	fields = slices.DeleteFunc(fields, func(f field) bool { return len(f.index) > depth })
	if slices.ContainsFunc(fields, func(f field) bool { return f.tagged }) {
		fields = slices.DeleteFunc(fields, func(f field) bool { return !f.tagged })
	}
	return fields[0], len(fields) == 1
}

// get returns the field, or false if it is left out: below a nil pointer, or empty with
// omitempty.
func (f *field) get(v reflect.Value) (reflect.Value, bool) {
	for i, at := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(at)
	}
	return v, !f.omitEmpty || !isEmpty(v)
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (s *structType) encode(e *encoder, v reflect.Value) error {
	if s.complete {
		return e.newDict(len(s.fields), func(i int) error {
			f := &s.fields[i]
			return f.encode(e, v.Field(f.index[0]))
		})
	}
	type present struct {
		field *field
		value reflect.Value
	}
	list := make([]present, 0, len(s.fields))
	for i := range s.fields {
		f := &s.fields[i]
		if value, ok := f.get(v); ok {
			list = append(list, present{f, value})
		}
	}
	return e.newDict(len(list), func(i int) error { return list[i].field.encode(e, list[i].value) })
}

// encode writes the key and the value.
func (f *field) encode(e *encoder, v reflect.Value) error {
	text := f.text[0]
	if e.protocol >= 4 {
		text = f.text[1]
	}
	if text != nil && e.same == nil {
		e.buf = append(e.buf, text...)
	} else if err := e.str(f.name); err != nil {
		return inField(err, f.name)
	}
	if err := f.codec.encode(e, v); err != nil {
		return inField(err, f.name)
	}
	return nil
}

// find returns the field for a key, and whether the name is exact. hint is the next
// field if the dict has the order of the struct.
func (s *structType) find(key []byte, hint int) (at int, exact bool) {
	if hint < len(s.fields) && s.fields[hint].name == string(key) {
		return hint, true
	}
	if len(key) > utf8.UTFMax*s.longest { // longer than any spelling of a name
		return -1, false
	}
	if i, ok := s.byName[string(key)]; ok {
		return i, true
	}
	if i, ok := s.byFold[strings.ToLower(string(key))]; ok {
		return i, false
	}
	return -1, false
}

func (s *structType) decode(d *decoder, n node, v reflect.Value) error {
	if n.kind != kindDict && n.kind != kindOrderedDict {
		return d.typeError(n, v.Type())
	}
	return s.decodeItems(d, d.items(n), v)
}

// decodeItems stores names and values, in turn.
func (s *structType) decodeItems(d *decoder, items []node, v reflect.Value) error {
	var done []bool // fields set by their exact name, once some name was not
	hint := 0
	for i := 0; i < len(items); i += 2 {
		key := d.raw(items[i])
		if key.kind != kindStr && key.kind != kindOldStr {
			continue
		}
		at, exact := s.find(d.bytes(key), hint)
		if at < 0 {
			continue
		}
		if !exact {
			if done == nil {
				done = s.exactFields(d, items)
			}
			if done[at] {
				continue
			}
		}
		hint = at + 1
		f := &s.fields[at]
		if err := d.decode(f.codec, items[i+1], f.place(v)); err != nil {
			return inField(err, f.name)
		}
	}
	return nil
}

// exactFields reports which fields have a key with exactly their name.
func (s *structType) exactFields(d *decoder, items []node) []bool {
	found := make([]bool, len(s.fields))
	for i := 0; i < len(items); i += 2 {
		if key := d.raw(items[i]); key.kind == kindStr || key.kind == kindOldStr {
			if at, exact := s.find(d.bytes(key), len(s.fields)); exact {
				found[at] = true
			}
		}
	}
	return found
}

// place returns the field to be set, and allocates embedded structs on the way to it.
func (f *field) place(v reflect.Value) reflect.Value {
	for i, at := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(at)
	}
	return v
}
