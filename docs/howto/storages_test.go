package howto_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
)

func TestRedis(t *testing.T) {
	addr := testserver.Redis(t).Addr

	client := redis.NewClient(&redis.Options{
		Addr:                  addr,
		ContextTimeoutEnabled: true, // a call whose time is over gives its connection back
	})
	users := ring.Wrap(findUser, ring.Redis{
		Client:    client,
		KeyPrefix: "users:v1", // with the version of User
		Expire:    time.Hour,
		Coder:     "json", // without one: text, bytes and numbers
	})

	defer client.Close()
	v, err := users.Call(1)
	require.NoError(t, err)
	assert.Equal(t, &User{"ann"}, v)
	assert.Equal(t, `{"Name":"ann"}`, client.Get(t.Context(), "users:v1:1").Val())
}

func Example_disk() {
	dir, err := os.MkdirTemp("", "howto")
	must(err)
	defer os.RemoveAll(dir)
	loads.Store(0)

	run := func() {
		cache, err := diskcache.Open(dir, nil)
		must(err)
		defer cache.Close() // the rope does not close it

		users := ring.Wrap(load, ring.Disk{Obj: cache, KeyPrefix: "users:v1", Expire: 24 * time.Hour})
		fmt.Println(users.Call(1)) // the next run of the program finds the value
	}
	run()
	run()

	ctx := context.Background()
	cache, err := diskcache.Open(dir, nil)
	must(err)
	defer cache.Close()
	_, err = cache.Clear(ctx) // removes everything in the directory
	must(err)
	fmt.Println(cache.Len(ctx))
	// Output:
	// user 1, load 1 <nil>
	// user 1, load 1 <nil>
	// 0 <nil>
}

type Accounts struct {
	Bank  string
	mu    sync.Mutex
	names map[int]string
}

func (a *Accounts) RingKey() string { return a.Bank }

func (a *Accounts) Owner(id int) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.names[id]
}

var owners = ring.Wrap((*Accounts).Owner, ring.Lru{MaxSize: 1000})

// Sell changes what Owner returns.
func (a *Accounts) Sell(id int, to string) error {
	a.mu.Lock()
	a.names[id] = to
	a.mu.Unlock()

	return owners.Bind(a).Delete(id) // after the write, and after the unlock
}

func Example_invalidate() {
	a := &Accounts{Bank: "b", names: map[int]string{1: "ann"}}
	fmt.Println(owners.Bind(a).Call(1))
	must(a.Sell(1, "bob"))
	fmt.Println(owners.Bind(a).Call(1))
	// Output:
	// ann <nil>
	// bob <nil>
}
