package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJudgingRows(t *testing.T) {
	f := figures{comparison: comparison{150, 100, 1.5}, oursAllocs: 3, baseAllocs: 2}
	for _, c := range []struct {
		name  string
		row   row
		short bool
	}{
		{"a ratio at its goal", row{goal: 1.5, allocs: -1}, false},
		{"a ratio beyond it", row{goal: 1.49, allocs: -1}, true},
		{"no goal", row{allocs: -1}, false},
		{"a difference", row{goal: 50, over: true, allocs: -1}, false},
		{"a difference beyond its goal", row{goal: 49, over: true, allocs: -1}, true},
		{"slower instead of faster", row{goal: 1, faster: true, allocs: -1}, true},
		{"faster", row{goal: 0.6, faster: true, allocs: -1}, false},
		{"an allocation beyond base", row{goal: 2, allocs: 1}, false},
		{"an allocation too many", row{goal: 2, allocs: 0}, true},
		{"allocations counted in all", row{goal: 2, allocs: 2, total: true}, true},
		{"allocations without a goal for time", row{allocs: 0}, true},
		{"an average at its limit", row{allocs: 3.05, total: true}, false},
		{"an average has no slack", row{allocs: 2.95, total: true}, true},
	} {
		assert.Equal(t, c.short, c.row.line(f).Short, c.name)
	}
}

func TestInstructionsAreJudged(t *testing.T) {
	f := figures{comparison: comparison{150, 100, 1.5}, instructions: counts{1200, 1000}}
	for _, c := range []struct {
		name  string
		row   row
		short bool
	}{
		{"a ratio at its goal", row{goal: 1.2, allocs: -1}, false},
		{"a ratio beyond it", row{goal: 1.19, allocs: -1}, true},
		{"no goal", row{allocs: -1}, false},
		{"not faster enough", row{goal: 0.9, faster: true, allocs: -1}, true},
		{"faster", row{goal: 0.8, faster: true, allocs: -1}, false},
	} {
		assert.Equal(t, c.short, c.row.line(f).Short, c.name)
	}
	r := row{name: "a call", baseName: "a loop", goal: 1.25, allocs: 0.05, total: true}
	assert.Equal(t, []string{"a call", "150 ns", "a loop 100 ns", "1.50", "1,200", "1,000", "1.20", "≤ 1.25", "0.00", "≤ 0.05"}, r.line(f).Cells)
	over := row{name: "a call", baseName: "a loop", goal: 40, over: true, beyond: 200, allocs: -1}
	assert.Equal(t, []string{"a call", "150 ns", "a loop 100 ns", "+50.0 ns", "1,200", "1,000", "+200", "≤ +200", "+0.0", ""}, over.line(f).Cells)
	assert.False(t, over.line(f).Short)
	over.beyond = 199
	assert.True(t, over.line(f).Short)
	f.instructions = counts{}
	assert.Equal(t, "≤ +40.0 ns", over.line(f).Cells[7])
	assert.True(t, over.line(f).Short)
	assert.Equal(t, []string{"a call", "150 ns", "a loop 100 ns", "1.50", "", "", "", "≤ 1.25", "0.00", "≤ 0.05"}, r.line(f).Cells)
}

func TestRowsCountExecutions(t *testing.T) {
	nothing := func(int) error { return nil }
	runs := func(n int) error { executed.Add(int64(n)); return nil }
	m := measure{samples: 3, sample: 10_000}
	_, err := m.row(row{ours: nothing, base: nothing})
	assert.NoError(t, err)
	_, err = m.row(row{ours: runs, base: nothing})
	assert.ErrorContains(t, err, "were executed")
	m.runs = 1
	_, err = m.row(row{ours: runs, base: runs})
	assert.NoError(t, err)
	_, err = m.row(row{ours: runs, base: nothing})
	assert.ErrorContains(t, err, "were executed")
}

// measured is a report as a run writes it.
func measured(t *testing.T) string {
	r := newReport()
	s := pairs()
	s.Name = "peers"
	for _, name := range []string{"Scalars(string)", "Scalars(int)", "Call(string)", "Call(int)", "decorated func(string) int", "decorated func(int) int"} {
		for _, peer := range []string{"a cache", "another & a better one"} {
			s.Lines = append(s.Lines, row{name: name, baseName: peer, allocs: -1}.line(figures{comparison: comparison{50, 100, 0.5}}))
		}
	}
	r.Sheets = append(r.Sheets, s)
	file := filepath.Join(t.TempDir(), "results.json")
	require.NoError(t, r.write(file))
	return file
}

func TestDocument(t *testing.T) {
	target := filepath.Join(t.TempDir(), "page.md")
	page := "# Page\n<!-- table machine -->\n<!-- end -->\n\n<!-- table peers -->\nold\n<!-- end -->\nbehind\n<!-- table growth -->\nkept\n<!-- end -->\n"
	require.NoError(t, os.WriteFile(target, []byte(page), 0o644))
	file := measured(t)
	require.NoError(t, document(file, target))
	once, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Contains(t, string(once), "| Call(int) | 50.0 ns | a cache 100 ns | 0.50 |")
	assert.NotContains(t, string(once), "old")
	assert.Contains(t, string(once), "<!-- end -->\nbehind\n<!-- table growth -->\nkept\n")
	require.NoError(t, document(file, target))
	twice, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, string(once), string(twice), "written again, it is the same")

	require.NoError(t, os.WriteFile(target, []byte("no tables"), 0o644))
	assert.ErrorContains(t, document(file, target), "there is no <!-- table")
}

func TestPageHasAllTables(t *testing.T) {
	page, err := os.ReadFile("../docs/performance.md")
	require.NoError(t, err)
	chosen, err := choose([]string{"memory"})
	require.NoError(t, err)
	for _, table := range chosen {
		_, err := replaceSection(page, table.name, "")
		assert.NoError(t, err)
	}
}

func TestChartIsWellFormed(t *testing.T) {
	var svg bytes.Buffer
	require.NoError(t, chart(&svg, measured(t)))
	assert.Contains(t, svg.String(), "another &amp; a better one")
	d := xml.NewDecoder(&svg)
	bars := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	assert.Equal(t, 2+2*5, bars, "two in the legend, two for each cache and each way to call ring")
}

func TestUnknownTable(t *testing.T) {
	_, err := choose([]string{"hits", "nothing"})
	assert.ErrorContains(t, err, `"nothing"`)
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{7: "7", 128: "128", 1024: "1,024", 10_000_000: "10,000,000"} {
		assert.Equal(t, want, grouped(n))
	}
}

func TestReadBenchmark(t *testing.T) {
	times, allocs := map[string][]float64{}, map[string]float64{}
	for _, line := range []string{
		"goos: linux\n",
		"BenchmarkKeyText/struct/ring         \t  126542\t       159.5 ns/op\t       0 B/op\t       0 allocs/op\n",
		"BenchmarkKeyText/struct/ring         \t  126542\t       160 ns/op\t       0 B/op\t       2 allocs/op\n",
		"PASS\n",
	} {
		require.NoError(t, readBenchmark(line, times, allocs))
	}
	assert.Equal(t, map[string][]float64{"struct/ring": {159.5, 160}}, times)
	assert.Equal(t, map[string]float64{"struct/ring": 2}, allocs)
}

func TestMeasureLarge(t *testing.T) {
	for _, name := range []string{"ring", "golang-lru"} {
		l, err := measureLarge(name, 50_000)
		require.NoError(t, err)
		assert.Greater(t, l.Bytes, 16.0+8+16, "the key, the integer, and where they are")
		assert.Less(t, l.Bytes, 1000.0)
		assert.Positive(t, l.GC)
	}
	_, err := measureLarge("nothing", 1)
	assert.ErrorContains(t, err, `"nothing"`)
}
