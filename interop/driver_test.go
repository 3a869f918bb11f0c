package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/shelve"
)

// driverVariable turns a run of this program into the driver in Go.
const driverVariable = "RING_INTEROP_DRIVER"

func TestMain(m *testing.M) {
	if os.Getenv(driverVariable) == "" {
		os.Exit(m.Run())
	}
	if err := new(goDriver).serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// goDriver performs requests with ring, like driver.py with Python's ring.
type goDriver struct {
	redis     *redis.Client
	memcache  *memcache.Client
	cache     *diskcache.Cache
	shelf     *shelve.Shelf
	functions map[string]*ring.Rope
	values    []any // values that functions are going to return
	executed  int
}

func (d *goDriver) serve() error {
	d.functions = map[string]*ring.Rope{}
	out := json.NewEncoder(os.Stdout)
	for in := bufio.NewReader(os.Stdin); ; {
		line, err := in.ReadBytes('\n')
		if err != nil { // the end of the input
			return d.close()
		}
		if err := out.Encode(d.answer(parseRequest(line))); err != nil {
			return err
		}
	}
}

func parseRequest(line []byte) request {
	var r request
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&r); err != nil {
		panic(err)
	}
	return r
}

func (d *goDriver) close() error {
	if d.redis == nil { // nothing has been opened
		return nil
	}
	errs := []error{d.redis.Close(), d.memcache.Close(), d.cache.Close()}
	if d.shelf != nil {
		errs = append(errs, d.shelf.Close())
	}
	return errors.Join(errs...)
}

func (d *goDriver) answer(r request) answer {
	d.executed = 0
	result, err := d.do(r)
	a := answer{Executed: d.executed}
	if err != nil {
		a.Error, a.Message = errorName(err), err.Error()
		return a
	}
	a.Result = result
	return a
}

// errorName returns the name of an error, like the class of a Python exception.
func errorName(err error) string {
	switch { // an ErrCoder can be an ErrUnsupported, too
	case errors.Is(err, ring.ErrArguments):
		return "ErrArguments"
	case errors.Is(err, ring.ErrKey):
		return "ErrKey"
	case errors.Is(err, ring.ErrCoder):
		return "ErrCoder"
	case errors.Is(err, errors.ErrUnsupported):
		return "ErrUnsupported"
	}
	return "error"
}

func (d *goDriver) do(r request) (note, error) {
	switch r.Do {
	case "open":
		return nil, d.open(r)
	case "define":
		return nil, d.define(r)
	case "call":
		return d.call(r)
	case "key":
		key, err := d.functions[r.Name].Key(arguments(r.element)...)
		return map[string]any{"key": base64.StdEncoding.EncodeToString([]byte(key))}, err
	case "forget":
		delete(d.functions, r.Name)
		runtime.GC()
		return nil, nil
	case "batch":
		answers := []answer{}
		for _, one := range r.Requests {
			answers = append(answers, d.answer(one))
		}
		return answers, nil
	}
	return nil, fmt.Errorf("%q is not known", r.Do)
}

func (d *goDriver) open(r request) (err error) {
	d.redis = redis.NewClient(&redis.Options{Addr: r.Redis})
	d.memcache = memcache.New(r.Memcached)
	if d.cache, err = diskcache.Open(r.Disk, nil); err != nil || r.Shelf == "" {
		return err
	}
	d.shelf, err = shelve.Open(r.Shelf, nil)
	return err
}

func (d *goDriver) factory(r request) (ring.Factory, error) {
	options := ring.Options{KeyStyle: ring.PythonKeys, IgnorableKeys: r.Ignorable}
	options.Freshness.StaleIfError = time.Duration(r.Grace) * time.Second
	options.OnError = func(context.Context, *ring.Error) {} // the function fails on purpose
	if r.Safe {
		options.KeyStyle = ring.SafeKeys
	}
	if r.Encoding != nil {
		options.KeyEncoding = r.Encoding.(string)
	}
	var prefix string
	if r.Prefix != nil {
		prefix = r.Prefix.(string)
	}
	var expire time.Duration
	if r.Expire != nil {
		expire = time.Duration(*r.Expire) * time.Second
	}
	switch r.Backend {
	case "redis":
		return ring.Redis{Client: d.redis, KeyPrefix: prefix, Expire: expire, Coder: r.Coder, Options: options}, nil
	case "redis_hash":
		return ring.RedisHash{Client: d.redis, HashKey: r.HashKey, KeyPrefix: prefix, Coder: r.Coder, Options: options}, nil
	case "pymemcache", "python-memcached":
		return ring.Memcache{Client: d.memcache, KeyPrefix: prefix, Expire: expire, Coder: r.Coder, Options: options}, nil
	case "shelve":
		return ring.Shelve{Shelf: d.shelf, KeyPrefix: prefix, Coder: r.Coder, Options: options}, nil
	case "diskcache":
		return ring.Disk{Obj: d.cache, KeyPrefix: prefix, Expire: expire, Coder: r.Coder, Options: options}, nil
	}
	return nil, fmt.Errorf("unknown backend %q", r.Backend)
}

// goTypes holds the types that a function can have.
var goTypes = map[string]reflect.Type{
	"any": reflect.TypeFor[any](), "string": reflect.TypeFor[string](), "bytes": reflect.TypeFor[[]byte](),
	"bool": reflect.TypeFor[bool](), "int": reflect.TypeFor[int](), "float": reflect.TypeFor[float64](),
	"*big.Int": reflect.TypeFor[*big.Int](), "[]any": reflect.TypeFor[[]any](), "[]string": reflect.TypeFor[[]string](),
	"[]int": reflect.TypeFor[[]int](), "map[string]any": reflect.TypeFor[map[string]any](),
	"map[string]int": reflect.TypeFor[map[string]int](), "set of string": reflect.TypeFor[map[string]struct{}](),
	"Record": reflect.TypeFor[Record](), "Point": reflect.TypeFor[Point](), "Person": reflect.TypeFor[Person](), "Keyed": reflect.TypeFor[Keyed](),
}

// define makes a function with a signature, and caches it.
func (d *goDriver) define(r request) error {
	in := make([]reflect.Type, len(r.Types))
	for i, name := range r.Types {
		in[i] = goTypes[name]
	}
	out := []reflect.Type{goTypes[r.Result], reflect.TypeFor[error]()}
	fn := reflect.MakeFunc(reflect.FuncOf(in, out, false), func([]reflect.Value) []reflect.Value {
		value, err := d.produce(out[0])
		problem := reflect.Zero(out[1])
		if err != nil {
			problem = reflect.ValueOf(err)
		}
		return []reflect.Value{value, problem}
	})
	factory, err := d.factory(r)
	if err != nil {
		return err
	}
	rope, err := ring.New(fn.Interface(), factory, ring.Signature(r.Signature), ring.Name(r.Identifier))
	d.functions[r.Name] = rope
	return err
}

// produce is the body of the functions.
func (d *goDriver) produce(t reflect.Type) (reflect.Value, error) {
	to := reflect.New(t).Elem()
	if len(d.values) == 0 {
		return to, errors.New("the function runs, but was not to")
	}
	d.executed++
	v := reflect.ValueOf(d.values[0])
	d.values = d.values[1:]
	switch {
	case !v.IsValid():
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Int:
		for _, item := range v.Interface().([]any) {
			to.Set(reflect.Append(to, reflect.ValueOf(item)))
		}
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Int:
		to.Set(reflect.MakeMap(t))
		for it := v.MapRange(); it.Next(); {
			to.SetMapIndex(it.Key(), it.Value().Elem())
		}
	default:
		to.Set(v)
	}
	return to, nil
}

// arguments returns the arguments of a single call.
func arguments(e element) []any {
	args := loadAll(append([]any{}, e.Args...))
	if e.Kwargs != nil {
		args = append(args, kwargs(e))
	}
	return args
}

func kwargs(e element) ring.Kwargs {
	named := ring.Kwargs{}
	for name, value := range e.Kwargs {
		named[name] = load(value)
	}
	return named
}

// argumentsList returns the arguments of a bulk call.
func argumentsList(list []element) []any {
	all := []any{}
	for _, e := range list {
		if e.Kwargs != nil {
			all = append(all, kwargs(e))
			continue
		}
		all = append(all, ring.Args(loadAll(append([]any{}, e.Args...))))
	}
	return all
}

func (d *goDriver) call(r request) (note, error) {
	f := d.functions[r.Name]
	d.values = loadAll(append([]any{}, r.Returns...))
	args, all := arguments(r.element), argumentsList(r.List)
	values := loadAll(append([]any{}, r.Values...))
	if r.Run {
		switch r.Action {
		case "set":
			args = append([]any{load(r.Value)}, args...)
		case "set_many":
			args = []any{all, values}
		default:
			args = append(args, all...)
		}
		return dumped(f.Run(r.Action, args...))
	}
	switch r.Action {
	case "call":
		return dumped(f.Call(args...))
	case "key":
		return dumped(f.Key(args...))
	case "execute":
		return dumped(f.Execute(args...))
	case "get":
		return dumped(f.Get(args...))
	case "update":
		return dumped(f.Update(args...))
	case "get_or_update":
		return dumped(f.GetOrUpdate(args...))
	case "set":
		return nil, f.Set(load(r.Value), args...)
	case "delete":
		return nil, f.Delete(args...)
	case "has":
		return dumped(f.Has(args...))
	case "touch":
		return nil, f.Touch(args...)
	}
	return d.callMany(f, r.Action, all, values)
}

func (d *goDriver) callMany(f *ring.Rope, action string, all, values []any) (note, error) {
	switch action {
	case "key_many":
		return dumped(f.KeyMany(all...))
	case "execute_many":
		return dumped(f.ExecuteMany(all...))
	case "get_many":
		return dumped(f.GetMany(all...))
	case "update_many":
		return dumped(f.UpdateMany(all...))
	case "get_or_update_many":
		return dumped(f.GetOrUpdateMany(all...))
	case "set_many":
		return nil, f.SetMany(all, values)
	case "delete_many":
		return nil, f.DeleteMany(all...)
	case "has_many":
		return dumped(f.HasMany(all...))
	case "touch_many":
		return nil, f.TouchMany(all...)
	}
	return nil, fmt.Errorf("unknown action %q", action)
}

func dumped[T any](v T, err error) (note, error) {
	if err != nil {
		return nil, err
	}
	return dump(v), nil
}
