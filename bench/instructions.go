package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Instructions are counted by valgrind, which runs this program again, once for each
// table. What they come to does not depend on what else the machine does, nor on its
// caches.

// counts are the instructions that an operation of each side of a row takes; 0: not counted.
type counts struct{ Ours, Base float64 }

func (c counts) known() bool { return c.Ours > 0 && c.Base > 0 }

func (c counts) comparison() comparison { return comparison{c.Ours, c.Base, c.Ours / c.Base} }

// countAll counts the instructions of all rows of the tables that have any to count, two
// tables at a time, by the tables' names. Without valgrind it says so and counts none.
func countAll(tables []table, only string) (map[string][]counts, error) {
	all := map[string][]counts{}
	for _, t := range tables {
		if t.counted > 0 {
			all[t.name] = nil
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	if _, err := exec.LookPath("valgrind"); err != nil || !canCount {
		fmt.Println("Instructions are not counted: that takes valgrind on amd64. The ratios of the times are judged instead.")
		return nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	fmt.Println("Counting instructions under valgrind ...")
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		errs []error
		room = make(chan struct{}, 2)
	)
	for name := range all {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			c, err := countUnderValgrind(self, name, only)
			mu.Lock()
			defer mu.Unlock()
			all[name], errs = c, append(errs, err)
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

// countUnderValgrind has a child, of the program self, count. It has one processor, no collector and nobody who
// interrupts it, so that it does the same in every run.
func countUnderValgrind(self, name, only string) (all []counts, err error) {
	dir, err := os.MkdirTemp("", "ring-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
		"--callgrind-out-file="+filepath.Join(dir, dumpName), self, "-only", only, "instructions", name, dir)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s under valgrind: %w\n%s", name, err, stderr.Bytes())
	}
	return all, json.Unmarshal(out, &all)
}

// Requests that callgrind.h names.
const (
	callgrind            = 'C'<<24 | 'T'<<16
	dumpStats            = callgrind
	zeroStats            = callgrind + 1
	startInstrumentation = callgrind + 4
)

func ask(request uint64) { clientRequest(&[6]uint64{request}) }

// counter is the program's own side under valgrind.
type counter struct {
	dir   string
	dumps int // that callgrind has written
}

// dumpName is the file that callgrind is told to write. A dot and the number of the dump
// come behind it.
const dumpName = "dump"

// countTable is what the child does: it counts a table's rows and writes them to out.
func countTable(out io.Writer, name, dir, only string) error {
	chosen, err := choose([]string{name})
	if err != nil {
		return err
	}
	defer cleanUp()
	t := chosen[0]
	rows, err := t.rowsWith(only)
	if err != nil {
		return err
	}
	c, all := counter{dir: dir}, make([]counts, len(rows))
	ask(startInstrumentation)
	for i, r := range rows {
		if r.timed {
			continue
		}
		if all[i], err = c.row(r, t.measure); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return json.NewEncoder(out).Encode(all)
}

// row counts both sides, after as many operations as before a sample of time.
func (c *counter) row(r row, m measure) (both counts, err error) {
	for _, side := range []struct {
		op     operation
		result *float64
	}{{r.ours, &both.Ours}, {r.base, &both.Base}} {
		if err := side.op(m.warm); err != nil {
			return both, err
		}
		before := executed.Load()
		n, err := c.count(side.op, m.counted, side.result)
		if err != nil {
			return both, err
		}
		if err := expectRuns(before, n*m.runs); err != nil {
			return both, err
		}
	}
	return both, nil
}

// patience is how long a side is counted before fewer operations than asked for suffice.
const patience = 2 * time.Second

// count does up to most operations and returns how many. The instructions of one are the
// mean.
func (c *counter) count(op operation, most int, result *float64) (n int, err error) {
	start := time.Now()
	ask(zeroStats)
	for err == nil && n < most && time.Since(start) < patience {
		err = op(resident)
		n += resident
	}
	ask(dumpStats)
	if err != nil {
		return n, err
	}
	c.dumps++
	total, err := readDump(filepath.Join(c.dir, dumpName+"."+strconv.Itoa(c.dumps)))
	*result = float64(total) / float64(n)
	return n, err
}

// readDump finds the sum in what callgrind has written.
func readDump(file string) (total int, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(data) {
		if number, ok := bytes.CutPrefix(line, []byte("totals: ")); ok {
			return strconv.Atoi(string(bytes.TrimSpace(number)))
		}
	}
	return 0, fmt.Errorf("%s has no totals", file)
}
