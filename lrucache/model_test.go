package lrucache_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

// model is the contract, written to be read and not to be fast: a list of entries in
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

// left is the time left to a value that is alive and expires, else 0.
func (m *model) left(key string) time.Duration {
	if i := m.find(key); i >= 0 && m.entries[i].mortal && !m.dead(i) {
		return m.entries[i].deadline - m.now
	}
	return 0
}

func (m *model) shorten(key string, left time.Duration) bool {
	i := m.find(key)
	if i < 0 || m.dead(i) {
		return false
	}
	if e := &m.entries[i]; !e.mortal || e.deadline > m.now+left {
		e.deadline, e.mortal = m.now+left, true
	}
	return true
}

// models are the models of a cache's shards.
type models []*model

func (all models) info(size int) lrucache.CacheInfo {
	info := lrucache.CacheInfo{MaxSize: size}
	for _, m := range all {
		info.Hits += m.hits
		info.Misses += m.misses
		for i := range m.entries {
			if !m.dead(i) {
				info.CurrSize++
			}
		}
	}
	return info
}

// kept returns the stored forms of the keys, in the order of Keys.
func (all models) kept(c *lrucache.LruCache) []string {
	var keys []string
	for _, m := range all {
		for _, e := range m.entries {
			keys = append(keys, c.Kept(e.key))
		}
	}
	return keys
}

// modelKeys returns short, long and almost long keys, and one that is spelled like the
// digest of another.
func modelKeys() []string {
	keys := []string{"", "a", "b", "c", "d", "e", "f", "0123456789abcdef", strings.Repeat("k", lrucache.LongKey)}
	for _, end := range []string{"x", "y", "z"} {
		long := strings.Repeat("k", lrucache.LongKey) + end
		sum := sha256.Sum256([]byte(long))
		keys = append(keys, long, string(sum[:]))
	}
	return keys
}

var (
	modelSizes  = []int{0, 1, 2, 3, 8, 13, lrucache.Unbounded}
	modelShards = []int{1, 2, 4}
)

// replay applies a script, with two bytes for each operation, to a cache and to the
// models of its shards, and compares their answers and contents.
func replay(t *testing.T, size, shards int, collide bool, script []byte) {
	c := lrucache.NewSharded(size, shards)
	if collide {
		c.Collide()
	}
	r := &replayed{cache: c, counter: c.NewCounter(), models: make(models, c.Shards())}
	c.Now = func() time.Time { return time.Unix(0, 0).Add(r.models[0].now) }
	for i := range r.models {
		r.models[i] = &model{size: c.Limit()}
	}
	for i := 0; i+1 < len(script); i += 2 {
		r.do(t, i, script[i], script[i+1])
		require.Equal(t, r.info(size), c.CacheInfo(), "operation %d", i)
		require.Equal(t, r.info(size).CurrSize, c.Len())
		require.Equal(t, r.counted, r.counter.Load(), "operation %d", i)
		kept, err := c.Keys()
		require.NoError(t, err, "operation %d", i)
		if want := r.kept(c); !slices.Equal(want, kept) {
			require.Failf(t, "order", "operation %d: not %.40q but %.40q", i, want, kept)
		}
	}
}

// replayed is a cache with the models of its shards.
type replayed struct {
	models
	cache   *lrucache.LruCache
	counter *lrucache.Counter
	counted int // the expected count of counter
}

var allModelKeys = modelKeys()

// do performs operation number i of a script.
func (r *replayed) do(t *testing.T, i int, operation, what byte) {
	keys, c := allModelKeys, r.cache
	key := keys[int(what)%len(keys)]
	expire := []time.Duration{0, 0, -1, 1, 3, 10}[int(what)/len(keys)%6]
	m := r.models[c.ShardOf(key)]
	var got, want any
	var gotOK, wantOK bool
	switch operation % 22 {
	case 0, 1, 2, 3:
		c.Set(key, i, expire)
		m.set(key, i, expire)
	case 4, 5:
		got, gotOK = c.Get(key)
		if want, wantOK = m.get(key); !wantOK {
			m.misses++
		}
	case 6, 7:
		got, gotOK = c.GetBytes([]byte(key))
		want, wantOK = m.get(key)
	case 8:
		got, gotOK = r.counter.GetBytes([]byte(key))
		want, wantOK = r.getCounted(key)
	case 9:
		gotOK, wantOK = c.Touch(key, expire), m.touch(key, expire)
	case 10:
		gotOK, wantOK = c.TouchBytes([]byte(key), expire), m.touch(key, expire)
	case 11:
		gotOK, wantOK = c.Has(key), m.has(key)
	case 12:
		gotOK, wantOK = c.HasBytes([]byte(key)), m.has(key)
	case 13:
		gotOK, wantOK = c.Delete(key), m.delete(key)
	case 14:
		gotOK, wantOK = c.DeleteBytes([]byte(key)), m.delete(key)
	case 15, 16:
		for _, m := range r.models {
			m.now += time.Duration(what % 4)
		}
	case 17:
		if what < 32 {
			r.clear()
		}
	case 18:
		var left, wantLeft time.Duration
		got, left, gotOK = c.GetLeft(key)
		wantLeft = m.left(key)
		if want, wantOK = m.get(key); !wantOK {
			m.misses++
		}
		require.Equal(t, wantLeft, left, "operation %d", i)
	case 19:
		gotOK, wantOK = c.Shorten(key, expire), m.shorten(key, expire)
	default:
		got, want = r.getMany(i, int(what%70))
	}
	require.Equal(t, want, got, "operation %d", i)
	require.Equal(t, wantOK, gotOK, "operation %d", i)
}

func (r *replayed) getCounted(key string) (any, bool) {
	value, ok := r.models[r.cache.ShardOf(key)].get(key)
	if ok {
		r.counted++
	}
	return value, ok
}

func (r *replayed) clear() {
	r.cache.Clear()
	for _, m := range r.models {
		m.entries, m.hits, m.misses = nil, 0, 0
	}
}

// getMany looks up n keys, and returns the values with the number of missing ones.
func (r *replayed) getMany(start, n int) (got, want []any) {
	var text []byte
	var ends []int
	missing := 0
	for j := range n {
		key := allModelKeys[(j*j+start)%len(allModelKeys)]
		text = append(text, key...)
		ends = append(ends, len(text))
		value, ok := r.getCounted(key)
		if !ok {
			value = "missing"
			missing++
		}
		want = append(want, value)
	}
	got = slices.Repeat([]any{"missing"}, n)
	return append(got, r.counter.GetMany(text, ends, got)), append(want, missing)
}

func TestAgainstModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	script := make([]byte, samples.Rounds(5_000))
	for _, size := range modelSizes {
		for _, shards := range modelShards {
			for _, collide := range []bool{false, true} {
				for i := range script {
					script[i] = byte(rnd.Uint32())
				}
				replay(t, size, shards, collide, script)
			}
		}
	}
}

func FuzzAgainstModel(f *testing.F) {
	f.Add(uint8(2), uint8(0), false, []byte("\x00\x01\x00\x02\x00\x03\x04\x01\x0e\x02\x11\x00\x00\x01"))
	f.Add(uint8(6), uint8(1), true, []byte("\x00\x01\x00\x09\x00\x0a\x0e\x01\x00\x2e\x0f\x03\x04\x01\x09\x0b\x12\x06"))
	f.Fuzz(func(t *testing.T, size, shards uint8, collide bool, script []byte) {
		replay(t, modelSizes[int(size)%len(modelSizes)], modelShards[int(shards)%len(modelShards)], collide, script[:min(len(script), 4096)])
	})
}
