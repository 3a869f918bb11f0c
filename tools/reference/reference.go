// Package reference checks and writes docs/reference.md, which lists every name of
// Python's ring with its counterpart in Go.
//
// Three sources have to agree: the names that Python has (testdata/package.txt and
// testdata/documented.txt, by scripts/reference-inventory.py), the table of their
// counterparts (entries.txt, written by hand), and the Go source. In the source, the doc
// comment of each symbol in the table ends a paragraph with the names that it mirrors:
//
//	Python: ring.lru, ring.func.sync.lru.
//
// Such a name may be short: relative to the names of the type to which the symbol
// belongs ("maxsize" at a field of Lru, "get" at a method), or the last parts of a name,
// if no other name ends with them ("LruCache.get").
package reference

import (
	_ "embed"
	"io/fs"
)

// File is where Write's result belongs, relative to the module.
const File = "docs/reference.md"

var (
	//go:embed entries.txt
	entriesText string
	//go:embed testdata/documented.txt
	documentedText string
	//go:embed testdata/package.txt
	packageText string
)

// Write returns the text of the reference of the module in root, and complaints about
// what is wrong with it. If there are none, every name of Python's is in it.
func Write(root fs.FS) (markdown string, complaints []string, err error) {
	return write(root, documentedText, packageText, entriesText)
}

// Check returns the complaints of Write about the module in root, and one more if File
// differs from what Write would write.
func Check(root fs.FS) (complaints []string, err error) {
	text, complaints, err := Write(root)
	if err != nil {
		return nil, err
	}
	return append(complaints, stale(root, text)...), nil
}

// stale complains if File does not contain text.
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
