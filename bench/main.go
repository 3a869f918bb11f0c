// Bench measures ring against what it stands on and against its peers, in one run:
// what is compared is measured in short turns, so that the noise of the machine falls
// on both sides, and the median of the turns' ratios is what counts.
//
//	go run . servers    # Redis and Memcached: needs redis-server and memcached
//
// Every row has a goal. Rows that fall short are marked, and the exit status is 1
// then.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// sets are the tables that can be asked for.
var sets = map[string]func() ([]row, error){
	"servers": servers,
}

func main() {
	samples := flag.Int("samples", 151, "how often each side of a row is measured")
	sample := flag.Duration("sample", 10*time.Millisecond, "how long a sample is to take")
	only := flag.String("only", "", "only the rows whose name contains `text`")
	flag.Parse()
	if err := run(flag.Args(), measure{*samples, *sample}, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(names []string, m measure, only string) error {
	short := 0
	for _, name := range names {
		set := sets[name]
		if set == nil {
			return fmt.Errorf("there is no table %q", name)
		}
		rows, err := set()
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r row) bool { return !strings.Contains(r.name, only) })
		failed, err := m.table(os.Stdout, rows)
		for _, stop := range cleanups {
			stop()
		}
		cleanups = nil
		if err != nil {
			return err
		}
		short += failed
	}
	if len(names) == 0 {
		return fmt.Errorf("which table? There are: servers")
	}
	if short > 0 {
		return fmt.Errorf("%d rows fall short of their goal", short)
	}
	return nil
}

// cleanups stop what a set has started.
var cleanups []func()
