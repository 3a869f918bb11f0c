package callable

import "context"

// callDirect calls a function of a common type without reflection, which takes longer
// and needs a kilobyte and a half of stack. It returns false for all other types. It is
// a switch, not a function that is chosen once, because the arguments would then escape.
func (c *Callable) callDirect(v []any) (value any, err error, ok bool) {
	switch f := c.direct.(type) {
	case func(int) int:
		return f(v[0].(int)), nil, true
	case func(int) bool:
		return f(v[0].(int)), nil, true
	case func(int) string:
		return f(v[0].(int)), nil, true
	case func(int64) int64:
		return f(v[0].(int64)), nil, true
	case func(uint64) uint64:
		return f(v[0].(uint64)), nil, true
	case func(float64) float64:
		return f(v[0].(float64)), nil, true
	case func(string) string:
		return f(v[0].(string)), nil, true
	case func(string) int:
		return f(v[0].(string)), nil, true
	case func(string) bool:
		return f(v[0].(string)), nil, true
	case func(int, int) int:
		return f(v[0].(int), v[1].(int)), nil, true
	case func(int, int, int) int:
		return f(v[0].(int), v[1].(int), v[2].(int)), nil, true
	case func(string, int) string:
		return f(v[0].(string), v[1].(int)), nil, true
	case func(string, string) int:
		return f(v[0].(string), v[1].(string)), nil, true
	case func(string, string) string:
		return f(v[0].(string), v[1].(string)), nil, true
	}
	return nil, nil, false
}

// callFailing is callDirect for functions with an error.
func (c *Callable) callFailing(v []any) (value any, err error, ok bool) {
	switch f := c.direct.(type) {
	case func(int) (int, error):
		value, err = f(v[0].(int))
	case func(int) (string, error):
		value, err = f(v[0].(int))
	case func(string) (int, error):
		value, err = f(v[0].(string))
	case func(string) (string, error):
		value, err = f(v[0].(string))
	case func(string) ([]byte, error):
		value, err = f(v[0].(string))
	case func(string, int) (string, error):
		value, err = f(v[0].(string), v[1].(int))
	case func(string, string) (string, error):
		value, err = f(v[0].(string), v[1].(string))
	default:
		return nil, nil, false
	}
	return value, err, true
}

// callInContext is callDirect for functions with a context and an error.
func (c *Callable) callInContext(ctx context.Context, v []any) (value any, err error, ok bool) {
	switch f := c.direct.(type) {
	case func(context.Context, int) (int, error):
		value, err = f(ctx, v[0].(int))
	case func(context.Context, int) (string, error):
		value, err = f(ctx, v[0].(int))
	case func(context.Context, int64) (string, error):
		value, err = f(ctx, v[0].(int64))
	case func(context.Context, string) (int, error):
		value, err = f(ctx, v[0].(string))
	case func(context.Context, string) (string, error):
		value, err = f(ctx, v[0].(string))
	case func(context.Context, string) ([]byte, error):
		value, err = f(ctx, v[0].(string))
	case func(context.Context, string, string) (string, error):
		value, err = f(ctx, v[0].(string), v[1].(string))
	default:
		return nil, nil, false
	}
	return value, err, true
}
