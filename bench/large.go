package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ring-go/ring/lrucache"
)

// large holds the costs of a full cache.
type large struct {
	Bytes   float64 // an entry, with its key of 16 bytes and its boxed integer
	GC      float64 // nanoseconds of processors that a cycle of the collector takes
	Longest float64 // nanoseconds of the longest Set, filling it and evicting, without a collection
	During  float64 // nanoseconds of the longest Set during collections, which is also the runtime's
}

// longestGoal is 5 ms.
const longestGoal = 5e6

// largeCaches compares the LRU cache of ring.Lru with golang-lru, each in its own
// process.
func largeCaches(s *sheet, _ int) error {
	s.Header = []string{"", "ring", "against", "ratio", "goal"}
	for _, size := range []struct{ entries, rounds int }{{1_000_000, 3}, {10_000_000, 1}} {
		if free := availableMemory(); free < 600*size.entries {
			s.note("Not measured with %s entries: there are only %d MB of memory.", grouped(size.entries), free>>20)
			continue
		}
		var ours, base [4][]float64
		for range size.rounds {
			for name, figures := range map[string]*[4][]float64{"ring": &ours, "golang-lru": &base} {
				l, err := inChild[large]("large", name, size.entries)
				if err != nil {
					return err
				}
				for i, v := range []float64{l.Bytes, l.GC, l.Longest, l.During} {
					figures[i] = append(figures[i], v)
				}
			}
		}
		for len(ours[2]) < 3 && slices.Min(ours[2]) > longestGoal { // it may have been the machine
			l, err := inChild[large]("large", "ring", size.entries)
			if err != nil {
				return err
			}
			ours[2] = append(ours[2], l.Longest)
		}
		keys := grouped(size.entries) + " keys"
		s.compare("bytes an entry, "+keys, ours[0], base[0], 1, func(v float64) string { return fmt.Sprintf("%.0f B", v) })
		s.compare("processor time of a collection, "+keys, ours[1], base[1], 0.5, duration)
		s.longest("longest Set, "+keys, ours[2], base[2], longestGoal)
		s.longest("longest Set while collecting, "+keys, ours[3], base[3], 0)
	}
	return nil
}

// longest compares the longest Sets. The best round counts: other work of the machine
// can only make them longer.
func (s *sheet) longest(name string, ours, base []float64, goal float64) {
	most, text := slices.Min(ours), ""
	if goal > 0 {
		text = "≤ " + duration(goal)
	}
	s.add(line{Name: name, Short: goal > 0 && most > goal,
		Cells: []string{name, duration(most), "golang-lru " + duration(slices.Min(base)), "", text}})
}

func (s *sheet) compare(name string, ours, base []float64, goal float64, show func(float64) string) {
	ratios := make([]float64, len(ours))
	for i := range ratios {
		ratios[i] = ours[i] / base[i]
	}
	ratio := median(ratios)
	s.add(line{Name: name, Short: ratio > goal,
		Cells: []string{name, show(median(ours)), "golang-lru " + show(median(base)), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.2f", goal)}})
}

// measureLarge fills a cache for that many entries, and goes on until as many again, or
// a million, have been evicted.
func measureLarge(name string, size int) (large, error) {
	// A call through a function value costs the same for both.
	var set func(key string, value any)
	before := heapAlloc()
	switch name {
	case "ring":
		cache := lrucache.New(size)
		set = func(key string, value any) { cache.Set(key, value, 0) }
	case "golang-lru":
		cache, err := lru.New[string, any](size)
		if err != nil {
			return large{}, err
		}
		set = func(key string, value any) { cache.Add(key, value) }
	default:
		return large{}, fmt.Errorf("there is no cache %q", name)
	}
	more := min(size, 1_000_000)
	percent := debug.SetGCPercent(-1)
	longest, err := longestSet(set, 0, size+more)
	if err != nil {
		return large{}, err
	}
	debug.SetGCPercent(percent)
	l := large{Bytes: (float64(heapAlloc()) - float64(before)) / float64(size), Longest: longest}
	cycles := make([]float64, 5)
	for i := range cycles {
		start := processorTime()
		runtime.GC()
		cycles[i] = float64(processorTime() - start)
	}
	l.GC = median(cycles)
	l.During, err = longestDuring(set, size+more)
	return l, err
}

// longestDuring is longestSet during three collections.
func longestDuring(set func(key string, value any), from int) (longest float64, err error) {
	const together = 10_000
	var collected atomic.Bool
	var collector sync.WaitGroup
	collector.Go(func() {
		for range 3 {
			runtime.GC()
		}
		collected.Store(true)
	})
	defer collector.Wait()
	for ; !collected.Load(); from += together {
		most, err := longestSet(set, from, from+together)
		if err != nil {
			return 0, err
		}
		longest = max(longest, most)
	}
	return longest, nil
}

// processorTime returns how long the process has used the processors. The runtime's own
// figures include the time in which others used them.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// longestSet calls set for some keys and returns the nanoseconds of the longest call. It
// subtracts the time in which the thread waited for a processor.
func longestSet(set func(key string, value any), from, to int) (float64, error) {
	const together = 100 // calls between two readings of the waiting time
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	waiting, err := openWaiting()
	if err != nil {
		return 0, err
	}
	defer waiting.close()
	var (
		longest time.Duration
		buf     [16]byte
	)
	for i := from; i < to; i += together {
		var most time.Duration
		waited := waiting.read()
		for j := i; j < min(i+together, to); j++ {
			key := string(strconv.AppendInt(append(buf[:0], "user:"...), 10_000_000_000+int64(j), 10))
			start := time.Now()
			set(key, j)
			most = max(most, time.Since(start))
		}
		longest = max(longest, most-(waiting.read()-waited))
	}
	return float64(longest), nil
}

// availableMemory returns how many bytes can be allocated without swapping.
func availableMemory() int {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return math.MaxInt
	}
	for text := range bytes.Lines(data) {
		if fields := bytes.Fields(text); len(fields) > 1 && string(fields[0]) == "MemAvailable:" {
			kB, _ := strconv.Atoi(string(fields[1]))
			return kB << 10
		}
	}
	return math.MaxInt
}
