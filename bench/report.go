package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// report holds the results of a run.
type report struct {
	Go, System, Processor string
	Processors            int
	Sheets                []*sheet
}

// sheet is a table with its results.
type sheet struct {
	Name, Title string
	Header      []string
	Lines       []line
	Note        string `json:",omitempty"`

	begun bool // the header is printed
}

// line is a row of a sheet as it is shown, and the figures of it.
type line struct {
	Name, Peer string
	Cells      []string
	Short      bool    // it falls short of a goal
	Ours, Base float64 // nanoseconds
	Ratio      float64

	Instructions counts `json:",omitzero"`
}

func newReport() *report {
	return &report{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Processor: processor(), Processors: runtime.GOMAXPROCS(0)}
}

// processor returns the name of the processor, if the system tells it.
func processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for text := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(text, "model name"); ok {
			return strings.Trim(name, " \t:\n")
		}
	}
	return "unknown processor"
}

// The widths of the columns as they are printed, in the tables of pairs and in those of
// fewer columns. A longer text moves those behind it.
var (
	pairWidths  = []int{46, 8, 34, 13, 7, 7, 13, 8, 7, 6}
	otherWidths = []int{46, 17, 34, 14, 10, 17}
)

// add stores a line and prints it.
func (s *sheet) add(l line) {
	if !s.begun {
		s.begun = true
		fmt.Printf("\n%s\n", s.Title)
		printCells(s.Header, "")
	}
	mark := ""
	if l.Short {
		mark = "falls short"
	}
	printCells(l.Cells, mark)
	s.Lines = append(s.Lines, l)
}

func printCells(cells []string, mark string) {
	widths := otherWidths
	if len(cells) > len(widths) {
		widths = pairWidths
	}
	var b strings.Builder
	for i, cell := range cells {
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
		if i == 0 || i == 2 { // texts are aligned left
			b.WriteString(cell + pad + "  ")
			continue
		}
		b.WriteString(pad + cell + "  ")
	}
	fmt.Println(strings.TrimRight(b.String()+mark, " "))
}

// note is a sentence below the table.
func (s *sheet) note(format string, args ...any) {
	s.Note = fmt.Sprintf(format, args...)
	fmt.Println(s.Note)
}

func (r *report) short() shortfall {
	n := shortfall(0)
	for _, s := range r.Sheets {
		for _, l := range s.Lines {
			if l.Short {
				n++
			}
		}
	}
	return n
}

func (r *report) sheet(name string) *sheet {
	for _, s := range r.Sheets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (r *report) write(file string) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

func readReport(file string) (*report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := new(report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// document writes the tables of a report into a document, between the comments <!--
// table NAME --> and <!-- end -->. Other tables stay.
func document(file, target string) error {
	r, err := readReport(file)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	sections := map[string]string{"machine": r.machine()}
	for _, s := range r.Sheets {
		sections[s.Name] = s.markdown()
	}
	for name, section := range sections {
		text, err = replaceSection(text, name, section)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return os.WriteFile(target, text, 0o644)
}

func replaceSection(text []byte, name, section string) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, fmt.Appendf(nil, "<!-- table %s -->\n", name))
	if !ok {
		return nil, fmt.Errorf("there is no <!-- table %s -->", name)
	}
	_, after, ok := bytes.Cut(rest, []byte("<!-- end -->"))
	if !ok {
		return nil, fmt.Errorf("table %s has no <!-- end -->", name)
	}
	return fmt.Appendf(nil, "%s<!-- table %s -->\n%s<!-- end -->%s", before, name, section, after), nil
}

func (r *report) machine() string {
	return fmt.Sprintf("Measured with %s for %s on %d cores, %s.\n", r.Go, r.System, r.Processors, r.Processor)
}

// markdown returns the table without empty columns.
func (s *sheet) markdown() string {
	rows := [][]string{append(slices.Clone(s.Header), "")}
	for _, l := range s.Lines {
		mark := ""
		if l.Short {
			mark = "**falls short**"
		}
		rows = append(rows, append(slices.Clone(l.Cells), mark))
	}
	var b strings.Builder
	for i, cells := range rows {
		b.WriteString("\n|")
		for column, cell := range cells {
			if used(rows, column) {
				fmt.Fprintf(&b, " %s |", cell)
			}
		}
		if i == 0 {
			b.WriteString("\n|")
			for column := range cells {
				if used(rows, column) {
					b.WriteString("---|")
				}
			}
		}
	}
	if s.Note != "" {
		b.WriteString("\n\n" + s.Note)
	}
	b.WriteString("\n\n")
	return b.String()
}

// used reports whether a column has anything below its header.
func used(rows [][]string, column int) bool {
	return slices.ContainsFunc(rows[1:], func(cells []string) bool { return cells[column] != "" })
}
