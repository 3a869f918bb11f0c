package storagetest

import (
	"context"
	"hash/crc32"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// servers is a storage on several servers, each with a clock of its own.
type servers []*model

func (s servers) of(key string) *model { return s[crc32.ChecksumIEEE([]byte(key))%uint32(len(s))] }

func (s servers) GetValue(ctx context.Context, key string) (any, error) {
	return s.of(key).GetValue(ctx, key)
}

func (s servers) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	return s.of(key).SetValue(ctx, key, value, expire)
}

func (s servers) DeleteValue(ctx context.Context, key string) error {
	return s.of(key).DeleteValue(ctx, key)
}

// TestSlowClock: the clock of one server ticks late, as on a busy machine. Values live
// longer there.
func TestSlowClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticks := func(every time.Duration) *model {
			return newModel(func() time.Time { return time.Now().Truncate(every) })
		}
		for n := range 30 {
			seen := examine("ExpiryOverwrite", func() ring.Storage {
				s := servers{ticks(time.Second), ticks(time.Second), ticks(time.Second)}
				s[n%len(s)] = ticks(4 * time.Second)
				return s
			}, &Options{Resolution: time.Second})
			assert.Empty(t, seen.failures)
			assert.Contains(t, seen.ran, "ExpiryOverwrite")
			time.Sleep(300 * time.Millisecond) // another time within a tick
		}
	})
}

// TestClockCatchesUp: a clock was late and catches up, which shortens one life.
func TestClockCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		now := func() time.Time {
			if t := time.Now(); t.Sub(start) > time.Second/10 {
				return t
			}
			return start.Add(-3 * time.Second / 2)
		}
		seen := examine("ExpiryLifetime", func() ring.Storage { return servers{newModel(now)} }, &Options{Resolution: time.Second})
		assert.Empty(t, seen.failures)
		assert.Contains(t, seen.ran, "ExpiryLifetime")
	})
}
