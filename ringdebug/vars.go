package ringdebug

import "expvar"

// Vars returns a variable for package expvar: what each rope has done, in the JSON of the page
// of all ropes, under the name of the function. It has no keys, arguments, values or errors.
//
//	expvar.Publish("ring", ringdebug.Vars())
func Vars() expvar.Func {
	return func() any {
		ropes, entries := known.list()
		all := make(map[string]ropeJSON, len(ropes))
		for i, r := range ropes {
			s := r.Stats()
			all[entries[i].ID] = jsonOf(&row{
				entry: entries[i], Stats: s, P50: s.RunQuantile(0.5), P95: s.RunQuantile(0.95), Saved: s.TimeSaved(),
			})
		}
		return all
	}
}
