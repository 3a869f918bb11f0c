package ring

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/batch"
)

// BatchOptions say how a Batch runs its function. The zero value runs it for what a bulk call
// lacks, at once.
type BatchOptions struct {
	// MaxSize is how many elements one run gets; 0: any number. A bulk call that lacks more
	// runs the function several times, one run after the other.
	MaxSize int

	// MaxWait gathers single calls: the first one waits for so long for others, or until
	// there are MaxSize of them, and then the function runs once for all. It also gathers
	// renewals behind. Only calls that differ in nothing but the element go together. Bulk
	// calls do not wait. Runs for different elements can overlap, as without Batch. 0: each
	// single call runs the function for itself.
	MaxWait time.Duration

	// CacheMissing is how long this process remembers that the function had no value for an
	// element; 0: not at all. Delete, Set and Update of the rope forget it. The last 1,024
	// keys are remembered, together with those of Freshness.CacheError, which is asked
	// about missing elements where CacheMissing is 0.
	CacheMissing time.Duration
}

// Batch makes every element that a function takes a call of its own. The function loads many
// values in one go, and has one of these shapes:
//
//	func(ctx context.Context, ids []K, …) (map[K]V, error)
//	func(ctx context.Context, ids []K, …) ([]V, error)       // in the order of ids
//
// The context, the error and further parameters can be left out, and a method expression has
// its receiver first. A call of the rope is that of a func(ctx, id K, …) (V, error):
// Call(id), Get(id), Set(value, id), Delete(id) and so on. Func and Func1 to Func4E give a
// function of that type. Decorate, Decorate1 to Decorate4E and Typed refuse a Batch, because
// the type differs.
//
// The further arguments, and the receiver, are part of the key of every element. The ids of
// one run differ, and all else is equal.
//
// GetOrUpdateMany looks all elements up together, runs the function once for those that are
// missing, and stores their values together. UpdateMany and ExecuteMany run it once as well.
// An element that another call runs at the moment is waited for: it does not run twice.
//
// An element that the map lacks is an *Error that wraps ErrNotFound, and is not stored: see
// CacheMissing. In a bulk call the miss value is in its place, and the joined error names it.
// What the map holds beyond the elements is ignored. If the function returns an error, the
// values of its map are stored and returned all the same, and the other elements get the
// error. A slice beside an error counts as empty. A slice without one value for each element
// is an *Error for all of them, and nothing is stored.
//
// A panic reaches every call of the run. A run for gathered calls is on a goroutine of its
// own. Its context has the values of the first caller's, and ends when the contexts of all
// callers have. A caller whose context ends returns at once, and its value is dropped: another
// call for the element runs the function again. A function that calls its own rope gets
// ErrRecursion for an element of the same run, as everywhere by the context.
//
// SetExpire within the function is for all values of the run. RunTimeout limits a run.
//
// Python has no counterpart.
func Batch(o BatchOptions) FuncOption {
	return optionFunc(func(f *funcOptions) error {
		if f.batch != nil {
			return errors.New("a second Batch")
		}
		f.batch = &o
		return o.check()
	})
}

// check refuses what makes no sense.
func (o *BatchOptions) check() error {
	if o.MaxSize < 0 {
		return fmt.Errorf("the MaxSize %d of the Batch is negative: 0 is any number", o.MaxSize)
	}
	for name, d := range map[string]time.Duration{"MaxWait": o.MaxWait, "CacheMissing": o.CacheMissing} {
		if d < 0 {
			return fmt.Errorf("the %s of the Batch is negative (%v): 0 is off", name, d)
		}
		if d != 0 && d < time.Microsecond {
			return fmt.Errorf("the %s of the Batch is %v: for %d seconds write %[3]d*time.Second", name, d, d)
		}
	}
	return nil
}

// single returns the function for one element, if fn is a Batch, or else fn.
func (o *funcOptions) single(fn any) (*batch.Func, any, error) {
	if o.batch == nil {
		return nil, fn, nil
	}
	if err := functionHint(fn); err != nil {
		return nil, fn, err
	}
	if v := reflect.ValueOf(fn); v.Kind() != reflect.Func || v.IsNil() {
		return nil, fn, nil // inspectFunc says so
	}
	b, err := batch.New(fn, batch.Config{Max: o.batch.MaxSize, Wait: o.batch.MaxWait})
	if err != nil {
		return nil, fn, err
	}
	return b, b.Single(), nil
}

// rememberMissing makes a Freshness that also remembers missing elements.
func (o *funcOptions) rememberMissing(f *Freshness) {
	if o.batch == nil || o.batch.CacheMissing == 0 {
		return
	}
	span, others := o.batch.CacheMissing, f.CacheError
	f.CacheError = func(err error) time.Duration {
		switch {
		case batch.IsMissing(err):
			return span
		case others != nil:
			return others(err)
		}
		return 0
	}
}

// mustKeepType panics where the cached function has another type than the original.
func (r *Rope) mustKeepType(action string) {
	if r.batch != nil {
		panic(&Error{Action: action, Rope: r.fn.Name,
			Err: fmt.Errorf("a call of a Batch is for one element, of type %v: use Wrap, and Func or Func1E of the rope", r.fn.Type)})
	}
}
