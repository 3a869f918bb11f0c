package keytext

import (
	"fmt"
	"reflect"
)

// The styles of keys, one by one and together.
var (
	safeKeys   = Rules{}
	pythonKeys = Rules{Python: true}
	hashKeys   = Rules{Hashed: true}
	styles     = []Rules{safeKeys, pythonKeys, hashKeys}
)

// inMemory returns a style whose keys do not outlive the process.
func inMemory(style Rules) Rules {
	style.InMemory = true
	return style
}

// paramsOf returns parameters of these types.
func paramsOf(types ...reflect.Type) (params []Param) {
	for i, typ := range types {
		params = append(params, Param{Type: typ, At: i, In: i, What: fmt.Sprintf("parameter %d (%v)", i+1, typ)})
	}
	return params
}
