package ring

import (
	"cmp"
	"slices"
	"time"

	"github.com/ring-go/ring/internal/flight"
)

// FlightInfo is a call that does the work for a key, for itself and for others.
type FlightInfo struct {
	Key     string
	Trigger Trigger       // why the function runs
	Phase   string        // "looking" into the storage, "running" the function, or "storing" the value
	Age     time.Duration // of the run; 0: it has not begun, or its beginning was not timed
	Waiting int           // calls that wait for it
}

// Flights returns what is under way in this process for the rope: one entry for each key that
// is looked up, run or stored, and for each update. The oldest run comes first. Calls that found
// their values in memory are no flights.
// Python has no counterpart.
func (r *Rope) Flights() []FlightInfo {
	var all []FlightInfo
	for _, f := range r.values().Flights.Snapshots(r.owns) {
		all = append(all, flightInfo(f))
	}
	slices.SortFunc(all, func(a, b FlightInfo) int {
		return cmp.Or(-cmp.Compare(a.Age, b.Age), cmp.Compare(a.Key, b.Key))
	})
	return all
}

func flightInfo(f flight.Snapshot) FlightInfo {
	info := FlightInfo{Key: f.Key, Trigger: Trigger(f.Trigger), Phase: f.Phase.String(), Waiting: f.Waiting}
	if f.Began.IsTimed() {
		info.Age = f.Began.Since()
	}
	return info
}
