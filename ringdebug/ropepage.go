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
		if happened.Err != nil && v.keys {
			text = fmt.Sprint(happened.Err) // which survives an Error that panics
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
	if s.Verified > 0 {
		all = append(all, setting{"hits checked", countText(s.Verified)}, setting{"wrong hits", countText(s.Differed)})
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
