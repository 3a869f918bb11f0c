package keytext

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
)

// TestDigits compares with strconv around every boundary, and at random lengths.
func TestDigits(t *testing.T) {
	check := func(n uint64) {
		for _, dst := range [][]byte{nil, make([]byte, 3, 64), make([]byte, 0, 2)} {
			require.Equal(t, string(strconv.AppendUint(dst, n, 10)), string(AppendUint(dst, n)))
			require.Equal(t, string(strconv.AppendInt(dst, int64(n), 10)), string(AppendInt(dst, int64(n))))
		}
	}
	for shift := range 64 {
		for near := range uint64(5) {
			check(1<<shift + near - 2)
			check(-(1<<shift + near - 2))
		}
	}
	for power := uint64(1); ; power *= 10 {
		for near := range uint64(5) {
			check(power + near - 2)
			check(-(power + near - 2))
		}
		if power > math.MaxUint64/10 {
			break
		}
	}
	for range samples.Rounds(200_000) {
		check(rand.Uint64() >> rand.IntN(64))
	}
}

func FuzzDigits(f *testing.F) {
	f.Add(uint64(0), uint8(0))
	f.Add(uint64(math.MaxUint64), uint8(20))
	f.Fuzz(func(t *testing.T, n uint64, room uint8) {
		dst := make([]byte, 1, 1+int(room))
		require.Equal(t, strconv.AppendUint([]byte{0}, n, 10), AppendUint(dst, n))
		require.Equal(t, strconv.AppendInt([]byte{0}, int64(n), 10), AppendInt(dst, int64(n)))
	})
}
