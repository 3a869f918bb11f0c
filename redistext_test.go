package ring_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// oneText is a client of Redis that answers every look-up with the same text or error.
type oneText struct {
	redis.UniversalClient
	text string
	err  error
}

// Conn is the method of a client of a single server.
func (oneText) Conn() *redis.Conn { return nil }

func (c oneText) Process(_ context.Context, cmd redis.Cmder) error {
	if get, ok := cmd.(*redis.StringCmd); ok {
		get.SetVal(c.text)
	}
	cmd.SetErr(c.err)
	return c.err
}

// TestTextFromRedis: what Redis has is the result as it is, unless the rope is changed or
// has options for it.
func TestTextFromRedis(t *testing.T) {
	forever, cancel := context.WithCancel(context.Background())
	defer cancel()
	failure := errors.New("out of order")
	for name, c := range map[string]struct {
		client oneText
		rope   func(*ring.Rope)
		option ring.Options
		ctx    context.Context
		want   any
	}{
		"as it is":             {client: oneText{text: "stored"}, want: "stored"},
		"with a limit":         {client: oneText{text: "stored"}, option: ring.Options{StorageTimeout: time.Minute}, want: "stored"},
		"by a context":         {client: oneText{text: "stored"}, ctx: forever, want: "stored"},
		"decoded by the rope":  {client: oneText{text: "stored"}, rope: inCapitals, want: "STORED"},
		"a failure":            {client: oneText{err: failure}, want: nil},
		"a failure that opens": {client: oneText{err: failure}, option: ring.Options{FailOpen: true, OnError: ignored}, want: "made"},
	} {
		t.Run(name, func(t *testing.T) {
			rope := ring.Wrap(func(string) string { return "made" }, ring.Redis{Client: c.client, KeyPrefix: "f", Options: c.option})
			if c.rope != nil {
				c.rope(rope)
			}
			wire := rope.Wire
			if c.ctx != nil {
				wire = *rope.WithContext(c.ctx)
			}
			for range 2 {
				value, err := wire.Call("x")
				assert.Equal(t, c.want, value)
				if c.want == nil {
					assert.ErrorIs(t, err, failure)
				} else {
					assert.NoError(t, err)
				}
			}
			if c.want != nil && c.want != "made" {
				assert.Equal(t, 2, rope.CacheInfo().Hits)
			}
		})
	}
}

func inCapitals(r *ring.Rope) {
	if err := r.Ring().Decode(func(data any) string {
		text, ok := data.(string)
		if !ok {
			text = string(data.([]byte))
		}
		return strings.ToUpper(text)
	}); err != nil {
		panic(err)
	}
}

func ignored(context.Context, *ring.Error) {}
