package ringdebug

import "time"

// onePageJSON is the page of a rope, for programs. Without the right to see keys there are
// none, and no errors.
type onePageJSON struct {
	Rope    ropeJSON          `json:"rope"`
	Func    string            `json:"func"`
	Config  map[string]string `json:"config"`
	Flights []flightJSON      `json:"flights"`
	Events  []eventJSON       `json:"events"`
	Action  *actionJSON       `json:"action,omitempty"`
}

type flightJSON struct {
	Key     string  `json:"key,omitempty"`
	Trigger string  `json:"trigger"`
	Phase   string  `json:"phase"`
	Age     float64 `json:"age_seconds"`
	Waiting int     `json:"waiting"`
}

type eventJSON struct {
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"`
	Key   string    `json:"key,omitempty"`
	Error string    `json:"error,omitempty"`
}

// JSON returns the page for programs.
func (p *ropePage) JSON() any {
	j := onePageJSON{Rope: jsonOf(&p.row), Func: p.Func, Config: map[string]string{}, Flights: []flightJSON{}, Events: []eventJSON{}, Action: p.Notice.json()}
	for _, s := range p.Config {
		j.Config[s.field()] = s.Value
	}
	for _, f := range p.Flights {
		j.Flights = append(j.Flights, flightJSON{f.Key, f.Trigger, f.Phase, f.Age.Seconds(), f.Waiting})
	}
	for _, e := range p.Events {
		j.Events = append(j.Events, eventJSON(e))
	}
	return j
}
