// Quickstart shows what ring does on real input: it walks a directory and caches the
// digest and line count of every file in it, except in directories such as .git.
//
//	go run ./examples/quickstart DIR
//	go run ./examples/quickstart -backend redis://127.0.0.1:6379 DIR
//	go run ./examples/quickstart -backend redis-hash://127.0.0.1:6379/myhash DIR
//	go run ./examples/quickstart -backend memcached://127.0.0.1:11211 DIR
//	go run ./examples/quickstart -backend shelve:FILE DIR
//	go run ./examples/quickstart -backend disk:CACHEDIR DIR
package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ring-go/ring"
)

// Summary describes a file.
type Summary struct {
	Digest string
	Lines  int
}

// summarize is an ordinary function that reads the whole file. The size and the
// modification time are arguments, so its result is valid until the file changes, and
// can be cached.
func summarize(ctx context.Context, path string, size int64, modified time.Time, algorithm string) (Summary, error) {
	if err := ctx.Err(); err != nil {
		return Summary{}, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return Summary{}, err
	}
	var digest hash.Hash
	switch algorithm {
	case "sha256":
		digest = sha256.New()
	case "sha1":
		digest = sha1.New()
	default:
		return Summary{}, fmt.Errorf("unknown algorithm %q", algorithm)
	}
	digest.Write(content)
	return Summary{
		Digest: hex.EncodeToString(digest.Sum(nil)[:4]),
		Lines:  bytes.Count(content, []byte{'\n'}),
	}, nil
}

// wrap makes the cached function. The signature declares the names and defaults of the
// parameters, which Python would read off the function; the context is not part of it.
// Only the factory decides where the values are kept.
func wrap(factory ring.Factory) *ring.Rope {
	return ring.Wrap(summarize, factory, ring.Signature("path, size, modified, algorithm='sha256'"))
}

// Folder is a receiver. RingKey is its text in a key, like __ring_key__ in Python.
type Folder struct{ Path string }

// RingKey implements ring.RingKeyer.
func (f *Folder) RingKey() string { return f.Path }

// Count returns how many files directly in the folder end with suffix.
func (f *Folder) Count(suffix string) (int, error) {
	entries, err := os.ReadDir(f.Path)
	n := 0
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			n++
		}
	}
	return n, err
}

func main() {
	log.SetFlags(0)
	backend := flag.String("backend", "", "where to cache: redis://HOST:PORT, redis-hash://HOST:PORT/KEY, memcached://HOST:PORT, shelve:FILE or disk:CACHEDIR; in memory when empty")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./examples/quickstart [-backend WHERE] DIR")
		flag.PrintDefaults()
	}
	if flag.Parse(); flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, dir := context.Background(), flag.Arg(0)
	factory, closeBackend, err := factoryFor(ctx, *backend)
	if err != nil {
		log.Fatal(err)
	}
	summary := wrap(factory)
	calls, err := findFiles(dir)
	if err != nil {
		log.Fatal(err)
	}
	if len(calls) == 0 {
		log.Fatalf("there are no files in %s", dir)
	}
	twoPasses(ctx, summary, calls)
	subFunctions(summary.WithContext(ctx), calls[0])
	bulk(summary.WithContext(ctx), calls)
	decorated()
	bound(dir)
	if err := closeBackend(); err != nil {
		log.Fatal(err)
	}
}

// findFiles returns the arguments of one call for every file below dir. It skips
// directories such as .git.
func findFiles(dir string) (calls []ring.Args, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != dir && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // it has just been deleted
			return nil
		}
		if err != nil {
			return err
		}
		calls = append(calls, ring.Args{path, info.Size(), info.ModTime()})
		return nil
	})
	return calls, err
}

// twoPasses calls the function for every file, twice. The first pass reads the
// files, the second one only the cache.
func twoPasses(ctx context.Context, summary *ring.Rope, calls []ring.Args) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "pass\tcalls\texecutions\thits\terrors\tlines\ttime\t")
	for _, pass := range []string{"cold", "warm"} {
		before, start := summary.CacheInfo(), time.Now()
		failed, lines := 0, 0
		for _, args := range calls {
			value, err := summary.Call(append(ring.Args{ctx}, args...)...)
			if err != nil {
				failed++
				continue
			}
			lines += value.(Summary).Lines
		}
		took, after := time.Since(start), summary.CacheInfo()
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%d\t%v\t\n", pass, len(calls),
			after.Misses-before.Misses, after.Hits-before.Hits, failed, lines, took.Round(time.Microsecond))
	}
	out.Flush()
}

// subFunctions shows what a rope can do beside being called. All sub-functions take the
// function's own arguments. A context is the first argument or, for several calls, goes
// into WithContext.
func subFunctions(summary *ring.Wire, args ring.Args) {
	fmt.Println("\nOne call, and its sub-functions")
	key, err := summary.Key(args...)
	show("key", key, err)

	value, err := summary.Get(args...)
	show("get", value, err)

	value, err = summary.Update(args...)
	show("update", value, err)

	show("set", "done", summary.Set(Summary{Digest: "by hand", Lines: 1}, args...))
	value, err = summary.Call(args...)
	show("call", value, err)

	has, err := summary.Has(args...)
	show("has", has, err)

	show("touch", "lives for another hour", summary.Touch(args...))
	show("delete", "done", summary.Delete(args...))
	value, found, err := summary.Lookup(args...) // Get, and whether it was there
	show("lookup", fmt.Sprintf("%v, found: %v", value, found), err)

	value, err = summary.Call(append(args, ring.Kwargs{"algorithm": "sha1"})...)
	show("call by name", value, err)
	value, err = summary.Call("a path alone")
	show("a wrong call", value, err)
	value, err = summary.Call("no such file", 0, time.Time{})
	show("a call that fails", value, err)
}

// bulk handles several calls at once, with a server in one round trip.
func bulk(summary *ring.Wire, calls []ring.Args) {
	list := make([]any, min(3, len(calls)))
	for i := range list {
		list[i] = calls[i]
	}
	fmt.Printf("\n%d calls at once\n", len(list))
	values, err := summary.GetMany(list...)
	show("get_many", values, err)
	show("delete_many", "done", summary.DeleteMany(list...))
	has, err := summary.HasMany(list...)
	show("has_many", has, err)
	values, err = summary.GetOrUpdateMany(list...)
	show("get_or_update_many", values, err)
	has, err = summary.HasMany(list...)
	show("has_many", has, err)
	show("touch_many", "done", summary.TouchMany(list...))
}

// decorated makes a recursive function call its cached self: 91 calls instead of
// 9 quintillion. The function keeps its type. For a rope, Func returns the cached
// function with its type.
func decorated() {
	var fib func(n int) int
	executions := 0
	fib = func(n int) int {
		executions++
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	}
	ring.Decorate(&fib, ring.Lru{})
	fmt.Println("\nA decorated recursive function")
	fmt.Printf("  fib(90) = %d, executions: %d\n", fib(90), executions)

}

// bound caches a method: the receiver is part of the key.
func bound(dir string) {
	count := ring.Wrap((*Folder).Count, ring.Dict{})
	fmt.Println("\nA method bound to a receiver")
	for range 2 {
		n, err := count.Bind(&Folder{dir}).Call(".go")
		show("files ending in .go", n, err)
	}
	key, err := count.Bind(&Folder{dir}).Key(".go")
	show("key", key, err)
	fmt.Printf("  %+v\n", count.CacheInfo())
}

func show(what string, value any, err error) {
	if err != nil {
		value = err
	}
	fmt.Printf("  %-20s %v\n", what, value)
}
