package ring_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/pickle"
)

// dictTrace is one line of dict_trace.jsonl.
type dictTrace struct {
	Storage   string
	Expire    *float64
	Coder     string
	Prefix    string
	Signature string
	Ops       []struct {
		Op            string
		Now           float64
		Args          []conformance.Value
		Kwargs        conformance.Kwargs
		Value         conformance.Value
		Result        conformance.Value
		Error         string
		Reason        string
		Unimplemented bool
		Executed      bool
	}
	Deviations []struct {
		I    int
		Kind string
		Sane any
	}
	Revives bool
	Final   [][3]conformance.Value
}

// same checks that two values are equal in Python, which has one type of integer and
// whose JSON has one type of list.
func same(t *testing.T, want, got any, msg ...any) {
	t.Helper()
	a, err := json.Marshal(want)
	require.NoError(t, err)
	b, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(a), string(b), msg...)
}

func seconds(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }

// replay runs a trace. Any style will do, because none of its keys is ambiguous.
func (tr *dictTrace) replay(t *testing.T, style ring.KeyStyle) {
	start := time.Unix(1_000_000_000, 0)
	now := start
	clock := func() time.Time { return now }
	dict := map[string]any{}
	runs := 0
	f := func(a, b any) any {
		runs++
		if a == "none" {
			return nil
		}
		return runs
	}
	factory := ring.Dict{
		Obj: dict, KeyPrefix: tr.Prefix, Coder: tr.Coder,
		Options: ring.Options{KeyStyle: style},
		StorageClass: func(obj any) (ring.Storage, error) {
			s, err := ring.NewPersistentDictStorage(obj)
			s.(*ring.PersistentDictStorage).Now = clock
			return s, err
		},
	}
	if tr.Expire != nil {
		factory.Expire = seconds(*tr.Expire)
		factory.StorageClass = func(obj any) (ring.Storage, error) {
			s, err := ring.NewExpirableDictStorage(obj)
			s.(*ring.ExpirableDictStorage).Now = clock
			return s, err
		}
	}
	r := ring.Wrap(f, factory, ring.Signature(tr.Signature))
	deviations := map[int]any{}
	for _, d := range tr.Deviations {
		deviations[d.I] = d.Sane
	}
	for i, o := range tr.Ops {
		now = start.Add(seconds(o.Now))
		args, _ := conformance.Values(o.Args)
		args = append(args, ring.Kwargs(o.Kwargs.Go))
		before := runs
		if o.Op == "set" {
			args = append([]any{o.Value.Go}, args...)
		}
		result, err := r.Run(o.Op, args...)
		msg := fmt.Sprintf("op %d: %s", i, conformance.Excerpt(o))
		switch {
		case o.Reason == "binding":
			require.ErrorIs(t, err, ring.ErrArguments, msg)
		case o.Unimplemented: // a persistent dict cannot touch: Python crashes, ring returns an error
			require.ErrorIs(t, err, errors.ErrUnsupported, msg)
		default:
			require.NoError(t, err, msg)
			want := o.Result.Go
			if sane, ok := deviations[i]; ok && o.Op == "has" {
				want = sane
			}
			same(t, want, result, msg)
		}
		require.Equal(t, o.Executed, runs > before, msg)
		if _, ok := deviations[i]; ok && o.Op == "touch" && tr.Revives {
			return // upstream goes on with an expired entry here
		}
	}
	tr.compareFinal(t, r, dict, start)
}

// compareFinal compares the final content of the dict.
func (tr *dictTrace) compareFinal(t *testing.T, r *ring.Rope, dict map[string]any, start time.Time) {
	require.Len(t, dict, len(tr.Final))
	for _, f := range tr.Final {
		key := f[0].Go.(string)
		held := dict[key]
		require.Contains(t, dict, key)
		if tr.Expire != nil {
			entry := held.(ring.Entry)
			deadline, err := strconv.ParseFloat(fmt.Sprint(f[2].Go), 64)
			require.NoError(t, err)
			assert.Equal(t, seconds(deadline), entry.ExpireAt.Sub(start), key)
			held = entry.Value
		}
		want := f[1].Go
		switch tr.Coder {
		case "pickle": // Python's memo is not optimized
			var python, ours any
			require.NoError(t, pickle.Unmarshal(want.([]byte), &python))
			require.NoError(t, pickle.Unmarshal(held.([]byte), &ours))
			assert.Equal(t, python, ours, key)
			continue
		case "json":
			assert.JSONEq(t, string(want.([]byte)), string(held.([]byte)), key)
			continue
		}
		same(t, want, held, key)
	}
}

// TestPythonDictTrace replays what Python's functions with a dict cached.
func TestPythonDictTrace(t *testing.T) {
	traces := conformance.Lines[dictTrace](t, "testdata/dict_trace.jsonl")
	require.Len(t, traces, 40)
	for i, tr := range traces {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			tr.replay(t, ring.SafeKeys)
			tr.replay(t, ring.PythonKeys)
		})
	}
}

func TestOneDictForFunctionsWithAndWithoutExpiry(t *testing.T) {
	dict := map[string]any{}
	f := func(n int) string { return strconv.Itoa(n) }
	forever := ring.Wrap(f, ring.Dict{Obj: dict, KeyPrefix: "f"})
	hourly := ring.Wrap(f, ring.Dict{Obj: dict, KeyPrefix: "f", Expire: time.Hour})

	_, err := forever.Call(1)
	require.NoError(t, err)
	_, err = hourly.Call(2)
	require.NoError(t, err)
	assert.Equal(t, "1", dict["f:1"])
	assert.Equal(t, "2", dict["f:2"].(ring.Entry).Value)
	for _, r := range []*ring.Rope{forever, hourly} {
		values, err := r.GetMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
		require.NoError(t, err)
		assert.Equal(t, []any{"1", "2", nil}, values)
	}
}

func TestFunctionThatReturnsAnEntry(t *testing.T) {
	f := func(n int) ring.Entry { return ring.Entry{Value: n, ExpireAt: time.Unix(0, 0)} }
	r := ring.Wrap(f, ring.Dict{})
	want, err := r.Call(1)
	require.NoError(t, err)
	got, ok, err := r.Lookup(1)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, want, got)
}

// plainMapping is a user's own Mapping.
type plainMapping struct {
	mu sync.Mutex
	m  map[string]any
}

func (p *plainMapping) Get(key string) (any, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.m[key]
	return v, ok
}

func (p *plainMapping) Set(key string, value any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m[key] = value
}

func (p *plainMapping) Delete(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.m, key)
}

// TestTwoRopesOverOneDict is for the race detector.
func TestTwoRopesOverOneDict(t *testing.T) {
	for _, obj := range []any{map[string]any{}, &sync.Map{}, &plainMapping{m: map[string]any{}}} {
		var wg sync.WaitGroup
		ropes := []*ring.Rope{
			ring.Wrap(strconv.Itoa, ring.Dict{Obj: obj, KeyPrefix: "f"}),
			ring.Wrap(strconv.Itoa, ring.Dict{Obj: obj, KeyPrefix: "f", Expire: time.Hour}),
		}
		for g := range 8 {
			wg.Go(func() {
				r := ropes[g%2]
				for i := range 200 {
					v, err := r.Call(i % 10)
					assert.NoError(t, err)
					assert.Equal(t, strconv.Itoa(i%10), v)
					if i%7 == 0 {
						assert.NoError(t, r.Delete(i%10))
					}
					if g%2 == 1 {
						assert.NoError(t, r.Touch(i%10))
					}
					r.CacheInfo()
				}
			})
		}
		wg.Wait()
	}
}

// namedDict and valueDict are Mappings that are not pointers.
type (
	namedDict map[string]any
	valueDict struct{ m *plainMapping }
)

func (d namedDict) Get(key string) (any, bool) { v, ok := d[key]; return v, ok }
func (d namedDict) Set(key string, value any)  { d[key] = value }
func (d namedDict) Delete(key string)          { delete(d, key) }
func (d valueDict) Get(key string) (any, bool) { return d.m.Get(key) }
func (d valueDict) Set(key string, value any)  { d.m.Set(key, value) }
func (d valueDict) Delete(key string)          { d.m.Delete(key) }

func TestOneLockForOneMapping(t *testing.T) {
	m := namedDict{}
	v := valueDict{&plainMapping{}}
	for _, obj := range []ring.Mapping{m, v, v.m} {
		a, err := ring.OpenDict(obj)
		require.NoError(t, err)
		b, err := ring.OpenDict(obj)
		require.NoError(t, err)
		assert.Same(t, a, b)
	}
}

func TestDictInfo(t *testing.T) {
	r := ring.Wrap(strconv.Itoa, ring.Dict{})
	_, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, ring.CacheInfo{Hits: 1, Misses: 2, MaxSize: ring.Unbounded, CurrSize: 2}, r.CacheInfo())

	unknown := ring.Wrap(strconv.Itoa, ring.Dict{Obj: &sync.Map{}})
	assert.Equal(t, ring.CacheInfo{MaxSize: ring.Unbounded, CurrSize: -1}, unknown.CacheInfo())
}

func TestDictRefusals(t *testing.T) {
	for want, obj := range map[string]any{
		"string is no dict":                     "x",
		"the dict is a nil map[string]interfac": map[string]any(nil),
		"the dict is a nil *sync.Map":           (*sync.Map)(nil),
		"map[int]string is no dict":             map[int]string{},
	} {
		_, err := ring.New(strconv.Itoa, ring.Dict{Obj: obj})
		assert.ErrorContains(t, err, want)
	}
	_, err := ring.New(strconv.Itoa, ring.Dict{Expire: -1})
	assert.ErrorContains(t, err, "the expiry -1ns is negative")

	err = ring.Wrap(strconv.Itoa, ring.Dict{}).Storage().Set(t.Context(), "k", "v", time.Second)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
}
