package keytext

import (
	"strings"

	"github.com/ring-go/ring/internal/pytext"
)

// The functions below write strings, each for another place. The end of a string can
// always be found, and no other value has the same text in that place. A string is
// written unchanged if possible, else quoted.

// quoted writes a string as Python's repr does.
func (t *Text) quoted(s string) { t.Buf = pytext.AppendString(t.Buf, s) }

// beforeComma writes a string that ends at the next comma.
func (t *Text) beforeComma(s string) { t.Buf = appendBeforeComma(t.Buf, s) }

func appendBeforeComma(dst []byte, s string) []byte {
	if strings.IndexByte(s, ',') >= 0 || s != "" && (s[0] == '\'' || s[0] == '"') {
		return pytext.AppendString(dst, s)
	}
	end := len(dst) + len(s)
	if end > cap(dst) {
		return append(dst, s...)
	}
	CopyText(dst[len(dst):end], s)
	return dst[:end]
}

// inBrackets writes a text that ends at the next comma or bracket.
func (t *Text) inBrackets(s string) {
	if s == "" || strings.ContainsAny(s, `,:'"\()[]{}=`) {
		t.quoted(s)
		return
	}
	t.string(s)
}

// dynamic writes a string of dynamic type: quoted if it could be read as something
// else.
func (t *Text) dynamic(s string) {
	if readsAsString(s) {
		t.string(s)
		return
	}
	t.quoted(s)
}

// dynamicBeforeComma is dynamic for a string that ends at the next comma: it must not
// look as if the brackets or quotes of another value began in it.
func (t *Text) dynamicBeforeComma(s string) {
	if strings.ContainsAny(s, `,'"()[]{}`) {
		t.quoted(s)
		return
	}
	t.dynamic(s)
}

// readsAsString reports whether s, unchanged, cannot be taken for the text of another
// value.
func readsAsString(s string) bool {
	switch s {
	case "":
		return true
	case "None", "True", "False", "Ellipsis", "inf", "-inf", "nan":
		return false
	}
	switch s[0] {
	case '\'', '"', '[', '(', '{', '&':
		return false
	case 'b':
		if len(s) > 1 && (s[1] == '\'' || s[1] == '"') {
			return false
		}
	}
	if s[len(s)-1] == ')' && strings.IndexByte(s, '(') >= 0 { // a type and its value
		return false
	}
	return !isNumber(s)
}

// isNumber reports whether s looks like an int or a float.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	skipDigits := func() bool {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if !skipDigits() {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		if s = rest; !skipDigits() {
			return false
		}
	}
	if rest, ok := strings.CutPrefix(s, "e"); ok {
		if s = strings.TrimLeft(rest, "+-"); !skipDigits() {
			return false
		}
	}
	return s == ""
}

// setString writes a string in a set: unchanged between single quotes or, if it contains
// one, with escapes between double quotes.
func (c *compiler) setString(t *Text, s string) {
	if c.Python || strings.IndexByte(s, '\'') < 0 {
		t.Buf = append(append(append(t.Buf, '\''), s...), '\'')
		return
	}
	t.Buf = append(t.Buf, '"')
	t.string(setEscaper.Replace(s))
	t.Buf = append(t.Buf, '"')
}

var setEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
