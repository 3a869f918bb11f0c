package pickle

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Decoder reads pickles from a stream, one after the other, such as a file to which
// pickle.dump wrote several times. Only one goroutine at a time may use it.
// Python: pickle.Unpickler.
type Decoder struct {
	r    byteReader
	own  *bufio.Reader // the one that NewDecoder made; nil: r belongs to the caller
	buf  []byte        // the current pickle
	fail error         // the error of the stream: it is unknown where the next pickle begins
}

type byteReader interface {
	io.Reader
	io.ByteReader
}

// NewDecoder returns a decoder that reads from r. If r is an io.ByteReader, such as a
// *bufio.Reader or *bytes.Reader, the decoder reads no byte beyond the end of a pickle.
// From another reader it may read more: see [Decoder.Buffered].
// Python: pickle.Unpickler.
func NewDecoder(r io.Reader) *Decoder {
	if exact, ok := r.(byteReader); ok {
		return &Decoder{r: exact}
	}
	own := bufio.NewReader(r)
	return &Decoder{r: own, own: own}
}

// Decode reads the next pickle and stores it in what v points to, like [Unmarshal]. At
// the end of the stream it returns io.EOF itself; if the stream ends within a pickle,
// the error wraps io.ErrUnexpectedEOF.
//
// After an error about the value, such as a *TypeError or *ClassError, the next call
// reads the next pickle. After an error of the reader, or in an opcode, all further
// calls return it.
//
// The bytes of one pickle are in memory while it is decoded, and memory and time are
// limited by a small multiple of their number. Use an io.LimitReader if that number has
// to be limited.
// Python: pickle.load.
func (d *Decoder) Decode(v any) error {
	if d.fail != nil {
		return d.fail
	}
	if err := d.read(); err != nil {
		if err != io.EOF { // a file may grow
			d.fail = err
		}
		return err
	}
	err := Unmarshal(d.buf, v)
	const usual = 1 << 16
	if cap(d.buf) > usual {
		d.buf = nil
	}
	return err
}

// Buffered returns a reader of the bytes that were read from the stream but belong to no
// pickle yet. Use it to read what follows the last pickle:
//
//	rest := io.MultiReader(decoder.Buffered(), r)
//
// It is valid until the next Decode. If the stream is an io.ByteReader, it is empty.
func (d *Decoder) Buffered() io.Reader {
	if d.own == nil {
		return bytes.NewReader(nil)
	}
	ahead, _ := d.own.Peek(d.own.Buffered()) // they are in the buffer
	return bytes.NewReader(ahead)
}

// read reads one pickle, up to STOP, into buf.
func (d *Decoder) read() error {
	d.buf = d.buf[:0]
	for {
		op, err := d.r.ReadByte()
		if err == io.EOF && len(d.buf) == 0 {
			return io.EOF
		}
		if err != nil {
			return d.errRead(err)
		}
		d.buf = append(d.buf, op)
		if op == opStop {
			return nil
		}
		if err := d.argument(op); err != nil {
			return err
		}
	}
}

func (d *Decoder) errRead(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: the stream ends after %d bytes of a pickle: %w", ErrSyntax, len(d.buf), io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("pickle: read: %w", err)
}

// argument reads the argument of an opcode. Unmarshal interprets it.
func (d *Decoder) argument(op byte) error {
	arg := &arguments[op]
	if !arg.known {
		return fmt.Errorf("%w: byte %d: unknown opcode %#02x", ErrSyntax, len(d.buf), op)
	}
	for range arg.lines {
		if err := d.line(); err != nil {
			return err
		}
	}
	at := len(d.buf)
	if err := d.bytes(uint64(arg.fixed)); err != nil {
		return err
	}
	if !arg.counted {
		return nil
	}
	var size [8]byte
	copy(size[:], d.buf[at:])
	n := binary.LittleEndian.Uint64(size[:])
	if n > math.MaxUint32 || n > math.MaxInt32 && (op == opBinString || op == opLong4) { // it is signed there
		return fmt.Errorf("%w: byte %d: text, bytes or an int of over 4 GiB, or of a negative length", ErrSyntax, len(d.buf))
	}
	return d.bytes(n)
}

func (d *Decoder) line() error {
	for {
		c, err := d.r.ReadByte()
		if err != nil {
			return d.errRead(err)
		}
		if d.buf = append(d.buf, c); c == '\n' {
			return nil
		}
	}
}

// bytes reads n bytes, some at a time: the announced number of them may not be there.
func (d *Decoder) bytes(n uint64) error {
	for n > 0 {
		at := len(d.buf)
		d.buf = append(d.buf, make([]byte, min(n, uint64(max(at, 4096))))...)
		read, err := io.ReadFull(d.r, d.buf[at:])
		d.buf = d.buf[:at+read]
		if err != nil {
			return d.errRead(err)
		}
		n -= uint64(read)
	}
	return nil
}

// argument describes the bytes after an opcode.
type argument struct {
	known   bool
	fixed   int  // bytes; before other bytes, the size of a little-endian count
	counted bool // the fixed bytes are the number of bytes that follow
	lines   int
}

// arguments has the argument of each opcode.
var arguments = func() (all [256]argument) {
	for arg, ops := range map[argument]string{
		{}:                        "(012NQRabdelostu)]}\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98",
		{fixed: 1}:                "Khq\x80\x82",
		{fixed: 2}:                "M\x83",
		{fixed: 4}:                "Jjr\x84",
		{fixed: 8}:                "G\x95",
		{fixed: 1, counted: true}: "UC\x8a\x8c",
		{fixed: 4, counted: true}: "TXB\x8b",
		{fixed: 8, counted: true}: "\x8d\x8e\x96",
		{lines: 1}:                "FILPSVgp",
		{lines: 2}:                "ci",
	} {
		for i := range len(ops) {
			arg.known = true
			all[ops[i]] = arg
		}
	}
	return all
}()
