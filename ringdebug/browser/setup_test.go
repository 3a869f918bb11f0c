package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
	"github.com/ring-go/ring/ringdebug/browser/chrome"
)

// one is the browser of all tests.
var one struct {
	sync.Once
	ctx context.Context
	end func()
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if one.end != nil {
		one.end()
	}
	os.Exit(code)
}

// tab opens a page of its own for a test.
func tab(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Chromium")
	}
	one.Do(func() { one.ctx, one.end, one.err = chrome.Start(context.Background()) })
	if errors.Is(one.err, chrome.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(one.err)
	}
	require.NoError(t, one.err)
	ctx, end := chromedp.NewContext(one.ctx)
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(ctx))
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// do runs actions.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx, steps...))
}

// eval evaluates JavaScript in a page.
func eval[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err, expression)
	return value
}

// await waits until an expression is true.
func await(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	require.Eventually(t, func() bool {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		return err == nil && ok
	}, 30*time.Second, 20*time.Millisecond, expression)
}

// everything lets everybody do everything.
func everything(*http.Request) (view, keys bool) { return true, true }

// serve serves the pages.
func serve(t *testing.T, o ringdebug.Options) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/debug/ring/", http.StripPrefix("/debug/ring", ringdebug.Handler(o)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() }) // httptest's would wait for the streams
	return "http://" + listener.Addr().String() + "/debug/ring/"
}

var serial atomic.Int64

// rope makes a rope with a name that no other has, and keeps it alive for the test.
func rope(t *testing.T, name string, f any, storage ring.Factory) *ring.Rope {
	t.Helper()
	r := ring.Wrap(f, storage, ring.Name(fmt.Sprintf("%s%d", name, serial.Add(1))))
	t.Cleanup(func() { _ = r.Stats() })
	return r
}

// called makes a rope that has been called for 0 … n-1, each twice.
func called(t *testing.T, name string, n int) *ring.Rope {
	t.Helper()
	r := rope(t, name, func(n int) int { return n }, ring.Lru{})
	for i := range 2 * n {
		_, err := r.Call(i / 2)
		require.NoError(t, err)
	}
	return r
}

// far is a listener whose clients seem to be on another machine.
type far struct{ net.Listener }

func (l far) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return farConn{c}, nil
}

type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711} }
