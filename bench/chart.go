package main

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// bar is one cache in the chart.
type bar struct {
	label  string
	times  [2]float64 // nanoseconds of a hit: by a string, by an integer
	isRing bool
}

// bars returns the ways to call ring, and the peers. Ring's own times are medians over
// the rows. A peer's time is ring's, divided by the ratio of the row: that does not
// depend on what else the machine did at the time of the row.
func (s *sheet) bars() ([]bar, error) {
	rows := []string{"Scalars(string)", "Scalars(int)", "Call(string)", "Call(int)", "decorated func(string) int", "decorated func(int) int"}
	own := make([]float64, len(rows))
	for i, name := range rows {
		var times []float64
		for _, l := range s.Lines {
			if l.Name == name {
				times = append(times, l.Ours)
			}
		}
		if len(times) == 0 {
			return nil, fmt.Errorf("the results have no row %s", name)
		}
		own[i] = median(times)
	}
	bars := []bar{{"ring, Scalars", [2]float64(own[:2]), true}, {"ring, Call", [2]float64(own[2:4]), true}, {"ring, decorated", [2]float64(own[4:]), true}}
	for _, l := range s.Lines {
		if l.Name == rows[0] {
			bars = append(bars, bar{label: l.Peer})
		}
	}
	for i := range bars {
		for _, l := range s.Lines {
			if j := slices.Index(rows[:2], l.Name); j >= 0 && l.Peer == bars[i].label {
				bars[i].times[j] = own[j] / l.Ratio
			}
		}
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(a.times[0], b.times[0]) })
	return bars, nil
}

// Measures of the chart, in pixels.
const (
	chartWidth = 760
	labelWidth = 190
	barHeight  = 13
	group      = 2*barHeight + 14
	top        = 64
)

// chart draws the table of peers as bars: the shorter, the faster.
func chart(out io.Writer, file string) error {
	r, err := readReport(file)
	if err != nil {
		return err
	}
	s := r.sheet("peers")
	if s == nil {
		return errors.New("the results have no table of peers")
	}
	bars, err := s.bars()
	if err != nil {
		return err
	}
	longest := 0.0
	for _, b := range bars {
		longest = max(longest, b.times[0], b.times[1])
	}
	scale := (chartWidth - labelWidth - 80) / longest
	height := top + len(bars)*group + 8
	var svg strings.Builder
	// The colours follow the reader's setting: the page that shows the image cannot set
	// them.
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Nanoseconds of a hit, by cache">
<style>
text { font: 13px sans-serif; fill: #24292f }
.title { font-weight: bold; font-size: 15px }
.ring { font-weight: bold }
.string { fill: #8fa3b8 } .int { fill: #c3ced9 }
.ring.string { fill: #c2510c } .ring.int { fill: #f0985f }
@media (prefers-color-scheme: dark) {
text { fill: #d1d7de }
.string { fill: #6b7f94 } .int { fill: #46566a }
.ring.string { fill: #f08a4b } .ring.int { fill: #a8521c }
}
</style>
<text class="title" x="8" y="22">A hit among %s entries, nanoseconds (shorter is faster)</text>
<rect class="string" x="8" y="36" width="%d" height="%d"/><text x="28" y="47">key of a string</text>
<rect class="int" x="150" y="36" width="%d" height="%d"/><text x="170" y="47">key of an integer</text>
`, chartWidth, height, chartWidth, height, grouped(resident), barHeight, barHeight, barHeight, barHeight)
	for i, b := range bars {
		y := top + i*group
		class := ""
		if b.isRing {
			class = "ring "
		}
		fmt.Fprintf(&svg, `<text class="%s" x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
			strings.TrimSpace(class), labelWidth-10, y+barHeight+5, escaped(b.label))
		for j, kind := range []string{"string", "int"} {
			width := b.times[j] * scale
			fmt.Fprintf(&svg, `<rect class="%s%s" x="%d" y="%d" width="%.1f" height="%d"/><text x="%.1f" y="%d">%.0f</text>`+"\n",
				class, kind, labelWidth, y+j*barHeight, width, barHeight-1, labelWidth+width+6, y+j*barHeight+11, b.times[j])
		}
	}
	svg.WriteString("</svg>\n")
	_, err = io.WriteString(out, svg.String())
	return err
}

func escaped(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text))
	return b.String()
}
