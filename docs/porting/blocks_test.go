package porting_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sources are the files that hold the blocks of a language, all of them compiled or run by
// the tests in their directories.
var sources = map[string]struct{ pattern, indent string }{
	"go":     {"*.go", "\t"},
	"python": {"*.py", "    "},
}

// pages are the documents, and the directories of their sources.
var pages = map[string][]string{
	"../porting.md":   {".", "../../examples/typed"},
	"../howto.md":     {"../howto"},
	"../typed.md":     {"../../examples/typed"},
	"../freshness.md": {"../freshness"},
	"../watching.md":  {"../watching", "../../otelring", "../../promring", "../../examples/service", "../../ringdebug"},
	"../../README.md": {"../howto", ".", "../../examples/first", "../../ringdebug"},
}

// TestBlocks demands of every block in the documents that it is part of one of the sources:
// each run of lines between empty ones, in this order, in one file. " … " stands for
// anything.
func TestBlocks(t *testing.T) {
	for page, dirs := range pages {
		markdown, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks := fenced(string(markdown))
		require.NotEmpty(t, blocks, page)
		for _, b := range blocks {
			source, ok := sources[b.language]
			if !ok {
				continue
			}
			assert.True(t, held(t, dirs, source.pattern, source.indent, b.text),
				"%s: no file %s in %s has this block:\n%s", page, source.pattern, dirs, b.text)
		}
	}
}

// held tells whether one of the files holds a block.
func held(t *testing.T, dirs []string, pattern, indent, block string) bool {
	t.Helper()
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, file := range files {
			code, err := os.ReadFile(file)
			require.NoError(t, err)
			if holds(string(code), block, indent) {
				return true
			}
		}
	}
	return false
}

type block struct{ language, text string }

var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

func fenced(markdown string) []block {
	var blocks []block
	for _, m := range fence.FindAllStringSubmatch(markdown, -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return blocks
}

// holds tells whether code has the lines of a block, each run of them indented as a whole.
func holds(code, block, indent string) bool {
	for chunk := range strings.SplitSeq(strings.TrimSpace(block), "\n\n") {
		end := chunkEnd(code, chunk, indent)
		if end < 0 {
			return false
		}
		code = code[end:]
	}
	return true
}

const deepest = 3

// chunkEnd is where chunk ends in code, or -1.
func chunkEnd(code, chunk, indent string) int {
	for depth := range deepest {
		prefix := "\n" + strings.Repeat(indent, depth)
		lines := strings.ReplaceAll("\n"+strings.Trim(chunk, "\n"), "\n", prefix) + "\n"
		if end := linesEnd("\n"+code+"\n", lines); end >= 0 {
			return end - 1
		}
	}
	return -1
}

// linesEnd is where lines end in code, before the end of the last one, or -1.
func linesEnd(code, lines string) int {
	const anything = " … "
	if !strings.Contains(lines, anything) {
		if at := strings.Index(code, lines); at >= 0 {
			return at + len(lines) - 1
		}
		return -1
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(lines), anything, `[\s\S]*?`)
	if at := regexp.MustCompile(pattern).FindStringIndex(code); at != nil {
		return at[1] - 1
	}
	return -1
}

// A check that finds everything would prove nothing.
func TestHolds(t *testing.T) {
	code := "func f() int {\n\tx := 1\n\n\treturn x\n}\n\nfunc g() {\n}\n"
	for _, block := range []string{
		"x := 1", "func f() int {\n\tx := 1", "x := 1\n\nreturn x", "func f() int { … }\n\nfunc g() {",
	} {
		assert.True(t, holds(code, block, "\t"), block)
	}
	for _, block := range []string{
		"x := 2", "x :=", "return x\n\nx := 1", "x := 1\nreturn x", "func h() { … }", "\tx := 1\nreturn x",
	} {
		assert.False(t, holds(code, block, "\t"), block)
	}
}
