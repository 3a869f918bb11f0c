package pickle

import (
	"encoding/binary"
	"math"
)

const (
	headerSize    = 2 + 9 // PROTO and one FRAME
	frameTarget   = 64 << 10
	smallestFrame = 4
)

// seal makes a pickle of the opcodes that the encoder wrote after headerSize bytes of
// room: with PROTO, FRAMEs and, if there are references, PUTs. The result has its own
// memory.
func (e *encoder) seal() []byte {
	e.op(opStop)
	body := e.buf[headerSize:]
	if e.used || e.protocol >= 4 && len(body) > frameTarget {
		return e.assemble()
	}
	start := headerSize
	if e.protocol >= 4 && len(body) >= smallestFrame {
		start -= 9
		e.buf[start] = opFrame
		binary.LittleEndian.PutUint64(e.buf[start+1:], uint64(len(body)))
	}
	start -= 2
	e.buf[start], e.buf[start+1] = opProto, byte(e.protocol)
	return append([]byte(nil), e.buf[start:]...)
}

// assemble copies the opcodes one by one, with the PUTs and frames in their places. A
// frame ends before the first opcode after 64 KiB of it; an opcode beyond that size is
// outside of frames.
func (e *encoder) assemble() []byte {
	out := make([]byte, 0, len(e.buf)+9*(len(e.buf)/frameTarget+1))
	out = append(out, opProto, byte(e.protocol))
	f := framer{out: out, frame: -1, framed: e.protocol >= 4}
	number, next := 0, 0
	for pos := headerSize; pos < len(e.buf); {
		size := opSize(e.buf[pos:])
		data := e.buf[pos : pos+size]
		if data[0] == opLongBinGet {
			f.get(e.slots[binary.LittleEndian.Uint32(data[1:])].number)
		} else {
			f.write(data)
		}
		pos += size
		for ; next < len(e.slots) && e.slots[next].pos <= pos; next++ {
			if e.slots[next].used {
				e.slots[next].number = number
				f.put(number, e.protocol)
				number++
			}
		}
	}
	f.end()
	return f.out
}

// framer writes opcodes into frames.
type framer struct {
	out    []byte
	frame  int // where the current frame begins; -1: there is none
	framed bool
}

func (f *framer) write(op []byte) {
	if !f.framed {
		f.out = append(f.out, op...)
		return
	}
	alone := len(op) > frameTarget
	if f.frame >= 0 && (alone || len(f.out)-f.frame-9 >= frameTarget) {
		f.end()
	}
	if !alone && f.frame < 0 {
		f.frame = len(f.out)
		f.out = append(f.out, opFrame, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	f.out = append(f.out, op...)
}

// end fills in the length of the current frame. The smallest frames are left out.
func (f *framer) end() {
	if f.frame < 0 {
		return
	}
	body := f.out[f.frame+9:]
	if len(body) < smallestFrame {
		f.out = append(f.out[:f.frame], body...)
	} else {
		binary.LittleEndian.PutUint64(f.out[f.frame+1:], uint64(len(body)))
	}
	f.frame = -1
}

func (f *framer) put(number, protocol int) {
	switch {
	case protocol >= 4:
		f.write([]byte{opMemoize})
	case number <= math.MaxUint8:
		f.write([]byte{opBinPut, byte(number)})
	default:
		f.write(binary.LittleEndian.AppendUint32([]byte{opLongBinPut}, uint32(number)))
	}
}

func (f *framer) get(number int) {
	if number <= math.MaxUint8 {
		f.write([]byte{opBinGet, byte(number)})
		return
	}
	f.write(binary.LittleEndian.AppendUint32([]byte{opLongBinGet}, uint32(number)))
}

// opSize returns the length of the opcode at the start of b, with its argument. It
// knows the opcodes that the encoder writes.
func opSize(b []byte) int {
	switch b[0] {
	case opBinInt1:
		return 2
	case opBinInt2:
		return 3
	case opBinInt, opLongBinGet:
		return 5
	case opBinFloat:
		return 9
	case opLong1, opShortBinUnicode, opShortBinBytes:
		return 2 + int(b[1])
	case opLong4, opBinUnicode, opBinBytes:
		return 5 + int(binary.LittleEndian.Uint32(b[1:]))
	case opBinUnicode8, opBinBytes8, opByteArray8:
		return 9 + int(binary.LittleEndian.Uint64(b[1:]))
	case opGlobal:
		size := 1
		for lines := 0; lines < 2; size++ {
			if b[size] == '\n' {
				lines++
			}
		}
		return size
	}
	return 1
}
