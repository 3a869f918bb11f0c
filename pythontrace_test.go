package ring_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
)

// opsTrace is one line of ops_trace.jsonl.
type opsTrace struct {
	Backend   string
	Expire    *float64
	Coder     string
	Prefix    string
	HashKey   string `json:"hash_key"`
	Signature string
	Ops       []opsOp
	Final     [][2]any
	Expiring  []bool                 `json:"final_expiring"`
	Values    [][2]conformance.Value `json:"final_values"`
}

type opsOp struct {
	Op             string
	ArgsList       []conformance.Value `json:"args_list"`
	Value          conformance.Value
	Values         []conformance.Value
	Result         conformance.Value
	Error          string
	Reason         string
	Unimplemented  bool
	UpstreamBug    bool `json:"upstream_bug"`
	Sane           conformance.Value
	LengthMismatch bool `json:"length_mismatch"`
	Executed       int
}

// elements returns the arguments of the calls, as ring takes them.
func (o opsOp) elements() []any {
	list := []any{}
	for _, a := range o.ArgsList {
		switch v := a.Go.(type) {
		case ring.Tuple:
			list = append(list, ring.Args(v))
		case map[any]any:
			kwargs := ring.Kwargs{}
			for name, value := range v {
				kwargs[name.(string)] = value
			}
			list = append(list, kwargs)
		default:
			list = append(list, v)
		}
	}
	return list
}

// plainJSON makes a value comparable with one that has passed through JSON.
func plainJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(jsonable(v))
	require.NoError(t, err)
	return string(b)
}

func jsonable(v any) any {
	switch v := v.(type) {
	case ring.Tuple:
		return jsonable([]any(v))
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, jsonable(item))
		}
		return list
	case map[any]any:
		m := map[string]any{}
		for k, item := range v {
			m[fmt.Sprint(k)] = jsonable(item)
		}
		return m
	case map[string]any:
		m := map[string]any{}
		for k, item := range v {
			m[k] = jsonable(item)
		}
		return m
	}
	return v
}

// TestPythonOpsTrace replays what Python's functions on real servers and files did.
func TestPythonOpsTrace(t *testing.T) {
	rs, ms := testserver.Redis(t), testserver.Memcached(t)
	rdb := redis.NewClient(&redis.Options{Addr: rs.Addr})
	defer rdb.Close()
	mc := memcache.New(ms.Addr)
	defer mc.Close()
	traces := conformance.Lines[opsTrace](t, "testdata/ops_trace.jsonl")
	require.Len(t, traces, 40)
	for i, tr := range traces {
		t.Run(fmt.Sprintf("%d/%s", i+1, tr.Backend), func(t *testing.T) {
			require.NoError(t, rdb.FlushAll(t.Context()).Err())
			require.NoError(t, mc.FlushAll())
			var expire time.Duration
			if tr.Expire != nil {
				expire = seconds(*tr.Expire)
			}
			python := ring.Options{KeyStyle: ring.PythonKeys}
			var factory ring.Factory
			var compare func()
			switch tr.Backend {
			case "redis":
				factory = ring.RedisPy{Client: rdb, KeyPrefix: tr.Prefix, Coder: tr.Coder, Expire: expire, Options: python}
				compare = func() { tr.compareServer(t, rdb, mc) }
			case "redis_hash":
				factory = ring.RedisPyHash{Client: rdb, HashKey: tr.HashKey, KeyPrefix: tr.Prefix, Coder: tr.Coder, Options: python}
				compare = func() { tr.compareServer(t, rdb, mc) }
			case "memcache":
				factory = ring.Memcache{Client: mc, KeyPrefix: tr.Prefix, Coder: tr.Coder, Expire: expire, Options: python}
				compare = func() { tr.compareServer(t, rdb, mc) }
			case "shelve":
				shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
				require.NoError(t, err)
				defer shelf.Close()
				factory = ring.Shelve{Shelf: shelf, KeyPrefix: tr.Prefix, Coder: tr.Coder, Options: python}
				compare = func() { tr.compareShelf(t, shelf) }
			case "diskcache":
				cache, err := diskcache.Open(t.TempDir(), nil)
				require.NoError(t, err)
				defer cache.Close()
				factory = ring.DiskCache{Obj: cache, KeyPrefix: tr.Prefix, Coder: tr.Coder, Expire: expire, Options: python}
				compare = func() { tr.compareCache(t, cache) }
			}
			runs := 0
			f := func(a, b any) any {
				runs++
				if a == "none" {
					return nil
				}
				return map[string]any{"n": runs, "a": jsonable(a), "b": jsonable(b)}
			}
			r := ring.Wrap(f, factory, ring.Signature(tr.Signature))
			for j, o := range tr.Ops {
				tr.replayOp(t, r, o, &runs, fmt.Sprintf("op %d: %s", j, conformance.Excerpt(o)))
			}
			compare()
		})
	}
}

func (tr *opsTrace) replayOp(t *testing.T, r *ring.Rope, o opsOp, runs *int, msg string) {
	if o.Unimplemented || o.Reason == "unkeyable" { // upstream lacks it; ours would change the rest
		return
	}
	list := o.elements()
	args := list
	switch {
	case o.Op == "set":
		args = append([]any{jsonable(o.Value.Go)}, spreadOne(list[0])...)
	case o.Op == "set_many":
		args = []any{list, opsValues(o.Values)}
	case len(o.Op) < 5 || o.Op[len(o.Op)-5:] != "_many":
		args = spreadOne(list[0])
	}
	before := *runs
	result, err := r.Run(o.Op, args...)
	switch {
	case o.LengthMismatch: // upstream silently uses the shorter of both
		require.ErrorIs(t, err, ring.ErrArguments, msg)
		if o.Error == "" {
			n := min(len(list), len(o.Values))
			require.NoError(t, r.SetMany(list[:n], opsValues(o.Values[:n])), msg)
		}
		return
	case o.Reason == "binding" || o.Reason == "not-tuple-or-dict":
		require.ErrorIs(t, err, ring.ErrArguments, msg)
		require.Equal(t, before, *runs, msg)
		return
	case o.Reason == "persistent":
		require.ErrorIs(t, err, errors.ErrUnsupported, msg)
		return
	}
	require.NoError(t, err, msg)
	if n := *runs - before; n < o.Executed && tr.equalElements(t, r, list) {
		// Equal elements of one call run once here, and each by itself upstream:
		// continue with the count of upstream.
		*runs = before + o.Executed
		require.NoError(t, r.SetMany(list, jsonable(o.Result.Go).([]any)), msg)
		return
	}
	require.Equal(t, o.Executed, *runs-before, msg)
	want := o.Result.Go
	if o.UpstreamBug {
		want = o.Sane.Go
	}
	if keys, ok := result.([]string); ok {
		var list []any
		for _, key := range keys {
			list = append(list, key)
		}
		result = append([]any{}, list...)
	}
	if list, ok := result.([]any); ok && len(list) == 0 {
		result = []any{}
	}
	assert.JSONEq(t, plainJSON(t, want), plainJSON(t, result), msg)
}

// opsValues returns values that a function could have returned through JSON.
func opsValues(vs []conformance.Value) []any {
	values := []any{}
	for _, v := range vs {
		values = append(values, jsonable(v.Go))
	}
	return values
}

func spreadOne(element any) []any {
	if args, ok := element.(ring.Args); ok {
		return args
	}
	return []any{element}
}

func (tr *opsTrace) equalElements(t *testing.T, r *ring.Rope, list []any) bool {
	keys, err := r.KeyMany(list...)
	require.NoError(t, err)
	slices.Sort(keys)
	return len(slices.Compact(slices.Clone(keys))) < len(keys)
}

// compareShelf compares the final content of a shelf.
func (tr *opsTrace) compareShelf(t *testing.T, shelf *shelve.Shelf) {
	held := map[string]any{}
	for item, err := range shelf.Items() {
		require.NoError(t, err)
		held[item.Key] = pickle.Plain(item.Value)
	}
	tr.compareValues(t, held)
}

// compareCache compares the final content of a cache directory.
func (tr *opsTrace) compareCache(t *testing.T, cache *diskcache.Cache) {
	held, expiring := map[string]any{}, map[string]bool{}
	for key, err := range cache.Keys(t.Context()) {
		require.NoError(t, err)
		item, err := cache.GetItem(t.Context(), key)
		require.NoError(t, err)
		held[key.(string)] = pickle.Plain(item.Value)
		expiring[key.(string)] = !item.Expires.IsZero()
	}
	tr.compareValues(t, held)
	for i, f := range tr.Values {
		assert.Equal(t, tr.Expiring[i], expiring[f[0].Go.(string)])
	}
}

func (tr *opsTrace) compareValues(t *testing.T, held map[string]any) {
	var want []string
	for _, f := range tr.Values {
		key := soundKey(f[0].Go.(string))
		want = append(want, key)
		python, isBytes := f[1].Go.([]byte)
		switch {
		case isBytes && tr.Coder == "json":
			assert.JSONEq(t, string(python), string(held[key].([]byte)), key)
		case isBytes && tr.Coder == "pickle":
			var theirs, ours any
			require.NoError(t, pickle.Unmarshal(python, &theirs))
			require.NoError(t, pickle.Unmarshal(held[key].([]byte), &ours))
			assert.JSONEq(t, plainJSON(t, pickle.Plain(theirs)), plainJSON(t, pickle.Plain(ours)), key)
		default:
			assert.JSONEq(t, plainJSON(t, f[1].Go), plainJSON(t, held[key]), key)
		}
	}
	assert.ElementsMatch(t, want, slices.Collect(maps.Keys(held)))
}

// soundKey replaces the hash of a float in a key of Python's, which other floats share
// (QUIRKS 6), by the float.
func soundKey(key string) string {
	return strings.ReplaceAll(key, "float:hash:1152921504606846976", "0.5")
}

// compareServer compares the final content of the server.
func (tr *opsTrace) compareServer(t *testing.T, rdb *redis.Client, mc *memcache.Client) {
	ctx := t.Context()
	held := map[string]string{}
	switch tr.Backend {
	case "redis":
		for _, key := range must(rdb.Keys(ctx, "*").Result()) {
			held[key] = must(rdb.Get(ctx, key).Result())
		}
	case "redis_hash":
		held = must(rdb.HGetAll(ctx, tr.HashKey).Result())
	case "memcache":
		for _, f := range tr.Final { // memcached cannot list its keys
			item, err := mc.Get(f[0].(string))
			require.NoError(t, err, f[0])
			held[f[0].(string)] = string(item.Value)
		}
	}
	var want []string
	for i, f := range tr.Final {
		key := f[0].(string)
		want = append(want, key)
		var bytes []byte
		require.NoError(t, json.Unmarshal([]byte(`"`+f[1].(string)+`"`), &bytes))
		assert.JSONEq(t, string(bytes), held[key], key)
		if tr.Expiring != nil {
			assert.Equal(t, tr.Expiring[i], must(rdb.PTTL(ctx, key).Result()) > 0, key)
		}
	}
	assert.ElementsMatch(t, want, slices.Collect(maps.Keys(held)))
}
