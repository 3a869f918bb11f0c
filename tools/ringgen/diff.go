package main

import (
	"fmt"
	"slices"
	"strings"
)

// around is how many equal lines a diff shows before and after a change.
const around = 3

// edit is a line of a diff: ' ', '-' or '+'.
type edit struct {
	kind byte
	line string
}

// unifiedDiff returns how a file has to change.
func unifiedDiff(name, before, after string) string {
	edits := lineDiff(slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after)))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", name, name)
	oldLine, newLine := 1, 1
	for i := 0; i < len(edits); {
		if edits[i].kind == ' ' {
			i, oldLine, newLine = i+1, oldLine+1, newLine+1
			continue
		}
		start := max(0, i-around)
		end := hunkEnd(edits, i)
		oldStart, newStart := oldLine-(i-start), newLine-(i-start)
		removed, added := count(edits[start:end], '-'), count(edits[start:end], '+')
		fmt.Fprintf(&b, "@@ -%s +%s @@\n", lineRange(oldStart, removed), lineRange(newStart, added))
		for _, e := range edits[start:end] {
			fmt.Fprintf(&b, "%c%s\n", e.kind, strings.TrimSuffix(e.line, "\n"))
		}
		oldLine, newLine = oldStart+removed, newStart+added
		i = end
	}
	return b.String()
}

// lineRange is where a hunk is in a file: an empty one after the line that it names.
func lineRange(start, n int) string {
	if n == 0 {
		start--
	}
	return fmt.Sprintf("%d,%d", start, n)
}

// hunkEnd returns where the changes that begin at i end, with the lines after them.
func hunkEnd(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j-last <= 2*around; j++ {
		if edits[j].kind != ' ' {
			last = j
		}
	}
	return min(len(edits), last+around+1)
}

// count returns how many lines of a file edits cover: the old one for '-', the new for '+'.
func count(edits []edit, kind byte) int {
	n := 0
	for _, e := range edits {
		if e.kind == ' ' || e.kind == kind {
			n++
		}
	}
	return n
}

// lineDiff compares lines by their longest common subsequence.
func lineDiff(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head, a, b = append(head, edit{' ', a[0]}), a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]edit{{' ', a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	common := make([][]int32, len(a)+1) // lengths for the rests of a and b
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			head = append(head, edit{' ', a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			head = append(head, edit{'-', a[i]})
			i++
		default:
			head = append(head, edit{'+', b[j]})
			j++
		}
	}
	return append(head, tail...)
}
