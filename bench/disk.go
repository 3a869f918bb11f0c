package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	ogorek "github.com/kisielk/og-rek"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
)

// diskKeys are the keys that bench/peer.py uses as well.
var diskKeys = func() []string {
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprintf("module.function:%d", i)
	}
	return keys
}()

type diskRows struct {
	ctx  context.Context
	dir  string
	rows []row
}

// disk compares the storages on disk with the driver that they use and with Python's.
func disk() ([]row, error) {
	dir, err := os.MkdirTemp("", "ring-bench")
	if err != nil {
		return nil, err
	}
	cleanups = append(cleanups, func() { os.RemoveAll(dir) })
	d := &diskRows{ctx: context.Background(), dir: dir}
	for _, set := range []func() error{d.pickles, d.shelf, d.cache, d.opening} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	return d.rows, nil
}

func (d *diskRows) add(rows ...row) { d.rows = append(d.rows, rows...) }

type fiveFields struct {
	ID     int      `pickle:"id"`
	Name   string   `pickle:"name"`
	Score  float64  `pickle:"score"`
	Active bool     `pickle:"active"`
	Tags   []string `pickle:"tags"`
}

type buffer struct{ data []byte }

func (b *buffer) Write(p []byte) (int, error) { b.data = append(b.data, p...); return len(p), nil }

func (b *buffer) Read(p []byte) (int, error) {
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

// pickles compares package pickle with og-rek.
func (d *diskRows) pickles() error {
	value := fiveFields{7, "some name", 1.5, true, []string{"a", "b"}}
	dict := map[string]any{"id": 7, "name": "some name", "score": 1.5, "active": true, "tags": []any{"a", "b"}}
	data, err := pickle.Marshal(dict, 0)
	if err != nil {
		return err
	}
	encode := func(v any) operation {
		return loop(func(int) error {
			return ogorek.NewEncoderWithConfig(&buffer{}, &ogorek.EncoderConfig{Protocol: 4, StrictUnicode: true}).Encode(v)
		})
	}
	decode := loop(func(int) error {
		_, err := ogorek.NewDecoderWithConfig(&buffer{data}, &ogorek.DecoderConfig{StrictUnicode: true}).Decode()
		return err
	})
	marshal := func(v any) operation { return loop(func(int) error { _, err := pickle.Marshal(v, 4); return err }) }
	d.add(
		row{name: "pickle a dict of 5", goal: 0.5, allocs: -1, baseName: "og-rek", ours: marshal(dict), base: encode(dict)},
		row{name: "pickle a struct of 5", goal: 0.5, allocs: -1, baseName: "og-rek", ours: marshal(value), base: encode(value)},
		row{name: "unpickle a dict of 5", goal: 0.5, allocs: -1, baseName: "og-rek", base: decode,
			ours: loop(func(int) error { var v any; return pickle.Unmarshal(data, &v) })},
		row{name: "unpickle a struct of 5", goal: 0.5, allocs: -1, baseName: "og-rek", base: decode,
			ours: loop(func(int) error { var v fiveFields; return pickle.Unmarshal(data, &v) })})
	return nil
}

func (d *diskRows) shelf() error {
	shelf, err := shelve.Open(filepath.Join(d.dir, "shelf"), nil)
	if err != nil {
		return err
	}
	onClose(shelf.Close)
	values := make([]any, len(diskKeys))
	for i := range values {
		values[i] = value
	}
	if err := shelf.SetMany(d.ctx, diskKeys, values); err != nil {
		return err
	}
	raw, err := d.rawShelf()
	if err != nil {
		return err
	}
	python, err := startPython("RING_PYTHON313", "shelve", d.dir)
	if err != nil {
		return err
	}
	get := loop(func(i int) error { _, err := shelf.Get(diskKeys[i%1000]); return err })
	set := loop(func(i int) error { return shelf.Set(diskKeys[i%1000], value) })
	d.add(
		row{name: "shelve get", goal: 1.25, allocs: -1, baseName: "driver", ours: get, base: loop(raw.get)},
		row{name: "shelve set", goal: 1.25, allocs: -1, baseName: "driver", ours: set, base: loop(raw.set)},
		row{name: "shelve set of 100", goal: 1.25, allocs: -1, baseName: "driver, one transaction", base: loop(raw.setMany),
			ours: loop(func(int) error { return shelf.SetMany(d.ctx, diskKeys[:100], values[:100]) })},
		row{name: "shelve set", goal: 0.6, allocs: -1, baseName: "Python's shelve", ours: set, base: python("set")})
	return nil
}

// rawShelf is the driver alone on a separate shelf, with the same SQL and settings.
type rawShelf struct {
	db            *sql.DB
	read, replace *sql.Stmt
	data          []byte
}

func (d *diskRows) rawShelf() (*rawShelf, error) {
	file := filepath.Join(d.dir, "raw")
	shelf, err := shelve.Open(file, nil)
	if err != nil {
		return nil, err
	}
	if err := shelf.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	onClose(db.Close)
	db.SetMaxIdleConns(runtime.GOMAXPROCS(0) + 1)
	raw := &rawShelf{db: db}
	if raw.read, err = db.Prepare("SELECT value FROM Dict WHERE key = ?"); err != nil {
		return nil, err
	}
	if raw.replace, err = db.Prepare("REPLACE INTO Dict (key, value) VALUES (?, ?)"); err != nil {
		return nil, err
	}
	if raw.data, err = pickle.Marshal(value, 0); err != nil {
		return nil, err
	}
	for range 10 {
		for i := range diskKeys {
			if err := raw.set(i); err != nil {
				return nil, err
			}
		}
	}
	return raw, nil
}

func (r *rawShelf) get(i int) error {
	var data []byte
	return r.read.QueryRow([]byte(diskKeys[i%1000])).Scan(&data)
}

func (r *rawShelf) set(i int) error {
	_, err := r.replace.Exec([]byte(diskKeys[i%1000]), r.data)
	return err
}

func (r *rawShelf) setMany(int) error {
	return inTransaction(r.db, r.replace, func(stmt *sql.Stmt, i int) error {
		_, err := stmt.Exec([]byte(diskKeys[i]), r.data)
		return err
	})
}

// inTransaction does 100 writes in one transaction.
func inTransaction(db *sql.DB, stmt *sql.Stmt, do func(stmt *sql.Stmt, i int) error) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt = tx.Stmt(stmt)
	for i := range 100 {
		if err := do(stmt, i); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (d *diskRows) cache() error {
	cache, err := diskcache.Open(filepath.Join(d.dir, "cache"), nil)
	if err != nil {
		return err
	}
	onClose(cache.Close)
	keys, values := make([]any, len(diskKeys)), make([]any, len(diskKeys))
	for i, key := range diskKeys {
		keys[i], values[i] = key, value
	}
	if err := cache.SetMany(d.ctx, keys, values, 0); err != nil {
		return err
	}
	python, err := startPython("RING_PYTHON_RING", "disk", d.dir)
	if err != nil {
		return err
	}
	rope := ring.Wrap(fetch, ring.DiskCache{Obj: cache, KeyPrefix: "hit"})
	for _, key := range diskKeys {
		if _, err := rope.Call(key); err != nil {
			return err
		}
	}
	raw, err := d.rawCache()
	if err != nil {
		return err
	}
	get := func(worker, n int) error {
		for i := range n {
			if _, err := cache.Get(d.ctx, keys[(i+61*worker)%1000]); err != nil {
				return err
			}
		}
		return nil
	}
	d.add(
		row{name: "diskcache get", goal: 1.7, allocs: -1, baseName: "Python's diskcache", ours: parallel(1, get), base: python("get")},
		row{name: "diskcache set", goal: 1.2, allocs: -1, baseName: "Python's diskcache", base: python("set"),
			ours: loop(func(i int) error { return cache.Set(d.ctx, keys[i%1000], value, 0) })},
		row{name: "ring.DiskCache hit", goal: 1, allocs: -1, baseName: "Python's ring.disk", base: python("hit"),
			ours: loop(func(i int) error { _, err := rope.Call(diskKeys[i%1000]); return err })},
		row{name: fmt.Sprintf("diskcache get, %d goroutines", callers), goal: 0.95, allocs: -1, baseName: "1 goroutine",
			ours: parallel(callers, get), base: parallel(1, get)},
		row{name: "diskcache set of 100", goal: 1.25, allocs: -1, baseName: "driver, one transaction", base: loop(raw),
			ours: loop(func(int) error { return cache.SetMany(d.ctx, keys[:100], values[:100], 0) })})
	return nil
}

// rawCache is the least work that a set of 100 takes: an update of the columns that
// change, with the directory's triggers, by the driver alone.
func (d *diskRows) rawCache() (func(int) error, error) {
	dir := filepath.Join(d.dir, "raw.cache")
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		return nil, err
	}
	// as many rows as ours has, which the depth of the trees depends on
	rope := ring.Wrap(fetch, ring.DiskCache{Obj: cache, KeyPrefix: "hit"})
	for _, key := range diskKeys {
		if err := cache.Set(d.ctx, key, value, 0); err != nil {
			return nil, err
		}
		if _, err := rope.Call(key); err != nil {
			return nil, err
		}
	}
	if err := cache.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "cache.db")+
		"?_pragma=busy_timeout(60000)&_pragma=journal_mode(wal)&_pragma=synchronous(1)&_pragma=mmap_size(67108864)&_pragma=cache_size(8192)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	onClose(db.Close)
	stmt, err := db.Prepare(`UPDATE Cache SET store_time = ?, expire_time = NULL, access_time = ?, access_count = 0, tag = NULL,
		size = 0, mode = 1, filename = NULL, value = ? WHERE key = ? AND raw = 1`)
	if err != nil {
		return nil, err
	}
	return func(n int) error {
		now := float64(time.Now().UnixNano()) / 1e9
		return inTransaction(db, stmt, func(stmt *sql.Stmt, i int) error {
			_, err := stmt.Exec(now, now, value, diskKeys[i])
			return err
		})
	}, nil
}

// opening measures Open and Close with many entries.
func (d *diskRows) opening() error {
	const entries = 100_000
	dir, file := filepath.Join(d.dir, "large.cache"), filepath.Join(d.dir, "large.shelf")
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		return err
	}
	shelf, err := shelve.Open(file, nil)
	if err != nil {
		return err
	}
	for start := 0; start < entries; start += 1000 {
		names, keys, values := make([]string, 1000), make([]any, 1000), make([]any, 1000)
		for i := range keys {
			names[i] = fmt.Sprint("key", start+i)
			keys[i], values[i] = names[i], value
		}
		if err := errors.Join(cache.SetMany(d.ctx, keys, values, 0), shelf.SetMany(d.ctx, names, values)); err != nil {
			return err
		}
	}
	if err := errors.Join(cache.Close(), shelf.Close()); err != nil {
		return err
	}
	nothing := func(int) error { return nil }
	d.add(
		row{name: "open and close a cache of 100,000", goal: 5e6, over: true, allocs: -1, baseName: "nothing", base: nothing,
			ours: loop(func(int) error {
				cache, err := diskcache.Open(dir, nil)
				if err != nil {
					return err
				}
				return cache.Close()
			})},
		row{name: "open and close a shelf of 100,000", goal: 5e6, over: true, allocs: -1, baseName: "nothing", base: nothing,
			ours: loop(func(int) error {
				shelf, err := shelve.Open(file, nil)
				if err != nil {
					return err
				}
				return shelf.Close()
			})})
	return nil
}
