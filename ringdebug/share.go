package ringdebug

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/ring-go/ring"
)

// share is what calls got, as parts of all.
type share struct {
	Hit   float64 // without a run of their own, and not stale
	Stale float64
	Miss  float64
	Error float64
	Calls uint64
}

// shareOf returns what the calls of a rope got.
func shareOf(s *ring.Stats) share {
	n := s.Calls()
	if n == 0 {
		return share{}
	}
	part := func(calls uint64) float64 { return float64(calls) / float64(n) }
	return share{
		Hit: part(s.Hits + s.Shared + s.Negative), Stale: part(s.Stale), Miss: part(s.Misses + s.Bypassed), Error: part(s.Errors), Calls: n,
	}
}

// Text writes the share of what needed no run, the number of the table.
func (s share) Text() string {
	if s.Calls == 0 {
		return none
	}
	return percentText(s.Hit + s.Stale)
}

// Words tells what the bar shows.
func (s share) Words() string {
	if s.Calls == 0 {
		return "no calls"
	}
	words := []string{percentText(s.Hit) + " hit", percentText(s.Stale) + " stale", percentText(s.Miss) + " miss"}
	if s.Error > 0 {
		words = append(words, percentText(s.Error)+" error")
	}
	return strings.Join(words, ", ")
}

// Bar draws the share.
func (s share) Bar() template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="bar" role="img" aria-label="` + template.HTMLEscapeString(s.Words()) + `">`)
	at := 0.0
	for _, part := range []struct {
		class string
		size  float64
	}{{"hit", s.Hit}, {"stale", s.Stale}, {"miss", s.Miss}, {"error", s.Error}} {
		b.WriteString(`<rect class="` + part.class + `" x="` + inPercent(at) + `" width="` + inPercent(part.size) + `" height="100%"/>`)
		at += part.size
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func inPercent(part float64) string { return strconv.FormatFloat(part*100, 'f', 2, 64) + "%" }

// sparkline draws the calls per second of the last samples, the latest at the right end.
func sparkline(rates []float64) template.HTML {
	const width, height = maxSamples - 2, 20.0
	var b strings.Builder
	b.WriteString(`<svg class="spark" viewBox="0 -1 29 22" preserveAspectRatio="none" aria-hidden="true">`)
	if len(rates) > 1 {
		top := 1e-9
		for _, r := range rates {
			top = max(top, r)
		}
		var line strings.Builder
		for i, r := range rates {
			fmt.Fprintf(&line, "%d,%.1f ", width-(len(rates)-1)+i, height-r/top*height)
		}
		fmt.Fprintf(&b, `<polygon points="%d,%g %s%d,%g"/>`, width-(len(rates)-1), height, line.String(), width, height)
		fmt.Fprintf(&b, `<polyline points="%s" vector-effect="non-scaling-stroke"/>`, strings.TrimSpace(line.String()))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}
