package pickle

import (
	"math/big"
	"reflect"
	"slices"
	"strconv"
)

// maxDepth is how deep values may be nested. Python's own limit for pickling is below
// 1000.
const maxDepth = 10000

// results holds the Go values made from nodes.
type results struct {
	depth   int
	sharing int                        // how many shared containers enclose the current value
	plain   bool                       // dicts with text keys become plain maps
	made    map[madeKey]any            // natural values of shared containers
	typed   map[typedKey]reflect.Value // typed values of shared containers; the zero Value while in progress
	weights map[uint64]int             // of shared containers that are keys
	forms   map[node]any               // of keys that may occur again
	charged map[node]bool              // shared keys that were charged in full
	weighed int                        // the weight of all keys so far
	grown   int                        // the memory of the objects made so far
	inKey   int                        // how many keys enclose the current value
}

type madeKey struct {
	container uint64
	plain     bool
}

type typedKey struct {
	container uint64
	typ       reflect.Type
}

func (d *decoder) enter() error {
	d.depth++
	if d.depth > maxDepth {
		return errDepth
	}
	return nil
}

// natural returns the value of n as the type that fits it best.
func (d *decoder) natural(n node) (any, error) {
	switch n.kind {
	case kindNone:
		return nil, nil
	case kindBool:
		return n.payload != 0, nil
	case kindInt:
		if v := int64(n.payload); int64(int(v)) == v {
			return int(v), nil
		}
		return d.bigInt(n), nil
	case kindFloat:
		return n.float(), nil
	case kindStr:
		return string(d.bytes(n)), nil
	case kindOldStr:
		return d.oldStr(n)
	case kindBytes:
		return append([]byte{}, d.bytes(n)...), nil
	case kindLong:
		return d.bigInt(n), nil
	case kindValue:
		return d.leaves[n.payload].value, nil
	case kindShared:
		return d.naturalShared(n)
	case kindClass, kindType, kindOpaque:
		return nil, d.classError(n)
	case kindUUID:
		return d.uuid(n)
	case kindObject:
		return d.object(n)
	}
	if !d.containers[n.payload].shared {
		return d.naturalContainer(n)
	}
	if v, ok := d.made[madeKey{n.payload, d.plain}]; ok {
		return v, nil
	}
	return d.naturalContainer(n)
}

// naturalWithin is natural for a place within a value of another Go type, where a user
// expects a plain map.
func (d *decoder) naturalWithin(n node) (any, error) {
	outer := d.plain
	d.plain = true
	v, err := d.natural(n)
	d.plain = outer
	return v, err
}

func (d *decoder) oldStr(n node) (any, error) {
	b := d.bytes(n)
	for _, c := range b {
		if c >= 0x80 {
			return nil, d.errorf("a str of Python 2 with bytes beyond ASCII: they may be text or not")
		}
	}
	return string(b), nil
}

func (d *decoder) naturalShared(n node) (any, error) {
	leaf := &d.leaves[n.payload]
	if leaf.value != nil {
		return leaf.value, nil
	}
	v, err := d.natural(leaf.raw)
	leaf.value = v
	return v, err
}

func (d *decoder) uuid(n node) (UUID, error) {
	var u UUID
	items := d.items(n)
	if len(items) == 0 {
		return u, d.errorf("a UUID without its number")
	}
	d.bigInt(items[0]).FillBytes(u[:])
	return u, nil
}

// keep stores the value of a container, before its items are known, for the other
// references to it.
func (d *decoder) keep(n node, v any) {
	if !d.containers[n.payload].shared {
		return
	}
	if d.made == nil {
		d.made = map[madeKey]any{}
	}
	d.made[madeKey{n.payload, d.plain}] = v
}

// emptyList and emptyTuple are used for all empty ones: two of them cannot be told
// apart.
var emptyList, emptyTuple any = []any{}, Tuple{}

func (d *decoder) naturalContainer(n node) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer func() { d.depth-- }()
	switch {
	case n.kind == kindList && len(d.items(n)) == 0:
		return emptyList, nil
	case n.kind == kindTuple && len(d.items(n)) == 0:
		return emptyTuple, nil
	}
	switch n.kind {
	case kindList:
		list := make([]any, len(d.items(n)))
		var v any = list
		d.keep(n, v)
		return v, d.fillList(list, n)
	case kindTuple:
		tuple := make(Tuple, len(d.items(n)))
		var v any = tuple
		d.keep(n, v)
		return v, d.fillList(tuple, n)
	case kindDict:
		if d.plain && d.hasTextKeys(n) {
			m := make(map[string]any, len(d.items(n))/2)
			d.keep(n, m)
			return m, d.fillMap(m, n)
		}
		dict := new(Dict)
		d.keep(n, dict)
		return dict, d.fillDict(dict, n)
	case kindOrderedDict:
		dict := new(OrderedDict)
		d.keep(n, dict)
		return dict, d.fillDict(&dict.Dict, n)
	case kindSet:
		set := new(Set)
		d.keep(n, set)
		return set, d.fillSet(set, n)
	default:
		set := new(FrozenSet)
		d.keep(n, set)
		return set, d.fillSet(&set.set, n)
	}
}

func (d *decoder) fillList(list []any, n node) error {
	for i, item := range d.items(n) {
		v, err := d.natural(item)
		if err != nil {
			return err
		}
		list[i] = v
	}
	return nil
}

func (d *decoder) fillDict(dict *Dict, n node) error {
	items := d.items(n)
	dict.pairs = make([]Pair, 0, len(items)/2)
	var forms [fewPairs]any
	for i := 0; i < len(items); i += 2 {
		key, err := d.key(items[i])
		if err != nil {
			return err
		}
		form, err := d.form(items[i], key)
		if err != nil {
			return err
		}
		value, err := d.natural(items[i+1])
		if err != nil {
			return err
		}
		dict.setForm(&forms, form, Pair{key, value})
	}
	if len(dict.pairs) < len(items)/2 && hasMember(items, 2) {
		return d.checkMembers(items, 2)
	}
	return nil
}

func (d *decoder) hasTextKeys(n node) bool {
	items := d.items(n)
	for i := 0; i < len(items); i += 2 {
		if k := d.raw(items[i]).kind; k != kindStr && k != kindOldStr {
			return false
		}
	}
	return true
}

func (d *decoder) fillMap(m map[string]any, n node) error {
	items := d.items(n)
	for i := 0; i < len(items); i += 2 {
		key, err := d.key(items[i])
		if err != nil {
			return err
		}
		if m[key.(string)], err = d.natural(items[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) fillSet(set *Set, n node) error {
	items := d.items(n)
	var enums []node
	if hasMember(items, 1) {
		enums = slices.Clone(items)
	}
	set.members.pairs = make([]Pair, 0, len(items))
	var forms [fewPairs]any
	distinct := 0
	for _, item := range items {
		member, err := d.key(item)
		if err != nil {
			return err
		}
		form, err := d.form(item, member)
		if err != nil {
			return err
		}
		if set.members.setForm(&forms, form, Pair{Key: member}); set.Len() > distinct {
			items[distinct] = item
			distinct++
		}
	}
	d.containers[n.payload].len = distinct // so that the nodes are the same as the members
	if distinct < len(enums) {
		return d.checkMembers(enums, 1)
	}
	return nil
}

// key is natural for a key or member.
func (d *decoder) key(n node) (v any, err error) {
	err = d.asKey(n, func() error {
		v, err = d.natural(n)
		return err
	})
	return v, err
}

// asKey calls decode, which makes the value of the key n.
func (d *decoder) asKey(n node, decode func() error) error {
	if err := d.chargeKey(n); err != nil {
		return err
	}
	d.inKey++
	err := decode()
	d.inKey--
	return err
}

// chargeKey checks that n can be a key, and counts the cost of comparing it, each time
// that it is one. Keys are compared by their full content, so shared ones could cost
// much more time and memory than the data has bytes. The members of a frozenset that is
// a key are counted with it.
func (d *decoder) chargeKey(n node) error {
	if d.inKey > 0 {
		return nil
	}
	switch {
	case n.isContainer():
		w, err := d.weigh(n)
		if err != nil {
			return err
		}
		if d.containers[n.payload].shared {
			w = d.again(n, w)
		}
		d.weighed += w
	case n.kind == kindShared && d.raw(n).kind == kindStr:
		d.weighed += d.leafWeight(n) / 64 // it is only hashed
	case n.kind == kindShared || n.kind == kindValue:
		d.weighed += d.again(n, d.leafWeight(n))
	}
	if d.weighed > 16*len(d.data)+baseWeight {
		return d.errorf("the keys hold too much shared content")
	}
	return nil
}

// baseWeight is the weight that the keys of the smallest data may have.
const baseWeight = 64 << 10

// again returns the cost of a shared key with weight w: its form is made once, and from
// then on only hashed.
func (d *decoder) again(n node, w int) int {
	if d.charged[n] {
		return w/64 + 1
	}
	if n.kind == kindValue && w < 64 {
		return w
	}
	if d.charged == nil {
		d.charged = map[node]bool{}
	}
	d.charged[n] = true
	return w
}

func (d *decoder) leafWeight(n node) int {
	if v, ok := d.value(n).(Decimal); ok {
		return 1 + len(v) + v.expansion()
	}
	if v, ok := d.value(n).(*big.Rat); ok {
		return 1 + (v.Num().BitLen()+v.Denom().BitLen())/8
	}
	return 1 + int(d.raw(n).len)
}

// weigh returns the size of a key with its content, or an error if it cannot be a key.
func (d *decoder) weigh(n node) (int, error) {
	switch n.kind {
	case kindList, kindDict, kindOrderedDict, kindSet:
		return 0, d.errorf("a list, dict or set is a dict key or set member")
	case kindTuple, kindFrozenSet, kindObject:
	default:
		return d.leafWeight(n), nil
	}
	shared := d.containers[n.payload].shared
	if w, ok := d.weights[n.payload]; shared && ok {
		return w, nil
	}
	if err := d.enter(); err != nil {
		return 0, err
	}
	defer func() { d.depth-- }()
	sum := 1
	for _, item := range d.items(n) {
		w, err := d.weigh(item)
		if err != nil {
			return 0, err
		}
		sum = min(sum+w, 1<<30)
	}
	if shared {
		if d.weights == nil {
			d.weights = map[uint64]int{}
		}
		d.weights[n.payload] = sum
	}
	return sum, nil
}

// describe says what a node is, for errors.
func (d *decoder) describe(n node) string {
	n = d.raw(n)
	switch n.kind {
	case kindNone:
		return "None"
	case kindBool:
		return "bool"
	case kindInt:
		return "int " + strconv.FormatInt(int64(n.payload), 10)
	case kindLong:
		return "int of " + strconv.Itoa(int(n.len)) + " bytes"
	case kindFloat:
		return "float " + strconv.FormatFloat(n.float(), 'g', -1, 64)
	case kindStr, kindOldStr:
		return "str"
	case kindBytes:
		return "bytes"
	case kindValue:
		return reflect.TypeOf(d.value(n)).String()
	case kindList:
		return "list"
	case kindTuple:
		return "tuple"
	case kindDict:
		return "dict"
	case kindOrderedDict:
		return "OrderedDict"
	case kindSet:
		return "set"
	case kindFrozenSet:
		return "frozenset"
	case kindUUID:
		return "UUID"
	case kindObject:
		return "an object of " + d.classOf(n).label()
	}
	return "class"
}
