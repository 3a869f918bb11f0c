package ringdebug

import (
	"html/template"
	"strings"
)

// Cells writes the cells of the row that hold numbers. All of their text is made by this
// package, so nothing has to be escaped, which for a thousand ropes takes longer than the rest.
func (r *row) Cells() template.HTML {
	var b strings.Builder
	cell := func(class, label string, content ...string) {
		b.WriteString(`<td role="cell" class="` + class + `"`)
		if label != "" {
			b.WriteString(` data-label="` + label + `"`)
		}
		b.WriteString(">")
		for _, part := range content {
			b.WriteString(part)
		}
		b.WriteString("</td>\n")
	}
	cell("rate", "Calls/s", "<span>", lessThan(r.RateText()), "</span>", string(sparkline(r.Rates)))
	cell("share", "", string(r.Share.Bar()), "<span>", lessThan(r.Share.Text()), "</span>")
	cell("p50", "p50", r.P50Text())
	cell("p95", "p95", r.P95Text())
	cell("saved", "Saved", r.SavedText())
	if r.Stats.Errors > 0 {
		cell("errors some", "Errors", r.ErrorsText())
	} else {
		cell("errors", "Errors", "0")
	}
	cell("refreshing", "Renewing", r.BehindText())
	limit := r.LimitText()
	if limit != "" {
		limit = `<span class="limit"> of ` + limit + "</span>"
	}
	cell("entries", "Entries", r.EntriesText(), limit)
	return template.HTML(b.String())
}

// lessThan escapes what may begin with it, such as "<0.1". The other texts have no such sign.
func lessThan(text string) string { return strings.Replace(text, "<", "&lt;", 1) }
