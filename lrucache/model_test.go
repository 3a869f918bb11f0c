package lrucache_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// model is the contract, written for reading and not for speed: a list of entries in
// the order of their use, the oldest first.
type model struct {
	size         int
	entries      []modelEntry
	now          time.Duration
	hits, misses int
}

type modelEntry struct {
	key      string
	value    any
	deadline time.Duration
	mortal   bool
}

func (m *model) dead(i int) bool {
	return m.entries[i].mortal && m.entries[i].deadline <= m.now
}

func (m *model) find(key string) int {
	return slices.IndexFunc(m.entries, func(e modelEntry) bool { return e.key == key })
}

// use moves an entry to the end, or removes a dead one.
func (m *model) use(key string) (*modelEntry, bool) {
	i := m.find(key)
	if i < 0 {
		return nil, false
	}
	e, dead := m.entries[i], m.dead(i)
	m.entries = slices.Delete(m.entries, i, i+1)
	if dead {
		return nil, false
	}
	m.entries = append(m.entries, e)
	return &m.entries[len(m.entries)-1], true
}

func (m *model) get(key string) (any, bool) {
	e, ok := m.use(key)
	if !ok {
		return nil, false
	}
	m.hits++
	return e.value, true
}

func (m *model) set(key string, value any, expire time.Duration) {
	if m.size == 0 {
		return
	}
	e := modelEntry{key, value, m.now + expire, expire != 0}
	if i := m.find(key); i >= 0 {
		m.entries[i] = e
		return
	}
	if len(m.entries) == m.size {
		m.entries = m.entries[1:]
	}
	m.entries = append(m.entries, e)
}

func (m *model) has(key string) bool {
	i := m.find(key)
	return i >= 0 && !m.dead(i)
}

func (m *model) delete(key string) bool {
	i := m.find(key)
	if i < 0 {
		return false
	}
	dead := m.dead(i)
	m.entries = slices.Delete(m.entries, i, i+1)
	return !dead
}

func (m *model) touch(key string, expire time.Duration) bool {
	e, ok := m.use(key)
	if ok {
		e.deadline, e.mortal = m.now+expire, expire != 0
	}
	return ok
}

func (m *model) info() lrucache.CacheInfo {
	info := lrucache.CacheInfo{Hits: m.hits, Misses: m.misses, MaxSize: m.size}
	for i := range m.entries {
		if !m.dead(i) {
			info.CurrSize++
		}
	}
	return info
}

// modelKeys are short, long, almost long, and spelled like the digest of another one.
func modelKeys() []string {
	keys := []string{"", "a", "b", "c", "d", "e", "f", "0123456789abcdef", strings.Repeat("k", lrucache.LongKey)}
	for _, end := range []string{"x", "y", "z"} {
		long := strings.Repeat("k", lrucache.LongKey) + end
		sum := sha256.Sum256([]byte(long))
		keys = append(keys, long, string(sum[:]))
	}
	return keys
}

var modelSizes = []int{0, 1, 2, 3, 8, lrucache.Unbounded}

// replay does to a cache and to the model what script says, two bytes an operation,
// and compares what they answer and what they hold.
func replay(t *testing.T, size int, collide bool, script []byte) {
	m, c := &model{size: size}, lrucache.New(size)
	c.Now = func() time.Time { return time.Unix(0, 0).Add(m.now) }
	if collide {
		c.Collide()
	}
	keys := modelKeys()
	for i := 0; i+1 < len(script); i += 2 {
		key := keys[int(script[i+1])%len(keys)]
		expire := []time.Duration{0, 0, -1, 1, 3, 10}[int(script[i+1])/len(keys)%6]
		var got, want any
		var gotOK, wantOK bool
		switch script[i] % 16 {
		case 0, 1, 2, 3:
			c.Set(key, i, expire)
			m.set(key, i, expire)
		case 4, 5:
			got, gotOK = c.Get(key)
			if want, wantOK = m.get(key); !wantOK {
				m.misses++
			}
		case 6, 7, 8:
			got, gotOK = c.GetBytes([]byte(key))
			want, wantOK = m.get(key)
		case 9, 10:
			gotOK, wantOK = c.Touch(key, expire), m.touch(key, expire)
		case 11:
			gotOK, wantOK = c.Has(key), m.has(key)
		case 12, 13:
			gotOK, wantOK = c.Delete(key), m.delete(key)
		case 14:
			m.now += time.Duration(script[i+1] % 4)
		case 15:
			if script[i+1] < 32 {
				c.Clear()
				m.entries, m.hits, m.misses = nil, 0, 0
			}
		}
		require.Equal(t, want, got, "operation %d", i)
		require.Equal(t, wantOK, gotOK, "operation %d", i)
		require.Equal(t, m.info(), c.CacheInfo(), "operation %d", i)
		require.Equal(t, m.info().CurrSize, c.Len())

		kept, err := c.Keys()
		require.NoError(t, err, "operation %d", i)
		require.Len(t, kept, len(m.entries))
		for j, e := range m.entries {
			if kept[j] != c.Kept(e.key) {
				require.Failf(t, "order", "operation %d: place %d is not %.40q but %.40q", i, j, e.key, kept[j])
			}
		}
	}
}

func TestAgainstModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	script := make([]byte, 10_000)
	for _, size := range modelSizes {
		for _, collide := range []bool{false, true} {
			for i := range script {
				script[i] = byte(rnd.Uint32())
			}
			replay(t, size, collide, script)
		}
	}
}

func FuzzAgainstModel(f *testing.F) {
	f.Add(uint8(2), false, []byte("\x00\x01\x00\x02\x00\x03\x04\x01\x0c\x02\x0f\x00\x00\x01"))
	f.Add(uint8(5), true, []byte("\x00\x01\x00\x09\x00\x0a\x0c\x01\x00\x2e\x0e\x03\x04\x01\x09\x0b"))
	f.Fuzz(func(t *testing.T, size uint8, collide bool, script []byte) {
		replay(t, modelSizes[int(size)%len(modelSizes)], collide, script[:min(len(script), 4096)])
	})
}
