package ringdebug

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// life is what happens to a value after it was stored, stage by stage.
type life struct {
	Stages []stage
	Note   string
}

// stage is a part of the life of a value. To is 0 if it has no end.
type stage struct {
	Name, Meaning string
	From, To      time.Duration
}

// Range writes when the stage is.
func (s stage) Range() string {
	if s.To == 0 {
		return "from the store on"
	}
	return edge(s.From) + " – " + edge(s.To)
}

// edge writes a time after the store.
func edge(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return durationText(d)
}

// lifeOf returns the life of the values of a rope. See ring.Freshness for the stages.
func lifeOf(c *ring.Config) (l life) {
	f := &c.Freshness
	if c.Expire == 0 {
		l.Stages = []stage{{Name: "fresh", Meaning: "a call is a hit, until the value is deleted, replaced or evicted"}}
		return l
	}
	add := func(name string, to time.Duration, meaning string) {
		from := time.Duration(0)
		if n := len(l.Stages); n > 0 {
			from = l.Stages[n-1].To
		}
		if to > from {
			l.Stages = append(l.Stages, stage{name, meaning, from, to})
		}
	}
	add("fresh", c.Expire-f.RefreshAhead, "a call is a hit")
	add("due", c.Expire, "a call is a hit, and a renewal begins behind")
	add("stale", c.Expire+f.StaleWhileRevalidate, staleMeaning(f))
	add("spare", c.Expire+f.StaleIfError, "a call runs the function; if that fails, it gets the old value")
	if f.Jitter > 0 {
		l.Note = "Jitter shortens the fresh part by up to " + percentText(f.Jitter) + " of " + durationText(c.Expire) + ", by the key."
	}
	return l
}

func staleMeaning(f *ring.Freshness) string {
	if f.SoftTimeout > 0 {
		return "a call waits up to " + durationText(f.SoftTimeout) + " for a renewal, else it gets the old value"
	}
	return "a call gets the old value, and a renewal runs behind"
}

// Words tells what the picture shows.
func (l life) Words() string {
	words := make([]string, len(l.Stages))
	for i, s := range l.Stages {
		words[i] = s.Name + " " + s.Range()
	}
	return "The life of a value: " + strings.Join(words, ", ")
}

// Picture draws the stages as a bar. A short stage is drawn wide enough to be seen.
func (l life) Picture() template.HTML {
	const least = 17.0 // percent
	n := float64(len(l.Stages))
	whole := float64(l.Stages[len(l.Stages)-1].To)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="life" role="img" aria-label="%s">`, template.HTMLEscapeString(l.Words()))
	at := 0.0
	for i, s := range l.Stages {
		width := 100.0
		if whole > 0 {
			width = least + (100-least*n)*float64(s.To-s.From)/whole
		}
		fmt.Fprintf(&b, `<rect class="%s" x="%.2f%%" y="0" width="%.2f%%" height="34"/><text class="name" x="%.2f%%" y="22">%[1]s</text>`,
			s.Name, at, width, at+width/2)
		class := ""
		if i == 0 {
			class = ` class="first"`
		}
		fmt.Fprintf(&b, `<text%s x="%.2f%%" y="54">%s</text>`, class, at, edge(s.From))
		at += width
	}
	end := "no end"
	if whole > 0 {
		end = edge(time.Duration(whole))
	}
	fmt.Fprintf(&b, `<text class="last" x="100%%" y="54">%s</text></svg>`, end)
	return template.HTML(b.String())
}
