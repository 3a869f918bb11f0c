package interop

import (
	"slices"
	"strings"
)

// refusal is something that Python's ring cannot do. It leaves the store unchanged.
type refusal struct {
	what     string
	actions  []string
	backends []string
	when     func(m *model, places []int) bool // nil: always
	python   string                            // the name of Python's exception
	golang   string                            // the name of Go's error; "": Go can do it
}

var (
	memcaches = []string{"pymemcache", "python-memcached"}
	redises   = []string{"redis", "redis_hash"}
	files     = []string{"shelve", "diskcache"}
	servers   = slices.Concat(redises, memcaches)
	bulk      = []string{
		"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "set_many", "delete_many", "has_many",
	}
)

func persistent(m *model, _ []int) bool { return m.f.expire == 0 }
func empty(_ *model, places []int) bool { return len(places) == 0 }
func expiring(m *model, _ []int) bool   { return m.f.expire > 0 }
func allHits(m *model, places []int) bool {
	return len(places) > 0 && !slices.ContainsFunc(places, func(p int) bool { _, ok := m.entries[p]; return !ok })
}

// refusals are tried in this order. Every step that one of them is about asserts what
// Python and Go do, so a refusal that no longer holds is a failure. TestCrossing
// asserts that both drivers met each of them.
var refusals = []refusal{
	{what: "has: the storage does not have it", actions: []string{"has"}, backends: append(memcaches, "diskcache"), python: "AttributeError"},
	{what: "touch: the storage does not have it, and could not", actions: []string{"touch"}, backends: []string{"shelve"}, python: "AttributeError", golang: "ErrUnsupported"},
	{what: "touch: the storage does not have it", actions: []string{"touch"}, backends: []string{"diskcache"}, python: "AttributeError"},
	{what: "touch without an expiry on Redis", actions: []string{"touch"}, backends: redises, when: persistent, python: "TypeError", golang: "ErrUnsupported"},

	{what: "no bulk sub-functions on files", actions: bulk, backends: files, python: "AttributeError"},
	{what: "touch_many on a shelf", actions: []string{"touch_many"}, backends: []string{"shelve"}, python: "AttributeError", golang: "ErrUnsupported"},
	{what: "touch_many on a directory", actions: []string{"touch_many"}, backends: []string{"diskcache"}, python: "AttributeError"},
	{what: "has_many: the storage does not have it", actions: []string{"has_many"}, backends: servers, python: "AttributeError"},
	{what: "touch_many: the storage does not have it", actions: []string{"touch_many"}, backends: memcaches, python: "AttributeError"},
	{what: "touch_many: the Redis storage does not have it", actions: []string{"touch_many"}, backends: redises, when: expiring, python: "AttributeError"},
	{what: "touch_many without an expiry on Redis", actions: []string{"touch_many"}, backends: redises, when: persistent, python: "AttributeError", golang: "ErrUnsupported"},
	{what: "delete_many: the Redis storages do not have it", actions: []string{"delete_many"}, backends: redises, python: "AttributeError"},

	{what: "get_or_update_many when everything is a hit sends an empty MSET", actions: []string{"get_or_update_many"}, backends: []string{"redis"}, when: allHits, python: "ResponseError"},
	{what: "get_or_update_many when everything is a hit sends an empty HSET", actions: []string{"get_or_update_many"}, backends: []string{"redis_hash"}, when: allHits, python: "DataError"},
	{what: "bulk writes of nothing send an empty MSET", actions: []string{"update_many", "get_or_update_many", "set_many"}, backends: []string{"redis"}, when: empty, python: "ResponseError"},
	{what: "bulk reads of nothing on a hash", actions: []string{"get_many", "get_or_update_many"}, backends: []string{"redis_hash"}, when: empty, python: "ResponseError"},
	{what: "bulk writes of nothing on a hash", actions: []string{"update_many", "set_many"}, backends: []string{"redis_hash"}, when: empty, python: "DataError"},
}

// findRefusal returns the index in refusals, or -1.
func findRefusal(m *model, action string, places []int) int {
	return slices.IndexFunc(refusals, func(r refusal) bool {
		return slices.Contains(r.actions, action) && slices.Contains(r.backends, m.f.backend) && (r.when == nil || r.when(m, places))
	})
}

func isBulk(action string) bool { return strings.HasSuffix(action, "_many") }
