package pickle

import "strings"

// callPath makes the text of a path, like str in Python.
func (d *decoder) callPath(class node, args []node) (node, error) {
	windows := class.is(callWindowsPath)
	var posix []byte
	var win windowsPath
	for _, arg := range args {
		n := d.raw(arg)
		if !d.isText(n) {
			return d.errArguments("pathlib." + class.class().name.Name)
		}
		if err := d.spendText(n); err != nil {
			return node{}, err
		}
		if windows {
			win.join(splitWindows(string(d.bytes(n))))
		} else {
			posix = joinPath(posix, string(d.bytes(n)))
		}
	}
	text := ""
	if windows {
		text = win.clean()
	} else {
		text = cleanPath(string(posix))
	}
	return d.sideNode(kindStr, append(d.side, text...)), nil
}

// joinPath adds a part to a path; one that begins at the root replaces it.
func joinPath(joined []byte, part string) []byte {
	switch {
	case part == "":
		return joined
	case part[0] == '/':
		return append(joined[:0], part...)
	case len(joined) > 0 && joined[len(joined)-1] != '/':
		joined = append(joined, '/')
	}
	return append(joined, part...)
}

// cleanPath drops the same parts as Python: empty ones and single dots, but not "..",
// which may lead through a link.
func cleanPath(text string) string {
	rest := strings.TrimLeft(text, "/")
	root := text[:len(text)-len(rest)]
	if len(root) > 2 { // two slashes are a separate root
		root = "/"
	}
	if cleaned := root + strings.Join(cleanParts(rest, "/"), "/"); cleaned != "" {
		return cleaned
	}
	return "."
}

func cleanParts(text, separator string) []string {
	parts := strings.Split(text, separator)
	kept := parts[:0]
	for _, part := range parts {
		if part != "" && part != "." {
			kept = append(kept, part)
		}
	}
	return kept
}

// windowsPath is a path of Windows: a drive such as C: or \\server\share, a backslash if it
// begins at the root of that, and the rest.
type windowsPath struct {
	drive, root string
	rest        []byte
}

// splitWindows takes a path apart.
func splitWindows(text string) windowsPath {
	text = strings.ReplaceAll(text, "/", `\`)
	size := 0 // of the drive
	switch {
	case strings.HasPrefix(text, `\\`):
		at := 2
		if len(text) >= 8 && strings.EqualFold(text[:8], `\\?\UNC\`) {
			at = 8
		}
		size = len(text)
		if server := strings.IndexByte(text[at:], '\\'); server >= 0 {
			at += server + 1
			if share := strings.IndexByte(text[at:], '\\'); share >= 0 {
				size = at + share
			}
		}
	case len(text) > 1 && text[1] == ':':
		size = 2
	}
	p := windowsPath{drive: text[:size]}
	rest, rooted := strings.CutPrefix(text[size:], `\`)
	if rooted {
		p.root = `\`
	}
	p.rest = []byte(rest)
	return p
}

// join adds a part: a part with a root replaces everything but the drive, a part with
// another drive everything.
func (p *windowsPath) join(part windowsPath) {
	switch {
	case part.drive != "" && !strings.EqualFold(part.drive, p.drive):
		*p = part
		return
	case part.drive != "":
		p.drive = part.drive
	}
	if part.root != "" {
		p.root, p.rest = part.root, part.rest
		return
	}
	if n := len(p.rest); n > 0 && p.rest[n-1] != '\\' {
		p.rest = append(p.rest, '\\')
	}
	p.rest = append(p.rest, part.rest...)
}

// clean is cleanPath for the joined parts. It takes them apart again, because two of
// them can be the server and the share of a drive.
func (p windowsPath) clean() string {
	if len(p.rest) > 0 && p.root == "" && p.drive != "" && !strings.ContainsAny(p.drive[len(p.drive)-1:], `:\`) {
		p.root = `\`
	}
	p = splitWindows(p.drive + p.root + string(p.rest))
	if names := strings.Split(p.drive, `\`); p.root == "" && !strings.HasSuffix(p.drive, `\`) &&
		(len(names) == 4 && !strings.Contains("?.", names[2]) || len(names) == 6) {
		p.root = `\` // a share has a root even if none is given
	}
	parts := cleanParts(string(p.rest), `\`)
	if p.drive == "" && p.root == "" {
		if len(parts) == 0 {
			return "."
		}
		if len(parts[0]) > 1 && parts[0][1] == ':' { // a name that only looks like a drive
			parts = append([]string{"."}, parts...)
		}
	}
	return p.drive + p.root + strings.Join(parts, `\`)
}
