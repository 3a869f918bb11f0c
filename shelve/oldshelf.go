package shelve

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// The formats of the shelves of older Pythons, by the name of Python's module.
const (
	gnu  = "dbm.gnu"
	ndbm = "dbm.ndbm"
	dumb = "dbm.dumb"
)

// suffixes are the files that each older format makes of a shelf's name. All of them
// have to be there. gdbm adds no suffix.
var suffixes = []struct {
	format string
	names  []string
}{
	{ndbm, []string{".db"}},
	{ndbm, []string{".pag", ".dir"}},
	{dumb, []string{".dat", ".dir"}},
}

// oldShelfBeside returns an error if a Python before 3.13 would open other files beside
// path under that name.
func oldShelfBeside(path string) error {
	for _, s := range suffixes {
		missing := func(suffix string) bool { return !exists(path + suffix) }
		if !slices.ContainsFunc(s.names, missing) {
			return oldShelfError(path, path+s.names[0], s.format)
		}
	}
	return nil
}

// oldShelf returns an error if path, a file that begins with head, belongs to an older
// shelf.
func oldShelf(path string, head []byte) error {
	if isGdbm(head) {
		return oldShelfError(path, path, gnu)
	}
	if isBerkeley(head) {
		return oldShelfError(strings.TrimSuffix(path, ".db"), path, ndbm)
	}
	base, ext := strings.TrimSuffix(path, filepath.Ext(path)), filepath.Ext(path)
	for _, s := range suffixes {
		if len(s.names) > 1 && slices.Contains(s.names, ext) && exists(base+s.names[0]) && exists(base+s.names[1]) {
			return oldShelfError(base, path, s.format)
		}
	}
	return nil
}

// oldShelfError says which format the shelf has and how to convert it. name is the name
// of the shelf, file the file that was found.
func oldShelfError(name, file, format string) error {
	what := "it is"
	if name != file {
		what = filepath.Base(file) + " is"
	}
	base := filepath.Base(name)
	return fmt.Errorf("%w: %s a %s file; convert it with a Python that has %s and dbm.sqlite3: "+
		"import shelve, dbm.sqlite3; new = shelve.Shelf(dbm.sqlite3.open(%q, \"c\")); new.update(shelve.open(%q, \"r\")); new.close()",
		ErrOldShelf, what, format, format, base+".new", base)
}

// isGdbm recognizes the number at the beginning of a gdbm file, in either byte order.
func isGdbm(head []byte) bool {
	return hasMagic(head, 0, 0x13579acd, 0x13579ace, 0x13579acf, 0x13579ad0, 0x13579ad1)
}

// isBerkeley recognizes a hash or a tree of Berkeley DB: the number is after 12 other
// bytes, or in its oldest versions at the beginning.
func isBerkeley(head []byte) bool {
	return hasMagic(head, 12, 0x061561, 0x053162) || hasMagic(head, 0, 0x061561, 0x053162)
}

func hasMagic(head []byte, at int, magics ...uint32) bool {
	if len(head) < at+4 {
		return false
	}
	for _, magic := range magics {
		little := binary.LittleEndian.AppendUint32(nil, magic)
		big := binary.BigEndian.AppendUint32(nil, magic)
		if word := head[at : at+4]; bytes.Equal(word, little) || bytes.Equal(word, big) {
			return true
		}
	}
	return false
}
