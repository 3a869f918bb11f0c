package browser

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
)

// TestFromAnotherMachine: without Authorize a browser elsewhere gets nothing.
func TestFromAnotherMachine(t *testing.T) {
	ctx := tab(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: ringdebug.Handler(ringdebug.Options{})}
	go func() { _ = server.Serve(far{listener}) }()
	t.Cleanup(func() { _ = server.Close() })
	got, err := chromedp.Run(ctx, chromedp.NavigateResponse("http://"+listener.Addr().String()+"/"))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusForbidden, got.Status)
	assert.Contains(t, eval[string](t, ctx, `document.body.textContent`), "only for this machine")
}

// TestFromThisMachine: here it gets the pages, and no keys.
func TestFromThisMachine(t *testing.T) {
	ctx := tab(t)
	const secret = "hunter2"
	r := rope(t, "example.com/p.Secret", func(_ context.Context, s string) (string, error) {
		return s, errors.New("no " + s)
	}, ring.Lru{Expire: time.Hour})
	_, err := r.Call(secret)
	require.Error(t, err)
	at := serve(t, ringdebug.Options{Writes: true})
	got, err := chromedp.Run(ctx, chromedp.NavigateResponse(at))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusOK, got.Status)
	assert.False(t, eval[bool](t, ctx, `document.querySelector('nav a[href=explain]') !== null`))
	for _, path := range []string{"", "doctor", "rope?name=" + r.Config().Name} {
		do(t, ctx, chromedp.Navigate(at+path))
		assert.False(t, strings.Contains(eval[string](t, ctx, `document.documentElement.outerHTML`), secret), path)
		assert.Zero(t, eval[int](t, ctx, `document.forms.length`), path)
	}
	got, err = chromedp.Run(ctx, chromedp.NavigateResponse(at+"explain"))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusForbidden, got.Status)
}

// TestReboundName: a page from elsewhere whose name leads here gets nothing.
func TestReboundName(t *testing.T) {
	ctx := tab(t)
	at := serve(t, ringdebug.Options{})
	got, err := chromedp.Run(ctx, chromedp.NavigateResponse(strings.Replace(at, "127.0.0.1", "rebound.test", 1)))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusForbidden, got.Status)
}
