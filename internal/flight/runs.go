package flight

import "github.com/ring-go/ring/internal/meter"

// Trigger is why a function runs: the numbers of ring.Trigger.
type Trigger uint8

const (
	Miss Trigger = iota
	Refresh
	Update
	Warm
	Execute
	Verify
)

// Begin counts the run, which is about to begin.
func (f *Flight) Begin(m *meter.Meter) {
	f.counted = true
	f.ran.Store(int64(m.Begin()))
}

// RunsSince records when the run began, which others count.
func (f *Flight) RunsSince(began meter.Moment) { f.ran.Store(int64(began)) }

// End counts how the run has ended.
func (f *Flight) End(m *meter.Meter, err error) {
	f.counted = false
	m.End(meter.Moment(f.ran.Load()), err != nil)
}

// Leave counts the run if it has begun and not returned: it has panicked or ended its goroutine.
func (f *Flight) Leave(m *meter.Meter) {
	if !f.outlive {
		f.LeaveAlone(m)
	}
}

// LeaveAlone is Leave for the goroutine of a run that has gone on alone.
func (f *Flight) LeaveAlone(m *meter.Meter) {
	if f.counted {
		f.counted = false
		m.Panicked()
	}
}

// Outlive records that the run goes on alone, on a goroutine that counts it.
func (f *Flight) Outlive() { f.outlive = true }

// Waiting returns how many calls wait for the flight.
func (f *Flight) Waiting() int { return int(f.waiting.Load()) }
