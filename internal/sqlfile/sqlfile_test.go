package sqlfile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

type coded int

func (c coded) Error() string { return fmt.Sprintf("code %d", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestExplain(t *testing.T) {
	causes := &Causes{
		Busy: errors.New("busy"), ReadOnly: errors.New("read-only"), IO: errors.New("io"), Corrupt: errors.New("corrupt"),
		Full: errors.New("full"), NoHandles: errors.New("no handles"), CantOpen: errors.New("can't open"),
	}
	for code, cause := range map[int]error{
		5: causes.Busy, 6: causes.Busy, 8: causes.ReadOnly, 10: causes.IO, 11: causes.Corrupt,
		13: causes.Full, 14: causes.CantOpen, 26: causes.Corrupt,
	} {
		for _, extended := range []int{code, 3<<8 | code} {
			inner := fmt.Errorf("inner: %w", coded(extended))
			err := causes.Explain(inner)
			assert.ErrorIs(t, err, cause)
			assert.ErrorIs(t, err, coded(extended))
			assert.EqualError(t, err, cause.Error()+": "+inner.Error())
		}
	}
	assert.Equal(t, io.EOF, causes.Explain(io.EOF))
	assert.Equal(t, coded(1), causes.Explain(coded(1)), "a code that says nothing to the user")
	assert.NoError(t, causes.Explain(nil))
}

func TestURI(t *testing.T) {
	assert.Equal(t, "file:///a%20b%3Fc%23d%2520?_pragma=busy_timeout%281%29&mode=ro&_error_rc=1",
		URI("/a b?c#d%20", url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(1)"}}))
	assert.Equal(t, "file:///C:/a?mode=rw&_error_rc=1", URI("C:/a", url.Values{"mode": {"rw"}}))
}

func TestMilliseconds(t *testing.T) {
	for timeout, want := range map[time.Duration]int64{
		0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000,
		math.MaxInt32 * time.Millisecond: math.MaxInt32, math.MaxInt64: math.MaxInt32,
	} {
		assert.Equal(t, want, Milliseconds(timeout), timeout)
	}
}
