package pickle_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/pickle"
)

// vector is a line of testdata/pickle.jsonl, recorded from Python.
type vector struct {
	Protocol  int
	Value     json.RawMessage
	Pickle    map[string]string
	Malicious bool
	Invalid   bool
	Recursive bool
	Note      string
}

func TestConformance(t *testing.T) {
	for i, v := range conformance.Lines[vector](t, "testdata/pickle.jsonl") {
		data, err := base64.StdEncoding.DecodeString(v.Pickle["$bytes"])
		require.NoError(t, err)
		var got any
		err = pickle.Unmarshal(data, &got)
		switch {
		case v.Recursive:
			assert.NoError(t, err, "line %d: %s", i+1, v.Note)
		case v.Malicious:
			assert.ErrorIs(t, err, errors.ErrUnsupported, "line %d: %s", i+1, v.Note)
		case v.Invalid:
			assert.ErrorIs(t, err, pickle.ErrSyntax, "line %d: %s", i+1, v.Note)
		case strings.Contains(string(v.Value), "$object"):
			var class *pickle.ClassError
			if assert.ErrorAs(t, err, &class, "line %d", i+1) {
				assert.Contains(t, []string{"conformance_types", "copyreg", "copy_reg"}, class.Module)
			}
		default:
			require.NoError(t, err, "line %d: %s", i+1, v.Value)
			note, err := conformance.Note(v.Value)
			require.NoError(t, err, "line %d", i+1)
			want := conformance.Natural.Value(note)
			assertSame(t, want, got, "line %d: %s", i+1, v.Value)
			again, err := pickle.Marshal(got, max(v.Protocol, 2))
			require.NoError(t, err, "line %d", i+1)
			var back any
			require.NoError(t, pickle.Unmarshal(again, &back), "line %d", i+1)
			assertSame(t, want, back, "line %d: %s", i+1, v.Value)
		}
	}
}

// assertSame compares values of the natural types: NaN is equal to itself here, and
// sets have no order.
func assertSame(t *testing.T, want, got any, args ...any) {
	t.Helper()
	if !same(want, got) {
		assert.Equal(t, want, got, args...)
	}
}

func same(want, got any) bool {
	switch want := want.(type) {
	case float64:
		got, ok := got.(float64)
		return ok && (math.Float64bits(want) == math.Float64bits(got) || math.IsNaN(want) && math.IsNaN(got))
	case complex128:
		got, ok := got.(complex128)
		return ok && same(real(want), real(got)) && same(imag(want), imag(got))
	case *big.Int:
		got, ok := got.(*big.Int)
		return ok && want.Cmp(got) == 0
	case time.Time:
		got, ok := got.(time.Time)
		_, a := want.Zone()
		_, b := got.Zone()
		return ok && want.Equal(got) && a == b && (want.Location() == time.UTC) == (got.Location() == time.UTC)
	case []any:
		got, ok := got.([]any)
		return ok && sameItems(want, got)
	case pickle.Tuple:
		got, ok := got.(pickle.Tuple)
		return ok && sameItems(want, got)
	case *pickle.Dict:
		got, ok := got.(*pickle.Dict)
		return ok && sameItems(items(want), items(got))
	case *pickle.OrderedDict:
		got, ok := got.(*pickle.OrderedDict)
		return ok && sameItems(items(&want.Dict), items(&got.Dict))
	case *pickle.Set:
		got, ok := got.(*pickle.Set)
		return ok && sameMembers(want, got)
	case *pickle.FrozenSet:
		got, ok := got.(*pickle.FrozenSet)
		return ok && sameMembers(want, got)
	case *big.Rat:
		got, ok := got.(*big.Rat)
		return ok && want.Cmp(got) == 0
	case *time.Location:
		got, ok := got.(*time.Location)
		return ok && same(time.Unix(0, 0).In(want), time.Unix(0, 0).In(got)) && want.String() == got.String()
	}
	return assert.ObjectsAreEqual(want, got)
}

func sameItems(want, got []any) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !same(want[i], got[i]) {
			return false
		}
	}
	return true
}

func items(d *pickle.Dict) []any {
	var out []any
	for k, v := range d.All() {
		out = append(out, k, v)
	}
	return out
}

// members are a *Set or *FrozenSet.
type members interface {
	Len() int
	Has(any) bool
	All() iter.Seq[any]
}

// sameMembers does not find NaN, which is not equal to itself.
func sameMembers(want, got members) bool {
	if want.Len() != got.Len() {
		return false
	}
	for item := range want.All() {
		if !got.Has(item) && fmt.Sprint(item) == strings.ReplaceAll(fmt.Sprint(item), "NaN", "") {
			return false
		}
	}
	return true
}
