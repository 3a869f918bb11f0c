package howto_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/ring-go/ring"
)

// ways is a rope of a function that uses it. "var ways = ring.Wrap(countWays, ring.Lru{})"
// does not compile: initialization cycle.
var ways *ring.Rope

func init() { ways = ring.Wrap(countWays, ring.Lru{}) }

func countWays(steps int) (int, error) {
	if steps < 2 {
		return 1, nil
	}
	values, err := ways.GetOrUpdateMany(ring.Args{steps - 1}, ring.Args{steps - 2})
	if err != nil {
		return 0, err
	}
	return values[0].(int) + values[1].(int), nil
}

func Example_cycle() {
	fmt.Println(ways.Call(50))
	// Output: 20365011074 <nil>
}

type Repository struct {
	Name  string
	mu    sync.Mutex
	reads int
}

// RingKey tells repositories apart whose results differ.
func (r *Repository) RingKey() string { return r.Name }

func (r *Repository) Count(branch string) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	return len(r.Name + branch), nil
}

var commits = ring.Wrap((*Repository).Count, ring.Lru{MaxSize: 1000})

func Example_receiver() {
	repository := &Repository{Name: "linux"}

	n, err := commits.Bind(repository).Call("main") // the key is ":linux:main"

	fmt.Println(n, err)
	fmt.Println(commits.Bind(repository).Key("main"))
	// Output:
	// 9 <nil>
	// :linux:main <nil>
}

type Client struct {
	BaseURL string
	Token   string     `hash:"ignore"` // no part of the key
	mu      sync.Mutex `hash:"ignore"`
}

func (c *Client) Fetch(path string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.BaseURL + path, nil
}

var fetched = ring.Wrap((*Client).Fetch, ring.Lru{})

func Example_ignoredFields() {
	a, b := &Client{BaseURL: "https://a", Token: "1"}, &Client{BaseURL: "https://a", Token: "2"}
	one, err := fetched.Bind(a).Key("/x")
	must(err)
	other, err := fetched.Bind(b).Key("/x")
	fmt.Println(one == other, err)
	// Output: true <nil>
}

type Service struct {
	prices *ring.Rope

	mu sync.Mutex
	db map[string]int
}

func NewService(db map[string]int) *Service {
	s := &Service{db: db}
	s.prices = ring.Wrap(s.loadPrice, ring.Lru{MaxSize: 1000}) // a cache for each Service
	return s
}

func (s *Service) Price(item string) (int, error) {
	v, err := s.prices.Call(item)
	if err != nil {
		return 0, err
	}
	return v.(int), nil
}

func (s *Service) loadPrice(item string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db[item], nil
}

func Example_field() {
	cheap, dear := NewService(map[string]int{"lamp": 10}), NewService(map[string]int{"lamp": 90})
	fmt.Println(cheap.Price("lamp"))
	fmt.Println(dear.Price("lamp"))
	// Output:
	// 10 <nil>
	// 90 <nil>
}

type tenantKey struct{}

func tenantOf(ctx context.Context) string {
	tenant, _ := ctx.Value(tenantKey{}).(string)
	return tenant
}

var greetings = ring.Wrap(func(ctx context.Context, tenant, name string) string {
	return "welcome to " + tenant + ", " + name
}, ring.Lru{})

// greet passes the tenant of the context as a parameter, so it is part of the key.
func greet(ctx context.Context, name string) (any, error) {
	return greetings.Call(ctx, tenantOf(ctx), name)
}

func Example_contextValues() {
	for _, tenant := range []string{"north", "south"} {
		fmt.Println(greet(context.WithValue(context.Background(), tenantKey{}, tenant), "ann"))
	}
	// Output:
	// welcome to north, ann <nil>
	// welcome to south, ann <nil>
}
