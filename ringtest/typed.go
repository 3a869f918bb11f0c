package ringtest

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/standin"
)

// newTyped returns a memory that resembles a TypedStorage. Those of ring keep pickles.
func newTyped(m *memory, like ring.TypedStorage) standin.Storage {
	switch like.(type) {
	case *ring.ShelveStorage, *ring.DiskCacheStorage:
		return &pickles{m, like}
	}
	return &converted{m, like}
}

// pickles is a memory that keeps pickles, as the files that Python reads do.
type pickles struct {
	*memory
	like ring.TypedStorage
}

func (p *pickles) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	data, err := codec.Pickle{}.Encode(value)
	if err != nil {
		return fmt.Errorf("%w: %w", ring.ErrCoder, err)
	}
	return p.memory.SetValue(ctx, key, data, expire)
}

func (p *pickles) GetValue(ctx context.Context, key string) (any, error) {
	return codec.Natural(func(dest any) error { return p.GetValueTo(ctx, key, dest) })
}

func (p *pickles) GetValueTo(ctx context.Context, key string, dest any) error {
	data, err := p.memory.GetValue(ctx, key)
	if err != nil {
		return err
	}
	return codec.Unpickle(data.([]byte), dest)
}

func (p *pickles) GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error) {
	return eachTo(ctx, p, keys, dests), nil
}

func (p *pickles) CheckType(t reflect.Type) error { return p.like.CheckType(t) }

// converted is a memory in the place of a TypedStorage whose way to convert is unknown. It
// keeps the values as they are.
type converted struct {
	*memory
	like ring.TypedStorage
}

func (c *converted) GetValueTo(ctx context.Context, key string, dest any) error {
	value, err := c.memory.GetValue(ctx, key)
	if err != nil {
		return err
	}
	to, from := reflect.ValueOf(dest).Elem(), reflect.ValueOf(value)
	if tuple, ok := value.(ring.Tuple); ok && to.Kind() == reflect.Struct {
		return fill(to, tuple)
	}
	return assign(to, from)
}

func (c *converted) GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error) {
	return eachTo(ctx, c, keys, dests), nil
}

func (c *converted) CheckType(t reflect.Type) error { return c.like.CheckType(t) }

// fill sets the fields of a struct that stands for several results. The first field marks it.
func fill(to reflect.Value, tuple ring.Tuple) error {
	if to.NumField() != len(tuple)+1 {
		return fmt.Errorf("%w: %d results do not fit %v", ring.ErrCoder, len(tuple), to.Type())
	}
	for i, value := range tuple {
		if err := assign(to.Field(i+1), reflect.ValueOf(value)); err != nil {
			return err
		}
	}
	return nil
}

func assign(to, from reflect.Value) error {
	switch {
	case !from.IsValid():
		to.SetZero()
	case from.Type().AssignableTo(to.Type()):
		to.Set(from)
	default:
		return fmt.Errorf("%w: a %v is no %v", ring.ErrCoder, from.Type(), to.Type())
	}
	return nil
}

func eachTo(ctx context.Context, s interface {
	GetValueTo(ctx context.Context, key string, dest any) error
}, keys []string, dests []any) []error {
	errs := make([]error, len(keys))
	for i, key := range keys {
		errs[i] = s.GetValueTo(ctx, key, dests[i])
	}
	return errs
}
