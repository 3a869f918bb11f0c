package ring

import (
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/internal/store"
)

// Lock makes one process of many run the function for a key, and the others wait for its value.
// The zero value is off. Within a process one call runs anyway; it alone takes part.
//
// Redis, RedisHash, Memcache, Disk and Shelve have it. The lock lies beside the value, which
// other programs read as usual:
//   - Redis: a key ring:lock:{key}. When a run ends the others are told at once.
//   - Memcached: a key ring-lock:key. One call in each process looks for its end, every 10 to 20
//     milliseconds. A lock that it has seen unchanged for the Lease is that of a dead process.
//   - Files: a locked file in a directory whose name ends in -ring-lock. There is no Lease,
//     because the system unlocks it when the process dies.
//
// The process that runs the function renews its lock as long as it runs. If it dies the others
// go on after the Lease. A Delete, Set or Update of a rope with a Lock, in any process, voids
// the run that is under way: its caller gets the value, which is not stored. Nor is it stored if
// another program has changed the value meanwhile. A shelf cannot compare and store at once, so
// that a write of another program at that moment is lost.
//
// A call waits as long as its context, or for Wait. Within a run that holds a lock it waits not
// longer than a Lease: two functions that call each other would wait for ever. It then runs
// without the lock, and its value is stored only if there is none.
//
// If the lock cannot be had because the server fails, that is a failure of the storage: see
// Options.FailOpen. A renewal behind does not wait for a lock. A bulk call of a Batch takes the
// locks of what is missing, runs the function once for those that it got, and then waits for what
// other processes run. Other bulk calls run the function for one missing key after the other.
//
// Redis needs no client-side tracking and no keyspace events. Values that are shorter-lived than
// a run, or a run that is stopped for longer than the Lease, can lead to a second run: the lock
// saves work, and does not guard what the function does.
//
// What another program deletes while there is no value leaves no trace, and stops no run.
// Python has no counterpart.
type Lock struct {
	Lease time.Duration // how long a dead process blocks the others; 0: no lock
	Wait  time.Duration // how long a call waits for another process; 0: as long as its context
}

// lockStorage is a storage that can lock keys for the ropes of many processes. It gets to know
// that before its first use.
type lockStorage interface {
	keepLocks() (store.Locker, error)
}

// leastLease is the shortest Lease, which leaves time to renew it.
const leastLease = 30 * time.Millisecond

// of returns the lock of a rope over a storage.
func (l Lock) of(s Storage) (lock store.Lock, err error) {
	switch {
	case l == Lock{}:
		return lock, nil
	case l.Lease < 0 || l.Wait < 0:
		return lock, fmt.Errorf("the Lock %v is negative: 0 is off", l)
	case l.Lease == 0:
		return lock, fmt.Errorf("the Lock has a Wait of %v and no Lease, without which it is off", l.Wait)
	case l.Lease < leastLease:
		return lock, fmt.Errorf("the Lease %v is shorter than %v, so that it could not be renewed in time: for seconds write 10*time.Second", l.Lease, leastLease)
	}
	locks, ok := s.(lockStorage)
	if !ok {
		return lock, fmt.Errorf("%w: a %T has no Lock: leave it out, or cache in Redis", errors.ErrUnsupported, s)
	}
	locker, err := locks.keepLocks()
	return store.Lock{Locker: locker, Span: l.Lease, Wait: l.Wait}, err
}

// withLock returns the policy of a rope with a lock, which has one in any case.
func withLock(policy *fresh.Policy, expire time.Duration, lock store.Lock) *fresh.Policy {
	if policy == nil && lock.Locker != nil {
		return fresh.New(fresh.Config{Expire: expire})
	}
	return policy
}
