package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// start starts the service on a free port, and returns its address. It stops with the test.
func start(t *testing.T, c config) (addr string) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	c.addr = "127.0.0.1:0"
	ctx, stop := context.WithCancel(context.Background())
	from, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, c, out)
		out.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
		left, err := os.ReadDir(os.TempDir())
		assert.NoError(t, err)
		assert.Empty(t, left, "the directory is removed")
	})
	lines := bufio.NewReader(from)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	m := regexp.MustCompile(`http://(\S+)/debug/ring/`).FindStringSubmatch(first)
	require.NotNil(t, m, first)
	return m[1]
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(text)
}

var hit = regexp.MustCompile(`(?m)^ring_calls_total\{function="(shop\.\w+)",outcome="hit",storage="\w+"\} (\d+)`)

// hits returns the hits by function, of all services that this process has had.
func hits(t *testing.T, addr string) map[string]int {
	t.Helper()
	_, metrics := get(t, "http://"+addr+"/metrics")
	all := map[string]int{}
	for _, m := range hit.FindAllStringSubmatch(metrics, -1) {
		all[m[1]], _ = strconv.Atoi(m[2])
	}
	return all
}

// moves demands that the load makes hits of all three functions.
func moves(t *testing.T, addr string) {
	t.Helper()
	before := hits(t, addr)
	require.Eventually(t, func() bool {
		n := 0
		for function, now := range hits(t, addr) {
			if now > before[function] {
				n++
			}
		}
		return n == 3
	}, 60*time.Second, 20*time.Millisecond)
}

func TestService(t *testing.T) {
	addr := start(t, config{load: 400})
	moves(t, addr)
}

func TestServiceWithRedis(t *testing.T) {
	server := testserver.Redis(t)
	addr := start(t, config{redis: server.Addr, load: 400})
	moves(t, addr)
}

func TestNoRedis(t *testing.T) {
	err := run(t.Context(), config{redis: "127.0.0.1:1"}, io.Discard)
	assert.ErrorContains(t, err, "there is no Redis at 127.0.0.1:1")
}

func TestPages(t *testing.T) {
	addr := start(t, config{})
	for path, want := range map[string]string{
		"product/19": "404 there is no such product",
		"price/x":    "400 that is no number",
		"report/2":   `200 "on day 2, 1002 products were sold"`,
	} {
		status, body := get(t, "http://"+addr+"/"+path)
		assert.Equal(t, want, fmt.Sprintf("%d %s", status, strings.TrimSpace(body)))
	}
	status, page := get(t, "http://"+addr+"/debug/ring/?format=json")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, page, `"name": "shop.product"`)
	_, metrics := get(t, "http://"+addr+"/metrics")
	assert.Contains(t, metrics, `ring_calls_total{function="shop.product",outcome="error",storage="lru"} `)
}
