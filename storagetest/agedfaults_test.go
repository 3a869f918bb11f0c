package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring"
)

var errUnable = fmt.Errorf("no ages: %w", errors.ErrUnsupported)

func init() {
	conforming["Ageing"] = func(now func() time.Time) ring.Storage { return &ageing{faulty: &faulty{model: newModel(now)}} }
	conforming["WithoutAges"] = func(now func() time.Time) ring.Storage { return without{newModel(now)} }
	faults = append(faults, agedFaults...)
	faults = append(faults, condFaults...)
	faults = append(faults, shortenFaults...)
}

func faultOf(name, check string, make func(m *model, a *ageing)) fault {
	return fault{name: name, check: check, make: func(m *model) ring.Storage {
		a := &ageing{faulty: &faulty{model: m}}
		make(m, a)
		return a
	}}
}

// leftWrong is a storage that changes the time left.
func leftWrong(name string, change func(left time.Duration) time.Duration) fault {
	return faultOf(name, "Aged", func(m *model, a *ageing) {
		a.aged = func(key string) (ring.Aged, error) {
			aged, err := m.getAged(key)
			aged.Left = change(aged.Left)
			return aged, err
		}
	})
}

// manyWrong is a storage that changes what it returns for several keys.
func manyWrong(name string, change func([]ring.Aged) []ring.Aged) fault {
	return faultOf(name, "Aged", func(m *model, a *ageing) {
		a.manyAged = func(keys []string) ([]ring.Aged, error) {
			all, err := m.getManyAged(keys)
			return change(all), err
		}
	})
}

var agedFaults = []fault{
	leftWrong("AgedForEver", func(left time.Duration) time.Duration { return left - 1 }),
	leftWrong("AgedInMilliseconds", func(left time.Duration) time.Duration { return left / time.Millisecond }),
	leftWrong("AgedNever", func(time.Duration) time.Duration { return 0 }),
	faultOf("AgedMiss", "Aged", func(m *model, a *ageing) {
		a.aged = func(key string) (ring.Aged, error) {
			aged, _ := m.getAged(key)
			return aged, nil
		}
	}),
	faultOf("AgedOther", "Aged", func(m *model, a *ageing) {
		a.aged = func(key string) (ring.Aged, error) {
			aged, err := m.getAged(key)
			aged.Value = "other"
			return aged, err
		}
	}),
	manyWrong("ManyAgedWithoutMisses", func(all []ring.Aged) []ring.Aged {
		for i, a := range all {
			if a.Value == any(ring.ErrNotFound) {
				all[i].Value = nil
			}
		}
		return all
	}),
	manyWrong("ManyAgedTooFew", func(all []ring.Aged) []ring.Aged { return all[:max(0, len(all)-1)] }),
	manyWrong("ManyAgedTimeless", func(all []ring.Aged) []ring.Aged {
		for i := range all {
			all[i].Left = 0
		}
		return all
	}),
	manyWrong("ManyAgedOther", func(all []ring.Aged) []ring.Aged {
		for i, a := range all {
			if a.Value != any(ring.ErrNotFound) {
				all[i].Value = "other"
			}
		}
		return all
	}),
	{name: "HalfAged", check: interfacesCheck, make: func(m *model) ring.Storage { return &halfAged{m} }},
}

// halfAged has one of two methods.
type halfAged struct{ *model }

func (h *halfAged) GetAged(_ context.Context, key string) (ring.Aged, error) { return h.getAged(key) }

var condFaults = []fault{
	faultOf("AddOverwrites", "AddValue", func(m *model, a *ageing) {
		a.add = func(key string, value any, expire time.Duration) bool {
			stored := m.addValue(key, value, expire)
			_ = m.SetValue(context.Background(), key, value, expire)
			return stored
		}
	}),
	faultOf("AddSaysYes", "AddValue", func(m *model, a *ageing) {
		a.add = func(key string, value any, expire time.Duration) bool { m.addValue(key, value, expire); return true }
	}),
	faultOf("AddForGood", "AddValue", func(m *model, a *ageing) {
		a.add = func(key string, value any, _ time.Duration) bool { return m.addValue(key, value, 0) }
	}),
	faultOf("AddSeesTheDead", "AddValue", func(m *model, a *ageing) {
		a.add = func(key string, value any, expire time.Duration) bool {
			m.mu.Lock()
			_, held := m.held[key]
			m.mu.Unlock()
			return !held && m.addValue(key, value, expire)
		}
	}),
	faultOf("ReplaceAnything", "ReplaceValue", func(m *model, a *ageing) {
		a.replace = func(key string, _, value any, expire time.Duration) bool {
			now, err := m.getAged(key)
			return err == nil && m.replaceValue(key, now.Version, value, expire)
		}
	}),
	faultOf("ReplaceNothing", "ReplaceValue", func(m *model, a *ageing) {
		a.replace = func(string, any, any, time.Duration) bool { return true }
	}),
	faultOf("ReplaceRevives", "ReplaceValue", func(m *model, a *ageing) {
		a.replace = func(key string, version, value any, expire time.Duration) bool {
			return m.replaceValue(key, version, value, expire) || m.addValue(key, value, expire)
		}
	}),
	faultOf("ReplaceForGood", "ReplaceValue", func(m *model, a *ageing) {
		a.replace = func(key string, version, value any, _ time.Duration) bool {
			return m.replaceValue(key, version, value, 0)
		}
	}),
	faultOf("NoVersion", "ReplaceValue", func(m *model, a *ageing) {
		a.aged = func(key string) (ring.Aged, error) {
			aged, err := m.getAged(key)
			aged.Version = nil
			return aged, err
		}
	}),
	faultOf("AddInTwoSteps", "CondRaces", func(m *model, a *ageing) {
		wait := untilTwo()
		a.add = func(key string, value any, expire time.Duration) bool {
			if _, err := m.getAged(key); err == nil {
				return false
			}
			wait()
			_ = m.SetValue(context.Background(), key, value, expire)
			return true
		}
	}),
	faultOf("ReplaceInTwoSteps", "CondRaces", func(m *model, a *ageing) {
		wait := untilTwo()
		a.replace = func(key string, version, value any, expire time.Duration) bool {
			if now, err := m.getAged(key); err != nil || now.Version != version {
				return false
			}
			wait()
			_ = m.SetValue(context.Background(), key, value, expire)
			return true
		}
	}),
}

// untilTwo returns a function whose first caller waits for the second one.
func untilTwo() func() {
	var callers atomic.Int64
	both := make(chan struct{})
	return func() {
		if callers.Add(1) == 2 {
			close(both)
		}
		<-both
	}
}

var shortenFaults = []fault{
	faultOf("ShortenLengthens", "Shorten", func(m *model, a *ageing) {
		a.shorten = func(key string, left time.Duration) { _ = m.TouchValue(context.Background(), key, left) }
	}),
	faultOf("ShortenDeletes", "Shorten", func(m *model, a *ageing) {
		a.shorten = func(key string, _ time.Duration) { _ = m.DeleteValue(context.Background(), key) }
	}),
	faultOf("ShortenNothing", "Shorten", func(m *model, a *ageing) { a.shorten = func(string, time.Duration) {} }),
	faultOf("ShortenMortalsOnly", "Shorten", func(m *model, a *ageing) {
		a.shorten = func(key string, left time.Duration) {
			if now, err := m.getAged(key); err == nil && now.Left > 0 {
				m.shortenValue(key, left)
			}
		}
	}),
}
