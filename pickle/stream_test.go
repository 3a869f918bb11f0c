package pickle_test

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// TestTrailingBytes: like loads, Unmarshal takes the topmost value and ignores what
// follows STOP.
func TestTrailingBytes(t *testing.T) {
	for data, want := range map[string]any{
		"N.\n":         nil,
		"K\x01.K\x02.": 1,
		"K\x01K\x02.":  2,
		"(K\x01.":      1,
		"((I1\nI2\n.":  2,
		"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00N.abcd": nil,
	} {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
		assert.Equal(t, want, v, "%q", data)
	}
	var n int
	require.NoError(t, pickle.Unmarshal([]byte("K\x07.zlib data"), &n))
	assert.Equal(t, 7, n)
	for _, data := range []string{".", "(.", "K\x01(.", "N", "", "\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00N.abc"} {
		var v any
		assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax, "%q", data)
	}
}

// onlyReader hides all other methods.
type onlyReader struct{ io.Reader }

func streams(data []byte) map[string]io.Reader {
	return map[string]io.Reader{
		"bytes":    bytes.NewReader(data),
		"bufio":    bufio.NewReaderSize(bytes.NewReader(data), 16),
		"plain":    onlyReader{bytes.NewReader(data)},
		"one byte": iotest.OneByteReader(bytes.NewReader(data)),
		"data err": iotest.DataErrReader(bytes.NewReader(data)),
	}
}

func TestDecoder(t *testing.T) {
	values := []any{1, "text", []any{nil, true, 2.5}, strings.Repeat("long", 50_000), []byte{0, 1}, pickle.Tuple{"x", "x"}}
	var stream []byte
	for _, v := range values {
		for protocol := 2; protocol <= 5; protocol++ {
			data, err := pickle.Marshal(v, protocol)
			require.NoError(t, err)
			stream = append(stream, data...)
		}
	}
	stream = append(stream, "(lp0\nI1\naF2.5\naVx\np1\na.(S'x'\nI2\nd."...)
	for name, r := range streams(stream) {
		d := pickle.NewDecoder(r)
		for _, want := range values {
			for range 4 {
				var v any
				require.NoError(t, d.Decode(&v), name)
				assert.Equal(t, want, v, name)
			}
		}
		var list []any
		require.NoError(t, d.Decode(&list))
		assert.Equal(t, []any{1, 2.5, "x"}, list)
		var m map[string]int
		require.NoError(t, d.Decode(&m))
		assert.Equal(t, map[string]int{"x": 2}, m)
		for range 2 {
			assert.Equal(t, io.EOF, d.Decode(&m), name)
		}
	}
}

// TestDecoderLeavesTheRest: what follows a pickle can still be read, as in the files of
// Django's FileBasedCache, which contain an expiry and then zlib data.
func TestDecoderLeavesTheRest(t *testing.T) {
	var file bytes.Buffer
	expiry, err := pickle.Marshal(1700000000.5, 0)
	require.NoError(t, err)
	file.Write(expiry)
	value, err := pickle.Marshal("cached", 0)
	require.NoError(t, err)
	w := zlib.NewWriter(&file)
	_, err = w.Write(value)
	require.NoError(t, err)
	require.NoError(t, w.Close())

	for name, r := range streams(file.Bytes()) {
		d := pickle.NewDecoder(r)
		var at float64
		require.NoError(t, d.Decode(&at), name)
		assert.Equal(t, 1700000000.5, at)
		rest := io.MultiReader(d.Buffered(), r)
		if name == "bytes" || name == "bufio" {
			rest = r
		}
		z, err := zlib.NewReader(rest)
		require.NoError(t, err, name)
		var text string
		require.NoError(t, pickle.NewDecoder(z).Decode(&text), name)
		assert.Equal(t, "cached", text, name)
	}
}

func TestDecoderErrors(t *testing.T) {
	// An error of a value: the next pickle is read.
	d := pickle.NewDecoder(strings.NewReader("X\x01\x00\x00\x00x.cos\nsystem\n)R.0.K\x07."))
	var n int
	var misfit *pickle.TypeError
	require.ErrorAs(t, d.Decode(&n), &misfit)
	var class *pickle.ClassError
	require.ErrorAs(t, d.Decode(&n), &class)
	require.ErrorIs(t, d.Decode(&n), pickle.ErrSyntax)
	require.NoError(t, d.Decode(&n))
	assert.Equal(t, 7, n)

	// An error of the stream: there is no next one.
	whole := "\x80\x04\x95\x19\x00\x00\x00\x00\x00\x00\x00(K\x01J\x00\x00\x01\x00\x8c\x03abcI12\nccollections\nOrderedDict\n)Rt."
	var v any
	for end := 1; end < len(whole); end++ {
		d := pickle.NewDecoder(strings.NewReader("N." + whole[:end]))
		require.NoError(t, d.Decode(&v))
		for range 2 {
			err := d.Decode(&v)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d", end)
			require.ErrorIs(t, err, pickle.ErrSyntax, "%d", end)
		}
	}
	d = pickle.NewDecoder(strings.NewReader("\xff.N."))
	for range 2 {
		require.ErrorIs(t, d.Decode(&v), pickle.ErrSyntax)
	}
	d = pickle.NewDecoder(io.MultiReader(strings.NewReader("K\x01.K"), iotest.ErrReader(errors.ErrUnsupported)))
	require.NoError(t, d.Decode(&v))
	for range 2 {
		require.ErrorIs(t, d.Decode(&v), errors.ErrUnsupported)
	}
	require.ErrorAs(t, pickle.NewDecoder(strings.NewReader("N.")).Decode(v), &misfit)
}

// TestDecoderAnnouncements: memory is limited by the existing data, not by an announced
// size.
func TestDecoderAnnouncements(t *testing.T) {
	for _, data := range []string{
		"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fxy.", "\x8d\xff\xff\xff\xff\xff\xff\xff\xffxy.", "\x96\xff\xff\xff\xff\x00\x00\x00\x00xy.",
		"B\xff\xff\xff\xffxy.", "X\xff\xff\xff\xffxy.", "T\xff\xff\xff\xffxy.", "\x8b\xff\xff\xff\x7fxy.", "\x8b\xff\xff\xff\xffxy.",
		"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "Iendless",
	} {
		bounded(t, 1<<20, func() {
			var v any
			assert.ErrorIs(t, pickle.NewDecoder(strings.NewReader(data)).Decode(&v), pickle.ErrSyntax, "%q", data)
		})
	}
}

// TestDecoderPython reads what pickle.dump wrote to one file.
func TestDecoderPython(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH")
	}
	out, err := exec.Command(python, "-c", `
import pickle, sys
for protocol in range(6):
    for v in (1, 'text', [None, 'x' * 100000, 'y'], b'bytes'):
        pickle.dump(v, sys.stdout.buffer, protocol)
sys.stdout.buffer.write(b'rest')`).Output()
	require.NoError(t, err)
	r := bytes.NewReader(out)
	d := pickle.NewDecoder(r)
	for range 6 {
		for _, want := range []any{1, "text", []any{nil, strings.Repeat("x", 100000), "y"}, []byte("bytes")} {
			var v any
			require.NoError(t, d.Decode(&v))
			assert.Equal(t, want, v)
		}
	}
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "rest", string(rest))
}

// FuzzDecoder checks that a stream returns the same values as its pickles one by one.
func FuzzDecoder(f *testing.F) {
	seedPickles(f, 60)
	f.Add([]byte("K\x01.K\x02.\x80\x04]."))
	f.Fuzz(func(t *testing.T, data []byte) {
		exact := bytes.NewReader(data)
		d, buffered := pickle.NewDecoder(exact), pickle.NewDecoder(onlyReader{bytes.NewReader(data)})
		for at := 0; ; {
			var got, again any
			err := d.Decode(&got)
			errAgain := buffered.Decode(&again)
			require.Equal(t, err == nil, errAgain == nil)
			end := len(data) - exact.Len()
			if err == io.EOF {
				require.Equal(t, len(data), end)
				return
			}
			var want any
			wantErr := pickle.Unmarshal(data[at:end], &want)
			if errors.Is(err, io.ErrUnexpectedEOF) || end == at {
				require.Error(t, wantErr)
				return
			}
			require.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
			if err != nil {
				return // the error of the value or of the stream
			}
			bytes, marshalErr := pickle.Marshal(got, 0) // not if it contains itself
			wantBytes, wantMarshalErr := pickle.Marshal(want, 0)
			require.Equal(t, wantMarshalErr == nil, marshalErr == nil)
			require.Equal(t, wantBytes, bytes)
			at = end
		}
	})
}

// TestTextForms has the numbers of handmade pickles; the values are Python's.
func TestTextForms(t *testing.T) {
	huge := "1208925819614629174706175" // 0xffffffffffffffffffff
	for data, want := range map[string]string{
		"I0x1f\n.": "31", "I0X1F\n.": "31", "I0o17\n.": "15", "I0b11\n.": "3", "I1_000\n.": "1000", "I 5 \n.": "5", "I5\r\n.": "5", "I\t5\n.": "5",
		"I+5\n.": "5", "I-0x10\n.": "-16", "I00\r\n.": "0", "I00000\n.": "0", "I0x_1f\n.": "31", "I\v5\f\n.": "5", "I99999999999999999999 \n.": "99999999999999999999",
		"I+99999999999999999999\n.": "99999999999999999999", "I0xffffffffffffffffffff\n.": huge, "I-0xffffffffffffffffffff\n.": "-" + huge, "I9_9999999999999999999\n.": "99999999999999999999",
		"L5L\n.": "5", "L5\n.": "5", "L0x1fL\n.": "31", "L1_000L\n.": "1000", "L 5L\n.": "5", "L5 L\n.": "5", "L00L\n.": "0", "L+5L\n.": "5", "L5\r\n.": "5",
		"FInf\n.": "+Inf", "FNaN\n.": "NaN", "F-nan\n.": "NaN", "F+nan\n.": "NaN", "Finfinity\n.": "+Inf", "F-INFINITY\n.": "-Inf", "F.5\n.": "0.5", "F5.\n.": "5", "F1E+05\n.": "100000", "F1e-400\n.": "0",
		"I7\np0\r\n0g0\r\n.": "7", "I7\np 0\n0g0 \n.": "7", "I7\np1_0\n0g10\n.": "7", "I7\np+1\n0g1\n.": "7", "I7\np01\n0g1\n.": "7",
		"](I1\nI2\neI0\nI9\ns.": "[9 2]", "](I1\nI2\neI-1\nI9\ns.": "[1 9]", "](I1\nI2\ne(I0\nI9\nI1\nI8\nu.": "[9 8]", "](I1\neL0L\nI9\ns.": "[9]",
	} {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
		assert.Equal(t, want, fmt.Sprint(v), "%q", data)
	}
	for _, data := range []string{
		"I1__0\n.", "I\n.", "I+\n.", "I- 5\n.", "I_1\n.", "I5L\n.", "I\xc2\xa05\n.", "I0x\n.", "I+-5\n.", "I0xg\n.",
		"L5L\r\n.", "L5l\n.", "LL\n.", "L5L \n.",
		"F 1.5\n.", "F1.5 \n.", "F1.5\r\n.", "F1_0.5\n.", "F1e400\n.", "F0x1p3\n.", "F\n.", "Finfi\n.", "Fnan1\n.", "F1d5\n.", "F+-inf\n.", "F--nan\n.",
		"I7\np-1\n0g1\n.", "I7\np0x1\n0g1\n.", "I7\np\n.", "I7\np+-1\n.",
		"](I1\neI5\nI9\ns.", "](I1\neI-2\nI9\ns.", "](I1\neF0\nI9\ns.", ")I0\nI9\ns.", "](I1\ne(I0\nu.",
	} {
		var v any
		assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax, "%q", data)
	}
	bounded(t, 100<<20, func() {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte("I0x"+strings.Repeat("f", 900_000)+"\n."), &v))
		require.Error(t, pickle.Unmarshal([]byte("I0x"+strings.Repeat("f", 10_000_000)+"\n."), &v))
	})
}
