package keytext

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

type (
	asked       struct{ hidden string }
	ownHash     struct{ hidden string }
	ofAsked     []asked
	taggedAsked struct {
		A  asked
		Mu sync.Mutex `hash:"ignore"`
	}
	taggedPointer struct {
		A  *int
		Mu sync.Mutex `hash:"ignore"`
	}
	keyedAsked struct {
		A  asked
		Mu sync.Mutex `hash:"ignore"`
	}
)

func (a asked) RingKey() string { return a.hidden }

func (a ofAsked) RingKey() string { return fmt.Sprint(len(a)) }

func (k *keyedAsked) RingKey() string { return k.A.hidden }

func (o ownHash) Hash() (uint64, error) { return uint64(len(o.hidden)), nil }

// TestWaysOutOfHashing: no RingKey is called in a hashed value, and tags ask for a hash
// in every style, so the error must not propose either.
func TestWaysOutOfHashing(t *testing.T) {
	const remedy, safe = "which is hashed as a whole,", ", or use SafeKeys"
	for _, style := range styles {
		for whole, err := range map[string]error{"keytext.taggedAsked": refusal[*taggedAsked](style), "keytext.taggedPointer": refusal[[]taggedPointer](style)} {
			if style == hashKeys && whole == "keytext.taggedPointer" {
				whole = "[]keytext.taggedPointer"
			}
			assert.ErrorContains(t, err, whole+", "+remedy, style)
			assert.ErrorContains(t, err, "RingKey() string that tells apart", style)
			assert.NotContains(t, err.Error(), safe, "%v: it would change nothing", style)
		}
		assert.NoError(t, refusal[*keyedAsked](style), "what is proposed works")
	}
	for whole, err := range map[string]error{
		"make the []keytext.asked, ": refusal[[]asked](hashKeys), "make the map[string]keytext.asked, ": refusal[map[string]asked](hashKeys),
		"give keytext.holdsAny, ": refusal[holdsAny](hashKeys), "make the []*int, ": refusal[[]*int](hashKeys),
	} {
		assert.ErrorContains(t, err, whole+remedy)
		assert.ErrorContains(t, err, safe)
	}
	assert.NoError(t, refusal[ofAsked](hashKeys))
	assert.NoError(t, refusal[[]asked](safeKeys))
	assert.NoError(t, refusal[holdsAny](safeKeys))
	assert.NotContains(t, refusal[[]redacted](hashKeys).Error(), safe, "they are refused there, too")

	outside := func(style Rules) error {
		_, err := NewPlan(paramsOf(reflect.TypeFor[ownHash]()), style, "p")
		return err
	}
	assert.ErrorContains(t, outside(pythonKeys), "RingKey() string")
	assert.NotContains(t, outside(pythonKeys).Error(), "Hash()", "it has one, which does not count there")
	assert.NoError(t, outside(safeKeys))
}

type holdsAny struct{ V any }
