// Freshness draws the life of a cached value, for docs/freshness.md. In the directory of the module:
//
//	go run ./docs/freshness > docs/freshness.svg
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ring-go/ring/internal/fresh"
)

func main() {
	if _, err := io.WriteString(os.Stdout, picture()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// life are the options of the picture. It is to scale.
var life = fresh.Config{
	Expire: 60 * time.Second, Ahead: 20 * time.Second, Revalidate: 60 * time.Second, OnError: 180 * time.Second,
}

// meanings say what a call gets in each state.
var meanings = []struct{ state, text string }{
	{"fresh", "a hit"},
	{"due", "a hit, and the function runs behind"},
	{"stale", "the old value, and the function runs behind; with SoftTimeout the call waits that long for the new one"},
	{"spare", "the call runs the function; if that fails it gets the old value"},
	{"gone", "the call runs the function; if that fails it gets the error"},
}

// Measures of the picture, in pixels.
const (
	width   = 952
	margin  = 16
	left    = 158
	perUnit = 3 // a second
	barTop  = 104
	barSize = 34
	goneEnd = 936 // of what has no end
)

// The colours follow the reader's setting: the page that shows the image cannot set them.
const style = `<style>
text { font: 13px sans-serif; fill: #24292f }
.title { font-weight: bold; font-size: 15px }
.state { font-weight: bold }
.small { font-size: 12px }
.span { stroke: #57606a; stroke-width: 1.5; fill: none }
.fresh { fill: #9bd3a8 } .due { fill: #cfe3a0 } .stale { fill: #f6d48a } .spare { fill: #f0a884 } .gone { fill: #d5dae0 }
@media (prefers-color-scheme: dark) {
text { fill: #d1d7de }
.span { stroke: #8b949e }
.fresh { fill: #2b6a3b } .due { fill: #5a6b22 } .stale { fill: #7d5d12 } .spare { fill: #8a4220 } .gone { fill: #3a424c }
}
</style>
`

// picture returns the life of a value as an SVG.
func picture() string {
	p := fresh.New(life)
	total := life.Expire + p.Grace
	changes := p.Changes(total)
	var svg strings.Builder
	height := barTop + barSize + 74 + 20*len(meanings)
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="The life of a value: %s">`+"\n",
		width, height, width, height, names(changes))
	svg.WriteString(style)
	fmt.Fprintf(&svg, `<text class="title" x="%d" y="22">The life of a value that nobody renews</text>`+"\n", margin)
	span(&svg, 50, 0, life.Expire, "Expire")
	span(&svg, 50, life.Expire, total, "StaleIfError")
	span(&svg, 88, life.Expire, life.Expire+life.Revalidate, "StaleWhileRevalidate")
	span(&svg, 88, life.Expire-life.Ahead, life.Expire, "RefreshAhead")
	for i, c := range changes {
		end := goneEnd
		if i+1 < len(changes) {
			end = at(changes[i+1].In)
		}
		bar(&svg, c, end, total)
	}
	y := barTop + barSize + 22
	fmt.Fprintf(&svg, `<text class="small" x="%d" y="%d">since the store</text>`+"\n", margin, y)
	fmt.Fprintf(&svg, `<text class="small" x="%d" y="%d">left in the storage</text>`+"\n", margin, y+16)
	for i, m := range meanings {
		y := barTop + barSize + 74 + 20*i
		fmt.Fprintf(&svg, `<rect class="%s" x="%d" y="%d" width="13" height="13"/><text class="state" x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text>`+"\n",
			m.state, margin, y-11, margin+22, y, m.state, left, y, m.text)
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

func names(changes []fresh.Change) string {
	all := make([]string, len(changes))
	for i, c := range changes {
		all[i] = c.State.String()
	}
	return strings.Join(all, ", ")
}

// at returns where a moment is.
func at(d time.Duration) int { return left + perUnit*int(d.Seconds()) }

// bar draws a state, and when it begins.
func bar(svg *strings.Builder, c fresh.Change, end int, total time.Duration) {
	x, y := at(c.In), barTop+barSize+22
	fmt.Fprintf(svg, `<rect class="%v" x="%d" y="%d" width="%d" height="%d"/>`, c.State, x, barTop, end-x, barSize)
	fmt.Fprintf(svg, `<text class="state" x="%d" y="%d" text-anchor="middle">%v</text>`, (x+end)/2, barTop+22, c.State)
	fmt.Fprintf(svg, `<path class="span" d="M%d %dv6"/>`, x, barTop+barSize+2)
	fmt.Fprintf(svg, `<text class="small" x="%d" y="%d" text-anchor="middle">%.0f s</text>`, x, y, c.In.Seconds())
	fmt.Fprintf(svg, `<text class="small" x="%d" y="%d" text-anchor="middle">%.0f s</text>`+"\n", x, y+16, (total - c.In).Seconds())
}

// span draws a duration as a line with its name above.
func span(svg *strings.Builder, y int, from, to time.Duration, name string) {
	x, end := at(from), at(to)
	fmt.Fprintf(svg, `<path class="span" d="M%d %dv8m0 -4H%dm0 -4v8"/>`, x+1, y-4, end-1)
	if name == "RefreshAhead" { // longer than its span
		fmt.Fprintf(svg, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", end-8, y-8, name)
		return
	}
	fmt.Fprintf(svg, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (x+end)/2, y-8, name)
}
