package ring

import "context"

// agedEach is GetManyAged by look-ups of single keys.
func agedEach(ctx context.Context, keys []string, get func(ctx context.Context, key string) (Aged, error)) ([]Aged, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	aged, errs := make([]Aged, len(keys)), make([]error, len(keys))
	for i, key := range keys {
		a, err := get(ctx, key)
		if err != nil {
			a = Aged{Value: ErrNotFound}
		}
		if err != ErrNotFound {
			errs[i] = err
		}
		aged[i] = a
	}
	return aged, bulkErrors(errs)
}
