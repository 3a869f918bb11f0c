package ringdebug

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// post sends a form and returns the status and the JSON.
func post(t *testing.T, h http.Handler, path, name, args string) (int, explanationJSON) {
	t.Helper()
	w := ask(h, http.MethodPost, path, asProgram, with(url.Values{"name": {name}, "args": {args}, "confirm": {"yes"}}))
	var got explanationJSON
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), w.Body.String())
	return w.Code, got
}

// TestActions: explain changes nothing; the others do what they say, and explain what is cached
// then.
func TestActions(t *testing.T) {
	runs, fails, name := 0, false, own("acted")
	r := ring.Wrap(func(_ context.Context, n int) (int, error) {
		if runs++; fails {
			return 0, errors.New("it is down")
		}
		return n * 2, nil
	}, ring.Lru{Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Hour}}}, ring.Name(name))
	h := Handler(Options{Authorize: everything, Writes: true})

	status, got := post(t, h, "/explain", name, "[4]")
	assert.Equal(t, 200, status)
	assert.Equal(t, name+":4", got.Key)
	assert.False(t, *got.Cached)
	assert.Zero(t, runs)

	status, got = post(t, h, "/update", name, "[4]")
	assert.Equal(t, 200, status)
	assert.Equal(t, &actionJSON{"update", true, "The function ran, and its value is stored: 8"}, got.Action)
	assert.True(t, *got.Cached)
	assert.Equal(t, 1, runs)
	assert.Equal(t, "now", got.Details["fresh"])

	_, got = post(t, h, "/stale", name, "[4]")
	assert.True(t, got.Action.OK)
	assert.Equal(t, "now", got.Details["spare"])

	_, got = post(t, h, "/delete", name, "[4]")
	assert.True(t, got.Action.OK)
	assert.False(t, *got.Cached)
	assert.Equal(t, 1, runs)

	fails = true
	status, got = post(t, h, "/update", name, "[4]")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.False(t, got.Action.OK)
	assert.Contains(t, got.Action.Text, "it is down")

	_, err := r.Call(1)
	require.Error(t, err)
	fails = false
	_, err = r.Call(2)
	require.NoError(t, err)
	w := ask(h, http.MethodPost, "/clear", with(url.Values{"name": {name}}))
	assert.Equal(t, 400, w.Code, "the box is not ticked")
	w = ask(h, http.MethodPost, "/clear", with(url.Values{"name": {name}, "confirm": {"yes"}}))
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Body.String(), "Removed 1 value.")
	assert.Zero(t, r.Stats().Entries)
	kept = append(kept, r)
}

// TestWrongArguments: what is no call is an error, and nothing runs.
func TestWrongArguments(t *testing.T) {
	runs, name := 0, own("wrong")
	r := ring.Wrap(func(n int) int { runs++; return n }, ring.Lru{}, ring.Name(name))
	h := Handler(Options{Authorize: everything, Writes: true})
	for _, args := range []string{"4", `"a"`, "[4", "[4] 5", "{", `{"n": 1}`, "[]", "[1, 2]", `["x"]`, "[1.5]", "[null]"} {
		status, got := post(t, h, "/update", name, args)
		assert.Equal(t, http.StatusUnprocessableEntity, status, args)
		assert.False(t, got.Action.OK, args)
		status, got = post(t, h, "/explain", name, args)
		assert.Equal(t, http.StatusUnprocessableEntity, status, args)
		assert.NotEmpty(t, got.Error, args)
	}
	assert.Zero(t, runs)
	kept = append(kept, r)
}

// TestWhatIsNoForm: a body that cannot be read is not a call without arguments.
func TestWhatIsNoForm(t *testing.T) {
	name := own("noform")
	r := ring.Wrap(func(n ...int) int { return len(n) }, ring.Lru{}, ring.Name(name))
	h := Handler(Options{Authorize: everything, Writes: true})
	for _, c := range []struct {
		typ, body string
		status    int
	}{
		{"application/json", `["a"]`, http.StatusUnsupportedMediaType},
		{"", "args=[1]", http.StatusUnsupportedMediaType},
		{"application/x-www-form-urlencoded", "args=%zz", http.StatusBadRequest},
		{"application/x-www-form-urlencoded", "args=[1];x", http.StatusBadRequest},
		{"application/x-www-form-urlencoded", "args=" + strings.Repeat("1", maxForm), http.StatusRequestEntityTooLarge},
		{"multipart/form-data", "args", http.StatusBadRequest},
	} {
		w := ask(h, http.MethodPost, "/update?name="+name, func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
			r.Header.Set("Content-Type", c.typ)
		})
		assert.Equal(t, c.status, w.Code, "%s: %.40s", c.typ, c.body)
	}
	assert.Zero(t, r.Stats().Runs)
	assert.Equal(t, 200, ask(h, http.MethodPost, "/update?name="+name).Code, "without a body there are no arguments")
	assert.EqualValues(t, 1, r.Stats().Runs)
	kept = append(kept, r)
}

// TestActionThatPanics: the page tells of the panic of the function.
func TestActionThatPanics(t *testing.T) {
	name := own("panics")
	r := ring.Wrap(func(int) int { panic("no way") }, ring.Lru{}, ring.Name(name))
	status, got := post(t, Handler(Options{Authorize: everything, Writes: true}), "/update", name, "[4]")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, got.Action.Text, "panic: no way")
	assert.Zero(t, r.Stats().Flights)
	kept = append(kept, r)
}

// TestTextChangesNoTerminal: neither a key nor a value reaches a terminal as a command.
func TestTextChangesNoTerminal(t *testing.T) {
	name := own("terminal")
	r := ring.Wrap(func(s string) string { return s }, ring.Lru{}, ring.Name(name))
	form := with(url.Values{"name": {name}, "args": {`["\u001b[2J \u009b2J \u202e ä"]`}})
	text := ask(Handler(Options{Authorize: everything, Writes: true}), http.MethodPost, "/update", form).Body.String()
	assert.Contains(t, text, "?[2J ?2J ? ä")
	assert.NotContains(t, text, "\x1b")
	kept = append(kept, r)
}

// point is a parameter that JSON can give.
type point struct {
	X, Y int
	Tags []string
}

// TestArguments: a list is given by position, with the types of the parameters, and an object by
// name.
func TestArguments(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	list := ring.Wrap(func(context.Context, point, *point, time.Time, time.Duration, []byte, float64, any, ...int8) int {
		return 0
	}, ring.Lru{}, ring.Name("list"))
	args, err := argumentsOf(list, `[{"X":1,"Tags":["a"]}, {"Y":2}, "2026-01-02T03:04:05Z", "90s", "aGk=", 1, [1, 2.5, {"a": 3}], 7, 8]`)
	require.NoError(t, err)
	assert.Equal(t, []any{point{X: 1, Tags: []string{"a"}}, &point{Y: 2}, when, 90 * time.Second, []byte("hi"), 1.0,
		[]any{int64(1), 2.5, map[string]any{"a": int64(3)}}, int8(7), int8(8)}, args)

	named := ring.Wrap(func(a string, n int) int { return n }, ring.Lru{}, ring.Name("named"), ring.Signature("a, n=3"))
	args, err = argumentsOf(named, ` {"a": "x", "n": 9007199254740993} `)
	require.NoError(t, err)
	assert.Equal(t, []any{ring.Kwargs{"a": "x", "n": int64(9007199254740993)}}, args)
	key, err := named.Key(args...)
	require.NoError(t, err)
	assert.Contains(t, key, "x:9007199254740993")

	args, err = argumentsOf(named, "")
	require.NoError(t, err)
	assert.Empty(t, args)
	_, err = argumentsOf(list, `[{"Z": 1}]`)
	require.NoError(t, err, "the rope says what does not fit")
	_, err = argumentsOf(list, `[{}, {}, "2026-01-02T03:04:05Z", "long"]`)
	require.ErrorContains(t, err, "argument 4")
}

// orNull is a parameter that says itself what null is.
type orNull struct{ Null bool }

func (o *orNull) UnmarshalJSON(text []byte) error {
	o.Null = string(text) == "null"
	return nil
}

// TestNull: null is nil, or what a type makes of it, and never the zero value of a type that has
// no nil.
func TestNull(t *testing.T) {
	some := ring.Wrap(func(*point, map[string]int, []string, any, orNull, string, point) int { return 0 }, ring.Lru{}, ring.Name("some"))
	args, err := argumentsOf(some, "[null, null, null, null, null]")
	require.NoError(t, err)
	assert.Equal(t, []any{(*point)(nil), map[string]int(nil), []string(nil), nil, orNull{Null: true}}, args)
	_, err = argumentsOf(some, "[null, null, null, null, null, null]")
	require.EqualError(t, err, "argument 6: null is no string")
	_, err = argumentsOf(some, `[null, null, null, null, null, "", null]`)
	require.EqualError(t, err, "argument 7: null is no ringdebug.point")
}

// TestExplainOfArgumentsInAPage: the form keeps what was typed, and marks what is wrong.
func TestExplainOfArgumentsInAPage(t *testing.T) {
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{}, ring.Name("form"))
	h := Handler(Options{Authorize: everything})
	page := ask(h, http.MethodGet, "/explain?name=form&args=[1", asBrowser).Body.String()
	assert.Contains(t, page, `aria-invalid="true"`)
	assert.Contains(t, page, ">[1</textarea>")
	assert.NotContains(t, page, "formaction", "there are no Writes")
	page = ask(h, http.MethodGet, "/explain?name=form&args=[1]", asBrowser).Body.String()
	assert.Contains(t, page, "form:1")
	assert.NotContains(t, page, "aria-invalid")
	page = ask(Handler(Options{Authorize: everything, Writes: true}), http.MethodGet, "/explain?name=form", asBrowser).Body.String()
	assert.Contains(t, page, `formaction="delete"`)
	kept = append(kept, r)
}

// TestExplainInText: curl learns what function wants the arguments, and the list of functions is in
// order.
func TestExplainInText(t *testing.T) {
	name := own("text.F")
	a := ring.Wrap(func(string, int) int { return 0 }, ring.Lru{}, ring.Name(name))
	h := Handler(Options{Authorize: everything})
	for _, args := range []string{"[A]", `[1, "x"]`} {
		page := ask(h, http.MethodGet, "/explain?name="+name+"&args="+url.QueryEscape(args)).Body.String()
		assert.Contains(t, page, "the function is func(string, int) int", args)
		assert.True(t, strings.HasPrefix(page, "ring: "), page)
	}
	assert.NotContains(t, ask(h, http.MethodGet, "/explain?name="+name+`&args=["a",1]`).Body.String(), "the function is")

	// Three ropes that were made alike have no order but that of their numbers.
	b, c := ring.Wrap(func(string, int) int { return 1 }, ring.Lru{}, ring.Name(name)), ring.Wrap(func(string, int) int { return 2 }, ring.Lru{}, ring.Name(name))
	for range 20 {
		page := ask(h, http.MethodGet, "/explain").Body.String()
		assert.Contains(t, page, "\n"+name+"\n"+name+"~2\n"+name+"~3\n")
	}
	kept = append(kept, a, b, c)
}
