package storagetest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestRealClock: waiting for the real clock must work on a machine that runs other
// tests.
func TestRealClock(t *testing.T) {
	for _, name := range []string{"Model", "Lru", "ExpirableDict/Map"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, func(*testing.T) ring.Storage { return conforming[name](nil) }, nil)
		})
	}
}

// TestChecksThatRun: checks of what a storage cannot do are skipped, not passed.
func TestChecksThatRun(t *testing.T) {
	ran := func(name string) []string {
		c := newClock()
		return examine("", func() ring.Storage { return conforming[name](c.Now) }, &Options{Advance: c.Advance}).ran
	}
	assert.Equal(t, []string{
		"Interfaces", "GetMissing", "RoundTrip", "Overwrite", "Delete", "DeleteMissing", "KeysIndependent", "ValuesCopied",
		"ExpiryLifetime", "ExpiryGone", "ExpiryShort", "ExpiryLong", "ExpiryNone", "ExpiryOverwrite",
		"ContextDone", "ConcurrentSharedKeys", "ConcurrentOwnKeys",
	}, ran("Bare"))
	assert.Equal(t, []string{
		"Interfaces", "GetMissing", "RoundTrip", "Overwrite", "Delete", "DeleteMissing", "KeysIndependent", "ValuesIdentical",
		"Has", "ExpiryRefused", "TTL", "Size", "ContextDone", "ConcurrentSharedKeys", "ConcurrentOwnKeys",
	}, ran("PersistentDict/Map"))
	assert.Subset(t, ran("Lru"), []string{"Has", "ValuesIdentical", "ExpiryLong", "TouchRenews", "TouchNeverRevives", "Size"})
	assert.Subset(t, ran("Refusing"), []string{"ExpiryRefused", "TouchMissing", "TouchRefused", "BulkTouchRefused"})
	assert.NotContains(t, ran("Refusing"), "TouchRenews")
	assert.Subset(t, ran("Model"), []string{"BulkExpiry", "BulkTouch", "BulkLarge", "ValuesCopied"})
}

const failing = "STORAGETEST_FAILING"

// TestFailing fails, and therefore only runs in the process that TestRunFails starts.
func TestFailing(t *testing.T) {
	if os.Getenv(failing) == "" {
		t.Skip("run by TestRunFails")
	}
	opts := &Options{}
	if os.Getenv(failing) == "options" {
		opts.Keys = []string{"a"}
	}
	Run(t, func(*testing.T) ring.Storage {
		return &faulty{model: newModel(time.Now), get: func(context.Context, string) (any, error) { return nil, nil }}
	}, opts)
}

func TestRunFails(t *testing.T) {
	_, err := runFailing(t, "storage", "TestFailing")
	assert.ErrorContains(t, err, "exit status 1")

	out, _ := runFailing(t, "storage", "TestFailing/GetMissing") // Interfaces is left out
	assert.Contains(t, out, "--- FAIL: TestFailing/GetMissing")
	assert.Contains(t, out, `GetValue("user:7") of a key that was never set: `+
		`want an error for which errors.Is(err, ring.ErrNotFound), got no error and the value nil`)
	assert.NotContains(t, out, "RoundTrip")

	out, _ = runFailing(t, "options", "TestFailing")
	assert.Contains(t, out, "storagetest: Options.Keys has 1 keys, at least 8 are needed")
}

func runFailing(t *testing.T, what, pattern string) (string, error) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^"+pattern+"$")
	cmd.Env = append(os.Environ(), failing+"="+what)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	return string(out), err
}

func TestOptions(t *testing.T) {
	keys := strings.Split("abcdefgh", "")
	for want, o := range map[string]Options{
		"":                      {},
		"has 7 keys":            {Keys: keys[:7]},
		`the key "a" twice`:     {Keys: append(slices.Clone(keys), "a")},
		"has 2 values":          {Values: []any{1, 2}},
		`value []byte "" twice`: {Values: []any{[]byte{}, 1, []byte(nil)}},
		"Resolution is -1s":     {Resolution: -time.Second},
		"Resolution is 1h0m0s":  {Resolution: time.Hour},
		`value "a" twice`:       {Values: []any{"a", "b", "a"}},
	} {
		all := o.orDefaults()
		err := all.validate()
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaults(t *testing.T) {
	o := (*Options)(nil).orDefaults()
	require.NoError(t, o.validate())
	assert.GreaterOrEqual(t, len(o.Keys), sharedKeys)
	assert.GreaterOrEqual(t, len(o.Values), 2*sharedKeys)
	for _, key := range o.Keys {
		assert.LessOrEqual(t, len(key), 200)
	}
	assert.Less(t, largeBulk, 1<<15)
	assert.Greater(t, largeBulk, 999)
}

func TestIdentical(t *testing.T) {
	a, b := []byte("a"), []byte("a")
	p, q := new(int), new(int)
	assert.True(t, identical(a, a))
	assert.False(t, identical(a, b))
	assert.False(t, identical(a[:0], a))
	assert.True(t, identical(p, p))
	assert.False(t, identical(p, q))
	assert.True(t, identical(nil, nil))
	assert.False(t, identical(nil, a))
	assert.False(t, identical(a, nil))
	assert.True(t, identical(1, 1))
	assert.False(t, identical(1, int8(1)))
}

func TestShow(t *testing.T) {
	assert.Equal(t, "nil", show(nil))
	assert.Equal(t, "int 1", show(1))
	assert.Equal(t, "true", show(true))
	assert.Equal(t, `"a"`, show("a"))
	assert.Equal(t, `[]byte "a\x00"`, show([]byte("a\x00")))
	assert.Contains(t, show(make([]byte, 1000)), "… (1000 bytes)")
	assert.Less(t, len(show(strings.Repeat("é", 1000))), 200)
	assert.Contains(t, show(errFault), "fault")
	assert.Equal(t, `["a" "b"]`, list([]string{"a", "b"}))
	assert.Equal(t, `7 keys, from "a" to "g"`, list(strings.Split("abcdefg", "")))
	assert.Equal(t, `the error "fault" (*errors.errorString)`, outcome(nil, errFault))
}
