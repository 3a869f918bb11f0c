package interop

import (
	"bufio"
	"crypto/sha1"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver of the files

	"github.com/ring-go/ring/internal/conformance"
)

// stores is where both drivers keep values. It reads them without either driver.
type stores struct {
	t                *testing.T
	redis, memcached string // addresses
	shelf, disk      string // files

	client *redis.Client
	conn   net.Conn // to memcached
	in     *bufio.Reader
	files  map[string]*sql.DB
}

// connect opens the connections for reading.
func (s *stores) connect() {
	var err error
	s.client = redis.NewClient(&redis.Options{Addr: s.redis})
	s.conn, err = net.Dial("tcp", s.memcached)
	require.NoError(s.t, err)
	s.in = bufio.NewReader(s.conn)
	s.files = map[string]*sql.DB{}
	s.t.Cleanup(func() {
		s.client.Close()
		s.conn.Close()
		for _, db := range s.files {
			db.Close()
		}
	})
}

// entry is the content of a store under a key.
type entry struct {
	data     []byte // of servers and shelves, and of pickles in a cache directory
	value    note   // a value that a cache directory does not pickle
	expires  bool
	lifetime time.Duration // the time left to it
}

// entries returns the entries of a function, by their keys.
func (s *stores) entries(f *function, keys []string) map[string]entry {
	s.t.Helper()
	switch f.backend {
	case "redis":
		return s.redisEntries(keys)
	case "redis_hash":
		return s.hashEntries(f.hashKey)
	case "pymemcache", "python-memcached":
		return s.memcachedEntries(keys)
	case "shelve":
		return s.shelfEntries(f.prefix)
	}
	return s.diskEntries(f.prefix)
}

func (s *stores) redisEntries(keys []string) map[string]entry {
	s.t.Helper()
	all := map[string]entry{}
	for _, key := range keys {
		data, err := s.client.Get(s.t.Context(), key).Bytes()
		if err == redis.Nil {
			continue
		}
		require.NoError(s.t, err)
		left, err := s.client.PTTL(s.t.Context(), key).Result()
		require.NoError(s.t, err)
		all[key] = entry{data: data, expires: left >= 0, lifetime: left}
	}
	return all
}

func (s *stores) hashEntries(hash string) map[string]entry {
	s.t.Helper()
	fields, err := s.client.HGetAll(s.t.Context(), hash).Result()
	require.NoError(s.t, err)
	all := map[string]entry{}
	for key, data := range fields {
		all[key] = entry{data: []byte(data)}
	}
	return all
}

// memcachedKey is the key that a server gets: the rule of Python's ring.
func memcachedKey(key string) string {
	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			sum := sha1.Sum([]byte(key))
			return "ring-sha1:" + hex.EncodeToString(sum[:])
		}
	}
	return key
}

// memcachedEntries asks for values and their time to live with meta get, which the
// clients do not have.
func (s *stores) memcachedEntries(keys []string) map[string]entry {
	s.t.Helper()
	all := map[string]entry{}
	for _, key := range keys {
		fmt.Fprintf(s.conn, "mg %s v t\r\n", memcachedKey(key))
		line, err := s.in.ReadString('\n')
		require.NoError(s.t, err)
		words := strings.Fields(line)
		if words[0] == "EN" {
			continue
		}
		require.Equal(s.t, "VA", words[0], line)
		size, err := strconv.Atoi(words[1])
		require.NoError(s.t, err)
		data := make([]byte, size+2)
		_, err = io.ReadFull(s.in, data)
		require.NoError(s.t, err)
		seconds, err := strconv.Atoi(strings.TrimPrefix(words[2], "t"))
		require.NoError(s.t, err)
		all[key] = entry{data: data[:size], expires: seconds >= 0, lifetime: time.Duration(seconds) * time.Second}
	}
	return all
}

// query passes the rows of a query of a database to read.
func (s *stores) query(file, text string, read func(scan func(...any) error) error, args ...any) {
	s.t.Helper()
	db := s.files[file]
	if db == nil {
		var err error
		db, err = sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)")
		require.NoError(s.t, err)
		s.files[file] = db
	}
	rows, err := db.QueryContext(s.t.Context(), text, args...)
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		require.NoError(s.t, read(rows.Scan))
	}
	require.NoError(s.t, rows.Err())
}

func (s *stores) shelfEntries(prefix string) map[string]entry {
	s.t.Helper()
	all := map[string]entry{}
	s.query(s.shelf, "SELECT CAST(key AS TEXT), value FROM Dict", func(scan func(...any) error) error {
		var key string
		var data []byte
		err := scan(&key, &data)
		if strings.HasPrefix(key, prefix+":") {
			all[key] = entry{data: data}
		}
		return err
	})
	return all
}

func (s *stores) diskEntries(prefix string) map[string]entry {
	s.t.Helper()
	all := map[string]entry{}
	const text = "SELECT key, mode, filename, value, expire_time FROM Cache WHERE raw = 1 AND substr(key, 1, length(?1)) = ?1"
	s.query(filepath.Join(s.disk, "cache.db"), text, func(scan func(...any) error) error {
		var key string
		var mode int
		var file sql.NullString
		var value any
		var deadline sql.NullFloat64
		if err := scan(&key, &mode, &file, &value, &deadline); err != nil {
			return err
		}
		e := entry{expires: deadline.Valid}
		if deadline.Valid {
			e.lifetime = time.Until(time.UnixMicro(int64(deadline.Float64 * 1e6)))
		}
		if file.Valid {
			data, err := os.ReadFile(filepath.Join(s.disk, file.String))
			if err != nil {
				return err
			}
			value = data
			if mode == 3 {
				value = string(data)
			}
		}
		if mode == 4 {
			e.data = value.([]byte)
		} else {
			e.value = dump(value)
		}
		all[key] = e
		return nil
	}, prefix+":")
	return all
}

// content returns the content of an entry as a note. It uses means that neither driver
// uses: the bytes themselves, JSON by encoding/json, a pickle by Python.
func (w *world) content(f *function, e entry) note {
	w.t.Helper()
	data := e.data
	if f.backend == "diskcache" && data == nil {
		tag, arg := conformance.Tag(e.value)
		if tag != "$bytes" || f.coder == nil {
			return e.value
		}
		data, _ = base64.StdEncoding.DecodeString(arg.(string)) // the coder's pickle
	}
	unpickled := func(data []byte) note {
		return w.python.must(request{Do: "unpickle", Data: base64.StdEncoding.EncodeToString(data)})
	}
	if f.backend == "shelve" {
		stored := unpickled(data)
		tag, arg := conformance.Tag(stored)
		if f.coder == nil || tag != "$bytes" {
			return stored
		}
		data, _ = base64.StdEncoding.DecodeString(arg.(string))
	}
	switch {
	case f.coder == "pickle", f.coder == nil && f.backend == "diskcache":
		return unpickled(data)
	case f.coder != nil:
		require.True(w.t, json.Valid(data), "%s", data)
		return fromJSON(parseNote(data))
	}
	return blob(string(data))
}

// fromJSON converts decoded JSON to a note.
func fromJSON(v any) note {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := v.Float64()
			return float(f)
		}
	case []any:
		items := make([]note, len(v))
		for i := range v {
			items[i] = fromJSON(v[i])
		}
		return list(items...)
	case map[string]any:
		pairs := []note{}
		for key, value := range v {
			pairs = append(pairs, key, fromJSON(value))
		}
		return dict(pairs...)
	}
	return v
}
