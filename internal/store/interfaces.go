package store

import (
	"context"
	"reflect"
	"time"
)

// The interfaces of package ring, as far as this package uses them.

type storage interface {
	GetValue(ctx context.Context, key string) (any, error)
	SetValue(ctx context.Context, key string, value any, expire time.Duration) error
	DeleteValue(ctx context.Context, key string) error
}

type hasStorage interface {
	HasValue(ctx context.Context, key string) (bool, error)
}

type touchStorage interface {
	TouchValue(ctx context.Context, key string, expire time.Duration) error
}

type bulkStorage interface {
	GetManyValues(ctx context.Context, keys []string) ([]any, error)
	SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error
	DeleteManyValues(ctx context.Context, keys []string) error
	HasManyValues(ctx context.Context, keys []string) ([]bool, error)
	TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error
}

type ttlStorage interface {
	TTLValue(ctx context.Context, key string) (time.Duration, error)
}

type condStorage interface {
	AddValue(ctx context.Context, key string, value any, expire time.Duration) (bool, error)
	ReplaceValue(ctx context.Context, key string, version, value any, expire time.Duration) (bool, error)
}

type shortenStorage interface {
	ShortenValue(ctx context.Context, key string, left time.Duration) error
}

type inMemory interface{ InMemoryStorage() bool }

type bytesStorage interface{ StoresBytes() bool }

type typedStorage interface {
	GetValueTo(ctx context.Context, key string, dest any) error
	GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error)
	CheckType(t reflect.Type) error
}

// Coder converts values to what a storage keeps, and back.
type Coder interface {
	Encode(value any) (data any, err error)
	Decode(data any, typ reflect.Type) (value any, err error)
}
