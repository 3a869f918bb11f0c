package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// child measures something in its own process, where nothing else has been allocated,
// and writes the results: child large CACHE N, child growth KIND N.
func child(out io.Writer, what, which, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	var result any
	switch what {
	case "large":
		result, err = measureLarge(which, n)
	case "growth":
		result, err = measureGrowth(n)
	default:
		err = fmt.Errorf("there is no child %q", what)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// inChild runs a child and returns its results.
func inChild[T any](what, which string, n int) (result T, err error) {
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	cmd := exec.Command(self, "child", what, which, strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		return result, fmt.Errorf("%s of %s with %d entries: %w", what, which, n, err)
	}
	return result, json.Unmarshal(data, &result)
}

// grouped formats a number with commas between the thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
