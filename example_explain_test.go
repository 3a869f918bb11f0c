package ring_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// search is the cached function of these examples.
func search(words string, page int, after time.Time, trace bool) (string, error) { return "…", nil }

func ExampleWire_Explain() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }
	find := ring.Wrap(search, ring.Lru{Lru: cache, KeyPrefix: "search", Expire: time.Hour,
		Options: ring.Options{IgnorableKeys: []string{"trace"}}}, ring.Signature("words, page, after, trace"))
	day := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)

	find.Call("lru: cache", 1, day, false)
	now = now.Add(15 * time.Minute)
	fmt.Print(find.Explain("lru: cache", 1, day, true))
	// Output:
	// ring: explain github.com/ring-go/ring_test.search
	//   key      `search:lru\: cache:1:2024-02-01T00:00:00Z`
	//   prefix   "search"
	//   part     words  string     by str   `lru\: cache`, escaped
	//   part     page   int        by int   "1"
	//   part     after  time.Time  by time  "2024-02-01T00:00:00Z"
	//   ignored  trace
	//   style    SafeKeys
	//   Python   "search:lru: cache:1:2024-02-01 00:00:00"
	//   call     get_or_update
	//   storage  *ring.LruStorage on *lrucache.LruCache, with 1 of at most 128 values
	//   coder    none: the values themselves
	//   expire   1h0m0s after the store
	//   cached   yes, for another 45m0s
}

// A time with another zone has another key, although it is the same moment.
func ExampleExplanation() {
	visits := ring.Wrap(func(page string, at time.Time) int { return 7 }, ring.Lru{})
	noon := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	visits.Call("home", noon)

	stored, missed := visits.Explain("home", noon), visits.Explain("home", noon.In(time.FixedZone("CET", 3600)))
	for i := range stored.Parts {
		if stored.Parts[i] != missed.Parts[i] {
			fmt.Println("parameter", stored.Parts[i].Parameter, stored.Parts[i].Text, missed.Parts[i].Text)
		}
	}
	fmt.Println(stored.Cached, missed.Cached)
	// Output:
	// parameter 2 2024-02-29T12:00:00Z 2024-02-29T13:00:00+01:00[CET]
	// true false
}

// The text of a value may be another one than you expect: a time.Duration has a method
// String, but is an integer.
func ExampleExplainedPart() {
	wait := ring.Wrap(func(d time.Duration, v any) int { return 0 }, ring.Lru{})
	for _, p := range wait.Explain(time.Second, time.Second).Parts {
		fmt.Printf("%s: a %v is written by %s: %s\n", p.Parameter, p.Type, p.Rule, p.Text)
	}
	// Output:
	// 1: a time.Duration is written by int: 1000000000
	// 2: a time.Duration is written by its type and int: time.Duration(1000000000)
}

func ExampleKeyStep() {
	find := ring.Wrap(strings.ToUpper, ring.Memcache{Client: memcache.New(memcachedAddr), KeyPrefix: "up"})
	e := find.Explain("two words")
	for _, s := range e.Steps {
		fmt.Printf("%s: %q to %q\n", s.Name, s.Before, s.After)
	}
	fmt.Println(e.CachedErr)
	// Output:
	// KeyRefactor MemcacheKey: "up:two words" to "ring-sha1:76eefd78f94b80794ab5da1adb62c195436ffdab"
	// unsupported operation: a *ring.MemcacheStorage can only read the value
}

// A call that has no key is explained, too.
func ExampleExplanation_err() {
	length := ring.Wrap(func(name string, v any) int { return 0 }, ring.Lru{}, ring.Signature("name, v"))
	e := length.Explain("a", make(chan int))
	fmt.Println(errors.Is(e.Err, ring.ErrKey), len(e.Parts), e.Parts[1].Parameter)
	// Output:
	// true 2 v
}

func ExampleTTLStorage() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }
	up := ring.Wrap(strings.ToUpper, ring.Lru{Lru: cache, KeyPrefix: "up", Expire: time.Hour})
	up.Call("a")
	now = now.Add(20 * time.Minute)
	fmt.Println(up.Storage().Storage().(ring.TTLStorage).TTLValue(context.Background(), "up:a"))
	// Output:
	// 40m0s <nil>
}

// Without arguments Doctor examines all ropes of the program.
func ExampleDoctor() {
	shared := lrucache.New(1000)
	client := memcache.New(memcachedAddr)
	fmt.Print(ring.Doctor(
		ring.Wrap(strings.ToUpper, ring.Lru{Lru: shared, KeyPrefix: "text"}),
		ring.Wrap(strings.Repeat, ring.Lru{Lru: shared, KeyPrefix: "text"}),
		ring.Wrap(strings.ToLower, ring.Memcache{Client: client, KeyPrefix: "lower", Expire: 1500 * time.Millisecond}),
		ring.Wrap(strings.TrimPrefix, ring.Memcache{Client: client, KeyPrefix: "trim"}),
	))
	// Output:
	// ring: 4 ropes, 2 warnings, 1 note
	// warning: KeysMeet: strings.Repeat, strings.ToUpper, on *lrucache.LruCache
	//   calls of them can have the same key, such as "text::0", and find each other's values
	//   remedy: give each of them a KeyPrefix of its own, unless they are meant to share their values
	// warning: ExpiryNotKept: strings.ToLower, on memcached
	//   Memcached keeps values for 2s where Expire says 1.5s
	//   remedy: make Expire a multiple of 1s
	// note: PythonDiffers: strings.TrimPrefix, on memcached
	//   a Python process can come to other keys, and miss, for parameter 1 (string): text with a colon or with a backslash at its end; for parameter 2 (string): text with a colon or with a backslash at its end
	//   remedy: if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do
}

// A test can demand that no rope of the program has a warning.
func ExampleReport() {
	up := ring.Wrap(strings.ToUpper, ring.Lru{})
	report := ring.Doctor(up)
	fmt.Print(report)
	fmt.Println(len(report.Warnings()))
	// Output:
	// ring: 1 rope, 0 warnings, 0 notes
	// 0
}

func ExampleFinding() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	up := ring.Wrap(strings.ToUpper, ring.Redis{Client: client, KeyPrefix: "up", Expire: 1500 * time.Microsecond})
	for _, f := range ring.Doctor(up).Findings {
		fmt.Println(f.Kind, f.Ropes)
		fmt.Println(f.Message)
		fmt.Println(f.Remedy)
	}
	// Output:
	// ExpiryNotKept [strings.ToUpper]
	// Redis keeps values for 2ms where Expire says 1.5ms
	// make Expire a multiple of 1ms
}

func ExampleFindingKind() {
	for _, kind := range []ring.FindingKind{ring.KeysMeet, ring.ReceiverNotInKey, ring.NameNotStable, ring.ExpiryNotKept, ring.TypeLost, ring.PythonDiffers} {
		fmt.Println(kind, kind.Warning())
	}
	// Output:
	// KeysMeet true
	// ReceiverNotInKey true
	// NameNotStable true
	// ExpiryNotKept true
	// TypeLost true
	// PythonDiffers false
}

// A text in the key of one function can look like the prefix of another one.
func ExampleKeysMeet() {
	shared := lrucache.New(1000)
	get := ring.Wrap(func(path string) string { return "" }, ring.Lru{Lru: shared, KeyPrefix: "user"})
	age := ring.Wrap(func(id int) string { return "" }, ring.Lru{Lru: shared, KeyPrefix: "user:age"})
	fmt.Println(ring.Doctor(get, age).Findings[0].Message)
	fmt.Println(get.Key("age:7"))
	fmt.Println(age.Key(7))
	// Output:
	// calls of them can have the same key, such as "user:age:0", and find each other's values
	// user:age:7 <nil>
	// user:age:7 <nil>
}

// A method value contains its receiver, where no key can see it.
func ExampleReceiverNotInKey() {
	noon := time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)
	shared := ring.Lru{Lru: lrucache.New(1000), KeyPrefix: "format"}
	atNoon, atOne := ring.Wrap(noon.Format, shared), ring.Wrap(noon.Add(time.Hour).Format, shared)
	fmt.Println(ring.Doctor(atNoon).Findings[0].Message)
	fmt.Println(atNoon.Call(time.Kitchen))
	fmt.Println(atOne.Call(time.Kitchen)) // the value that the other one's rope has stored

	format := ring.Wrap(time.Time.Format, ring.Lru{})
	fmt.Println(format.Bind(noon.Add(time.Hour)).Call(time.Kitchen))
	// Output:
	// it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix "format" come to its values
	// 12:00PM <nil>
	// 12:00PM <nil>
	// 1:00PM <nil>
}

func ExampleNameNotStable() {
	client := memcache.New(memcachedAddr)
	up := ring.Wrap(strings.ToUpper, ring.Memcache{Client: client, KeyPrefix: ring.NoPrefix})
	fmt.Println(ring.Doctor(up).Findings[0].Message)
	// Output:
	// the keys have no prefix, so every program that has none on this storage comes to them
}

func ExampleExpiryNotKept() {
	up := ring.Wrap(strings.ToUpper, ring.Dict{Expire: time.Hour, StorageClass: ring.NewPersistentDictStorage})
	fmt.Println(ring.Doctor(up).Findings[0].Message)
	// Output:
	// a *ring.PersistentDictStorage has no expiry, so that it refuses every value
}

func ExampleTypeLost() {
	answer := ring.Wrap(func() map[string]any { return map[string]any{"n": 42} }, ring.Lru{Coder: "json"})
	fmt.Println(ring.Doctor(answer).Findings[0].Message)
	for range 2 {
		v, _ := answer.Call()
		fmt.Printf("%T\n", v.(map[string]any)["n"])
	}
	// Output:
	// result 1 (map[string]interface {}), in its values can be of any type, but comes back as JSON knows it: an int as a float64, a struct as a map[string]any, a slice as an []any
	// int
	// float64
}

func ExamplePythonDiffers() {
	client := memcache.New(memcachedAddr)
	trim := ring.Wrap(strings.TrimPrefix, ring.Memcache{Client: client, KeyPrefix: "trim"})
	fmt.Println(ring.Doctor(trim).Findings[0].Kind)
	e := trim.Explain("http://x", "http:")
	fmt.Println(e.Key)
	fmt.Println(e.Python)
	// Output:
	// PythonDiffers
	// trim:http\://x:http\:
	// trim:http://x:http:
}
