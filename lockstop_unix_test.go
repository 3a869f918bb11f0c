//go:build unix

package ring_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFleetHolderStops: a process that stood still for longer than its lease stores nothing
// afterwards: others have run.
func TestFleetHolderStops(t *testing.T) {
	for _, kind := range []string{"redis", "hash", "cluster", "memcached"} {
		t.Run(kind, func(t *testing.T) {
			where, _ := fleetPlace(t, kind)
			source := t.TempDir()
			start := func() *fleetChild {
				return startFleetChild(t, kind, where, source, 300*time.Millisecond, 100*time.Millisecond, nil)
			}
			holder, next := start(), start()
			holder.tell("call", "a", 1)
			holder.hear("begins")
			require.NoError(t, holder.cmd.Process.Signal(syscall.SIGSTOP))
			require.NoError(t, os.WriteFile(filepath.Join(source, "a"), []byte("."), 0o600))
			next.tell("call", "a", 1)
			_, line := next.hear("got")
			assert.Equal(t, []string{"a", "1"}, line[1:3])
			require.NoError(t, holder.cmd.Process.Signal(syscall.SIGCONT))
			_, line = holder.hear("got")
			assert.Equal(t, []string{"a", "0"}, line[1:3], "what it has read")
			holder.hear("answered")
			holder.tell("call", "a", 1)
			before, line := holder.hear("got")
			assert.Equal(t, []string{"a", "1"}, line[1:3], "what is stored")
			assert.Empty(t, before, "no run")
		})
	}
}
