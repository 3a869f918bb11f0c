package pickle_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// TestGivenItemsAreMadeOnce: a list, tuple or dict is given to calls or objects again
// and again. The items that they take over are the same objects in all of them.
func TestGivenItemsAreMadeOnce(t *testing.T) {
	type holder struct{ Items any }
	type listed struct {
		_     struct{} `pickle:",list"`
		Items []int
	}
	type flags int
	r := pickle.NewRegistry()
	require.NoError(t, r.Register("app.Holder", holder{}))
	require.NoError(t, r.Register("app.Listed", listed{}))
	require.NoError(t, r.Register("app.Flags", flags(0)))
	const n = 3000
	big := "](" + strings.Repeat("K\x01", n) + "e"
	attributes := "}X\x05\x00\x00\x00items" + big + "s"
	within := "}X\x08\x00\x00\x00__dict__" + attributes + "s"
	chain := strings.Repeat("c_operator\nor_\n", n) + "capp\nFlags\nK\x01\x85R" + strings.Repeat("K\x01\x86R", n)
	for name, data := range map[string][3]string{ // what is given, the class, and the use of both
		"deque":             {"]" + big + "a", "ccollections\ndeque\n", "h\x01h\x00\x85R"},
		"Counter":           {"}K\x01" + big + "s", "ccollections\nCounter\n", "h\x01h\x00\x85R"},
		"defaultdict":       {"}K\x01" + big + "s", "ccollections\ndefaultdict\n", "h\x01Nh\x00\x86R"},
		"OrderedDict":       {"]K\x01" + big + "\x86a", "ccollections\nOrderedDict\n", "h\x01h\x00\x85R"},
		"pair":              {"K\x01" + big + "\x86", "ccollections\nOrderedDict\n", "h\x01]h\x00a\x85R"},
		"arguments":         {big + "\x85", "capp\nHolder\n", "h\x01h\x00R"},
		"new arguments":     {big + "\x85", "capp\nHolder\n", "h\x01h\x00\x81"},
		"keyword arguments": {attributes, "capp\nHolder\n", "h\x01)h\x00\x92"},
		"with the class":    {"capp\nHolder\n" + big + "\x86", "ccopyreg\n__newobj__\n", "h\x01h\x00R"},
		"base of a tuple":   {"capp\nHolder\nc__builtin__\ntuple\n" + big + "\x85\x87", "ccopy_reg\n_reconstructor\n", "h\x01h\x00R"},
		"flags":             {chain + "K\x01\x86", "c_operator\nor_\n", "h\x01h\x00R"},
		"state":             {attributes, "capp\nHolder\n", "h\x01)\x81h\x00b"},
		"state of text":     {"}X\x05\x00\x00\x00itemsX" + le32(n) + strings.Repeat("x", n) + "s", "capp\nHolder\n", "h\x01)\x81h\x00b"},
		"state in a dict":   {within, "capp\nHolder\n", "h\x01)\x81h\x00b"},
		"state by order":    {"]" + big + "a", "capp\nListed\n", "h\x01)\x81h\x00b"},
		"states":            {attributes, "capp\nHolder\n)\x81", "h\x01h\x00b"},
		"states by order":   {"]" + big + "a", "capp\nListed\n)\x81", "h\x01h\x00b"},
		"states in a dict":  {within, "capp\nHolder\n)\x81", "h\x01h\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			program := data[0] + "q\x000" + data[1] + "q\x010](" + strings.Repeat(data[2], n) + "e."
			bounded(t, 15<<20, func() {
				var v []any
				require.NoError(t, r.Unmarshal([]byte(program), &v))
				assert.Len(t, v, n)
				assert.Equal(t, v[0], v[n-1])
			})
		})
	}
}
