package ring_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/ring-go/ring/internal/testserver"
)

// The servers that the examples speak of, on ports of their own.
var redisAddr, memcachedAddr string

func TestMain(m *testing.M) {
	var tb examplesTB
	redisAddr, memcachedAddr = testserver.Redis(&tb).Addr, testserver.Memcached(&tb).Addr
	code := m.Run()
	for _, cleanup := range tb.cleanups {
		cleanup()
	}
	os.Exit(code)
}

// examplesTB stands in for the testing.TB that examples do not have.
type examplesTB struct{ cleanups []func() }

func (tb *examplesTB) Helper()          {}
func (tb *examplesTB) Cleanup(f func()) { tb.cleanups = append([]func(){f}, tb.cleanups...) }
func (tb *examplesTB) Error(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
}

func (tb *examplesTB) Fatal(args ...any) {
	tb.Error(args...)
	os.Exit(1)
}

func (tb *examplesTB) Fatalf(format string, args ...any) { tb.Fatal(fmt.Sprintf(format, args...)) }

func (tb *examplesTB) TempDir() string {
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
