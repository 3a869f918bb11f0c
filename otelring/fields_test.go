package otelring

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/ring-go/ring"
)

// recorder writes down what is observed.
type recorder struct {
	noop.Observer
	text *strings.Builder
}

func (r recorder) ObserveInt64(_ metric.Int64Observable, n int64, _ ...metric.ObserveOption) {
	fmt.Fprintln(r.text, n)
}

func (r recorder) ObserveFloat64(_ metric.Float64Observable, x float64, _ ...metric.ObserveOption) {
	fmt.Fprintln(r.text, x)
}

// TestEachFieldIsObserved: each field of Stats changes what is observed, also one that is new.
func TestEachFieldIsObserved(t *testing.T) {
	in, err := instrumentsOf(noop.Meter{})
	require.NoError(t, err)
	observed := func(total ring.Total) string {
		var text strings.Builder
		in.observe(recorder{text: &text}, &total)
		return text.String()
	}
	fields := reflect.TypeFor[ring.Stats]()
	for i := range fields.NumField() {
		var total ring.Total
		field := reflect.ValueOf(&total.Stats).Elem().Field(i)
		if field.Kind() == reflect.Array {
			field = field.Index(0)
		}
		if field.CanUint() {
			field.SetUint(7)
		} else {
			field.SetInt(7)
		}
		assert.NotEqual(t, observed(ring.Total{}), observed(total), fields.Field(i).Name)
	}
	unknown := ring.Total{Stats: ring.Stats{Entries: -1, MaxEntries: -1}}
	assert.NotContains(t, observed(unknown), "-1")
}
