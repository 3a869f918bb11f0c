package keytext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestCopyText: texts of all lengths arrive whole, and nothing beside them changes.
func TestCopyText(t *testing.T) {
	const all = "0123456789abcdefghijklmnopqrstuvwxyz"
	for n := range len(all) + 1 {
		for start := range 3 {
			buf := []byte(strings.Repeat("-", start+n+3))
			CopyText(buf[start:], all[:n])
			assert.Equal(t, strings.Repeat("-", start)+all[:n]+"---", string(buf))
		}
	}
}
