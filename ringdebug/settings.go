package ringdebug

import (
	"fmt"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// setting is a line of the configuration.
type setting struct{ Name, Value string }

// field is its name in JSON.
func (s setting) field() string { return fieldNames.Replace(strings.ToLower(s.Name)) }

var fieldNames = strings.NewReplacer(" ", "_", "'", "", ".", "_", ",", "")

// Zero reports whether it is a number that is nothing to look at.
func (s setting) Zero() bool { return s.Value == "0" || s.Value == none }

// settings lists how a rope was made, without what is off. The miss value is a value.
func settings(c *ring.Config, keys bool) []setting {
	f := &c.Freshness
	all := []setting{
		{"storage", strings.TrimSuffix(c.Storage+" on "+c.Place, " on ")},
		{"expire", expireText(c.Expire)},
		{"key prefix", fmt.Sprintf("%q", c.KeyPrefix)}, {"key style", c.KeyStyle.String()}, {"key encoding", c.KeyEncoding},
		{"ignored parameters", strings.Join(c.IgnorableKeys, ", ")}, {"coder", coderText(c.Coder)}, {"a call is", c.DefaultAction},
		{"storage timeout", optional(c.Timeout)}, {"if the storage fails", onIf(c.FailOpen, "calls run the function")},
		{"renewed", ahead(f)}, {"stale while revalidate", optional(f.StaleWhileRevalidate)}, {"stale if error", optional(f.StaleIfError)},
		{"soft timeout", optional(f.SoftTimeout)}, {"run timeout", optional(f.RunTimeout)}, {"retry after", optional(f.RetryAfter)},
		{"renewals at a time", ifNot(f.MaxRefreshes, 0)}, {"jitter", ifNot(percentText(f.Jitter), "0%")}, {"hits checked", ifNot(percentText(f.Verify), "0%")},
		{"expiry by value", onIf(f.ExpireFunc != nil, "a function decides")}, {"errors remembered", onIf(f.CacheError != nil, "a function decides")},
		{"lock", lockText(c.Lock)}, {"batch", batchText(c.Batch)},
	}
	if keys && c.MissValue != nil {
		all = append(all, setting{"miss value", valueText(c.MissValue)})
	}
	set := all[:0]
	for _, s := range all {
		if s.Value != "" {
			set = append(set, s)
		}
	}
	return set
}

// ifNot writes a value that is not the usual one.
func ifNot[T comparable](value, usual T) string {
	if value == usual {
		return ""
	}
	return fmt.Sprint(value)
}

func onIf(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func optional(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return durationText(d)
}

func expireText(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	return durationText(d) + " after the store"
}

func ahead(f *ring.Freshness) string {
	if f.RefreshAhead == 0 {
		return ""
	}
	return durationText(f.RefreshAhead) + " ahead"
}

// coderText names what encodes the values.
func coderText(c ring.Coder) string {
	if c == nil {
		return "none: the storage gets the values"
	}
	return fmt.Sprintf("%T", c)
}

func lockText(l ring.Lock) string {
	if l.Lease == 0 {
		return ""
	}
	text := "lease " + durationText(l.Lease)
	if l.Wait > 0 {
		text += ", waits up to " + durationText(l.Wait)
	}
	return text
}

func batchText(b *ring.BatchOptions) string {
	if b == nil {
		return ""
	}
	text := "runs for many elements"
	if b.MaxSize > 0 {
		text += fmt.Sprintf(", at most %d", b.MaxSize)
	}
	if b.MaxWait > 0 {
		text += ", gathers for " + durationText(b.MaxWait)
	}
	return text
}
