package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// request is a line that a driver reads; see the package documentation.
type request struct {
	Do string `json:"do"`

	Requirements []string `json:"requirements,omitempty"` // hello

	Redis     string `json:"redis,omitempty"` // open
	Memcached string `json:"memcached,omitempty"`
	Shelf     string `json:"shelf,omitempty"`
	Disk      string `json:"disk,omitempty"`

	Name       string   `json:"name,omitempty"` // define
	Backend    string   `json:"backend,omitempty"`
	Coder      any      `json:"coder"`
	Prefix     any      `json:"prefix"` // nil: the identifier
	Identifier string   `json:"identifier,omitempty"`
	Signature  string   `json:"signature"`
	Types      []string `json:"types,omitempty"`  // Go's types of the parameters
	Result     string   `json:"result,omitempty"` // Go's type of the result
	Safe       bool     `json:"safe,omitempty"`   // Go's own keys
	HashKey    string   `json:"hash_key,omitempty"`
	Expire     *int     `json:"expire,omitempty"` // seconds
	Grace      int      `json:"grace,omitempty"`  // Go's StaleIfError, in seconds
	Ignorable  []string `json:"ignorable_keys,omitempty"`
	Encoding   any      `json:"key_encoding,omitempty"`

	Action string `json:"action,omitempty"` // call, key
	element
	List    []element `json:"list,omitempty"`
	Value   note      `json:"value"`
	Values  []note    `json:"values,omitempty"`
	Returns []note    `json:"returns,omitempty"`
	Run     bool      `json:"run,omitempty"` // by the name of the action

	Data     string    `json:"data,omitempty"`     // unpickle
	Requests []request `json:"requests,omitempty"` // batch
}

// element holds the arguments of a call; those of a bulk call are either by position or
// by name.
type element struct {
	Args   []note          `json:"args,omitempty"`
	Kwargs map[string]note `json:"kwargs,omitempty"`
}

// answer is a line that a driver writes.
type answer struct {
	Result   note   `json:"result"`
	Error    string `json:"error,omitempty"`
	Message  string `json:"message,omitempty"`
	Executed int    `json:"executed"`
}

// driver is a process that performs requests.
type driver struct {
	name string
	t    testing.TB
	cmd  *exec.Cmd
	in   *bufio.Writer
	out  *bufio.Reader
	log  *logged
}

// logged collects the standard error of a process.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func startDriver(t testing.TB, name string, cmd *exec.Cmd) *driver {
	t.Helper()
	d := &driver{name: name, t: t, cmd: cmd, log: &logged{}}
	cmd.Stderr = d.log
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	d.in, d.out = bufio.NewWriter(in), bufio.NewReader(out)
	t.Cleanup(func() {
		in.Close()
		kill := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
		defer kill.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the driver in %s: %v\n%s", name, err, d.log)
		}
	})
	return d
}

// patience is the longest time of one request.
const patience = time.Minute

// ask sends one request to the driver and returns the answer.
func (d *driver) ask(r request) answer {
	d.t.Helper()
	text, err := json.Marshal(r)
	require.NoError(d.t, err)
	kill := time.AfterFunc(patience, func() { d.cmd.Process.Kill() })
	defer kill.Stop()
	d.in.Write(append(text, '\n'))
	require.NoError(d.t, d.in.Flush(), "the driver in %s: %s", d.name, d.log)
	line, err := d.out.ReadBytes('\n')
	require.NoError(d.t, err, "the driver in %s does not answer: %s", d.name, d.log)
	var a answer
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	require.NoError(d.t, dec.Decode(&a), "the driver in %s answers %q", d.name, line)
	return a
}

// must is ask for a request that cannot fail.
func (d *driver) must(r request) note {
	d.t.Helper()
	a := d.ask(r)
	require.Empty(d.t, a.Error, "the driver in %s: %s: %s", d.name, r.Do, a.Message)
	return a.Result
}

// all sends several requests to the driver.
func (d *driver) all(rs []request) []answer {
	d.t.Helper()
	var answers []answer
	for len(rs) > 0 {
		n := min(len(rs), 500)
		text, err := json.Marshal(d.must(request{Do: "batch", Requests: rs[:n]}))
		require.NoError(d.t, err)
		var some []answer
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		require.NoError(d.t, dec.Decode(&some))
		require.Len(d.t, some, n)
		answers, rs = append(answers, some...), rs[n:]
	}
	return answers
}
