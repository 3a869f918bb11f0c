package main

import (
	"fmt"
	"go/types"
	"math"
	"strconv"
)

// defaultText writes the default value of a parameter in Go. It reports false where there is
// none, or none that is a constant or nil.
func defaultText(in input) (string, bool) {
	if !in.formal.HasDefault {
		return "", false
	}
	basic, _ := in.under.(*types.Basic)
	switch v := in.formal.Def.(type) {
	case nil:
		if basic == nil && nilable(in.under) {
			return "nil", true
		}
	case bool:
		if basic != nil && basic.Info()&types.IsBoolean != 0 {
			return strconv.FormatBool(v), true
		}
	case string:
		if basic != nil && basic.Info()&types.IsString != 0 {
			return strconv.Quote(v), true
		}
	case int:
		if basic != nil && basic.Info()&types.IsNumeric != 0 {
			return strconv.Itoa(v), true
		}
	case float64:
		isFloat := basic != nil && basic.Info()&types.IsFloat != 0
		if isFloat && !math.IsInf(v, 0) && (v != 0 || !math.Signbit(v)) {
			return fmt.Sprint(v), true
		}
	}
	return "", false
}

func nilable(t types.Type) bool {
	switch t.(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}
