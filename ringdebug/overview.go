package ringdebug

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ring-go/ring"
)

// row is a rope in the table.
type row struct {
	*entry
	Stats    ring.Stats
	Share    share
	Rates    []float64 // calls per second of the last samples, the oldest first
	P50, P95 time.Duration
	Saved    time.Duration
}

// Rate returns the calls per second now; -1: not known yet.
func (r *row) Rate() float64 {
	if len(r.Rates) == 0 {
		return -1
	}
	return r.Rates[len(r.Rates)-1]
}

func (r *row) RateText() string    { return rateText(r.Rate()) }
func (r *row) P50Text() string     { return durationText(r.P50) }
func (r *row) P95Text() string     { return durationText(r.P95) }
func (r *row) SavedText() string   { return durationText(r.Saved) }
func (r *row) ErrorsText() string  { return countText(r.Stats.Errors) }
func (r *row) BehindText() string  { return countText(uint64(max(r.Stats.Refreshing, 0))) }
func (r *row) EntriesText() string { return sizeText(r.Stats.Entries) }

// Where writes where the values are kept, if that is more than the storage says.
func (r *row) Where() string {
	if r.Storage == "lru" || r.Storage == "dict" || r.Place == r.Storage {
		return ""
	}
	return r.Place
}

// LimitText writes how many entries the cache can have; "": any number.
func (r *row) LimitText() string {
	if r.Stats.MaxEntries < 0 {
		return ""
	}
	return countText(uint64(r.Stats.MaxEntries))
}

// rows reads all ropes.
func (h *handler) rows() []row {
	ropes, entries := known.list()
	rows, calls := make([]row, len(ropes)), make([]uint64, len(ropes))
	for i, r := range ropes {
		s := r.Stats()
		calls[i] = s.Calls()
		rows[i] = row{entry: entries[i], Stats: s, Share: shareOf(&s), P50: s.RunQuantile(0.5), P95: s.RunQuantile(0.95), Saved: s.TimeSaved()}
	}
	for i, rates := range h.samples.rates(entries, calls) {
		rows[i].Rates = rates
	}
	return rows
}

// column is a column of the table.
type column struct {
	Key, Title, Hint string
	Number           bool // sorted the largest first
	compare          func(a, b *row) int
}

// byName is the order of rows that are equal otherwise.
func byName(a, b *row) int {
	return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Local, b.Local), cmp.Compare(a.Number, b.Number))
}

// by returns a comparison of numbers.
func by[T cmp.Ordered](number func(*row) T) func(a, b *row) int {
	return func(a, b *row) int { return cmp.Compare(number(a), number(b)) }
}

var columns = []column{
	{"function", "Function", "the function, and the prefix of its keys", false, byName},
	{"storage", "Storage", "where the values are kept", false, func(a, b *row) int {
		return cmp.Or(strings.Compare(a.Storage, b.Storage), strings.Compare(a.Place, b.Place))
	}},
	{"rate", "Calls/s", "calls per second since the last look", true, by((*row).Rate)},
	{"share", "From cache", "the calls that needed no run of their own", true, by(func(r *row) float64 { return r.Share.Hit + r.Share.Stale })},
	{"p50", "p50", "half of the runs are not longer", true, by(func(r *row) time.Duration { return r.P50 })},
	{"p95", "p95", "95% of the runs are not longer", true, by(func(r *row) time.Duration { return r.P95 })},
	{"saved", "Saved", "the time that the function would have taken for the calls served from the cache", true, by(func(r *row) time.Duration { return r.Saved })},
	{"errors", "Errors", "calls that got an error", true, by(func(r *row) uint64 { return r.Stats.Errors })},
	{"refreshing", "Renewing", "renewals that run behind now", true, by(func(r *row) int64 { return r.Stats.Refreshing })},
	{"entries", "Entries", "values in the cache, and how many it can hold", true, by(func(r *row) int64 { return r.Stats.Entries })},
}

// order is how the table is sorted: ?sort=rate, or ?sort=-rate for the largest first.
type order struct {
	column *column
	down   bool
}

// orderOf reads an order; what is no order is that of the names.
func orderOf(text string) order {
	key, down := strings.CutPrefix(text, "-")
	for i := range columns {
		if columns[i].Key == key {
			return order{&columns[i], down}
		}
	}
	return order{&columns[0], false}
}

func (o order) String() string {
	if o.down {
		return "-" + o.column.Key
	}
	return o.column.Key
}

// sort sorts the rows. Those that are equal have the order of their names.
func (o order) sort(rows []row) {
	slices.SortFunc(rows, func(a, b row) int {
		c := o.column.compare(&a, &b)
		if o.down {
			c = -c
		}
		return cmp.Or(c, byName(&a, &b))
	})
}

// heading is the head of a column: a link that sorts by it.
type heading struct {
	column
	Sorted string // for aria-sort: "ascending", "descending" or "none"
	Query  string // of the link
}

func (o order) headings() []heading {
	all := make([]heading, len(columns))
	for i := range columns {
		next, sorted := order{&columns[i], columns[i].Number}, "none"
		if o.column.Key == columns[i].Key {
			next.down, sorted = !o.down, "ascending"
			if o.down {
				sorted = "descending"
			}
		}
		all[i] = heading{columns[i], sorted, "?sort=" + url.QueryEscape(next.String())}
	}
	return all
}

// overviewPage is the page of all ropes.
type overviewPage struct {
	at    time.Time
	order order
	Rows  []row
}

func (v *visit) overview() (*page, *failure) {
	p := &overviewPage{at: v.samples.now(), order: orderOf(v.r.FormValue("sort")), Rows: v.rows()}
	p.order.sort(p.Rows)
	return &page{Title: "All ropes", Name: "overview", Events: "events?sort=" + url.QueryEscape(p.order.String()), Body: p}, nil
}

func (p *overviewPage) Headings() []heading { return p.order.headings() }

// Order tells how the table is sorted.
func (p *overviewPage) Order() string {
	if p.order.down {
		return "sorted by " + p.order.column.Title + ", descending"
	}
	return "sorted by " + p.order.column.Title + ", ascending"
}

// tile is a number above the table.
type tile struct{ Title, Value, Note string }

// Tiles returns the sums of all ropes.
func (p *overviewPage) Tiles() []tile {
	var rate, cached float64
	var calls, errors, wrong uint64
	var saved time.Duration
	var flights, behind int64
	sampled := false
	for i := range p.Rows {
		r := &p.Rows[i]
		rate, sampled = rate+max(r.Rate(), 0), sampled || len(r.Rates) > 0
		n := r.Share.Calls
		calls, errors, wrong = calls+n, errors+r.Stats.Errors, wrong+r.Stats.Differed
		cached += (r.Share.Hit + r.Share.Stale) * float64(n)
		saved += min(r.Saved, math.MaxInt64-saved)
		flights, behind = flights+r.Stats.Flights, behind+r.Stats.Refreshing
	}
	if !sampled {
		rate = -1
	}
	gotOne := "calls that got one"
	if wrong > 0 { // see Freshness.Verify
		gotOne += ", and " + counted(int(min(wrong, math.MaxInt32)), "wrong hit")
	}
	part := none
	if calls > 0 {
		part = percentText(cached / float64(calls))
	}
	return []tile{
		{"Calls per second", rateText(rate), countText(calls) + " in all"},
		{"From the cache", part, "without a run of their own"},
		{"Time saved", durationText(saved), "that functions did not run"},
		{"Errors", countText(errors), gotOne},
		{"Under way", countText(uint64(flights)), counted(int(behind), "renewal") + " behind"},
	}
}

// WriteText writes the table for a terminal.
func (p *overviewPage) WriteText(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range columns {
		if i > 0 {
			fmt.Fprint(t, "\t")
		}
		fmt.Fprint(t, strings.ToUpper(c.Title))
	}
	fmt.Fprintln(t)
	for i := range p.Rows {
		r := &p.Rows[i]
		entries := r.EntriesText()
		if limit := r.LimitText(); limit != "" {
			entries += "/" + limit
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", plain(r.ID), r.Storage, r.RateText(), r.Share.Text(),
			r.P50Text(), r.P95Text(), r.SavedText(), r.ErrorsText(), r.BehindText(), entries)
	}
	_ = t.Flush()
}

// plain removes from a name what would change a terminal or the table.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// JSON returns the page for programs.
func (p *overviewPage) JSON() any {
	all := overviewJSON{Time: p.at, Ropes: make([]ropeJSON, len(p.Rows))}
	for i := range p.Rows {
		all.Ropes[i] = jsonOf(&p.Rows[i])
	}
	return all
}
