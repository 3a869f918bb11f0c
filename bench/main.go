// Bench measures ring against what it stands on and against its peers, in one run:
// what is compared is measured in short turns, so that the noise of the machine falls
// on both sides, and the median of the turns' ratios is what counts.
//
//	go run . servers    # Redis and Memcached: needs redis-server and memcached
//	go run . disk       # shelves, cache directories, pickles: needs the Pythons that make bench-disk gets
//
// Every row has a goal. Rows that fall short are marked, and the exit status is 1
// then.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// tables are what can be asked for, with what suits them: on disk, a sample has to be
// long enough for the work that is only done now and then, such as a checkpoint.
var tables = map[string]struct {
	rows func() ([]row, error)
	measure
}{
	"servers": {servers, measure{151, 10 * time.Millisecond}},
	"disk":    {disk, measure{21, 100 * time.Millisecond}},
}

func main() {
	samples := flag.Int("samples", 0, "how often each side of a row is measured; 0: as suits the table")
	sample := flag.Duration("sample", 0, "how long a sample is to take; 0: as suits the table")
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
		table, ok := tables[name]
		if !ok {
			return fmt.Errorf("there is no table %q", name)
		}
		m := measure{cmp.Or(m.samples, table.samples), cmp.Or(m.sample, table.sample)}
		rows, err := table.rows()
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
		return fmt.Errorf("which table? There are: servers, disk")
	}
	if short > 0 {
		return fmt.Errorf("%d rows fall short of their goal", short)
	}
	return nil
}

// cleanups stop what a set has started.
var cleanups []func()
