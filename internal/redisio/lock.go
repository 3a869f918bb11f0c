package redisio

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/internal/lease"
)

// A lock is a key with a token, beside the key of a value. Whoever has set it runs the
// function, and what the run returns is stored only while the token is there. Who deletes or
// sets the value deletes the lock as well, so that the run stores nothing.

// LockName returns the key of the lock of a key, which a Cluster keeps in the same slot. Its
// name is that of the channel on which its end is told, too.
func LockName(key string) string {
	switch {
	case hasTag(key):
		return "ring:lock:" + key
	case canBeTag(key):
		return "ring:lock:{" + key + "}"
	}
	return "ring:lock:{" + tagOf(key) + "}:" + key
}

// The scripts get the lock and the key of the value, and for a hash the field after their other
// arguments. LOOK, LEFT and SAVE stand for what is done with the value; publish is another command
// on a Cluster. A client that got no answer may send a script once more.
const (
	acquireText = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[1]) == ARGV[1] then
	return {1, LOOK, LEFT}
end
return {0, false, redis.call('PTTL', KEYS[1])}`
	renewText = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0`
	releaseText = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	redis.call('DEL', KEYS[1])
	redis.call('PUBLISH', KEYS[1], '')
	return 1
end
return 0`
	storeText = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return 0
end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', KEYS[1], '')
local now = LOOK
if ARGV[4] == 'absent' and now or ARGV[4] == 'version' and now ~= ARGV[5] then
	return 0
end
SAVE
return 1`
)

// onString and onField are what the scripts do with a value.
var (
	onString = []string{
		"LOOK", "redis.call('GET', KEYS[2])",
		"LEFT", "redis.call('PTTL', KEYS[2])",
		"SAVE", "if ARGV[3] == '0' then redis.call('SET', KEYS[2], ARGV[2]) else redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end",
	}
	onField = []string{
		"LOOK", "redis.call('HGET', KEYS[2], ARGV[#ARGV])",
		"LEFT", "-1",
		"SAVE", "redis.call('HSET', KEYS[2], ARGV[#ARGV], ARGV[2])",
	}
)

// lockScripts are those for one kind of client, and of value.
type lockScripts struct{ acquire, renew, release, store *redis.Script }

var (
	stringsOnOne, fieldsOnOne         = newLockScripts(onString, "PUBLISH"), newLockScripts(onField, "PUBLISH")
	stringsOnCluster, fieldsOnCluster = newLockScripts(onString, "SPUBLISH"), newLockScripts(onField, "SPUBLISH")
)

func newLockScripts(value []string, publish string) *lockScripts {
	words := strings.NewReplacer(append(value, "PUBLISH", publish)...)
	script := func(text string) *redis.Script { return redis.NewScript(words.Replace(text)) }
	return &lockScripts{script(acquireText), script(renewText), script(releaseText), script(storeText)}
}

// Locks are the locks of the values of a client.
type Locks struct {
	client          redis.UniversalClient
	strings, fields *lockScripts
	bells           *bells
}

// NewLocks returns the locks of a client.
func NewLocks(client redis.UniversalClient) *Locks {
	l := &Locks{client: client, strings: stringsOnOne, fields: fieldsOnOne, bells: newBells(client)}
	if isCluster(client) {
		l.strings, l.fields = stringsOnCluster, fieldsOnCluster
	}
	return l
}

// Client returns the client.
func (l *Locks) Client() redis.UniversalClient { return l.client }

// Slot is where a value is: under a key, or in a field of a hash.
type Slot struct {
	Key   string
	Field *string // nil: there is no hash
}

// LockName returns the key of the lock of a value.
func (s Slot) LockName() string {
	if s.Field == nil {
		return LockName(s.Key)
	}
	return LockName(s.Key) + ":" + *s.Field
}

// Held is a value that was there when its lock was taken.
type Held struct {
	Text  string
	Left  time.Duration // 0: it does not expire
	Found bool
}

// errNoSlot is for go-redis' Ring, which has no slots: it keeps a lock beside its key by the tag.
var errNoSlot = fmt.Errorf("%w: the key has a }, but no tag in braces, so that a Ring of servers does not keep its lock beside it", errors.ErrUnsupported)

// Acquire takes the lock of a value if nobody has it. Otherwise taken is nil, and left is how
// long the lock lives if nobody renews it.
func (l *Locks) Acquire(ctx context.Context, slot Slot, span time.Duration) (taken *Lease, held Held, left time.Duration, err error) {
	asked, err := l.ask(slot)
	if err != nil {
		return nil, held, 0, err
	}
	return asked.taken(asked.run(ctx, asked.scripts.acquire, asked.token, Milliseconds(span)), span)
}

// ask returns the lease of a lock that is to be asked for.
func (l *Locks) ask(slot Slot) (*Lease, error) {
	if l.bells.alone && !isCluster(l.client) && !hasTag(slot.Key) && !canBeTag(slot.Key) {
		return nil, errNoSlot
	}
	asked := &Lease{locks: l, scripts: l.strings, slot: slot, name: slot.LockName(), token: rand.Text()}
	if slot.Field != nil {
		asked.scripts = l.fields
	}
	return asked, nil
}

// taken returns what the server has answered when it was asked for a lock.
func (l *Lease) taken(cmd *redis.Cmd, span time.Duration) (taken *Lease, held Held, left time.Duration, err error) {
	answer, err := cmd.Slice()
	if err != nil {
		return nil, held, 0, fmt.Errorf("lock: %w", err)
	}
	if len(answer) != 3 {
		return nil, held, 0, fmt.Errorf("lock: the server answered %v", answer)
	}
	pttl, _ := answer[2].(int64)
	if got, _ := answer[0].(int64); got != 1 {
		return nil, held, max(time.Duration(pttl)*time.Millisecond, 0), nil
	}
	if held.Text, held.Found = answer[1].(string); held.Found {
		switch {
		case pttl == noExpiry:
		case pttl <= 0:
			held.Left = 1
		default:
			held.Left = time.Duration(pttl) * time.Millisecond
		}
	}
	l.renewal = lease.Start(span, func(ctx context.Context) (bool, error) { return l.renewFor(ctx, span) })
	return l, held, 0, nil
}

// Lease is a lock that is held. It is renewed until it is released.
type Lease struct {
	locks       *Locks
	scripts     *lockScripts
	slot        Slot
	name, token string
	renewal     *lease.Renewal
}

func (l *Lease) run(ctx context.Context, script *redis.Script, args ...any) *redis.Cmd {
	return script.Run(ctx, l.locks.client, l.keys(), l.args(args)...)
}

func (l *Lease) keys() []string { return []string{l.name, l.slot.Key} }

func (l *Lease) args(args []any) []any {
	if l.slot.Field == nil {
		return args
	}
	return append(args, *l.slot.Field)
}

// renewFor renews the lease. If somebody has voided it, the store will be refused.
func (l *Lease) renewFor(ctx context.Context, span time.Duration) (held bool, err error) {
	n, err := l.run(ctx, l.scripts.renew, l.token, Milliseconds(span)).Int64()
	return n == 1, err
}

// Condition is what has to be stored under a key for another value to be stored.
type Condition struct {
	Absent  bool
	Version string // unless it is to be absent
	Any     bool   // neither
}

// Store stores a value if the lease still holds and the condition is met, and releases the
// lock. It reports whether it has stored.
func (l *Lease) Store(ctx context.Context, value any, expire time.Duration, was Condition) (bool, error) {
	if !l.renewal.End() {
		return false, nil
	}
	stored, err := l.run(context.WithoutCancel(ctx), l.scripts.store, l.storing(value, expire, was)...).Int64()
	return stored == 1, err
}

// storing returns the arguments of the script that stores.
func (l *Lease) storing(value any, expire time.Duration, was Condition) []any {
	px := int64(0)
	if expire != 0 {
		px = Milliseconds(expire)
	}
	mode := "version"
	switch {
	case was.Any:
		mode = "any"
	case was.Absent:
		mode = "absent"
	}
	return []any{l.token, value, px, mode, was.Version}
}

// Release gives the lock back, unless Store has done so.
func (l *Lease) Release(ctx context.Context) error {
	if !l.renewal.End() {
		return nil
	}
	return l.run(context.WithoutCancel(ctx), l.scripts.release, l.token).Err()
}

// Listen returns what rings when the lock of a value is released. The caller closes it.
func (l *Locks) Listen(slot Slot) *Bell { return l.bells.listen(slot.LockName()) }
