package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// keyTexts runs package ring's own benchmark of the text of a key, which this module
// cannot call, many times for a short time each, so that its sides take turns.
func keyTexts(s *sheet, samples int) error {
	rounds := cmp.Or(samples, 21)
	dir, err := os.MkdirTemp("", "ring-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "ring.test")
	if out, err := exec.Command("go", "test", "-c", "-o", binary, "github.com/ring-go/ring").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	times, allocs := map[string][]float64{}, map[string]float64{}
	for range rounds {
		out, err := exec.Command(binary, "-test.run", "^$", "-test.bench", "^BenchmarkKeyText$", "-test.benchtime", "20ms", "-test.cpu", "1").Output()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		for line := range bytes.Lines(out) {
			if err := readBenchmark(string(line), times, allocs); err != nil {
				return err
			}
		}
	}
	for _, r := range []row{
		{name: "struct", goal: 1.5, allocs: 0, total: true},
		{name: "slice", goal: 2, allocs: 0, total: true},
		{name: "map", goal: 3, allocs: -1},
	} {
		ours, byHand := times[r.name+"/ring"], times[r.name+"/by-hand"]
		if len(ours) != rounds || len(byHand) != rounds {
			return fmt.Errorf("BenchmarkKeyText does not tell about %s", r.name)
		}
		ratios := make([]float64, rounds)
		for i := range ratios {
			ratios[i] = ours[i] / byHand[i]
		}
		f := figures{ours: median(ours), base: median(byHand), ratio: median(ratios), oursAllocs: allocs[r.name+"/ring"]}
		r.name = map[string]string{"struct": "key of a struct of 5 fields", "slice": "key of a slice of 100 ints", "map": "key of a map of 20 entries"}[r.name]
		r.baseName = "appended by hand"
		s.add(r.line(f))
	}
	return nil
}

// readBenchmark reads a line like
// BenchmarkKeyText/struct/ring  100  80.1 ns/op  0 B/op  0 allocs/op.
func readBenchmark(line string, times map[string][]float64, allocs map[string]float64) error {
	fields := strings.Fields(line)
	if len(fields) != 8 || fields[3] != "ns/op" {
		return nil
	}
	name := strings.TrimPrefix(fields[0], "BenchmarkKeyText/")
	ns, err := strconv.ParseFloat(fields[2], 64)
	if err != nil {
		return err
	}
	times[name] = append(times[name], ns)
	allocs[name], err = strconv.ParseFloat(fields[6], 64)
	return err
}
