package keytext

import (
	"fmt"
	"reflect"
)

// The styles of keys, and all of them.
var (
	safeKeys   = Rules{}
	pythonKeys = Rules{Python: true}
	hashKeys   = Rules{Hashed: true}
	styles     = []Rules{safeKeys, pythonKeys, hashKeys}
)

// inMemory is a style where keys do not outlive the process.
func inMemory(style Rules) Rules {
	style.InMemory = true
	return style
}

// paramsOf are parameters of these types.
func paramsOf(types ...reflect.Type) (params []Param) {
	for i, typ := range types {
		params = append(params, Param{Type: typ, At: i, In: i, What: fmt.Sprintf("parameter %d (%v)", i+1, typ)})
	}
	return params
}
