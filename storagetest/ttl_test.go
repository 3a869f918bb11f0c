package storagetest

import (
	"context"
	"time"

	"github.com/ring-go/ring"
)

// timed is a model that knows the time left, unless left is given.
type timed struct {
	*faulty
	left func(key string) (time.Duration, error)
}

func (m *model) timeLeft(key string) (time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.alive(key)
	switch {
	case !ok:
		return 0, ring.ErrNotFound
	case i.ttl == 0:
		return 0, nil
	}
	return i.ttl - m.now().Sub(i.born), nil
}

func (m *timed) TTLValue(_ context.Context, key string) (time.Duration, error) {
	return or(m.left != nil, m.left, m.model.timeLeft)(key)
}

func init() {
	conforming["Timed"] = func(now func() time.Time) ring.Storage { return &timed{faulty: &faulty{model: newModel(now)}} }
	for name, wrong := range map[string]func(m *model, key string) (time.Duration, error){
		"TimeLeftToNothing": func(m *model, key string) (time.Duration, error) {
			left, _ := m.timeLeft(key)
			return left, nil
		},
		"WholeTime": func(m *model, key string) (time.Duration, error) {
			_, err := m.timeLeft(key)
			return m.held[key].ttl, err
		},
		"TimeLeftForEver": func(m *model, key string) (time.Duration, error) {
			left, err := m.timeLeft(key)
			if left == 0 && err == nil {
				left = -1 // like Redis
			}
			return left, err
		},
		"TimeLeftInSeconds": func(m *model, key string) (time.Duration, error) {
			left, err := m.timeLeft(key)
			return left / time.Second, err
		},
	} {
		faults = append(faults, fault{name: name, check: "TTL", neverSeenByWaiting: name == "WholeTime", make: func(m *model) ring.Storage {
			return &timed{&faulty{model: m}, func(key string) (time.Duration, error) { return wrong(m, key) }}
		}})
	}
}
