package keytext

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/pyvalue"
)

// The types that the rules look for.
var (
	anyType             = reflect.TypeFor[any]()
	byteType            = reflect.TypeFor[byte]()
	stringType          = reflect.TypeFor[string]()
	intType             = reflect.TypeFor[int]()
	boolType            = reflect.TypeFor[bool]()
	float64Type         = reflect.TypeFor[float64]()
	reflectType         = reflect.TypeFor[reflect.Type]()
	typeOfType          = reflect.TypeOf(reflectType)
	ringKeyerType       = reflect.TypeFor[ringKeyer]()
	TextMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	tupleType           = reflect.TypeFor[pyvalue.Tuple]()
	bytesType           = reflect.TypeFor[[]byte]()
	bigIntType          = reflect.TypeFor[big.Int]()
	stringerType        = reflect.TypeFor[fmt.Stringer]()
	ellipsisType        = reflect.TypeFor[pyvalue.EllipsisType]()
	frozenSetType       = reflect.TypeFor[pyvalue.FrozenSet]()
	timeType            = reflect.TypeFor[time.Time]()
)
