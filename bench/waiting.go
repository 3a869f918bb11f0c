package main

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// waiting tells how long a thread that was ready to run had to wait for a processor.
type waiting struct{ file *os.File }

// openWaiting returns the clock of the current thread. If the system has none, it stands
// still.
func openWaiting() (waiting, error) {
	file, err := os.Open("/proc/thread-self/schedstat")
	if os.IsNotExist(err) {
		return waiting{}, nil
	}
	return waiting{file}, err
}

func (w waiting) close() {
	if w.file != nil {
		w.file.Close()
	}
}

// read returns the second of three numbers.
func (w waiting) read() time.Duration {
	if w.file == nil {
		return 0
	}
	var buf [64]byte
	n, _ := w.file.ReadAt(buf[:], 0)
	fields := bytes.Fields(buf[:n])
	if len(fields) < 2 {
		return 0
	}
	ns, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return time.Duration(ns)
}
