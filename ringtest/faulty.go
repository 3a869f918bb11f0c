package ringtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"
)

// Faulty is a storage that fails as a server may: with errors, late, or by losing what it has
// accepted. How often it does is a plan, the Faults of each operation; the zero Faults are
// none. Everything else is left to the Storage inside:
//
//	class := func(backend any) (ring.Storage, error) {
//		redis, err := ring.NewRedisStorage(backend)
//		return &ringtest.Faulty{Storage: redis, TB: t, Get: ringtest.Faults{Error: 0.1}}, err
//	}
//	prices := ring.Wrap(price, ring.Redis{Client: client, KeyPrefix: "price", StorageClass: class})
//
// What fails is decided by the Seed, the operation, the key, and how often the operation was
// called with the key. So a test that fails does so again with the Seed that it has logged,
// also if its goroutines run in another order.
//
// A bulk method decides for each of its keys, as its single method does: the keys that fail
// are in the ring.BulkErrors. It takes as long as the slowest of them.
//
// Faulty has all optional methods. It returns errors.ErrUnsupported where the Storage inside
// has no TouchValue, TTLValue or ClearPrefix, and asks for one key after the other where it has no bulk
// methods. Of a ring.TypedStorage it does not pass on the types: give Shelve and DiskCache a
// Coder.
//
// The fields belong to the caller, who may change the plan while no call is under way. A
// Faulty must not be copied after its first use.
type Faulty struct {
	ring.Storage // does the work

	TB   testing.TB // gets the Seed in its log; nil: nobody does
	Seed uint64     // 0: by chance

	Get, Set, Delete, Has, Touch, TTL Faults

	begin sync.Once
	seed  uint64
	mu    sync.Mutex
	calls map[string]uint64 // how often, by operation and key
}

// Faults are how often an operation of a Faulty goes wrong. Error, Lost and Slow are from 0,
// never, to 1, always, and do not depend on each other: a call can be slow and then fail.
type Faults struct {
	Error float64 // it returns Err and does nothing
	Err   error   // nil: ErrFault
	Lost  float64 // of Set, Delete and Touch: it reports success and does nothing
	Slow  float64 // it begins after Delay, or ends with the context before
	Delay time.Duration
}

// ErrFault is the error of a Faulty that has to fail.
var ErrFault = errors.New("ringtest: the storage fails, as planned")

var (
	_ ring.Storage      = (*Faulty)(nil)
	_ ring.HasStorage   = (*Faulty)(nil)
	_ ring.TouchStorage = (*Faulty)(nil)
	_ ring.TTLStorage   = (*Faulty)(nil)
	_ ring.ClearStorage = (*Faulty)(nil)
	_ ring.BulkStorage  = (*Faulty)(nil)
	_ ring.SizedStorage = (*Faulty)(nil)
	_ ring.InMemory     = (*Faulty)(nil)
	_ ring.BytesStorage = (*Faulty)(nil)
)

// fate is what happens to a call.
type fate struct {
	err   error
	lost  bool
	delay time.Duration
}

// fateOf decides about the next call of an operation with a key.
func (f *Faulty) fateOf(op string, faults *Faults, key string) (next fate) {
	f.begin.Do(f.start)
	hash := fnv.New64a()
	hash.Write([]byte(op + ":" + key))
	chance := rand.New(rand.NewPCG(f.seed, hash.Sum64()+f.count(op+":"+key)))
	fails, lost, slow := chance.Float64() < faults.Error, chance.Float64() < faults.Lost, chance.Float64() < faults.Slow
	if fails {
		next.err = fmt.Errorf("%w (%s of %q, Seed: %d)", faults.cause(), op, key, f.seed)
	}
	next.lost = lost && (op == "set" || op == "delete" || op == "touch")
	if slow {
		next.delay = faults.Delay
	}
	return next
}

func (f *Faults) cause() error {
	if f.Err == nil {
		return ErrFault
	}
	return f.Err
}

func (f *Faulty) start() {
	f.calls = map[string]uint64{}
	for f.seed = f.Seed; f.seed == 0; {
		f.seed = rand.Uint64()
	}
	if f.TB != nil {
		f.TB.Logf("ringtest: the faults of the %T come from Seed: %d", f.Storage, f.seed)
	}
}

// count returns how often an operation was called with a key before.
func (f *Faulty) count(call string) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[call]++
	return f.calls[call] - 1
}

// suffer is fateOf for one key, without the delay, which is over when it returns.
func (f *Faulty) suffer(ctx context.Context, op string, faults *Faults, key string) (lost bool, err error) {
	next := f.fateOf(op, faults, key)
	if err := pause(ctx, next.delay); err != nil {
		return false, err
	}
	return next.lost, next.err
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// GetValue implements ring.Storage.
func (f *Faulty) GetValue(ctx context.Context, key string) (any, error) {
	if _, err := f.suffer(ctx, "get", &f.Get, key); err != nil {
		return nil, err
	}
	return f.Storage.GetValue(ctx, key)
}

// SetValue implements ring.Storage.
func (f *Faulty) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if lost, err := f.suffer(ctx, "set", &f.Set, key); lost || err != nil {
		return err
	}
	return f.Storage.SetValue(ctx, key, value, expire)
}

// DeleteValue implements ring.Storage.
func (f *Faulty) DeleteValue(ctx context.Context, key string) error {
	if lost, err := f.suffer(ctx, "delete", &f.Delete, key); lost || err != nil {
		return err
	}
	return f.Storage.DeleteValue(ctx, key)
}

// ClearPrefix implements ring.ClearStorage. It fails as a Delete does whose key is the prefix.
func (f *Faulty) ClearPrefix(ctx context.Context, prefix string) (int, error) {
	if lost, err := f.suffer(ctx, "delete", &f.Delete, prefix); lost || err != nil {
		return 0, err
	}
	return clearPrefix(ctx, f.Storage, prefix)
}

// HasValue implements ring.HasStorage.
func (f *Faulty) HasValue(ctx context.Context, key string) (bool, error) {
	if _, err := f.suffer(ctx, "has", &f.Has, key); err != nil {
		return false, err
	}
	return hasValue(ctx, f.Storage, key)
}

// TouchValue implements ring.TouchStorage.
func (f *Faulty) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	if lost, err := f.suffer(ctx, "touch", &f.Touch, key); lost || err != nil {
		return err
	}
	return touchValue(ctx, f.Storage, key, expire)
}

// TTLValue implements ring.TTLStorage.
func (f *Faulty) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	if _, err := f.suffer(ctx, "ttl", &f.TTL, key); err != nil {
		return 0, err
	}
	return ttlValue(ctx, f.Storage, key)
}

// ShortenValue implements ring.ShortenStorage. It fails like TouchValue.
func (f *Faulty) ShortenValue(ctx context.Context, key string, left time.Duration) error {
	if lost, err := f.suffer(ctx, "touch", &f.Touch, key); lost || err != nil {
		return err
	}
	return shortenValue(ctx, f.Storage, key, left)
}

// InMemoryStorage implements ring.InMemory.
func (f *Faulty) InMemoryStorage() bool {
	s, ok := f.Storage.(ring.InMemory)
	return ok && s.InMemoryStorage()
}

// StoresBytes implements ring.BytesStorage.
func (f *Faulty) StoresBytes() bool {
	s, ok := f.Storage.(ring.BytesStorage)
	return ok && s.StoresBytes()
}

// Size implements ring.SizedStorage.
func (f *Faulty) Size() (limit, current int) { return sizeOf(f.Storage) }
