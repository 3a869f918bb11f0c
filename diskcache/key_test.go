package diskcache

import (
	"fmt"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysInErrors(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	endless := []any{nil}
	endless[0] = endless
	for _, err := range []error{
		c.Set(ctx, endless, 1, 0),
		second(c.Add(ctx, endless, 1, 0)),
		second(c.Has(ctx, endless)),
		second(c.Delete(ctx, endless)),
		second(c.Touch(ctx, endless, 0)),
		second(c.HasMany(ctx, []any{endless})),
	} {
		require.ErrorIs(t, err, ErrKey)
		assert.Contains(t, err.Error(), "key of the type []interface {}: ")
	}
	for _, tt := range []struct {
		key  any
		want string
	}{
		{5, "key 5: "},
		{uint8(5), "key 5: "},
		{-1.5, "key -1.5: "},
		{time.Second, "key 1000000000: "},
		{id("x\n"), `key "x\n": `},
		{make([]byte, 1<<20), "key of 1048576 bytes: "},
		{[2]int{}, "key of the type [2]int: "},
		{nil, "key of the type <nil>: "},
	} {
		err := c.Set(ctx, tt.key, make(chan int), 0)
		require.ErrorIs(t, err, ErrValue)
		assert.Contains(t, err.Error(), ": "+tt.want)
	}
}

// TestKeysThatBecomePlain: a key that is text or a number in Python is found as such,
// and by the key that Keys yields.
func TestKeysThatBecomePlain(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	text, number, float := "p", 7, 2.5
	pointer := &number
	for _, tt := range []struct{ key, plain any }{
		{netip.MustParseAddr("1.2.3.4"), "1.2.3.4"},
		{netip.MustParsePrefix("10.0.0.0/8"), "10.0.0.0/8"},
		{coordinates{1, 2}, "1/2"},
		{&coordinates{1, 3}, "1/3"},
		{&text, "p"},
		{&pointer, 7},
		{&float, 2.5},
		{big.NewInt(5), 5},
		{*big.NewInt(6), 6},
		{&[]byte{1}, []byte{1}},
	} {
		require.NoError(t, c.Set(ctx, tt.key, "v", 0))
		for key, err := range c.Keys(ctx) {
			require.NoError(t, err)
			assert.Equal(t, tt.plain, key)
		}
		deleted, err := c.Delete(ctx, tt.plain)
		require.NoError(t, err)
		assert.True(t, deleted, "%T", tt.key)
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 70)
	for _, key := range []any{huge, time.Unix(1, 0).UTC(), (*string)(nil), new(true), point{1, 2, "x"}, &point{}} {
		require.NoError(t, c.Set(ctx, key, "v", 0))
		assert.Equal(t, [][]any{{int64(0)}}, table(t, c, `SELECT raw FROM Cache`), "%T", key)
		require.NoError(t, second(c.Delete(ctx, key)))
	}
}

// coordinates gets its text from a method of the pointer, and is an array.
type coordinates [2]int

func (c *coordinates) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d/%d", c[0], c[1]), nil
}
