package ring_test

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

// Two processes, of which each has its own client. One of them runs the function.
func ExampleLock() {
	build := func(name string) string {
		fmt.Println("builds", name)
		return "report of " + name
	}
	process := func() *ring.Rope {
		client := redis.NewClient(&redis.Options{Addr: redisAddr})
		return ring.Wrap(build, ring.Redis{Client: client, KeyPrefix: "report", Expire: time.Hour, Options: ring.Options{
			Lock: ring.Lock{Lease: 10 * time.Second},
		}})
	}
	one, other := process(), process()
	fmt.Println(one.Call("may"))
	fmt.Println(other.Call("may"))
	// Output:
	// builds may
	// report of may <nil>
	// report of may <nil>
}
