package ringdebug

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ring-go/ring"
)

// ropePage is the page of one rope.
type ropePage struct {
	row
	Func      string // the type of the function
	Config    []setting
	Life      life
	Histogram histogram
	Flights   []flightView
	Events    []eventView
	Keys      bool   // whether the flights and events have keys and errors
	Notice    notice // what an action did
}

// setting is a line of the configuration.
type setting struct{ Name, Value string }

// field is its name in JSON.
func (s setting) field() string { return fieldNames.Replace(strings.ToLower(s.Name)) }

var fieldNames = strings.NewReplacer(" ", "_", "'", "", ".", "_", ",", "")

// Zero reports whether it is a number that is nothing to look at.
func (s setting) Zero() bool { return s.Value == "0" || s.Value == none }

// flightView is a call that is under way.
type flightView struct {
	Key, Trigger, Phase string
	Age                 time.Duration
	Waiting             int
}

func (f flightView) AgeText() string { return durationText(f.Age) }

// eventView is something that happened.
type eventView struct {
	Time       time.Time
	Kind       string
	Key, Error string
}

// Clock writes when it happened, for people, and Stamp for programs.
func (e eventView) Clock() string { return e.Time.Format("15:04:05") }
func (e eventView) Stamp() string { return e.Time.Format(time.RFC3339Nano) }

func (v *visit) rope() (*page, *failure) {
	e, r, fail := v.named()
	if fail != nil {
		return nil, fail
	}
	return v.ropePage(e, r, notice{}), nil
}

// ropePage returns the page of a rope.
func (v *visit) ropePage(e *entry, r *ring.Rope, n notice) *page {
	c := r.Config()
	p := &ropePage{row: v.rowOf(e), Func: typeOf(r), Config: settings(c, v.keys), Life: lifeOf(c), Keys: v.keys, Notice: n}
	p.Histogram = histogramOf(&p.Stats, p.P50, p.P95)
	for _, f := range r.Flights() {
		p.Flights = append(p.Flights, flightView{v.secret(f.Key), f.Trigger.String(), f.Phase, f.Age, f.Waiting})
	}
	for _, happened := range r.Events() {
		text := ""
		if happened.Err != nil {
			text = happened.Err.Error()
		}
		p.Events = append(p.Events, eventView{happened.Time, happened.Kind.String(), v.secret(happened.Key), v.secret(text)})
	}
	return &page{Title: e.Local, Name: "rope", Events: "events?name=" + url.QueryEscape(e.ID), Body: p}
}

// secret returns text that only those may see who may see keys.
func (v *visit) secret(text string) string {
	if !v.keys {
		return ""
	}
	return shorten(text)
}

// rowOf returns what the table of all ropes has about one.
func (h *handler) rowOf(e *entry) row {
	for _, r := range h.rows() { // all of them, so that the samples are of all
		if r.entry == e {
			return r
		}
	}
	return row{entry: e, Stats: ring.Stats{Entries: -1, MaxEntries: -1}}
}

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
		{"renewals at a time", ifNot(f.MaxRefreshes, 0)}, {"jitter", ifNot(percentText(f.Jitter), "0%")},
		{"expiry by value", onIf(f.ExpireFunc != nil, "a function decides")}, {"errors remembered", onIf(f.CacheError != nil, "a function decides")},
		{"lock", lockText(c.Lock)}, {"batch", batchText(c.Batch)},
	}
	if keys && c.MissValue != nil {
		all = append(all, setting{"miss value", shorten(fmt.Sprintf("%v", c.MissValue))})
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

// Counts lists the calls by what they got, and what else was counted.
func (p *ropePage) Counts() []setting {
	s := &p.Stats
	all := []setting{
		{"hits", countText(s.Hits)}, {"stale", countText(s.Stale)}, {"shared runs", countText(s.Shared)}, {"misses", countText(s.Misses)},
		{"remembered errors", countText(s.Negative)}, {"bypassed", countText(s.Bypassed)}, {"errors", countText(s.Errors)},
		{"runs", countText(s.Runs)}, {"runs that failed", countText(s.RunErrors)}, {"panics", countText(s.RunPanics)}, {"runs too late", countText(s.RunTimeouts)},
		{"renewals", countText(s.Refreshes)}, {"renewals that failed", countText(s.RefreshErrors)}, {"renewals dropped", countText(s.RefreshesDropped)},
		{"storage errors", countText(s.StorageErrors)}, {"coding errors", countText(s.DecodeErrors)}, {"evictions", countText(s.Evictions)},
	}
	if s.LockWaits+s.LocksLost > 0 {
		all = append(all, setting{"waits for a lock", countText(s.LockWaits)}, setting{"waited for locks", durationText(s.LockWait)}, setting{"locks lost", countText(s.LocksLost)})
	}
	if s.Batches > 0 {
		all = append(all, setting{"batches", countText(s.Batches)}, setting{"elements of batches", countText(s.BatchElements)})
	}
	return all
}

// Tiles returns the numbers at the top.
func (p *ropePage) Tiles() []tile {
	entries := "in the cache"
	if limit := p.LimitText(); limit != "" {
		entries = "of at most " + limit
	}
	return []tile{
		{"Calls per second", p.RateText(), countText(p.Share.Calls) + " in all"},
		{"From the cache", p.Share.Text(), "without a run of their own"},
		{"Time saved", p.SavedText(), "at " + durationText(p.Stats.MeanRun()) + " a run"},
		{"Errors", p.ErrorsText(), countText(p.Stats.RunErrors+p.Stats.RunPanics) + " of " + countText(p.Stats.Runs) + " runs"},
		{"Entries", p.EntriesText(), entries},
	}
}

// WriteText writes the page for a terminal.
func (p *ropePage) WriteText(w io.Writer) {
	p.Notice.WriteText(w)
	fmt.Fprintf(w, "%s\n%s\n\n", plain(p.ID), p.Func)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, tile := range p.Tiles() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", strings.ToLower(tile.Title), tile.Value, tile.Note)
	}
	fmt.Fprintf(t, "runs\tp50 %s, p95 %s\n\n", p.P50Text(), p.P95Text())
	for _, list := range [][]setting{p.Config, p.Counts()} {
		for _, s := range list {
			fmt.Fprintf(t, "%s\t%s\n", s.Name, plain(s.Value))
		}
		fmt.Fprintln(t)
	}
	for _, s := range p.Life.Stages {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, s.Range(), s.Meaning)
	}
	for _, f := range p.Flights {
		fmt.Fprintf(t, "flight\t%s\t%s\t%d waiting\t%s\t%s\n", f.AgeText(), f.Phase, f.Waiting, f.Trigger, plain(f.Key))
	}
	for _, e := range p.Events {
		fmt.Fprintf(t, "event\t%s\t%s\t%s\t%s\n", e.Clock(), e.Kind, plain(e.Key), plain(e.Error))
	}
	_ = t.Flush()
}

// onePageJSON is the page of a rope, for programs. Without the right to see keys there are
// none, and no errors.
type onePageJSON struct {
	Rope    ropeJSON          `json:"rope"`
	Func    string            `json:"func"`
	Config  map[string]string `json:"config"`
	Flights []flightJSON      `json:"flights"`
	Events  []eventJSON       `json:"events"`
	Action  *actionJSON       `json:"action,omitempty"`
}

type flightJSON struct {
	Key     string  `json:"key,omitempty"`
	Trigger string  `json:"trigger"`
	Phase   string  `json:"phase"`
	Age     float64 `json:"age_seconds"`
	Waiting int     `json:"waiting"`
}

type eventJSON struct {
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"`
	Key   string    `json:"key,omitempty"`
	Error string    `json:"error,omitempty"`
}

// JSON returns the page for programs.
func (p *ropePage) JSON() any {
	j := onePageJSON{Rope: jsonOf(&p.row), Func: p.Func, Config: map[string]string{}, Flights: []flightJSON{}, Events: []eventJSON{}, Action: p.Notice.json()}
	for _, s := range p.Config {
		j.Config[s.field()] = s.Value
	}
	for _, f := range p.Flights {
		j.Flights = append(j.Flights, flightJSON{f.Key, f.Trigger, f.Phase, f.Age.Seconds(), f.Waiting})
	}
	for _, e := range p.Events {
		j.Events = append(j.Events, eventJSON(e))
	}
	return j
}
