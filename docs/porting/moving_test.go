package porting_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

type Shop struct{ Name string }

func (s *Shop) RingKey() string { return s.Name }

type ShopOffer struct {
	Item     string `json:"item"`
	Cents    int    `json:"cents"`
	Currency string `json:"currency"`
}

func (s *Shop) Offer(item string, amount int, currency any) ShopOffer {
	if currency == nil {
		currency = "EUR"
	}
	return ShopOffer{item, 100 * amount, fmt.Sprint(currency)}
}

func newOffer(client redis.UniversalClient) *ring.Rope {
	return ring.Wrap((*Shop).Offer,
		ring.Redis{Client: client, KeyPrefix: "shop.offer", Coder: "json", Expire: time.Hour,
			Options: ring.Options{KeyStyle: ring.PythonKeys}},
		ring.Signature("self, item, amount=1, currency=None"))
}

func TestAgreement(t *testing.T) {
	findPython(t)
	server := testserver.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	defer client.Close()
	offer := newOffer(client).Bind(&Shop{"nord"})

	fromPython := runPython(t, ports{"REDIS_PORT": server}, "moving.py") // keys, and values that are cached now
	for line := range strings.Lines(fromPython) {
		var call struct {
			Args   ring.Args
			Kwargs ring.Kwargs
			Key    string
			Value  ShopOffer
		}
		require.NoError(t, json.Unmarshal([]byte(line), &call))
		args := append(call.Args, call.Kwargs)

		key, err := offer.Key(args...)
		require.NoError(t, err)
		assert.Equal(t, call.Key, key)
		cached, ok, err := offer.Lookup(args...) // what Python has written
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, call.Value, cached)
		updated, err := offer.Update(args...) // what Go makes of the call, for Python to read
		require.NoError(t, err)
		assert.Equal(t, call.Value, updated)
	}
	assert.Equal(t, fromPython, runPython(t, ports{"REDIS_PORT": server}, "moving.py", "get"))
}
