package ring_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// network is one in which connections fall silent, as those do that a balancer forgot.
type network struct {
	addr   string
	mute   atomic.Int64 // so many connections that are asked for a value do not answer any more
	silent atomic.Int64 // so many do not
}

func newNetwork(t *testing.T, server *testserver.Server) *network {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := &network{addr: l.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial(server.Network, server.Addr)
			if err != nil {
				c.Close()
				continue
			}
			context.AfterFunc(ctx, func() { c.Close(); s.Close() })
			conns.Go(func() { n.relay(c, s) })
			conns.Go(func() { io.Copy(c, s); c.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); cancel(); conns.Wait() })
	return n
}

func (n *network) relay(c, s net.Conn) {
	defer s.Close()
	buf := make([]byte, 1<<16)
	for silent := false; ; {
		size, err := c.Read(buf)
		if err != nil {
			return
		}
		if !silent && bytes.Contains(buf[:size], []byte("get")) && n.falls() {
			silent = true
			n.silent.Add(1)
		}
		if !silent {
			s.Write(buf[:size])
		}
	}
}

// falls tells that a connection falls silent now.
func (n *network) falls() bool {
	for left := n.mute.Load(); left > 0; left = n.mute.Load() {
		if n.mute.CompareAndSwap(left, left-1) {
			return true
		}
	}
	return false
}

// TestSilentConnections: with a few of its connections silent, a client still answers
// nearly everybody, in every second.
func TestSilentConnections(t *testing.T) {
	server := testserver.Redis(t)
	for _, tt := range []struct {
		goesByContext bool
		keys          int
		hash          bool
	}{{false, 1 << 30, false}, {false, 3, true}, {true, 1 << 30, true}, {true, 3, false}} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			t.Parallel()
			silentConnections(t, server, tt.goesByContext, tt.keys, tt.hash)
		})
	}
}

func silentConnections(t *testing.T, server *testserver.Server, goesByContext bool, keys int, hash bool) {
	const callers, deadline, seconds = 32, 200 * time.Millisecond, 3
	n := newNetwork(t, server)
	client := redis.NewClient(&redis.Options{Addr: n.addr, PoolSize: 40, ContextTimeoutEnabled: goesByContext})
	defer client.Close()
	var factory ring.Factory = ring.Redis{Client: client, KeyPrefix: t.Name()}
	if hash {
		factory = ring.RedisHash{Client: client, HashKey: "h", KeyPrefix: t.Name()}
	}
	f := ring.Wrap(func(ctx context.Context, key int) string { return "x" }, factory)
	var good, failed [seconds]atomic.Int64
	start := time.Now()
	var fall sync.Once
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := 0; ; i++ {
				second := int(time.Since(start) / time.Second)
				if second >= seconds {
					return
				}
				if second == 1 {
					fall.Do(func() { n.mute.Store(2) })
				}
				ctx, cancel := context.WithTimeout(context.Background(), deadline)
				_, err := f.Call(ctx, (caller*1000000+i)%keys)
				cancel()
				if err != nil {
					failed[second].Add(1)
				} else {
					good[second].Add(1)
				}
				time.Sleep(20 * time.Millisecond) // as it takes to serve a request
			}
		})
	}
	wg.Wait()
	for i := range good {
		all := good[i].Load() + failed[i].Load()
		assert.LessOrEqual(t, failed[i].Load()*20, all, "in second %d of %d calls", i, all)
	}
	assert.EqualValues(t, 2, n.silent.Load())
}

// TestSilentConnectionsWithoutDeadline: only those whose own they are wait for them.
func TestSilentConnectionsWithoutDeadline(t *testing.T) {
	n := newNetwork(t, testserver.Redis(t))
	client := redis.NewClient(&redis.Options{Addr: n.addr, PoolSize: 40})
	f := ring.Wrap(func(n int) string { return "x" }, ring.Redis{Client: client, KeyPrefix: "f"})
	_, err := f.Call(0)
	require.NoError(t, err)
	n.mute.Store(2)
	var answers atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if _, err := f.Call(i); err == nil {
				answers.Add(1)
			}
		})
	}
	assert.Eventually(t, func() bool { return answers.Load() >= 62 }, 3*time.Second, time.Millisecond)
	client.Close() // the two
	wg.Wait()
}
