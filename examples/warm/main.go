// Command warm fills a cache before it is needed. On a terminal a bar shows how far it is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/ring-go/ring"
)

// errNoForecast is what the weather service says of a place that it does not know.
var errNoForecast = errors.New("there is no forecast")

// ask takes as long as a call of a service does.
func ask(ctx context.Context, city int) (string, error) {
	select {
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if city%100 == 99 {
		return "", errNoForecast
	}
	return fmt.Sprintf("%d degrees", city%30), nil
}

var forecast = ring.Wrap(ask, ring.Lru{MaxSize: 1000, Expire: time.Hour}, ring.Name("forecast"))

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	warm(ctx, 300, os.Stdout, term.IsTerminal(int(os.Stderr.Fd())))
}

// warm asks for the forecasts of all cities, eight at a time. What fails now is asked for
// again when somebody wants to know it.
func warm(ctx context.Context, cities int, out io.Writer, onTerminal bool) {
	report, err := forecast.Warm(ctx, watched(calls(cities), cities, onTerminal), 8)
	fmt.Fprintf(out, "%d were cached, %d ran, %d failed, %d skipped\n", report.Cached, report.Ran, report.Failed, report.Skipped)
	if err != nil {
		fmt.Fprintln(out, err)
	}
}

// calls are those that are to be warm.
func calls(cities int) iter.Seq[any] {
	return func(yield func(any) bool) {
		for city := range cities {
			if !yield(ring.Args{city}) {
				return
			}
		}
	}
}

// watched shows how many calls were taken, on standard error.
func watched(calls iter.Seq[any], total int, onTerminal bool) iter.Seq[any] {
	if !onTerminal {
		return calls
	}
	return func(yield func(any) bool) {
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("warming up"),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(50*time.Millisecond), progressbar.OptionClearOnFinish())
		defer bar.Exit()
		for call := range calls {
			if !yield(call) {
				return
			}
			_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
		}
	}
}
