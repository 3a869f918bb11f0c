// Bench measures ring against what it stands on and against its peers, in one run:
// what is compared is measured in short turns, so that the noise of the machine falls
// on both sides, and the median of the turns' ratios is what counts. Where there is
// valgrind, the instructions of what happens in memory are counted, too, and judged instead.
//
//	go run . hits       # hits in memory, beside the hand-written equivalent and the peers
//	go run . memory     # the same; keys, misses, large caches and how costs grow
//	go run . redis      # a hit in Redis, by one caller to very many: needs redis-server
//	go run . servers    # Redis and Memcached: needs redis-server and memcached
//	go run . disk       # shelves, cache directories, pickles: needs the Pythons that make bench-disk gets
//
// Rows that fall short of their goal are marked, and the exit status is then 1. The file
// that -json writes becomes the chart and the tables of the documentation:
//
//	go run . -json FILE memory
//	go run . chart FILE > ../docs/performance.svg
//	go run . document FILE ../docs/performance.md
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// table is a set of rows with a name.
type table struct {
	name, title string
	rows        func() ([]row, error)
	measure
	whole func(s *sheet, samples int) error // instead of rows: measures by itself; 0 samples: as suits it
}

// tables are all tables, with a suitable number of samples: on disk, a sample has to be
// long enough for work that happens only now and then, such as a checkpoint.
var tables = []table{
	{name: "hit", title: "A hit in memory", rows: hits, measure: hitting},
	{name: "typed", title: "A hit by a typed function", rows: typed, measure: hitting},
	{name: "ways", title: "The other ways to a cached value", rows: ways, measure: hitting},
	{name: "bulk", title: "Bulk calls of 100 elements, an element", rows: bulk, measure: hitting},
	{name: "keys", title: "The text of a key alone", whole: keyTexts},
	{name: "peers", title: "A hit beside other caches", rows: peers, measure: hitting},
	{name: "python", title: "A hit beside Python's ring.lru", rows: pythonHits, measure: abroad},
	{name: "steps", title: "What a hit consists of", rows: hitSteps, measure: hitting},
	{name: "choices", title: "What to choose", rows: choices, measure: hitting},
	{name: "miss", title: "A miss in memory", rows: misses, measure: missing},
	{name: "layer", title: "The layer above a client of a server, without the server", rows: layers, measure: hitting},
	{name: "callers", title: "A cold key and many callers; a huge argument", whole: extremes},
	{name: "large", title: "A large LRU cache", whole: largeCaches},
	{name: "growth", title: "How costs grow", whole: growth},
	{name: "redis", title: "A hit in Redis", rows: redisRows, measure: serving},
	{name: "servers", title: "Servers", rows: servers, measure: serving},
	{name: "disk", title: "Files", rows: disk, measure: measure{samples: 21, sample: 100 * time.Millisecond, repeats: 3}},
}

var (
	hitting = measure{samples: 31, sample: 4 * time.Millisecond, repeats: 3, warm: 2 * resident, own: true, counted: 8 * resident}
	abroad  = measure{samples: 31, sample: 4 * time.Millisecond, repeats: 3, warm: 2 * resident}
	serving = measure{samples: 151, sample: 10 * time.Millisecond, repeats: 3}
	missing = measure{samples: 31, sample: 10 * time.Millisecond, repeats: 3, warm: 2 * resident, own: true, runs: 1, counted: 16 * resident}
)

// groups are several tables under one name.
var groups = map[string][]string{
	"hits":   {"hit", "typed", "ways", "bulk", "keys", "peers", "python", "steps", "choices"},
	"memory": {"hit", "typed", "ways", "bulk", "keys", "peers", "python", "steps", "choices", "miss", "layer", "callers", "large", "growth"},
}

func main() {
	samples := flag.Int("samples", 0, "how often each side of a row is measured; 0: as suits the table")
	sample := flag.Duration("sample", 0, "how long a sample is to take; 0: as suits the table")
	only := flag.String("only", "", "only the rows whose name contains `text`")
	file := flag.String("json", "", "write the results to `file` as well")
	lenient := flag.Bool("lenient", false, "exit with 0 although rows fall short, as they may on a busy machine")
	flag.Parse()
	err := command(flag.Args(), measure{samples: *samples, sample: *sample}, *only, *file)
	if short := shortfall(0); *lenient && errors.As(err, &short) {
		fmt.Println(err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(args []string, m measure, only, file string) error {
	switch {
	case len(args) == 0:
		return errors.New("which table? There are: hits, memory, redis, servers, disk")
	case args[0] == "chart" && len(args) == 2:
		return chart(os.Stdout, args[1])
	case args[0] == "document" && len(args) == 3:
		return document(args[1], args[2])
	case args[0] == "instructions" && len(args) == 3:
		return countTable(os.Stdout, args[1], args[2], only)
	case args[0] == "child" && len(args) == 4:
		return child(os.Stdout, args[1], args[2], args[3])
	}
	return run(args, m, only, file)
}

func run(names []string, m measure, only, file string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	instructions, err := countAll(chosen, only)
	if err != nil {
		return err
	}
	report := newReport()
	for _, t := range chosen {
		s, err := t.run(m, only, instructions[t.name])
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if len(s.Lines) > 0 {
			report.Sheets = append(report.Sheets, s)
		}
	}
	if file != "" {
		if err := report.write(file); err != nil {
			return err
		}
	}
	if short := report.short(); short > 0 {
		return short
	}
	return nil
}

// shortfall is the error that this many rows fall short of their goal.
type shortfall int

func (n shortfall) Error() string { return fmt.Sprintf("%d rows fall short of their goal", int(n)) }

// choose finds tables by their names and by those of groups.
func choose(names []string) ([]table, error) {
	var chosen []table
	for _, name := range names {
		members := groups[name]
		if members == nil {
			members = []string{name}
		}
		for _, member := range members {
			i := slices.IndexFunc(tables, func(t table) bool { return t.name == member })
			if i < 0 {
				return nil, fmt.Errorf("there is no table %q", member)
			}
			chosen = append(chosen, tables[i])
		}
	}
	return chosen, nil
}

func (t table) run(m measure, only string, instructions []counts) (*sheet, error) {
	defer cleanUp()
	s := pairs()
	s.Name, s.Title = t.name, t.title
	if t.whole != nil {
		return s, t.whole(s, m.samples)
	}
	rows, err := t.rowsWith(only)
	if err != nil {
		return nil, err
	}
	t.samples, t.sample = cmp.Or(m.samples, t.samples), cmp.Or(m.sample, t.sample)
	return s, t.measure.table(s, rows, instructions)
}

// rowsWith are the rows whose names contain a text.
func (t table) rowsWith(only string) ([]row, error) {
	rows, err := t.rows()
	return slices.DeleteFunc(rows, func(r row) bool { return !strings.Contains(r.name, only) }), err
}

// cleanups stop what a set has started.
var cleanups []func()

func cleanUp() {
	for _, stop := range cleanups {
		stop()
	}
	cleanups = nil
}

// onClose closes something in the end, before what it depends on.
func onClose(close func() error) {
	cleanups = append([]func(){func() { close() }}, cleanups...)
}
