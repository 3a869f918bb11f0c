package ring

import (
	"slices"
	"sync"

	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/standin"
	"github.com/ring-go/ring/internal/store"
)

func init() {
	standin.Ropes.Living = func() []any {
		var ropes []any
		for _, r := range living.all() {
			ropes = append(ropes, r)
		}
		return ropes
	}
	standin.Ropes.Base = func(rope any) (standin.Base, bool) { return layered.base(rope.(*Rope)) }
	standin.Ropes.Put = func(rope any, l standin.Layer) func() { return layered.put(rope.(*Rope), l) }
}

// layered holds the ropes whose storages have layers over them. There are some only while
// tests run.
var layered = layeredRopes{of: map[*Rope]*layers{}}

type layeredRopes struct {
	mu sync.Mutex
	of map[*Rope]*layers
}

// layers are those of one rope.
type layers struct {
	own  *store.Values // the rope's own storage
	plan *hit.Plan     // that goes with it
	all  []*layer      // the last one on top
	used []*hit.Plan   // of the layers, until now
}

type layer struct {
	standin.Layer
	hits, misses int // of the rope, before
}

// base returns what lies under all layers of a rope.
func (l *layeredRopes) base(r *Rope) (b standin.Base, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := r.values()
	if s := l.of[r]; s != nil {
		own = s.own
	}
	if own == nil {
		return b, false
	}
	return standin.Base{Storage: own.Storage, Backend: own.Backend, Place: placeOf(own).id}, true
}

// put puts a layer over the storage of a rope. It may be removed before others that were
// put later.
func (l *layeredRopes) put(r *Rope, what standin.Layer) (remove func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.of[r]
	if s == nil {
		s = &layers{own: r.values(), plan: r.fast.Load()}
		l.of[r] = s
	}
	calls := r.meter.Calls()
	added := &layer{what, r.hitsOf(&calls) + s.hits(), r.missesOf(&calls)}
	s.all = append(s.all, added)
	s.apply(r)
	return sync.OnceFunc(func() { l.remove(r, s, added) })
}

func (l *layeredRopes) remove(r *Rope, s *layers, removed *layer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(other *layer) bool { return other == removed })
	s.apply(r)
	if len(s.all) == 0 {
		r.meter.CountSeveral(meter.Hit, s.hits())
		delete(l.of, r)
	}
}

// hits returns those of the layers' plans, and what CacheInfo leaves out: what was counted
// before the rope got the storage that it has now.
func (l *layeredRopes) hits(r *Rope) (found, hitsBefore, missesBefore int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.of[r]
	if s == nil {
		return 0, 0, 0
	}
	if top := s.standIn(); top != nil && !top.Apart {
		hitsBefore, missesBefore = top.hits, top.misses
	}
	return s.hits(), hitsBefore, missesBefore
}

func (s *layers) hits() (n int) {
	for _, plan := range s.used {
		n += plan.Hits()
	}
	return n
}

// standIn returns the layer whose storage takes the place of the rope's own; nil: there is
// none.
func (s *layers) standIn() *layer {
	for _, l := range slices.Backward(s.all) {
		if l.Storage != nil {
			return l
		}
	}
	return nil
}

// apply gives the rope the storage and the plan of its layers. Calls read either at any
// time: a call that has read one of them before goes on with that.
func (s *layers) apply(r *Rope) {
	fast, calls := r.fast.Load(), r.calls.Load()
	values, plan := s.own, s.plan
	coder := r.values().Coder.Load()
	if c, changed := s.config(); changed {
		values = store.New(c, *coder)
		plan = r.planOf(values)
		if plan != nil {
			s.used = append(s.used, plan)
		}
	} else {
		values.Coder.Store(coder) // a PublicRing may have changed it meanwhile
	}
	r.base.values.Store(values)
	// Where there is no plan, there never was one, or a PublicRing has dropped it for good.
	if fast != nil {
		r.fast.CompareAndSwap(fast, plan)
	}
	if calls != nil {
		r.calls.CompareAndSwap(calls, plan)
	}
	if optionsInUse.Load() {
		r.askForOptions()
	}
}

// config returns the config of the values, unless it is the rope's own.
func (s *layers) config() (c store.Config, changed bool) {
	c = s.own.Config
	if top := s.standIn(); top != nil {
		c, changed = placed(c, top.Storage, c.Backend), true
		c.Lock = store.Lock{} // no other process reaches it
		if c.Policy != nil {  // what is remembered of failures belongs to the storage
			c.Policy = fresh.New(c.Policy.Config)
		}
		if c.Apart = top.Apart; top.Backend != nil {
			c.Backend = top.Backend
		}
	}
	for _, l := range s.all {
		if l.Watch == nil || c.Apart {
			continue
		}
		under := c
		if watching := l.Watch(under.Storage); watching != nil {
			c, changed = placed(c, watching, c.Backend), true
			c.Flights, c.Place = under.Flights, under.Place
			c.Counts = under.Counts || under.LRU != nil
		}
	}
	return c, changed
}
