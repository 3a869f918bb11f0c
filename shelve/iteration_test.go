package shelve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	for item, err := range s.Items() { // the loop changes the shelf
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

// TestIterationThatAdds: a loop that adds keys ends, as in Python, which makes a list
// of them first.
func TestIterationThatAdds(t *testing.T) {
	s := openShelf(t, tempShelf(t), nil)
	require.NoError(t, s.Set("", 0))
	assert.Equal(t, []string{""}, allKeys(t, s))
	count := 0
	for key, err := range s.Keys() {
		require.NoError(t, err)
		require.NoError(t, s.Set(key+"zzz", 1)) // more than the rest of the loop
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
