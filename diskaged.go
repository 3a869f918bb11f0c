package ring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/internal/codec"
)

// agedObj is what a DiskCacheObj can do that knows ages, as a *diskcache.Cache does.
type agedObj interface {
	GetAgedTo(ctx context.Context, key, dest any) (left time.Duration, version any, err error)
	Add(ctx context.Context, key, value any, expire time.Duration, tag ...any) (added bool, err error)
	Replace(ctx context.Context, key, version, value any, expire time.Duration, tag ...any) (replaced bool, err error)
	Shorten(ctx context.Context, key any, left time.Duration) (alive bool, err error)
}

func (s *DiskCacheStorage) agedObj() (agedObj, error) {
	obj, ok := s.Obj.(agedObj)
	if !ok {
		return nil, fmt.Errorf("%w: %T does not know the age of a value: give a *diskcache.Cache", errors.ErrUnsupported, s.Obj)
	}
	return obj, nil
}

// GetAged implements AgedStorage, if Obj has the method GetAgedTo of a *diskcache.Cache.
// The Version is that of the write.
func (s *DiskCacheStorage) GetAged(ctx context.Context, key string) (a Aged, err error) {
	value, err := codec.Natural(func(dest any) error { a, err = s.GetAgedTo(ctx, key, dest); return err })
	if err != nil {
		return Aged{}, err
	}
	a.Value = value
	return a, nil
}

// GetAgedTo implements AgedTypedStorage, under the condition of GetAged.
func (s *DiskCacheStorage) GetAgedTo(ctx context.Context, key string, dest any) (Aged, error) {
	obj, err := s.agedObj()
	if err != nil {
		return Aged{}, err
	}
	left, version, err := obj.GetAgedTo(ctx, key, dest)
	if err != nil {
		return Aged{}, codec.PickleError(codec.NotFound(err))
	}
	return Aged{Left: left, Version: version}, nil
}

// GetManyAged implements AgedStorage, one key after the other, under the condition of
// GetAged.
func (s *DiskCacheStorage) GetManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	if _, err := s.agedObj(); err != nil {
		return nil, err
	}
	return agedEach(ctx, keys, s.GetAged)
}

// AddValue implements CondStorage in one transaction, if Obj has the methods Add and
// Replace of a *diskcache.Cache.
func (s *DiskCacheStorage) AddValue(ctx context.Context, key string, value any, expire time.Duration) (bool, error) {
	obj, err := s.agedObj()
	if err != nil {
		return false, err
	}
	added, err := obj.Add(ctx, key, value, expire, s.Tag)
	return added, codec.PickleError(err)
}

// ReplaceValue implements CondStorage in one transaction, under the condition of
// AddValue.
func (s *DiskCacheStorage) ReplaceValue(ctx context.Context, key string, version, value any, expire time.Duration) (bool, error) {
	obj, err := s.agedObj()
	if err != nil {
		return false, err
	}
	replaced, err := obj.Replace(ctx, key, version, value, expire, s.Tag)
	return replaced, codec.PickleError(err)
}

// ShortenValue implements ShortenStorage, if Obj has the method Shorten of a
// *diskcache.Cache.
func (s *DiskCacheStorage) ShortenValue(ctx context.Context, key string, left time.Duration) error {
	obj, err := s.agedObj()
	if err != nil {
		return err
	}
	_, err = obj.Shorten(ctx, key, left)
	return err
}
