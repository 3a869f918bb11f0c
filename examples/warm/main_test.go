package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestWarm(t *testing.T) {
	if _, err := forecast.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	warm(t.Context(), 100, &first, false)
	if want := "0 were cached, 99 ran, 1 failed, 0 skipped\nring: warm forecast: element 99, \"forecast:99\": there is no forecast\n"; first.String() != want {
		t.Errorf("%q, want %q", first.String(), want)
	}
	warm(t.Context(), 100, &second, true) // the bar is not part of the output
	if want := "99 were cached, 0 ran, 1 failed, 0 skipped\n"; !strings.HasPrefix(second.String(), want) {
		t.Errorf("%q, want %q", second.String(), want)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	warm(ctx, 100, &out, false)
	if !strings.Contains(out.String(), "1 skipped") || !strings.Contains(out.String(), context.Canceled.Error()) {
		t.Errorf("%q: want one call that was taken and not begun", out.String())
	}
}
