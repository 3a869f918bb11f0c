// Package reference checks and writes docs/reference.md, which says of every name of
// Python's ring what it is in Go.
//
// Three things have to agree: the names that Python has (testdata/package.txt and
// testdata/documented.txt, by scripts/reference-inventory.py), the table of what they
// are in Go (entries.txt, written by hand), and the Go source, where the doc comment of
// each symbol in the table ends a paragraph with the names that it mirrors:
//
//	Python: ring.lru, ring.func.sync.lru.
//
// There a name may be short: relative to the names of the type that the symbol belongs
// to ("maxsize" at a field of Lru, "get" at a method), or as many last parts as no
// other name has ("LruCache.get").
package reference

import (
	_ "embed"
	"io/fs"
)

// File is what Write's result belongs into, relative to the module.
const File = "docs/reference.md"

var (
	//go:embed entries.txt
	entriesText string
	//go:embed testdata/documented.txt
	documentedText string
	//go:embed testdata/package.txt
	packageText string
)

// Write returns the text of the reference of the module in root, and what is wrong
// with it: nothing, when every name of Python's is accounted for.
func Write(root fs.FS) (markdown string, complaints []string, err error) {
	return write(root, documentedText, packageText, entriesText)
}

// Check returns what is wrong with the reference of the module in root, as Write does,
// and whether File is not what Write would write.
func Check(root fs.FS) (complaints []string, err error) {
	text, complaints, err := Write(root)
	if err != nil {
		return nil, err
	}
	return append(complaints, stale(root, text)...), nil
}

// stale complains when File does not hold text.
func stale(root fs.FS, text string) []string {
	if written, err := fs.ReadFile(root, File); err != nil || string(written) != text {
		return []string{File + " is not what the source says: run make reference"}
	}
	return nil
}

func write(root fs.FS, documented, pkg, entries string) (string, []string, error) {
	inv, err := readInventory(documented, pkg)
	if err != nil {
		return "", nil, err
	}
	sections, err := readEntries(entries)
	if err != nil {
		return "", nil, err
	}
	src, err := readSource(root)
	if err != nil {
		return "", nil, err
	}
	c := newCheck(inv, sections, src)
	c.run()
	return render(c), c.complaints, nil
}
