package storagetest

import (
	"context"
	"time"

	"github.com/ring-go/ring"
)

// ageing is a faulty that also has ages, with some methods replaced.
type ageing struct {
	*faulty
	aged     func(key string) (ring.Aged, error)
	manyAged func(keys []string) ([]ring.Aged, error)
	add      func(key string, value any, expire time.Duration) bool
	replace  func(key string, version, value any, expire time.Duration) bool
	shorten  func(key string, left time.Duration)
}

var (
	_ ring.AgedStorage    = (*ageing)(nil)
	_ ring.CondStorage    = (*ageing)(nil)
	_ ring.ShortenStorage = (*ageing)(nil)
)

func (m *model) getAged(key string) (ring.Aged, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.alive(key)
	if !ok {
		return ring.Aged{}, ring.ErrNotFound
	}
	a := ring.Aged{Value: copied(i.value), Version: m.writes[key]}
	if i.ttl != 0 {
		a.Left = i.ttl - m.now().Sub(i.born)
	}
	return a, nil
}

func (m *model) getManyAged(keys []string) ([]ring.Aged, error) {
	var all []ring.Aged
	for _, key := range keys {
		a, err := m.getAged(key)
		if err != nil {
			a.Value = err
		}
		all = append(all, a)
	}
	return all, nil
}

func (m *model) addValue(key string, value any, expire time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.alive(key)
	if !ok {
		m.put(key, value, expire)
	}
	return !ok
}

func (m *model) replaceValue(key string, version, value any, expire time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.alive(key)
	if ok = ok && m.writes[key] == version; ok {
		m.put(key, value, expire)
	}
	return ok
}

func (m *model) shortenValue(key string, left time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.alive(key)
	if ok && (i.ttl == 0 || i.ttl-m.now().Sub(i.born) > left) {
		m.held[key] = item{i.value, m.now(), left}
	}
}

func (a *ageing) GetAged(ctx context.Context, key string) (ring.Aged, error) {
	if err := ctx.Err(); err != nil {
		return ring.Aged{}, err
	}
	return or(a.aged != nil, a.aged, a.model.getAged)(key)
}

func (a *ageing) GetManyAged(_ context.Context, keys []string) ([]ring.Aged, error) {
	return or(a.manyAged != nil, a.manyAged, a.model.getManyAged)(keys)
}

func (a *ageing) AddValue(_ context.Context, key string, value any, expire time.Duration) (bool, error) {
	return or(a.add != nil, a.add, a.model.addValue)(key, value, expire), nil
}

func (a *ageing) ReplaceValue(_ context.Context, key string, version, value any, expire time.Duration) (bool, error) {
	return or(a.replace != nil, a.replace, a.model.replaceValue)(key, version, value, expire), nil
}

func (a *ageing) ShortenValue(_ context.Context, key string, left time.Duration) error {
	or(a.shorten != nil, a.shorten, a.model.shortenValue)(key, left)
	return nil
}

// without is a storage whose methods about ages refuse.
type without struct{ *model }

func (without) GetAged(context.Context, string) (ring.Aged, error) { return ring.Aged{}, errUnable }

func (without) GetManyAged(context.Context, []string) ([]ring.Aged, error) { return nil, errUnable }

func (without) AddValue(context.Context, string, any, time.Duration) (bool, error) {
	return false, errUnable
}

func (without) ReplaceValue(context.Context, string, any, any, time.Duration) (bool, error) {
	return false, errUnable
}

func (without) ShortenValue(context.Context, string, time.Duration) error { return errUnable }
