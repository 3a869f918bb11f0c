package ringdebug_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
)

// The pages are where the program mounts them.
func ExampleHandler() {
	double := ring.Wrap(func(n int) int { return 2 * n }, ring.Lru{}, ring.Name("example.com/calc.Double"))
	_, _ = double.Call(4)
	_, _ = double.Call(4)

	mux := http.NewServeMux()
	mux.Handle("/debug/ring/", http.StripPrefix("/debug/ring", ringdebug.Handler(ringdebug.Options{})))

	r := httptest.NewRequest("GET", "http://localhost:8080/debug/ring/rope?name=example.com/calc.Double", nil)
	r.RemoteAddr = "127.0.0.1:40000"
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r) // as curl would ask
	fmt.Println(strings.SplitN(w.Body.String(), "\n", 3)[0])
	fmt.Println(strings.Contains(w.Body.String(), "from the cache    50%"))
	runtime.KeepAlive(double)
	// Output:
	// example.com/calc.Double
	// true
}

// The staff sees the pages. Administrators see keys, too, and may delete values.
func ExampleOptions() {
	roleOf := func(r *http.Request) string { return r.Header.Get("Role") } // your own sessions say who somebody is
	h := ringdebug.Handler(ringdebug.Options{
		Authorize: func(r *http.Request) (view, keys bool) {
			role := roleOf(r)
			return role != "", role == "admin"
		},
		Writes: true,
	})
	for _, ask := range []struct{ role, path string }{{"", "/"}, {"staff", "/"}, {"staff", "/explain"}, {"admin", "/explain"}} {
		r := httptest.NewRequest("GET", ask.path, nil)
		r.Header.Set("Role", ask.role)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Printf("%q %s %d\n", ask.role, ask.path, w.Code)
	}
	// Output:
	// "" / 403
	// "staff" / 200
	// "staff" /explain 403
	// "admin" /explain 200
}

// What ropes have done is a variable among those of the program, at /debug/vars.
func ExampleVars() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{}, ring.Name("example.com/calc.Square"))
	_, _ = square.Call(3)

	vars := ringdebug.Vars() // expvar.Publish("ring", vars)

	var ropes map[string]struct{ Calls struct{ Miss int } }
	_ = json.Unmarshal([]byte(vars.String()), &ropes)
	fmt.Println(ropes["example.com/calc.Square"].Calls.Miss)
	runtime.KeepAlive(square)
	// Output: 1
}
