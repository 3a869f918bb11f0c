package lease

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestRenewal: it comes at each third, goes on after an error, and ends once.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r := Start(30*time.Second, func(context.Context) (bool, error) {
			n++
			return n == 1, map[int]error{2: errors.New("down")}[n]
		})
		time.Sleep(25 * time.Second)
		synctest.Wait()
		assert.Equal(t, 2, n)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, 3, n, "it is not held any more")
		assert.True(t, r.End())
		assert.False(t, r.End())
	})
}

// TestRenewalEnds: nothing is renewed after End.
func TestRenewalEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r := Start(30*time.Second, func(context.Context) (bool, error) { n++; return true, nil })
		time.Sleep(15 * time.Second)
		assert.True(t, r.End())
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, 1, n)
	})
}
