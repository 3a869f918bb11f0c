package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
)

// cell returns an expression for a cell in the row of a rope.
func cell(name, class string) string {
	return fmt.Sprintf(`document.querySelector('tr[data-key=%q] .%s').textContent`, name, class)
}

// TestLive: the numbers follow what happens, without a reload; the focus, a selection and the
// rows stay what they are. A pause stops that.
func TestLive(t *testing.T) {
	ctx := tab(t)
	r := called(t, "example.com/p.Live", 3)
	name := r.Config().Name
	do(t, ctx, chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything})))
	assert.Equal(t, "3 of 128", eval[string](t, ctx, cell(name, "entries")))
	assert.Equal(t, "–", eval[string](t, ctx, cell(name, "rate span")))
	eval[bool](t, ctx, `window.row = document.querySelector('tr[data-key="`+name+`"]'), window.row.querySelector("a").focus(), true`)
	eval[bool](t, ctx, `getSelection().selectAllChildren(window.row.querySelector(".storage b")), true`)

	_, err := r.Call(100)
	require.NoError(t, err)
	await(t, ctx, cell(name, "entries")+` === "4 of 128"`)
	await(t, ctx, cell(name, "rate span")+` !== "–"`)
	await(t, ctx, `document.getElementById("live").textContent === "Live"`)
	assert.True(t, eval[bool](t, ctx, `window.row === document.querySelector('tr[data-key="`+name+`"]')`))
	assert.True(t, eval[bool](t, ctx, `document.activeElement === window.row.querySelector("a")`))
	assert.Equal(t, "lru", eval[string](t, ctx, `getSelection().toString()`))

	added := called(t, "example.com/p.Added", 1)
	await(t, ctx, `document.querySelector('tr[data-key="`+added.Config().Name+`"]') !== null`)
	assert.True(t, eval[bool](t, ctx, `document.activeElement === window.row.querySelector("a")`))

	do(t, ctx, chromedp.Click(chromedp.CSS("#pause")))
	assert.Equal(t, "Paused Resume", eval[string](t, ctx, `document.getElementById("live").textContent + " " + document.getElementById("pause").textContent`))
	_, err = r.Call(101)
	require.NoError(t, err)
	do(t, ctx, chromedp.Click(chromedp.CSS("#pause")))
	await(t, ctx, cell(name, "entries")+` === "5 of 128"`)
}

// TestLiveRope: so does the page of one rope, with what is under way.
func TestLiveRope(t *testing.T) {
	ctx := tab(t)
	running, release := make(chan struct{}), make(chan struct{})
	r := rope(t, "example.com/p.Flying", func(n int) int {
		close(running)
		<-release
		return n
	}, ring.Lru{})
	do(t, ctx, chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything})+"rope?name="+r.Config().Name))
	const flights = `document.querySelector("[aria-labelledby=flights]").textContent`
	assert.Contains(t, eval[string](t, ctx, flights), "Nothing at the moment.")
	ended := make(chan error)
	go func() {
		_, err := r.Call(7)
		ended <- err
	}()
	<-running
	await(t, ctx, flights+`.includes("running") && `+flights+`.includes("`+r.Config().Name+`:7")`)
	close(release)
	require.NoError(t, <-ended)
	await(t, ctx, flights+`.includes("Nothing at the moment.")`)
	assert.Regexp(t, `How long 1 runs? took`, eval[string](t, ctx, `document.querySelector(".histogram").ariaLabel || document.querySelector(".histogram").getAttribute("aria-label")`))
}
