package shelve

import (
	"errors"
	"strings"
	"testing"

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
	list[0] = 8 // the shelf no longer has the list since Sync, as in Python
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

func TestOptions(t *testing.T) {
	path := tempShelf(t)
	for _, opts := range []*Options{{Flag: "x"}, {Flag: "rw"}, {Protocol: 1}, {Protocol: 6}, {Protocol: -1}, {Flag: "r", Writeback: true}} {
		_, err := Open(path, opts)
		assert.ErrorContains(t, err, "Options.", "%+v", opts)
	}
	assert.False(t, exists(path))
}

func TestErrorText(t *testing.T) {
	err := &Error{Op: "open", File: "f", Err: ErrNotShelf}
	assert.EqualError(t, err, "shelve: open f: not a shelf")
	assert.EqualError(t, &Error{Op: "get", File: "f", Key: "a\n", Err: ErrNotFound}, `shelve: get "a\n" in f: key not found`)
	assert.Equal(t, ErrNotShelf, errors.Unwrap(err))
}
