package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/ring-go/ring"
)

//go:embed peer.py
var peerScript string

// startPython starts Python's side with the interpreter that an environment variable
// names. It returns a function that returns an operation of peer.py by its name.
func startPython(env string, args ...string) (func(name string) operation, error) {
	python := os.Getenv(env)
	if python == "" {
		return nil, fmt.Errorf("%s is not set to a Python: run this by make", env)
	}
	cmd := exec.Command(python, append([]string{"-c", peerScript}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	onClose(func() error { in.Close(); return cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return nil, errors.New("the side in Python does not start")
	}
	return func(name string) operation {
		return func(n int) error {
			if _, err := fmt.Fprintln(in, name, n); err != nil {
				return err
			}
			if !lines.Scan() {
				return errors.New("the side in Python has ended")
			}
			return nil
		}
	}, nil
}

// pythonHits compares hits with those of Python's ring.lru.
func pythonHits() ([]row, error) {
	const env = "RING_PYTHON_RING"
	if os.Getenv(env) == "" {
		fmt.Printf("\nPython's ring.lru is not measured: %s names no Python that has it (make bench gets one)\n", env)
		return nil, nil
	}
	python, err := startPython(env, "lru")
	if err != nil {
		return nil, err
	}
	decoratedInt, decoratedString := ofInt, ofString
	ring.Decorate(&decoratedInt, cached(resident))
	ring.Decorate(&decoratedString, cached(resident))
	var h hitRows
	for _, r := range []row{
		{name: "Call(int)", ours: one(call(wrap(ofInt), numbers)), base: python("int"), goal: 40},
		{name: "Call(string)", ours: one(call(wrap(ofString), names)), base: python("string"), goal: 40},
		{name: "decorated func(int) int", ours: one(each(numbers, decoratedInt)), base: python("int"), goal: 20},
		{name: "decorated func(string) int", ours: one(each(names, decoratedString)), base: python("string"), goal: 20},
	} {
		r.baseName, r.faster, r.allocs = "Python", true, -1
		h.add(r)
	}
	return h.rows, nil
}
