package ringdebug

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// access returns what the sender of a request may see.
func (h *handler) access(r *http.Request) (view, keys bool) {
	if h.options.Authorize == nil {
		return isLocal(r), false
	}
	view, keys = h.options.Authorize(r)
	return view, view && keys
}

// whyNot tells who may not view what to do.
func (h *handler) whyNot() string {
	if h.options.Authorize == nil {
		return "this page is only for this machine, by the name localhost and without a proxy, " +
			"unless ringdebug.Options.Authorize says otherwise"
	}
	return "ringdebug.Options.Authorize of the program does not let you see this page"
}

// isLocal reports whether a request comes from this machine and no proxy has passed it on.
//
// The address alone does not tell: a page from elsewhere can give its own name a loopback
// address, and then the browser takes this server for its own. But it still sends that name.
func isLocal(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Real-Ip"} {
		if len(r.Header.Values(name)) > 0 { // an empty one, too: a proxy may have added its own after it
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && isLoopbackName(r.Host)
}

// isLoopbackName reports whether a Host header names this machine.
func isLoopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}
