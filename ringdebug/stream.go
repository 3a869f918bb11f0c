package ringdebug

import (
	"bytes"
	"net/http"
	"sync"
	"time"
)

// stream sends the content of a page again and again, as server-sent events: that of a rope if
// the request names one, else that of all ropes.
func (v *visit) stream() {
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no")
	if v.r.Method == http.MethodHead {
		return
	}
	build := (*visit).overview
	if v.r.URL.Query().Has("name") {
		build = (*visit).rope
	}
	if _, fail := build(v); fail != nil {
		refuse(v.w, fail.status, fail.text)
		return
	}
	end := v.streams.endOf(v.r)
	_ = http.NewResponseController(v.w).SetReadDeadline(time.Time{}) // else http.Server.ReadTimeout ends the stream
	var last []byte
	for wait := v.first; ; wait = v.every {
		select {
		case <-v.r.Context().Done():
			return
		case <-end:
			return
		case <-time.After(wait):
		}
		if !v.stillMay() {
			return
		}
		p, fail := build(v)
		if fail != nil {
			return
		}
		content, err := v.content(p)
		if err != nil || !v.send(content, last) {
			return
		}
		last = content
	}
}

// stillMay reports whether the visitor still may see the same.
func (v *visit) stillMay() bool {
	view, keys := v.access(v.r)
	return view && keys == v.keys
}

// content renders what is sent of a page.
func (v *visit) content(p *page) ([]byte, error) {
	p.Keys, p.Writes = v.keys, v.keys && v.options.Writes
	return p.render("main")
}

// send sends an event, or a comment if nothing has changed.
func (v *visit) send(content, last []byte) (ok bool) {
	to := http.NewResponseController(v.w)
	_ = to.SetWriteDeadline(time.Now().Add(time.Minute)) // else http.Server.WriteTimeout ends the stream
	message := []byte(":\n\n")
	if !bytes.Equal(content, last) {
		message = append([]byte("data: "), bytes.ReplaceAll(oneLineEnd(content), []byte("\n"), []byte("\ndata: "))...)
		message = append(message, "\n\n"...)
	}
	if _, err := v.w.Write(message); err != nil {
		return false
	}
	return to.Flush() == nil
}

// oneLineEnd makes every end of a line a "\n", as HTML does. A "\r", such as in a key, would end
// a line of the event as well, and what follows it would not belong to the content.
func oneLineEnd(content []byte) []byte {
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
}

// streams ends the streams of servers that shut down: http.Server.Shutdown waits for them.
type streams struct {
	mu   sync.Mutex
	ends map[*http.Server]chan struct{}
}

// endOf returns a channel that is closed when the server of a request shuts down.
func (s *streams) endOf(r *http.Request) <-chan struct{} {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if end, ok := s.ends[server]; ok {
		return end
	}
	if s.ends == nil {
		s.ends = map[*http.Server]chan struct{}{}
	}
	end := make(chan struct{})
	s.ends[server] = end
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(end) }))
	return end
}
