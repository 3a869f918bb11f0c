package keytext

import (
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mitchellh/hashstructure/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/fault"
)

// hashed returns the text of v with HashKeys.
func hashed[T any](t testing.TB, inMemory bool, v T) string {
	t.Helper()
	co, err := coercerOf(Rules{Hashed: true, InMemory: inMemory}, v)
	require.NoError(t, err)
	var txt Text
	require.NoError(t, co(&txt))
	return string(txt.Buf)
}

// coercerOf returns a function that writes v as a parameter of its own type.
func coercerOf(r Rules, v any) (func(*Text) error, error) {
	co, err := r.coercerFor(reflect.TypeOf(v))
	if err != nil {
		return nil, err
	}
	return func(t *Text) error { return co.part(t, reflect.ValueOf(v)) }, nil
}

type address struct {
	Street string
	Number int
}

type person struct {
	Name    string
	Homes   []address
	Labels  map[string]string
	Ratings map[string]map[int]bool
	Born    time.Time
}

func TestHashKeys(t *testing.T) {
	p := person{"ann", []address{{"a", 1}}, map[string]string{"x": "y", "z": ""}, map[string]map[int]bool{"r": {1: true}}, time.Unix(0, 0).UTC()}
	text := hashed(t, false, p)
	assert.Regexp(t, `^person:hash:[0-9a-f]{32}$`, text)
	assert.Len(t, hashed(t, false, make([]int, 100_000)), len("[]int:hash:")+32)
	for range 100 { // because the order of maps is random
		require.Equal(t, text, hashed(t, false, p))
	}

	// Scalars, strings and bytes are not hashed.
	for want, v := range map[string]any{"5": 5, "x": "x", "True": true, "b'x'": []byte("x"), "1.5": 1.5} {
		assert.Equal(t, want, hashed(t, false, v))
	}
	assert.Regexp(t, `^p:a:\[\]int:hash:[0-9a-f]{32}:1$`, keyOf(t, planFor(t, hashKeys, typesOf("", []int{}, 0)...), "a", []int{1}, 1))
	assert.Equal(t, "None", hashed(t, false, (*address)(nil)))
	assert.Equal(t, hashed(t, false, address{"a", 1}), hashed(t, false, &address{"a", 1}))

	// Each of these differences changes the hash.
	seen := map[string]any{text: p}
	for _, change := range []func(p *person){
		func(p *person) { p.Name = "bob" },
		func(p *person) { p.Homes = append(p.Homes, address{"a", 1}) },
		func(p *person) { p.Homes[0].Number = 2 },
		func(p *person) { p.Labels = nil },
		func(p *person) { p.Labels = map[string]string{"x": "", "z": "y"} },
		func(p *person) { p.Labels = map[string]string{"y": "x", "z": ""} },
		func(p *person) { p.Ratings = map[string]map[int]bool{"r": {1: false}} },
		func(p *person) { p.Ratings = map[string]map[int]bool{"r": {}} },
		func(p *person) { p.Born = p.Born.Add(1) },
	} {
		other := p
		other.Homes = append([]address{}, p.Homes...)
		change(&other)
		text := hashed(t, false, other)
		assert.NotContains(t, seen, text)
		seen[text] = other
	}
}

// TestHashIsStable: on storages that outlive the process a key must be the same in the
// next one, for ever; in memory it must not be predictable from outside.
func TestHashIsStable(t *testing.T) {
	if os.Getenv("RING_HASH_CHILD") != "" {
		fmt.Println("stable:", hashed(t, false, map[string][]int{"a": {1}, "b": nil}), "memory:", hashed(t, true, address{"a", 1}))
		return
	}
	outputs := map[string]bool{}
	memory := map[string]bool{}
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHashIsStable$", "-test.v")
		cmd.Env = append(os.Environ(), "RING_HASH_CHILD=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		match := regexp.MustCompile(`stable: (\S+) memory: (\S+)`).FindSubmatch(out)
		require.NotNil(t, match, "%s", out)
		outputs[string(match[1])], memory[string(match[2])] = true, true
	}
	assert.Len(t, outputs, 1)
	assert.Len(t, memory, 2)
	assert.Contains(t, outputs, "map[string][]int:hash:"+goldenHash)
}

// goldenHash would change with the hash function: every stored key would be lost.
const goldenHash = "92270c998c49f67e82df73579eb14c6e"

// TestMapsCannotBeMadeToCollide: hashstructure combines the entries of a map by
// exclusive or, so anyone who chooses some hundred entries controls the hash of a large
// map. The test solves the equations for it and then asks ring.
func TestMapsCannotBeMadeToCollide(t *testing.T) {
	const n = 140 // more choices than the 128 bits of both hashes
	choice := func(i, alternative int) (string, string) { return fmt.Sprint("k", i), fmt.Sprint("v", i, alternative) }
	// The difference that the second value of each key makes, in both hashes.
	entryHash := func(k, v string) [2]uint64 {
		var sums [2]uint64
		for i, h := range (&compiler{}).hashers() {
			kh, err := hashstructure.Hash(k, hashstructure.FormatV2, &hashstructure.HashOptions{Hasher: h})
			require.NoError(t, err)
			vh, err := hashstructure.Hash(v, hashstructure.FormatV2, &hashstructure.HashOptions{Hasher: h})
			require.NoError(t, err)
			h.Reset()
			var b []byte
			for _, x := range []uint64{kh, vh} {
				for shift := 0; shift < 64; shift += 8 {
					b = append(b, byte(x>>shift))
				}
			}
			h.Write(b)
			sums[i] = h.Sum64()
		}
		return sums
	}
	type row struct{ vec, from *big.Int }
	var basis []row
	var solution *big.Int
	for i := range n {
		k, v0 := choice(i, 0)
		_, v1 := choice(i, 1)
		a, b := entryHash(k, v0), entryHash(k, v1)
		vec := new(big.Int).SetUint64(a[0] ^ b[0])
		vec.Lsh(vec, 64).Or(vec, new(big.Int).SetUint64(a[1]^b[1]))
		from := new(big.Int).SetBit(new(big.Int), i, 1)
		for _, r := range basis {
			if vec.Bit(r.vec.BitLen()-1) == 1 {
				vec.Xor(vec, r.vec)
				from.Xor(from, r.from)
			}
		}
		if vec.Sign() == 0 {
			solution = from
			break
		}
		basis = append(basis, row{vec, from})
	}
	require.NotNil(t, solution, "linear algebra")
	one, other := map[string]string{}, map[string]string{}
	for i := range n {
		k, v := choice(i, 0)
		one[k] = v
		_, other[k] = choice(i, int(solution.Bit(i)))
	}
	require.NotEqual(t, one, other)
	for _, h := range (&compiler{}).hashers() {
		a, err := hashstructure.Hash(one, hashstructure.FormatV2, &hashstructure.HashOptions{Hasher: h})
		require.NoError(t, err)
		b, err := hashstructure.Hash(other, hashstructure.FormatV2, &hashstructure.HashOptions{Hasher: h})
		require.NoError(t, err)
		require.Equal(t, a, b, "the attack works on hashstructure itself")
	}
	assert.NotEqual(t, hashed(t, false, one), hashed(t, false, other))
}

type broken struct{ X int }

func (broken) Hash() (uint64, error) { return 0, errors.New("no hash today") }

type inclusive struct {
	Name   string
	Labels map[string]string `hash:""`
}

func (i inclusive) HashInclude(field string, _ any) (bool, error) { return field != "Name", nil }

type stringTagged struct {
	At   time.Time `hash:"string"`
	Name string
}

type promoted struct {
	Acct
	Level int
}

type panicking struct{ X int }

func (panicking) Hash() (uint64, error) { panic("no hash") }

func TestHashMethodsThatPanic(t *testing.T) {
	type withURL struct {
		U *url.URL `hash:"string"`
	}
	type nested struct {
		P  panicking
		DB *int `hash:"ignore"`
	}
	for _, v := range []any{withURL{}, nested{}, panicking{}} {
		_, err := anyPart(Rules{}, v)
		assert.ErrorIs(t, err, fault.ErrKey)
		assert.ErrorContains(t, err, "panic: ")
	}
}

func TestHashConventions(t *testing.T) {
	assert.Equal(t, "Acct:hash:2a", part(t, safeKeys, Acct{42}))
	co, err := coercerOf(inMemory(pythonKeys), Acct{^uint64(0)})
	require.NoError(t, err)
	var txt Text
	require.NoError(t, co(&txt))
	assert.Equal(t, "Acct:hash:-2", string(txt.Buf))

	_, err = anyPart(Rules{}, broken{})
	assert.ErrorIs(t, err, fault.ErrKey)
	assert.ErrorContains(t, err, "no hash today")

	at := time.Unix(0, 0).UTC()
	assert.Regexp(t, `^stringTagged:hash:[0-9a-f]{32}$`, part(t, safeKeys, stringTagged{at, "x"}))
	assert.NotEqual(t, part(t, safeKeys, stringTagged{at, "x"}), part(t, safeKeys, stringTagged{at.Add(1), "x"}))

	assert.Equal(t, part(t, safeKeys, inclusive{"a", nil}), part(t, safeKeys, inclusive{"b", nil}), "HashInclude leaves the name out")
	assert.NotEqual(t, part(t, safeKeys, inclusive{"a", nil}), part(t, safeKeys, inclusive{"a", map[string]string{"x": "y"}}))

	// An embedded type's Hash does not know the other fields.
	assert.True(t, strings.HasPrefix(part(t, safeKeys, promoted{Acct{1}, 1}), "promotedAcct,Acct:hash:1,Level,1"))
	assert.NotEqual(t, part(t, safeKeys, promoted{Acct{1}, 1}), part(t, safeKeys, promoted{Acct{1}, 2}))
}
