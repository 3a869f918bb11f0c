package ring

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/store"
)

// Clear removes all cached values of the function and returns how many there were, also if it
// fails: those that the storage holds under the keys of the function, whoever stored them.
// Then it sets the counters of CacheInfo to 0, and forgets the errors and the pauses of
// Freshness.
//
// A run that is under way when Clear ends does not store its value, and neither does one that
// began before Clear: their callers get it all the same. That is so within a process. What
// another process stores meanwhile may stay.
//
// Values of other functions stay, also where their keys begin with the same text: with the
// prefix "app:f", those of "app:f2", and of "app:f:x" as far as the types of the parameters
// tell the keys apart. A key that could be that of a call of this function is removed; Doctor
// finds ropes that can have the same key. What no call of it can find stays, such as what
// Python stored for arguments of other types.
//
// A storage that nobody else reaches is emptied: Lru and Dict without a cache of your own.
// Others are searched for the prefix. That takes time in proportion to all they hold, in
// Redis and in a shelf, but goes step by step, so that others need not wait. StorageTimeout
// does not limit it. If ctx ends, some of the values are gone.
//
// The error is errors.ErrUnsupported if the values cannot be found: in Memcached, which does
// not tell its keys; in a storage of your own that is no ClearStorage; and in a storage that
// others reach if the keys do not begin with the prefix: with NoPrefix, a KeyRefactor, or
// keys that your own function makes. Then put a version into the KeyPrefix and change it:
// the old values remain until they expire. A function without parameters in its key has one
// value, which any storage removes.
// Python: functools.lru_cache.cache_clear.
func (r *Rope) Clear(ctx context.Context) (int, error) {
	if callable.IsNilContext(ctx) {
		return 0, r.fail("clear", "", callable.ErrNilContext)
	}
	c, remove, err := r.clearing()
	if err != nil {
		return 0, r.fail("clear", "", err)
	}
	err = r.values().Clear(ctx, c.includes, func(ctx context.Context) error { return remove(ctx, c) })
	if err == nil {
		r.resetCounters()
	}
	return int(c.removed.Load()), r.fail("clear", "", err)
}

// removal removes what a Clear is for.
type removal func(ctx context.Context, c *clearing) error

// clearing returns what Clear has to remove, and how.
func (r *Rope) clearing() (*clearing, removal, error) {
	s := r.values()
	switch {
	case r.private:
		remove, err := r.removalBy(s.Storage)
		return &clearing{}, remove, err
	case len(r.plan.Parts) == 0 && !r.makesOwnKeys():
		return r.clearingOne(s)
	}
	if err := r.cannotTellKeys(s); err != nil {
		return nil, nil, err
	}
	prefix, err := r.plan.Finish(r.plan.Prefix + ":")
	if err != nil {
		return nil, nil, err
	}
	remove, err := r.removalBy(s.Storage)
	return &clearing{prefix: prefix, owns: r.keyReader()}, remove, err
}

// clearingOne is for a function whose calls have one key.
func (r *Rope) clearingOne(s *store.Values) (*clearing, removal, error) {
	key, err := r.plan.Finish(r.plan.Prefix)
	if err != nil {
		return nil, nil, err
	}
	remove := func(ctx context.Context, c *clearing) error {
		has, err := s.HasKept(ctx, key)
		if err == nil {
			err = s.Delete(ctx, key)
		}
		if err == nil && has {
			c.removed.Add(1)
		}
		return err
	}
	return &clearing{prefix: key, owns: func(other string) bool { return other == key }}, remove, nil
}

// versionRemedy is what to do where Clear cannot find the values.
const versionRemedy = ": put a version into the KeyPrefix and change that instead"

// cannotTellKeys returns why the keys of the rope cannot be told from those of others, or nil.
func (r *Rope) cannotTellKeys(s *store.Values) error {
	why := ""
	switch _, isMemcache := s.Storage.(*MemcacheStorage); {
	case isMemcache:
		why = "Memcached does not tell its keys"
	case r.makesOwnKeys():
		why = "your own code makes the keys, so that they need not begin with the prefix"
	case r.plan.Refactor != nil:
		why = "a KeyRefactor makes the keys, so that they need not begin with the prefix"
	case r.plan.Prefix == "":
		return fmt.Errorf("%w: without a prefix the keys cannot be told from those of others: give the factory a KeyPrefix", errors.ErrUnsupported)
	default:
		return nil
	}
	return fmt.Errorf("%w: %s%s", errors.ErrUnsupported, why, versionRemedy)
}

// removalBy returns how a storage removes values by a prefix.
func (r *Rope) removalBy(s Storage) (removal, error) {
	if own, ok := s.(chooser); ok && own.(ownStorage).itself() == s {
		return own.clearKeys, nil
	}
	able, ok := s.(ClearStorage)
	if !ok {
		return nil, fmt.Errorf("%w: %T cannot tell its keys: give it ClearPrefix (ring.ClearStorage), or put a version into the KeyPrefix and change that instead", errors.ErrUnsupported, s)
	}
	if other := r.ropeBelow(); other != nil {
		return nil, fmt.Errorf("%w: %T would remove the values of %s, too, whose keys begin with %q: give one of them another KeyPrefix",
			errors.ErrUnsupported, s, other.fn.Name, r.plan.Prefix+":")
	}
	return func(ctx context.Context, c *clearing) error {
		n, err := able.ClearPrefix(ctx, c.prefix)
		c.removed.Add(int64(n))
		return err
	}, nil
}

// ropeBelow returns another rope over the storage whose keys begin like those of this one but
// cannot be the same; nil: there is none.
func (r *Rope) ropeBelow() *Rope {
	at := r.base.place().id
	if r.private || at == nil {
		return nil
	}
	for _, other := range living.all() {
		if other == r || !strings.HasPrefix(other.plan.Prefix, r.plan.Prefix+":") || other.base.place().id != at {
			continue
		}
		if _, ok := keytext.NewKeySet(r.plan).Meet(keytext.NewKeySet(other.plan)); !ok {
			return other
		}
	}
	return nil
}

// keyReader returns a function that reports whether a key can be that of a call. It is not
// safe for concurrent use.
func (r *Rope) keyReader() func(key string) bool {
	reader := keytext.NewReader(keytext.NewKeySet(r.plan))
	return func(key string) bool { return reader.Contains(keytext.Decoded(r.config.KeyEncoding, key)) }
}

// resetCounters sets what CacheInfo counts to 0, and loses no call that is counted meanwhile.
func (r *Rope) resetCounters() {
	hits, misses, stale := r.counts()
	r.cleared.hits.Add(int64(hits))
	r.cleared.misses.Add(int64(misses))
	r.cleared.stale.Add(int64(stale))
}
