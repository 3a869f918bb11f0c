package ringdebug

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// histogram is how long runs took.
type histogram struct {
	Bars     []histogramBar
	Runs     uint64
	p50, p95 time.Duration
}

// histogramBar is a bucket of run times.
type histogramBar struct {
	Runs uint64
	Name string // "up to 5 ms"
	most time.Duration
}

func histogramOf(s *ring.Stats, p50, p95 time.Duration) histogram {
	h := histogram{Bars: make([]histogramBar, len(s.RunBuckets)), p50: p50, p95: p95}
	bounds := ring.RunBounds()
	for i, runs := range s.RunBuckets {
		h.Runs += runs
		h.Bars[i] = histogramBar{Runs: runs, Name: "longer than " + durationText(bounds[len(bounds)-1])}
		if i < len(bounds) {
			h.Bars[i].most, h.Bars[i].Name = bounds[i], "up to "+durationText(bounds[i])
		}
	}
	return h
}

// Words tells what the picture shows.
func (h histogram) Words() string {
	if h.Runs == 0 {
		return "No run has been timed"
	}
	return fmt.Sprintf("How long %s runs took: half of them not longer than %s, 95%% not longer than %s",
		countText(h.Runs), durationText(h.p50), durationText(h.p95))
}

// The heights of the picture, in pixels.
const (
	barsTop    = 22
	barsBottom = 172
)

// Picture draws the histogram.
func (h histogram) Picture() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="histogram" role="img" aria-label="%s">`, template.HTMLEscapeString(h.Words()))
	most := uint64(1)
	for _, bar := range h.Bars {
		most = max(most, bar.Runs)
	}
	width := 100 / float64(len(h.Bars))
	for i, bar := range h.Bars {
		height := 0.0
		if bar.Runs > 0 {
			height = max(2, float64(bar.Runs)/float64(most)*(barsBottom-barsTop))
		}
		left := width * float64(i)
		fmt.Fprintf(&b, `<rect class="run" x="%.2f%%" y="%.1f" width="%.2f%%" height="%.1f"><title>%s: %s</title></rect>`,
			left+width*0.08, barsBottom-height, width*0.84, height, bar.Name, countText(bar.Runs))
		if i%3 == 1 && bar.most > 0 { // 100 µs, 1 ms, …, with room for each
			fmt.Fprintf(&b, `<text x="%.2f%%" y="190">%s</text>`, left+width, durationText(bar.most))
		}
	}
	fmt.Fprintf(&b, `<line class="axis" x1="0" x2="100%%" y1="%d.5" y2="%[1]d.5"/>`, barsBottom)
	if h.Runs > 0 {
		h.mark(&b, "p50", h.p50, true)
		h.mark(&b, "p95", h.p95, false)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// mark draws a line at a quantile, and its name beside it.
func (h histogram) mark(b *strings.Builder, name string, at time.Duration, left bool) {
	class, x := "right", h.place(at)
	if left && x > 12 || x > 88 {
		class = "left"
	}
	y := 10
	if !left {
		y = 22
	}
	fmt.Fprintf(b, `<line class="mark" x1="%.2f%%" x2="%.2[1]f%%" y1="%d" y2="%d"/><text class="%s" x="%.2[1]f%%" y="%[2]d" dx="%[5]d">%[6]s %[7]s</text>`,
		x, y, barsBottom, class, map[string]int{"left": -5, "right": 5}[class], name, durationText(at))
}

// place returns where a duration is between the bars, in percent of the width.
func (h histogram) place(d time.Duration) float64 {
	low := time.Duration(0)
	for i, bar := range h.Bars {
		if bar.most == 0 || d <= bar.most {
			part := 0.5
			if bar.most > low {
				part = float64(d-low) / float64(bar.most-low)
			}
			return (float64(i) + math.Min(part, 1)) / float64(len(h.Bars)) * 100
		}
		low = bar.most
	}
	return 100
}
