package ring

import (
	"runtime"
	"sync"
	"weak"
)

// living knows all ropes that anything still holds, and keeps none of them alive.
var living = roster{ropes: map[weak.Pointer[Rope]]struct{}{}}

type roster struct {
	mu    sync.Mutex
	ropes map[weak.Pointer[Rope]]struct{}
}

func (l *roster) add(r *Rope) {
	w := weak.Make(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ropes[w] = struct{}{}
	runtime.AddCleanup(r, l.remove, w)
}

func (l *roster) remove(w weak.Pointer[Rope]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ropes, w)
}

// all are the ropes that are alive, in no order.
func (l *roster) all() []*Rope {
	l.mu.Lock()
	defer l.mu.Unlock()
	ropes := make([]*Rope, 0, len(l.ropes))
	for w := range l.ropes {
		if r := w.Value(); r != nil {
			ropes = append(ropes, r)
		}
	}
	return ropes
}
