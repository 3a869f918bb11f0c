package shelve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

func TestValues(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	_, err := s.Get("a")
	require.ErrorIs(t, err, ErrNotFound)
	assert.ErrorContains(t, err, `shelve: get "a" in `)

	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Set("a", "text"))
	v, err := s.Get("a")
	require.NoError(t, err)
	assert.Equal(t, "text", v)

	has, err := s.Has("a")
	require.NoError(t, err)
	assert.True(t, has)
	n, err := s.Len()
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	require.NoError(t, s.Delete("a"))
	require.ErrorIs(t, s.Delete("a"), ErrNotFound)
	has, err = s.Has("a")
	require.NoError(t, err)
	assert.False(t, has)
}

func TestKeys(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	keys := []string{"", "\x00", " ", "'\"\\", "a", "a\x00", "clé", "日本", "😀", strings.Repeat("k", 100_000)}
	for i, key := range keys {
		require.NoError(t, s.Set(key, i))
	}
	for i, key := range keys {
		v, err := s.Get(key)
		require.NoError(t, err, "%q", key)
		assert.Equal(t, i, v)
	}
	assert.ElementsMatch(t, keys, allKeys(t, s))
	require.ErrorIs(t, s.Set("\xff", 1), ErrKey)
	require.ErrorIs(t, s.SetBytes(t.Context(), "\xff", nil), ErrKey)
	require.ErrorIs(t, s.SetMany(t.Context(), []string{"new", "\xff"}, []any{1, 2}), ErrKey)
	_, err := s.Get("new")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestProtocol(t *testing.T) {
	for _, protocol := range []int{0, 2, 3, 4, 5} {
		s := openShelf(t, tempShelf(t), &Options{Protocol: protocol})
		require.NoError(t, s.Set("a", []any{1, "two", nil}))
		data, err := s.GetBytes(t.Context(), "a")
		require.NoError(t, err)
		want := protocol
		if want == 0 {
			want = 4
		}
		assert.Equal(t, byte(want), data[1])
		v, err := s.Get("a")
		require.NoError(t, err)
		assert.Equal(t, []any{1, "two", nil}, v)
	}
}

func TestBytes(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	data, err := pickle.Marshal("text", 2)
	require.NoError(t, err)
	require.NoError(t, s.SetBytes(t.Context(), "a", data))
	got, err := s.GetBytes(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, data, got)
	v, err := s.Get("a")
	require.NoError(t, err)
	assert.Equal(t, "text", v)

	var text string
	require.NoError(t, s.Decode(t.Context(), "a", &text))
	assert.Equal(t, "text", text)
	require.ErrorIs(t, s.Decode(t.Context(), "b", &text), ErrNotFound)
	_, err = s.GetBytes(t.Context(), "b")
	require.ErrorIs(t, err, ErrNotFound)

	require.NoError(t, s.SetBytes(t.Context(), "a", nil))
	_, err = s.Get("a")
	require.ErrorIs(t, err, pickle.ErrSyntax)
	got, err = s.GetBytes(t.Context(), "a")
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestUnencodable(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.Set("a", 1))
	require.Error(t, s.Set("a", make(chan int)))
	require.Error(t, s.SetMany(t.Context(), []string{"a", "b"}, []any{2, func() {}}))
	v, err := s.Get("a")
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}

func TestMany(t *testing.T) {
	ctx := t.Context()
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.SetMany(ctx, []string{"a", "b", "a"}, []any{1, nil, 3}))
	values, err := s.GetMany(ctx, []string{"a", "x", "b", "a"})
	require.NoError(t, err)
	assert.Equal(t, []any{3, ErrNotFound, nil, 3}, values)
	has, err := s.HasMany(ctx, []string{"x", "b"})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true}, has)
	require.NoError(t, s.DeleteMany(ctx, []string{"x", "b"}))
	assert.Equal(t, []string{"a"}, allKeys(t, s))

	require.Error(t, s.SetMany(ctx, []string{"a"}, nil))
	require.NoError(t, s.SetMany(ctx, nil, nil))
	require.NoError(t, s.DeleteMany(ctx, nil))
	values, err = s.GetMany(ctx, nil)
	require.NoError(t, err)
	assert.Empty(t, values)

	require.NoError(t, s.SetBytes(ctx, "broken", []byte("junk")))
	_, err = s.GetMany(ctx, []string{"a", "broken"})
	require.ErrorIs(t, err, pickle.ErrSyntax)
	assert.ErrorContains(t, err, `"broken"`)
}

func TestIteration(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	want := make([]string, 3*pageEntries+1)
	values := make([]any, len(want))
	for i := range want {
		want[i], values[i] = fmt.Sprintf("%05d", i), i
	}
	require.NoError(t, s.SetMany(t.Context(), want, values))
	assert.Equal(t, want, allKeys(t, s))

	i := 0
	for item, err := range s.Items() { // the loop changes what it goes through
		require.NoError(t, err)
		require.Equal(t, Item{want[i], i}, item)
		require.NoError(t, s.Set(item.Key, -i))
		i++
	}
	assert.Len(t, want, i)

	for key, err := range s.Keys() {
		require.NoError(t, err)
		require.NoError(t, s.Delete(key))
	}
	require.Empty(t, allKeys(t, s))
}

// A loop that adds keys ends, as in Python, which makes a list of them first.
func TestIterationThatAdds(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.Set("", 0))
	assert.Equal(t, []string{""}, allKeys(t, s))
	count := 0
	for key, err := range s.Keys() {
		require.NoError(t, err)
		require.NoError(t, s.Set(key+"zzz", 1)) // more than what follows
		count++
	}
	assert.Equal(t, 1, count)
	for i := range 2 * pageEntries {
		require.NoError(t, s.Set(fmt.Sprintf("k%04d", i), i))
	}
	count = 0
	for item, err := range s.Items() {
		require.NoError(t, err)
		require.NoError(t, s.Set(fmt.Sprintf("later%06d", count), 1))
		require.NoError(t, s.Set(item.Key+"x", 1))
		count++
		require.LessOrEqual(t, count, 2*pageEntries+2)
	}
	assert.Equal(t, 2*pageEntries+2, count)
}

func TestIterationOfLargeValues(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	for i := range 5 {
		require.NoError(t, s.Set(fmt.Sprint(i), strings.Repeat("x", pageBytes/2)))
	}
	assert.Equal(t, []string{"0", "1", "2", "3", "4"}, allKeys(t, s))
	n := 0
	for item, err := range s.Items() {
		require.NoError(t, err)
		assert.Len(t, item.Value, pageBytes/2)
		n++
	}
	assert.Equal(t, 5, n)
}

func TestIterationWithErrors(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.SetBytes(t.Context(), "broken", []byte("junk")))
	require.NoError(t, s.Set("sound", 1))
	require.NoError(t, s.store.setValue(t.Context(), "\xff", nil))
	var keys []string
	errs := 0
	for item, err := range s.Items() {
		keys = append(keys, item.Key)
		if err != nil {
			errs++
		}
	}
	assert.Equal(t, []string{"broken", "sound", "\xff"}, keys)
	assert.Equal(t, 2, errs)
	for range s.Items() {
		break
	}
	for range s.Keys() {
		break
	}
	require.NoError(t, s.Close())
	for item, err := range s.Items() {
		assert.Zero(t, item)
		require.ErrorIs(t, err, ErrClosed)
	}
}

func allKeys(t testing.TB, s *Shelf) []string {
	t.Helper()
	var keys []string
	for key, err := range s.Keys() {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

func TestClear(t *testing.T) {
	s := openShelf(t, tempShelf(t), &Options{Writeback: true})
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Clear())
	require.NoError(t, s.Sync())
	assert.Empty(t, allKeys(t, s))
}

func TestWriteback(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Writeback: true})
	other := openShelf(t, path, nil)
	list := []any{1, 2}
	require.NoError(t, s.Set("list", list))
	list[0] = 7
	v, err := s.Get("list")
	require.NoError(t, err)
	assert.Equal(t, []any{7, 2}, v)
	var decoded []int
	require.NoError(t, s.Decode(t.Context(), "list", &decoded))
	assert.Equal(t, []int{7, 2}, decoded)
	requireValue(t, other, "list", []any{1, 2})

	require.NoError(t, s.Sync())
	requireValue(t, other, "list", []any{7, 2})
	list[0] = 8 // forgotten since Sync, as in Python
	require.NoError(t, s.Sync())
	requireValue(t, other, "list", []any{7, 2})

	v, err = s.Get("list")
	require.NoError(t, err)
	v.([]any)[1] = 9
	require.NoError(t, s.SetMany(t.Context(), []string{"a", "b"}, []any{1, 2}))
	values, err := s.GetMany(t.Context(), []string{"list", "a"})
	require.NoError(t, err)
	assert.Equal(t, []any{[]any{7, 9}, 1}, values)
	for item, err := range s.Items() {
		require.NoError(t, err)
		if item.Key == "list" {
			assert.Equal(t, []any{7, 9}, item.Value)
		}
	}
	require.NoError(t, s.Delete("a"))
	require.NoError(t, s.DeleteMany(t.Context(), []string{"b"}))
	require.NoError(t, s.Close())
	requireValue(t, other, "list", []any{7, 9})
	assert.Equal(t, []string{"list"}, allKeys(t, other))
}

func TestWritebackOfUnencodable(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Writeback: true})
	list := []any{1}
	require.NoError(t, s.Set("bad", list))
	require.NoError(t, s.Set("good", []any{1}))
	v, err := s.Get("good")
	require.NoError(t, err)
	v.([]any)[0] = 2
	list[0] = make(chan int)
	require.ErrorContains(t, s.Sync(), `"bad"`)
	require.ErrorContains(t, s.Close(), `"bad"`)
	require.NoError(t, s.Close())
	again := openShelf(t, path, nil)
	requireValue(t, again, "good", []any{2})
	requireValue(t, again, "bad", []any{1})
}

func requireValue(t testing.TB, s *Shelf, key string, want any) {
	t.Helper()
	got, err := s.Get(key)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestClosed(t *testing.T) {
	for _, writeback := range []bool{false, true} {
		s, err := Open(tempShelf(t), &Options{Writeback: writeback})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		ctx := t.Context()
		errs := map[string]error{
			"Set": s.Set("a", 1), "Delete": s.Delete("a"), "Clear": s.Clear(), "Sync": s.Sync(),
			"SetMany": s.SetMany(ctx, nil, nil), "DeleteMany": s.DeleteMany(ctx, nil),
			"SetBytes": s.SetBytes(ctx, "a", nil), "Decode": s.Decode(ctx, "a", nil),
		}
		_, errs["Get"] = s.Get("a")
		_, errs["GetBytes"] = s.GetBytes(ctx, "a")
		_, errs["Has"] = s.Has("a")
		_, errs["Len"] = s.Len()
		_, errs["GetMany"] = s.GetMany(ctx, nil)
		_, errs["HasMany"] = s.HasMany(ctx, nil)
		for _, err := range s.Keys() {
			errs["Keys"] = err
		}
		assert.Len(t, errs, 15)
		for name, err := range errs {
			assert.ErrorIs(t, err, ErrClosed, name)
		}
	}
}

func TestContext(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.Set("a", 1))
	ctx, cancel := context.WithCancel(t.Context())
	v, err := s.GetContext(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	cancel()
	_, err = s.GetContext(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.SetContext(ctx, "b", 1), context.Canceled)
	require.ErrorIs(t, s.SetMany(ctx, []string{"b"}, []any{1}), context.Canceled)
	require.ErrorIs(t, s.DeleteContext(ctx, "a"), context.Canceled)
	_, err = s.HasContext(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{"a"}, allKeys(t, s))
}

// A context ends the wait for a database that another connection has locked.
func TestContextWhileLocked(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Timeout: time.Hour})
	holder := ready(t, child(t, "lock", path))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.SetContext(ctx, "a", 1), context.DeadlineExceeded)
	holder.end()
	require.NoError(t, s.Set("a", 1))
}

func TestConcurrency(t *testing.T) {
	before := handles(t)
	path := tempShelf(t)
	s, err := Open(path, nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 50 {
				key := fmt.Sprintf("%d-%d", g, i)
				assert.NoError(t, s.Set(key, i))
				v, err := s.Get(key)
				assert.NoError(t, err)
				assert.Equal(t, i, v)
				assert.NoError(t, s.SetMany(t.Context(), []string{"shared", key}, []any{g, -i}))
				if i%10 == 0 {
					assert.NoError(t, s.Sync())
					for _, err := range s.Items() {
						assert.NoError(t, err)
					}
				}
			}
		})
	}
	group.Wait()
	n, err := s.Len()
	require.NoError(t, err)
	assert.Equal(t, 8*50+1, n)
	require.NoError(t, s.Close())
	requireIntact(t, path)
	assert.Equal(t, before, handles(t))
}

// Close comes in the middle of everything, and nothing that was acknowledged is lost.
func TestCloseDuringCalls(t *testing.T) {
	path := tempShelf(t)
	s, err := Open(path, nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	acknowledged := make([]int, 4)
	started := make(chan struct{}, len(acknowledged))
	for g := range acknowledged {
		group.Go(func() {
			for i := 0; ; i++ {
				err := s.Set(fmt.Sprintf("%d-%d", g, i), i)
				if err != nil {
					assert.ErrorIs(t, err, ErrClosed)
					return
				}
				if acknowledged[g] = i + 1; i == 10 {
					started <- struct{}{}
				}
			}
		})
	}
	for range acknowledged {
		<-started
	}
	require.NoError(t, s.Close())
	group.Wait()
	again := openShelf(t, path, &Options{Flag: "r"})
	for g, n := range acknowledged {
		for i := range n {
			requireValue(t, again, fmt.Sprintf("%d-%d", g, i), i)
		}
	}
}

func TestTwoShelvesInOneProcess(t *testing.T) {
	path := tempShelf(t)
	a, b := openShelf(t, path, nil), openShelf(t, path, nil)
	for i := range 100 {
		require.NoError(t, a.Set("k", i))
		requireValue(t, b, "k", i)
		c, err := Open(path, &Options{Flag: "r"}) // must not disturb the locks of the others
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.NoError(t, b.Set("k", -i))
		requireValue(t, a, "k", -i)
	}
	_, err := Open(path, &Options{Flag: "n", Timeout: -1})
	require.ErrorIs(t, err, ErrLocked)
}

func TestManyMakeOneShelf(t *testing.T) {
	path := tempShelf(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s, err := Open(path, nil)
			if assert.NoError(t, err) {
				assert.NoError(t, s.Set(fmt.Sprint(i), i))
				assert.NoError(t, s.Close())
			}
		})
	}
	group.Wait()
	s := openShelf(t, path, nil)
	assert.Len(t, allKeys(t, s), 8)
}

func TestFlagN(t *testing.T) {
	path := tempShelf(t)
	for range 3 {
		s, err := Open(path, &Options{Flag: "n"})
		require.NoError(t, err)
		assert.Empty(t, allKeys(t, s))
		require.NoError(t, s.Set("a", strings.Repeat("x", 100_000)))
		c, err := Open(path, &Options{Flag: "c", Timeout: -1}) // the lock is shared by now
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.NoError(t, s.Close())
	}
	s := openShelf(t, path, &Options{Flag: "n"})
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(20_000))
	requireIntact(t, path)
}

// With a timeout, flag "n" waits until the last one has closed the shelf.
func TestFlagNWaits(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	emptied := make(chan error)
	go func() {
		n, err := Open(path, &Options{Flag: "n", Timeout: time.Minute})
		if err == nil {
			err = n.Close()
		}
		emptied <- err
	}()
	for range 100 {
		requireValue(t, s, "a", 1)
	}
	require.NoError(t, s.Close())
	require.NoError(t, <-emptied)
	assert.Empty(t, allKeys(t, openShelf(t, path, nil)))
}

func TestFlagsOfAnExistingShelf(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	for _, flag := range []string{"r", "w", "c"} {
		requireValue(t, openShelf(t, path, &Options{Flag: flag}), "a", 1)
	}
	r := openShelf(t, path, &Options{Flag: "r"})
	require.ErrorIs(t, r.Set("a", 2), ErrReadOnly)
	require.ErrorIs(t, r.Delete("a"), ErrReadOnly)
	require.ErrorIs(t, r.Clear(), ErrReadOnly)
	require.ErrorIs(t, r.SetMany(t.Context(), []string{"a"}, []any{2}), ErrReadOnly)
	require.ErrorIs(t, r.DeleteMany(t.Context(), []string{"a"}), ErrReadOnly)
	require.NoError(t, r.Sync())
	require.NoError(t, s.Set("a", 3))
	requireValue(t, r, "a", 3)
}

func TestOptions(t *testing.T) {
	path := tempShelf(t)
	for _, opts := range []*Options{{Flag: "x"}, {Flag: "rw"}, {Protocol: 1}, {Protocol: 6}, {Protocol: -1}, {Flag: "r", Writeback: true}} {
		_, err := Open(path, opts)
		assert.ErrorContains(t, err, "Options.", "%+v", opts)
	}
	assert.False(t, exists(path))
}

// The names of URLs and SQLite have no meaning in the name of a file.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	names := []string{"a b", "100%", "%41", "what?mode=ro", "a#b", "file:x", ":memory:", "ü", "a&b=c", "a'b\"c", "-x", "a\\b", "a:b", "\xff"}
	for _, name := range names {
		s, err := Open(name, nil)
		require.NoError(t, err, "%q", name)
		require.NoError(t, s.Set("a", 1))
		require.NoError(t, s.Close())
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			got = append(got, e.Name())
		}
	}
	assert.ElementsMatch(t, names, got)
}

func TestChangeOfDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := openShelf(t, "shelf", nil)
	t.Chdir(t.TempDir())
	require.NoError(t, s.Set("a", 1))
	assert.True(t, exists(filepath.Join(dir, "shelf")))
}

func TestLinks(t *testing.T) {
	path := tempShelf(t)
	link := path + "link"
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, os.Symlink("shelf", link))
	requireValue(t, openShelf(t, link, nil), "a", 1)
	_, err := Open(link, &Options{Flag: "n", Timeout: -1})
	require.ErrorIs(t, err, ErrLocked)
	assert.False(t, exists(link+".lock"))
}

func TestPermissions(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		path := tempShelf(t)
		old := syscall.Umask(umask)
		s, err := Open(path, nil)
		syscall.Umask(old)
		require.NoError(t, err)
		require.NoError(t, s.Set("a", 1))
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			info, err := os.Stat(path + suffix)
			require.NoError(t, err)
			assert.Equal(t, 0o666&^fs.FileMode(umask), info.Mode().Perm(), suffix)
		}
		require.NoError(t, s.Close())
	}
}

// What stays is the shelf and the empty lock file.
func TestFilesAfterClose(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	files := listing(t, filepath.Dir(path))
	assert.Len(t, files, 2)
	assert.Empty(t, files["shelf.lock"])
}

func TestNoHandleIsLeft(t *testing.T) {
	path := tempShelf(t)
	before := handles(t)
	for _, flag := range []string{"c", "w", "r", "n"} {
		s, err := Open(path, &Options{Flag: flag})
		require.NoError(t, err)
		_, err = s.Get("a")
		require.ErrorIs(t, err, ErrNotFound)
		for range s.Keys() {
			break
		}
		require.NoError(t, s.Close())
		assert.Equal(t, before, handles(t), flag)
	}
}

func TestErrorText(t *testing.T) {
	err := &Error{Op: "open", File: "f", Err: ErrNotShelf}
	assert.EqualError(t, err, "shelve: open f: not a shelf")
	assert.EqualError(t, &Error{Op: "get", File: "f", Key: "a\n", Err: ErrNotFound}, `shelve: get "a\n" in f: key not found`)
	assert.Equal(t, ErrNotShelf, errors.Unwrap(err))
}
