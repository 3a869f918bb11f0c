package wrap

import (
	"bytes"
	"container/list"
	"encoding/json"
	"fmt"
	"go/types"
	"log/slog"
	"math/big"
	"math/rand"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/template"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/ring-go/ring"
)

// parameters are types that functions have as parameters.
var parameters = []reflect.Type{
	reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[time.Month](), reflect.TypeFor[time.Location](), reflect.TypeFor[time.Timer](),
	reflect.TypeFor[url.URL](), reflect.TypeFor[url.Userinfo](), reflect.TypeFor[url.Values](), reflect.TypeFor[http.Request](), reflect.TypeFor[http.Header](),
	reflect.TypeFor[http.Client](), reflect.TypeFor[http.Cookie](), reflect.TypeFor[http.Server](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[netip.AddrPort](), reflect.TypeFor[netip.Prefix](),
	reflect.TypeFor[net.IP](), reflect.TypeFor[net.IPNet](), reflect.TypeFor[net.TCPAddr](), reflect.TypeFor[net.Dialer](), reflect.TypeFor[net.Conn](), reflect.TypeFor[big.Int](), reflect.TypeFor[big.Float](), reflect.TypeFor[big.Rat](),
	reflect.TypeFor[regexp.Regexp](), reflect.TypeFor[bytes.Buffer](), reflect.TypeFor[strings.Builder](), reflect.TypeFor[strings.Reader](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[json.Number](), reflect.TypeFor[json.Decoder](),
	reflect.TypeFor[sync.Mutex](), reflect.TypeFor[sync.WaitGroup](), reflect.TypeFor[sync.Map](), reflect.TypeFor[atomic.Int64](), reflect.TypeFor[slog.Logger](), reflect.TypeFor[slog.Level](), reflect.TypeFor[slog.Attr](), reflect.TypeFor[slog.Value](),
	reflect.TypeFor[list.List](), reflect.TypeFor[rand.Rand](), reflect.TypeFor[mail.Address](), reflect.TypeFor[os.File](), reflect.TypeFor[os.FileMode](), reflect.TypeFor[template.Template](), reflect.TypeFor[reflect.Value](), reflect.TypeFor[reflect.Type](), reflect.TypeFor[reflect.StructField](),
	reflect.TypeFor[redis.Options](), reflect.TypeFor[redis.Client](), reflect.TypeFor[redis.Z](), reflect.TypeFor[ring.Lru](), reflect.TypeFor[ring.Args](), reflect.TypeFor[ring.Rope](), reflect.TypeFor[ring.Explanation](),
}

// TestKeylessAgrees: a type that the check takes for one without a key is one for the library,
// also behind a pointer and in a list.
func TestKeylessAgrees(t *testing.T) {
	paths := map[string]*types.Package{}
	for _, p := range parameters {
		paths[p.PkgPath()] = nil
	}
	var patterns []string
	for path := range paths {
		patterns = append(patterns, path)
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports}, patterns...)
	require.NoError(t, err)
	for _, pkg := range pkgs {
		paths[pkg.PkgPath] = pkg.Types
	}
	found := 0
	for _, p := range parameters {
		obj := paths[p.PkgPath()].Scope().Lookup(p.Name())
		require.NotNil(t, obj, p.String())
		for _, form := range []struct {
			static  types.Type
			runtime reflect.Type
		}{
			{obj.Type(), p}, {types.NewPointer(obj.Type()), reflect.PointerTo(p)}, {types.NewSlice(obj.Type()), reflect.SliceOf(p)},
			{types.NewMap(types.Typ[types.String], obj.Type()), reflect.MapOf(reflect.TypeFor[string](), p)},
		} {
			if why := (walk{}).keyless(form.static); why != "" {
				found++
				assert.ErrorIs(t, refusal(form.runtime), ring.ErrKey, fmt.Sprint(form.static, ": ", why))
			}
		}
	}
	assert.Greater(t, found, 50)
}

// refusal returns why a function with such a parameter cannot be wrapped.
func refusal(t reflect.Type) error {
	typ := reflect.FuncOf([]reflect.Type{t}, []reflect.Type{reflect.TypeFor[int]()}, false)
	fn := reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value { return nil })
	_, err := ring.New(fn.Interface(), ring.Lru{})
	return err
}
