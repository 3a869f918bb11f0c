package ring_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/shelve"
)

// fleetVariable names the storage of a process that a test has started; its argument says where
// that is. It obeys the lines of its input.
const fleetVariable = "RING_LOCK_CHILD"

// fleetFactory returns a factory over a client of this process alone.
func fleetFactory(kind, where string, o ring.Options) ring.Factory {
	const prefix = "fleet"
	switch kind {
	case "redis":
		return ring.Redis{Client: redis.NewClient(&redis.Options{Addr: where}), KeyPrefix: prefix, Expire: time.Hour, Options: o}
	case "cluster":
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(where, ",")})
		return ring.Redis{Client: client, KeyPrefix: prefix, Expire: time.Hour, Options: o}
	case "hash":
		return ring.RedisHash{Client: redis.NewClient(&redis.Options{Addr: where}), HashKey: "h", KeyPrefix: prefix, Options: o}
	case "memcached":
		client := memcache.New(where)
		client.MaxIdleConns = 64
		client.Timeout = 10 * time.Second // the machine may be busy
		return ring.Memcache{Client: client, KeyPrefix: prefix, Expire: time.Hour, Options: o}
	case "disk":
		return ring.Disk{Obj: must(diskcache.Open(where, nil)), KeyPrefix: prefix, Expire: time.Hour, Options: o}
	case "shelf":
		return ring.Shelve{Shelf: must(shelve.Open(filepath.Join(where, "shelf"), nil)), KeyPrefix: prefix, Options: o}
	}
	panic(kind)
}

// fleetPlace starts what a kind of storage needs, and returns where it is.
func fleetPlace(t *testing.T, kind string) (where string, server *testserver.Server) {
	switch kind {
	case "redis", "hash":
		server = testserver.Redis(t)
		return server.Addr, server
	case "cluster":
		var addrs []string
		for _, node := range testserver.Cluster(t) {
			addrs = append(addrs, node.Addr)
		}
		return strings.Join(addrs, ","), nil
	case "memcached":
		return testserver.Memcached(t).Addr, nil
	}
	return t.TempDir(), nil
}

// fleetMember is a process of a fleet. Its function returns the version of what it was asked
// for, which is the size of a file.
type fleetMember struct {
	rope   *ring.Rope
	many   *ring.Rope // the same, as a Batch
	source string
	run    time.Duration
	mu     sync.Mutex
}

func runFleetChild(kind, args string) {
	all := strings.Split(args, "|") // where, source, lease, run
	m := &fleetMember{source: all[1], run: must(time.ParseDuration(all[3]))}
	lock := ring.Lock{Lease: must(time.ParseDuration(all[2]))}
	factory := fleetFactory(kind, all[0], ring.Options{Lock: lock})
	m.rope, m.many = ring.Wrap(m.version, factory), ring.Wrap(m.versions, factory, ring.Batch(ring.BatchOptions{}))
	m.say("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		words := strings.Fields(in.Text())
		switch words[0] {
		case "call":
			go m.call(words[1], must(strconv.Atoi(words[2])))
		case "many":
			go m.callMany(words[1:])
		case "delete":
			m.delete(words[1])
		case "roam":
			for _, key := range slices.Repeat(words[1:], 2) {
				go m.roam(key)
			}
			go m.roamMany(words[1:])
		}
	}
}

func (m *fleetMember) say(words ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Println(words...)
}

func (m *fleetMember) size(key string) int64 {
	info, err := os.Stat(filepath.Join(m.source, key))
	if err != nil {
		return 0
	}
	return info.Size()
}

func (m *fleetMember) version(_ context.Context, key string) (string, error) {
	began := time.Now().UnixNano()
	version := m.size(key)
	m.say("begins", key, began)
	time.Sleep(m.run)
	m.say("run", key, version, began, time.Now().UnixNano())
	return fmt.Sprint(key, " ", version), nil
}

// versions is version for several keys.
func (m *fleetMember) versions(_ context.Context, keys []string) (map[string]string, error) {
	began := time.Now().UnixNano()
	m.say(append([]any{"runs"}, anys(keys)...)...)
	all, sizes := map[string]string{}, map[string]int64{}
	for _, key := range keys {
		sizes[key] = m.size(key)
		all[key] = fmt.Sprint(key, " ", sizes[key])
	}
	time.Sleep(m.run)
	ended := time.Now().UnixNano()
	for _, key := range keys {
		m.say("run", key, sizes[key], began, ended)
	}
	return all, nil
}

func anys(words []string) []any {
	all := make([]any, len(words))
	for i, word := range words {
		all[i] = word
	}
	return all
}

// callMany gets the versions of several keys in one call.
func (m *fleetMember) callMany(keys []string) {
	args := make([]any, len(keys))
	for i, key := range keys {
		args[i] = ring.Args{key}
	}
	began := time.Now().UnixNano()
	values, err := m.many.GetOrUpdateMany(args...)
	if err != nil {
		m.say("error", err)
		return
	}
	ended := time.Now().UnixNano()
	for i, key := range keys {
		if value, ok := values[i].(string); !ok || !strings.HasPrefix(value, key+" ") {
			m.say("error", "got", values[i], "for", key)
		}
		m.say("got", values[i], began, ended)
	}
	m.say(append([]any{"gotmany"}, values...)...)
}

// call calls from n goroutines at once.
func (m *fleetMember) call(key string, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { m.callOnce(key) })
	}
	wg.Wait()
	m.say("answered", key, time.Now().UnixNano())
}

func (m *fleetMember) callOnce(key string) {
	began := time.Now().UnixNano()
	value, err := m.rope.Call(key)
	if err != nil {
		m.say("error", err)
		return
	}
	if !strings.HasPrefix(value.(string), key+" ") {
		m.say("error", "got", value, "for", key)
	}
	m.say("got", value, began, time.Now().UnixNano())
}

// delete changes the source, and then deletes what is cached of it.
func (m *fleetMember) delete(key string) {
	f := must(os.OpenFile(filepath.Join(m.source, key), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600))
	_ = must(f.WriteString("."))
	_ = f.Close()
	version, began := m.size(key), time.Now().UnixNano()
	m.say("deletes", key, began)
	if err := m.rope.Delete(key); err != nil {
		m.say("error", err)
		return
	}
	m.say("deleted", key, version, began, time.Now().UnixNano())
}

// undeleted begins the keys that the processes of a fleet do not delete.
const undeleted = "quiet"

// roam calls and deletes for ever.
func (m *fleetMember) roam(key string) {
	for {
		if rand.IntN(20) == 0 && !strings.HasPrefix(key, undeleted) {
			m.delete(key)
		} else {
			m.callOnce(key)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(5 * time.Millisecond))))
	}
}

// roamMany calls for several keys at once, in any order, for ever.
func (m *fleetMember) roamMany(keys []string) {
	for {
		keys := slices.Clone(keys)
		rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		m.callMany(keys[:1+rand.IntN(len(keys))])
		time.Sleep(time.Duration(rand.Int64N(int64(5 * time.Millisecond))))
	}
}

// fleetChild is a process that a test has started.
type fleetChild struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    *os.File
	lines chan []string
	ended chan struct{}
}

// startFleetChild starts a process. It passes on what that says to lines, if they are given.
func startFleetChild(t *testing.T, kind, where, source string, lease, run time.Duration, lines chan []string) *fleetChild {
	t.Helper()
	cmd := exec.Command(must(os.Executable()), fmt.Sprintf("%s|%s|%v|%v", where, source, lease, run))
	cmd.Env = append(os.Environ(), fleetVariable+"="+kind)
	cmd.Stderr = os.Stderr
	theirs, in, err := os.Pipe()
	require.NoError(t, err)
	cmd.Stdin = theirs
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_ = theirs.Close()
	if lines == nil {
		lines = make(chan []string, 10_000)
	}
	c := &fleetChild{t: t, cmd: cmd, in: in, lines: lines, ended: make(chan struct{})}
	scanner := bufio.NewScanner(out)
	require.True(t, scanner.Scan(), "no answer")
	require.Equal(t, "ready", scanner.Text())
	go func() {
		defer close(c.ended)
		for scanner.Scan() {
			lines <- strings.Fields(scanner.Text())
		}
	}()
	t.Cleanup(c.kill)
	return c
}

// kill kills the process, and returns when everything that it said was passed on.
func (c *fleetChild) kill() {
	if c.in == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	<-c.ended
	_ = c.cmd.Wait()
	_ = c.in.Close()
	c.in = nil
}

func (c *fleetChild) tell(words ...any) {
	_, err := fmt.Fprintln(c.in, words...)
	require.NoError(c.t, err)
}

// hear waits for a line that begins with the word. It returns that and those before it.
func (c *fleetChild) hear(word string) (before [][]string, line []string) {
	c.t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case line := <-c.lines:
			require.NotEqual(c.t, "error", line[0], line)
			if line[0] == word {
				return before, line
			}
			before = append(before, line)
		case <-timeout:
			c.t.Fatalf("waited a minute for %q", word)
		}
	}
}

func at(nanoseconds string) time.Time {
	return time.Unix(0, must(strconv.ParseInt(nanoseconds, 10, 64)))
}
