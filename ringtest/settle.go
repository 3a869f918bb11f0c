package ringtest

import (
	"testing"

	"github.com/ring-go/ring/internal/fresh"
)

// Settle returns when no renewal of ring.Freshness runs behind, of any rope: what calls have
// started so far is stored then. It fails the test if that ends before. In a bubble of
// testing/synctest, where synctest.Wait waits for what blocks, Settle lets the time pass that
// the renewals take.
func Settle(t testing.TB) {
	t.Helper()
	if err := fresh.Wait(t.Context()); err != nil {
		t.Fatalf("ringtest: renewals still run: %v", err)
	}
}
