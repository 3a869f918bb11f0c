package browser

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
)

// notice is the text of what an action did.
const notice = `document.querySelector(".notice").textContent`

// TestForms: a call is explained, renewed, marked stale and deleted by typing and clicking, and
// a rope is cleared.
func TestForms(t *testing.T) {
	ctx := tab(t)
	runs := 0
	r := rope(t, "example.com/p.Form", func(s string, n int) int { runs++; return n * 2 },
		ring.Lru{Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Hour}}})
	name := r.Config().Name
	do(t, ctx, chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything, Writes: true})+"rope?name="+name),
		chromedp.Click(chromedp.CSS(`a[href^="explain?"]`)), chromedp.WaitVisible(chromedp.CSS("#args")))
	assert.Equal(t, name, eval[string](t, ctx, `document.getElementById("name").value`))
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#args"), `["a b", 4]`), chromedp.Click(chromedp.CSS("button.main")), chromedp.WaitVisible(chromedp.CSS("#answer")))
	assert.Contains(t, eval[string](t, ctx, `document.getElementById("main").textContent`), name+":a b:4")
	assert.Equal(t, `["a b", 4]`, eval[string](t, ctx, `document.getElementById("args").value`))
	assert.Zero(t, runs)

	click := func(action string) string {
		do(t, ctx, chromedp.Click(chromedp.CSS(`[formaction=`+action+`]`)))
		await(t, ctx, `location.pathname.endsWith("/`+action+`") && document.querySelector(".notice") !== null`)
		return eval[string](t, ctx, notice)
	}
	assert.Equal(t, "The function ran, and its value is stored: 8", click("update"))
	assert.Equal(t, 1, runs)
	assert.Contains(t, click("stale"), "stale")
	assert.Equal(t, "The value is deleted.", click("delete"))
	has, err := r.Has("a b", 4)
	require.NoError(t, err)
	assert.False(t, has)

	_, err = r.Call("x", 1)
	require.NoError(t, err)
	do(t, ctx, chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything, Writes: true})+"rope?name="+name),
		chromedp.Click(chromedp.CSS(".clear button")))
	assert.Equal(t, int64(1), r.Stats().Entries, "the box is required")
	do(t, ctx, chromedp.Click(chromedp.CSS(".clear input[type=checkbox]")), chromedp.Click(chromedp.CSS(".clear button")))
	await(t, ctx, `document.querySelector(".notice") !== null`)
	assert.Equal(t, "Removed 1 value.", eval[string](t, ctx, notice))
	assert.Zero(t, r.Stats().Entries)
}

// TestWrongJSON: what was typed stays, with the reason beside it, for a screen reader as well.
func TestWrongJSON(t *testing.T) {
	ctx := tab(t)
	r := called(t, "example.com/p.Wrong", 1)
	do(t, ctx, chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything})+"explain?name="+r.Config().Name),
		chromedp.SendKeys(chromedp.CSS("#args"), `[1`), chromedp.Click(chromedp.CSS("button.main")), chromedp.WaitVisible(chromedp.CSS("#wrong")))
	assert.Equal(t, "[1", eval[string](t, ctx, `document.getElementById("args").value`))
	assert.Equal(t, "wrong", eval[string](t, ctx, `document.getElementById("args").getAttribute("aria-describedby")`))
	assert.Contains(t, eval[string](t, ctx, `document.getElementById("wrong").textContent`), "no JSON")
}

// TestOtherOrigin: a form on a page of another origin does nothing, though the browser of
// somebody who may write sends it.
func TestOtherOrigin(t *testing.T) {
	ctx := tab(t)
	runs := 0
	r := rope(t, "example.com/p.Origin", func(n int) int { runs++; return n }, ring.Lru{})
	target := serve(t, ringdebug.Options{Authorize: everything, Writes: true})
	form := `<form method=post action="` + target + `update"><input name=name value="` + r.Config().Name + `"><input name=args value="[1]"><button>go</button></form>`
	do(t, ctx, chromedp.Navigate("data:text/html,"+url.PathEscape(form)), chromedp.Click(chromedp.CSS("button")))
	await(t, ctx, `document.body.textContent.includes("another origin must not")`)
	assert.Zero(t, runs)
}
