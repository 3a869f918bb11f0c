package pickle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The forms that keyOf gives to values that Go cannot compare as Python does.
type (
	bigKey     string // sign and magnitude of an int beyond int
	bytesKey   string
	decimalKey string // the digits of a Decimal that equals no int and no float
	tupleKey   string
	setKey     string

	timeOfDayKey int64 // microseconds of UTC
	zoneKey      int
	ratKey       string // of a Fraction that equals no int, float or Decimal
	timeKey      struct {
		naive bool
		sec   int64
		nsec  int
	}
)

// keyOf returns a comparable value. The values of two keys are equal exactly if Python
// calls the keys equal. It returns an error if key cannot be a key.
func keyOf(key any) (any, error) {
	switch v := key.(type) {
	case nil, string, int, UUID, Date, time.Duration:
		return key, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float64:
		return floatKey(v), nil
	case complex128:
		if imag(v) == 0 {
			return floatKey(real(v)), nil
		}
		return key, nil
	case []byte:
		return bytesKey(v), nil
	case *big.Int:
		if v == nil {
			return nil, nil
		}
		return intKey(v), nil
	case Decimal:
		return v.key(), nil
	case Tuple:
		b, err := appendTupleKey(nil, v, 0)
		return tupleKey(b), err
	case *FrozenSet:
		b, err := appendSetKey(nil, v, 0)
		return setKey(b), err
	case *big.Rat:
		if v == nil {
			return nil, nil
		}
		return fractionKey(v), nil
	case Time:
		return v.key(), nil
	case Range:
		return v.key(), nil
	case time.Time:
		return timeKey{v.Location() == time.UTC, v.Unix(), v.Nanosecond()}, nil
	case *time.Location:
		return keyOfZone(v), nil
	}
	return otherKey(key)
}

// otherKey is keyOf for types that do not come out of a pickle.
func otherKey(v any) (any, error) {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intKey(big.NewInt(rv.Int())), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return intKey(new(big.Int).SetUint64(rv.Uint())), nil
	case reflect.Float32, reflect.Float64:
		return floatKey(rv.Float()), nil
	case reflect.Complex64, reflect.Complex128:
		return keyOf(rv.Complex())
	case reflect.String:
		return rv.String(), nil
	case reflect.Bool:
		return keyOf(rv.Bool())
	case reflect.Pointer:
		return nil, unhashable(v)
	}
	if !rv.Comparable() {
		return nil, unhashable(v)
	}
	return v, nil
}

// keyOfZone returns equal values for timezones that Python calls equal: zones of the
// time zone database compare by name, all others by offset.
func keyOfZone(v *time.Location) any {
	at := time.Unix(0, 0).In(v)
	if name, _, ok := zoneOf(at); ok {
		return zoneName(name)
	}
	_, offset := at.Zone()
	return zoneKey(offset)
}

func unhashable(v any) error {
	if t := reflect.TypeOf(v); t.Kind() == reflect.Struct {
		return &TypeError{Type: t, Reason: "cannot be a dict key or set member, as Go cannot compare what it holds: use types without slices and maps for its fields"}
	}
	return &TypeError{Type: reflect.TypeOf(v), Reason: "cannot be a dict key or set member: use a Tuple or a *FrozenSet"}
}

func intKey(v *big.Int) any {
	if n := v.Int64(); v.IsInt64() && int64(int(n)) == n {
		return int(n)
	}
	return bigKey(append(v.Bytes(), byte(v.Sign())))
}

func floatKey(f float64) any {
	if f != math.Trunc(f) || math.IsInf(f, 0) {
		return f
	}
	if math.Abs(f) < 1<<31 {
		return int(f)
	}
	n, _ := big.NewFloat(f).Int(nil)
	return intKey(n)
}

// key returns the key of the equal int or float for a Decimal that has one. It does not
// look for one beyond a few hundred digits or with a huge exponent.
func (d Decimal) key() any {
	if !d.valid() {
		return d
	}
	s := strings.ToLower(string(d))
	sign := ""
	if s[0] == '+' || s[0] == '-' {
		if s[0] == '-' {
			sign = "-"
		}
		s = s[1:]
	}
	if s[0] == 'i' {
		return math.Inf(len(sign)*-2 + 1)
	}
	if strings.Contains(s, "nan") {
		return math.NaN()
	}
	mantissa, expText, _ := strings.Cut(s, "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+part, "0")
	if all == "" {
		return 0
	}
	digits := strings.TrimRight(all, "0")
	exp, _ := strconv.ParseInt(expText, 10, 64) // 0 if there is none; valid has checked it
	exp += int64(len(all) - len(digits) - len(part))
	return decimalNumber(sign+digits, exp)
}

// nearExponent is the exponent up to which a Decimal is compared with ints.
const nearExponent = 400

// expansion estimates by how many bytes the key of a Decimal is longer than its text:
// the key of 1e300 is an int of 300 digits.
func (d Decimal) expansion() int {
	if len(d) > nearExponent { // the expansion is less than that; the search would take longer than the rest
		return 0
	}
	at := strings.LastIndexAny(string(d), "eE")
	if at < 0 {
		return 0
	}
	exp, err := strconv.Atoi(string(d[at+1:]))
	if err != nil || exp < 0 || exp > 2*nearExponent {
		return 0
	}
	return exp / 4
}

// decimalNumber returns the key of digits * 10**exp; digits does not end in 0.
func decimalNumber(digits string, exp int64) any {
	text := digits + "e" + strconv.FormatInt(exp, 10)
	if len(digits) > 2*nearExponent || exp > nearExponent || exp < -3*nearExponent {
		return decimalKey(text)
	}
	if exp >= 0 {
		n, _ := new(big.Int).SetString(digits+strings.Repeat("0", int(exp)), 10)
		return intKey(n)
	}
	f, _ := strconv.ParseFloat(text, 64)
	exact, _ := new(big.Rat).SetString(text)
	if r := new(big.Rat).SetFloat64(f); r != nil && r.Cmp(exact) == 0 {
		return f
	}
	return decimalKey(text)
}

// appendTupleKey appends the keys of the elements, each with its type and length so that
// different tuples have different text.
func appendTupleKey(dst []byte, t Tuple, depth int) ([]byte, error) {
	var err error
	dst = append(dst, 't')
	dst = binary.AppendUvarint(dst, uint64(len(t)))
	for _, item := range t {
		if dst, err = appendKey(dst, item, depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendSetKey is appendTupleKey with the members in a fixed order.
func appendSetKey(dst []byte, s *FrozenSet, depth int) ([]byte, error) {
	var members []string
	for item := range s.All() {
		b, err := appendKey(nil, item, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, string(b))
	}
	return appendMembers(dst, members), nil
}

// appendMembers appends a hash of long text, so that nested sets cost no more than
// their members.
func appendMembers(dst []byte, members []string) []byte {
	slices.Sort(members)
	start := len(dst)
	dst = append(dst, 'z')
	dst = binary.AppendUvarint(dst, uint64(len(members)))
	for _, m := range members {
		dst = append(dst, m...)
	}
	if len(dst)-start <= longText {
		return dst
	}
	sum := sha256.Sum256(dst[start:])
	return append(append(dst[:start], 'y'), sum[:]...)
}

func appendKey(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	switch v := v.(type) {
	case Tuple:
		return appendTupleKey(dst, v, depth)
	case *FrozenSet:
		return appendSetKey(dst, v, depth)
	}
	k, err := keyOf(v)
	if err != nil {
		return nil, err
	}
	return appendForm(dst, k), nil
}

// appendForm appends the result of keyOf.
func appendForm(dst []byte, form any) []byte {
	switch k := form.(type) {
	case nil:
		return append(dst, 'n')
	case int:
		return binary.AppendVarint(append(dst, 'i'), int64(k))
	case float64:
		return binary.AppendUvarint(append(dst, 'f'), math.Float64bits(k))
	case string:
		return appendText(dst, 's', k)
	case bytesKey:
		return appendText(dst, 'b', string(k))
	case bigKey:
		return appendText(dst, 'l', string(k))
	case decimalKey:
		return appendText(dst, 'd', string(k))
	case tupleKey:
		return append(dst, k...)
	case setKey:
		return append(dst, k...)
	}
	// The address tells types with the same name apart; %#v quotes the content and names
	// its types.
	typ := reflect.ValueOf(reflect.TypeOf(form)).Pointer()
	return appendText(dst, 'o', fmt.Sprintf("%x:%#v", typ, form))
}

func appendText(dst []byte, kind byte, s string) []byte {
	dst = append(dst, kind)
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// fractionKey returns the key of the equal int, float or Decimal for a Fraction that
// has one.
func fractionKey(r *big.Rat) any {
	if r.IsInt() {
		return intKey(r.Num())
	}
	if decimals, ok := decimalPlaces(r.Denom()); ok {
		return Decimal(r.FloatString(decimals)).key()
	}
	return ratKey(r.String())
}

// decimalPlaces returns how many decimals a fraction with that denominator has, if they
// end after a few: the denominator is then a product of twos and fives.
func decimalPlaces(denominator *big.Int) (int, bool) {
	if denominator.BitLen() > 4*nearExponent {
		return 0, false
	}
	twos := denominator.TrailingZeroBits()
	rest := new(big.Int).Rsh(denominator, twos)
	fives := int(float64(rest.BitLen()) / math.Log2(5))
	power := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(fives)), nil)
	return max(int(twos), fives), power.Cmp(rest) == 0
}

// key returns equal values for times of day that Python calls equal: those with an
// offset compare in UTC.
func (t Time) key() any {
	if t.Location == nil {
		return t
	}
	if start, end := time.Unix(0, 0).In(t.Location).ZoneBounds(); !start.IsZero() || !end.IsZero() {
		t.Location = nil // without a date it has no offset
		return t
	}
	_, offset := time.Unix(0, 0).In(t.Location).Zone()
	return timeOfDayKey(int64(t.Hour*3600+t.Minute*60+t.Second-offset)*1e6 + int64(t.Microsecond))
}

// key returns equal values for ranges of the same numbers.
func (r Range) key() any {
	switch n := r.Len(); n {
	case 0:
		return Range{}
	case 1:
		return Range{Start: r.Start, Step: 1}
	default:
		return Range{Start: r.Start, Stop: n, Step: r.Step}
	}
}
