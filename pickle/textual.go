package pickle

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// line takes the text up to the next newline.
func (d *decoder) line() (string, error) {
	end := bytes.IndexByte(d.data[d.pos:], '\n')
	if end < 0 {
		return "", d.errorf("a line without an end")
	}
	s := string(d.data[d.pos : d.pos+end])
	d.pos += end + 1
	return s, nil
}

// textual executes the opcodes whose argument is a line of text.
func (d *decoder) textual(op byte) error {
	s, err := d.line()
	if err != nil {
		return err
	}
	switch op {
	case opInt:
		return d.textInt(s)
	case opLong:
		return d.textLong(strings.TrimSuffix(s, "L"))
	case opFloat:
		return d.textFloat(s)
	case opString:
		return d.textString(s)
	case opUnicode:
		return d.textUnicode(s)
	case opGlobal:
		name, err := d.line()
		if err != nil {
			return err
		}
		return d.global(s, name)
	case opInst:
		name, err := d.line()
		if err != nil {
			return err
		}
		return d.instance(s, name)
	case opPersID:
		return d.errPersID()
	}
	digits, ok := plainDigits(strings.Trim(s, blanks))
	at, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, 64)
	if err != nil || !ok {
		return d.errorf("memo entry %.40q is not a number", s)
	}
	if op == opGet {
		return d.get(at)
	}
	return d.put(at)
}

func (d *decoder) textInt(s string) error {
	switch s {
	case "00":
		d.push(node{kind: kindBool})
		return nil
	case "01":
		d.push(node{kind: kindBool, payload: 1})
		return nil
	}
	return d.textLong(s)
}

// blanks are the characters that Python skips around a number in text.
const blanks = " \t\r\v\f"

// textLong reads an int as in Python source, like int(text, 0).
func (d *decoder) textLong(text string) error {
	s := strings.Trim(text, blanks)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		d.push(node{kind: kindInt, payload: uint64(v)})
		return nil
	}
	v, err := d.bigText(s)
	if err != nil {
		return err
	}
	if v.IsInt64() {
		d.push(node{kind: kindInt, payload: uint64(v.Int64())})
		return nil
	}
	// Back to bytes, as all long ints are: references to one share one leaf.
	d.push(d.sideNode(kindLong, appendLong(d.side, v)))
	return nil
}

func (d *decoder) bigText(s string) (*big.Int, error) {
	magnitude := s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		magnitude = s[1:]
	}
	if len(magnitude) > maxDigits {
		return nil, d.errorf("an int of %d digits as text: have Python use a protocol from 2 on", len(magnitude))
	}
	v, ok := parseMagnitude(magnitude)
	if !ok {
		return nil, d.errorf("%.40q is not an int", s)
	}
	if s[0] == '-' {
		v.Neg(v)
	}
	return v, nil
}

// parseMagnitude reads decimal digits, or other digits after 0x, 0o or 0b, with
// underscores between them.
func parseMagnitude(s string) (*big.Int, bool) {
	if len(s) > 1 && s[0] == '0' && strings.ContainsRune("xXoObB", rune(s[1])) {
		return new(big.Int).SetString(s, 0) // takes linear time for such a base
	}
	s, ok := plainDigits(s)
	if !ok || digits(s) != len(s) {
		return nil, false
	}
	return parseDecimal(s), true
}

// plainDigits removes single underscores between digits. It reports whether there are
// any digits, and no other underscores.
func plainDigits(s string) (string, bool) {
	if !strings.Contains(s, "_") {
		return s, s != ""
	}
	if s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return s, false
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// maxDigits limits decimal ints, because reading them takes more than linear time.
// Python stops at 4300 digits.
const maxDigits = 1_000_000

// parseDecimal halves long text, since math/big needs quadratic time to read it.
func parseDecimal(s string) *big.Int {
	powers := map[int]*big.Int{}
	var parse func(s string) *big.Int
	parse = func(s string) *big.Int {
		if len(s) <= 1000 {
			v, _ := new(big.Int).SetString(s, 10)
			return v
		}
		// Only a few different sizes, so that the powers are shared.
		low := 1000
		for 2*low < len(s) {
			low *= 2
		}
		power := powers[low]
		if power == nil {
			power = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(low)), nil)
			powers[low] = power
		}
		v := parse(s[:len(s)-low])
		return v.Mul(v, power).Add(v, parse(s[len(s)-low:]))
	}
	return parse(s)
}

func (d *decoder) textFloat(s string) error {
	v, err := parseFloat(s)
	if err != nil {
		return d.errorf("%.40q is not a float", s)
	}
	d.push(floatNode(v))
	return nil
}

// parseFloat reads decimal floats, and the names of infinities and NaN.
func parseFloat(s string) (float64, error) {
	switch name := strings.TrimLeft(s, "+-"); {
	case len(s)-len(name) > 1:
		return 0, strconv.ErrSyntax
	case strings.EqualFold(name, "nan"):
		nan := math.Float64frombits(pythonNaN)
		if s[0] == '-' {
			nan = math.Copysign(nan, -1)
		}
		return nan, nil
	case strings.EqualFold(name, "inf"), strings.EqualFold(name, "infinity"):
		return strconv.ParseFloat(s, 64)
	}
	if strings.Trim(s, "+-.0123456789eE") != "" || strings.ContainsAny(s, "_xXpP") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// sideNode makes a node from what was appended to d.side.
func (d *decoder) sideNode(k kind, grown []byte) node {
	at := len(d.side)
	d.side = grown
	return node{kind: k, side: true, payload: uint64(at), len: uint32(len(grown) - at)}
}

// textUnicode reads Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
func (d *decoder) textUnicode(s string) error {
	dst := d.side
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' || i+1 == len(s) {
			dst = utf8.AppendRune(dst, rune(c))
			continue
		}
		i++
		size := 0
		switch s[i] {
		case 'u':
			size = 4
		case 'U':
			size = 8
		default:
			dst = append(dst, '\\')
			dst = utf8.AppendRune(dst, rune(s[i]))
			continue
		}
		if len(s)-i-1 < size {
			return d.errorf("an escape is cut off")
		}
		r, err := strconv.ParseUint(s[i+1:i+1+size], 16, 32)
		if err != nil || r > utf8.MaxRune {
			return d.errorf("%q is not a character", s[i-1:i+1+size])
		}
		dst = appendRune(dst, rune(r))
		i += size
	}
	d.push(d.sideNode(kindStr, dst))
	return nil
}

// simpleEscapes are the escapes of one character in a Python 2 string.
var simpleEscapes = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// textString reads a quoted Python 2 string.
func (d *decoder) textString(s string) error {
	if len(s) < 2 || s[0] != s[len(s)-1] || s[0] != '\'' && s[0] != '"' {
		return d.errorf("a string without quotes")
	}
	s = s[1 : len(s)-1]
	dst := d.side
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			continue
		}
		i++
		if i == len(s) {
			return d.errorf("a string ends with a backslash")
		}
		c, simple := simpleEscapes[s[i]]
		switch {
		case simple:
			dst = append(dst, c)
		case s[i] == 'x':
			if len(s)-i-1 < 2 {
				return d.errorf("an escape is cut off")
			}
			v, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return d.errorf("%q is not an escape", s[i-1:i+3])
			}
			dst = append(dst, byte(v))
			i += 2
		case s[i] >= '0' && s[i] <= '7':
			end := i + 1
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			v, _ := strconv.ParseUint(s[i:end], 8, 16)
			dst = append(dst, byte(v))
			i = end - 1
		default:
			dst = append(dst, '\\', s[i])
		}
	}
	d.push(d.sideNode(kindOldStr, dst))
	return nil
}
