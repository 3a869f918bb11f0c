package ringdebug

import (
	"fmt"
	"io"

	"github.com/ring-go/ring"
)

// doctorPage is the report of ring.Doctor.
type doctorPage struct {
	Ropes    int
	Findings []findingView
}

// findingView is one of its findings.
type findingView struct {
	Kind    string   `json:"kind"`
	Warning bool     `json:"warning"`
	Ropes   []string `json:"ropes"`
	Backend string   `json:"backend"`
	Message string   `json:"message,omitempty"` // "": it has a key in it, which the visitor may not see
	Remedy  string   `json:"remedy"`
}

func (v *visit) doctor() (*page, *failure) {
	report := ring.Doctor()
	p := &doctorPage{Ropes: report.Ropes}
	for _, f := range report.Findings {
		view := findingView{f.Kind.String(), f.Kind.Warning(), f.Ropes, f.Backend, f.Message, f.Remedy}
		if !v.keys && hasKey(f.Kind) {
			view.Message = ""
		}
		p.Findings = append(p.Findings, view)
	}
	return &page{Title: "Doctor", Name: "doctor", Body: p}, nil
}

// hasKey reports whether the message of a finding has a key as an example.
func hasKey(k ring.FindingKind) bool { return k == ring.KeysMeet || k == ring.PythonDiffers }

// Warnings returns how many findings are warnings.
func (p *doctorPage) Warnings() (n int) {
	for _, f := range p.Findings {
		if f.Warning {
			n++
		}
	}
	return n
}

// WriteText writes the report as ring.Report does.
func (p *doctorPage) WriteText(w io.Writer) {
	fmt.Fprintf(w, "ring: %s, %s, %s\n", counted(p.Ropes, "rope"), counted(p.Warnings(), "warning"), counted(len(p.Findings)-p.Warnings(), "note"))
	for _, f := range p.Findings {
		level := "note"
		if f.Warning {
			level = "warning"
		}
		fmt.Fprintf(w, "%s: %s: %s, on %s\n  %s\n  remedy: %s\n", level, f.Kind, plain(fmt.Sprint(f.Ropes)), f.Backend, f.Message, f.Remedy)
	}
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Summary counts the findings.
func (p *doctorPage) Summary() string {
	return counted(p.Ropes, "rope") + ", " + counted(p.Warnings(), "warning") + ", " + counted(len(p.Findings)-p.Warnings(), "note")
}

// JSON returns the report for programs.
func (p *doctorPage) JSON() any {
	findings := p.Findings
	if findings == nil {
		findings = []findingView{}
	}
	return struct {
		Ropes    int           `json:"ropes"`
		Findings []findingView `json:"findings"`
	}{p.Ropes, findings}
}
