package flight

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStates compares with a map, at random, with hashes that collide often.
func TestStates(t *testing.T) {
	for _, bits := range []uint32{0, 3, 31} {
		random := rand.New(rand.NewPCG(1, uint64(bits)))
		var table states
		shares := map[string]int{}
		hash := func(key string) uint32 { return hasher.Hash(key) & (1<<bits - 1) }
		for i := range 60_000 {
			key := fmt.Sprint(random.IntN(300))
			st := table.find(key, hash(key))
			require.Equal(t, shares[key] > 0, st != nil)
			if st != nil {
				require.Equal(t, key, st.key)
				require.Equal(t, shares[key], st.refs)
			}
			if emptying := i/10_000%2 == 1; random.IntN(10) < 6 != emptying {
				require.NotNil(t, table.hold(key, hash(key)))
				shares[key]++
			} else if st != nil {
				table.release(st)
				if shares[key]--; shares[key] == 0 {
					delete(shares, key)
				}
			}
			require.Equal(t, len(shares), table.len)
		}
		for key, n := range shares {
			for range n {
				table.release(table.find(key, hash(key)))
			}
		}
		require.Zero(t, table.len)
		require.LessOrEqual(t, len(table.buckets), minBuckets, "what a crowd needed is given back")
	}
}

// TestStatesAllocateNothing once they were used.
func TestStatesAllocateNothing(t *testing.T) {
	var table states
	keys := []string{"a", "b", "c"}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, key := range keys {
			table.hold(key, hasher.Hash(key))
		}
		for _, key := range keys {
			table.release(table.find(key, hasher.Hash(key)))
		}
	}))
}
