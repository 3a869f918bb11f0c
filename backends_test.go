package ring_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
)

// gate is a function that waits inside until it is released.
type gate struct {
	runs    atomic.Int32
	release chan struct{}
}

func newGate() *gate { return &gate{release: make(chan struct{})} }

func (g *gate) run(ctx context.Context, n int) (int, error) {
	run := g.runs.Add(1)
	select {
	case <-g.release:
		return n*100 + int(run), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// backends are the factories over which flights are tested: one that answers hits
// without binding, one that does not, and one that is not in memory.
func backends() map[string]ring.Factory {
	return map[string]ring.Factory{
		"lru":    ring.Lru{},
		"dict":   ring.Dict{},
		"remote": ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote},
	}
}

// remote is a storage that is not in memory.
type remote struct{ m *sync.Map }

func newRemote(backend any) (ring.Storage, error) { return &remote{backend.(*sync.Map)}, nil }

func (r *remote) GetValue(_ context.Context, key string) (any, error) {
	v, ok := r.m.Load(key)
	if !ok {
		return nil, ring.ErrNotFound
	}
	return v, nil
}

func (r *remote) SetValue(ctx context.Context, key string, value any, _ time.Duration) error {
	r.m.Store(key, value)
	return ctx.Err()
}

func (r *remote) DeleteValue(_ context.Context, key string) error {
	r.m.Delete(key)
	return nil
}

func forBackends(t *testing.T, test func(t *testing.T, f ring.Factory)) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, factory) })
		})
	}
}

// idle checks that nothing of a flight is left.
func idle(t *testing.T, r *ring.Rope) {
	t.Helper()
	assert.True(t, ring.FlightsOf(r).Idle())
}
