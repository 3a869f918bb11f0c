package redisio

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// slotOf is the slot of a key by the rules of a Cluster.
func slotOf(key string) uint16 {
	for i := range len(key) {
		if key[i] != '{' {
			continue
		}
		for j := i + 1; j < len(key); j++ {
			if key[j] == '}' {
				if j > i+1 {
					key = key[i+1 : j]
				}
				break
			}
		}
		break
	}
	return crc16(key) % slots
}

// TestLockSlots: a Cluster keeps a lock beside its value, whatever braces the key has.
func TestLockSlots(t *testing.T) {
	assert.EqualValues(t, 0x31c3, crc16("123456789"))
	assert.EqualValues(t, 12182, slotOf("foo"))
	for _, key := range []string{"a", "f:{}", "f:{'a': 1}", "{", "}", "a{b", "a}b", "{}{a}", "{a}{b}", "a}{b}", "}{", "", "{{}}"} {
		assert.Equal(t, slotOf(key), slotOf(LockName(key)), key)
	}
	assert.Equal(t, "ring:lock:{locked:a}", LockName("locked:a"))
	assert.Equal(t, "ring:lock:f:{'a': 1}", LockName("f:{'a': 1}"))
}
