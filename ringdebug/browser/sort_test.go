package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/ringdebug"
)

// namesOf is an expression for the functions of a package in the order of the table.
func namesOf(pkg string) string {
	return `[...document.querySelectorAll(".ropes tbody tr")].filter(r => r.dataset.key.startsWith("` + pkg + `.")).` +
		`map(r => r.querySelector("a").textContent.replace(/\d+$/, "")).join(" ")`
}

// TestSortInPlace: a click on the head of a column sorts without leaving the page. The address,
// the focus and the back button go with it, and a screen reader hears it.
func TestSortInPlace(t *testing.T) {
	ctx, names := tab(t), namesOf("example.com/click")
	called(t, "example.com/click.SortB", 3)
	called(t, "example.com/click.SortA", 9)
	called(t, "example.com/click.SortC", 6)
	url := serve(t, ringdebug.Options{Authorize: everything})
	do(t, ctx, chromedp.Navigate(url))
	assert.Equal(t, "SortA SortB SortC", eval[string](t, ctx, names))

	eval[int](t, ctx, `window.here = 1`)
	do(t, ctx, chromedp.Click(chromedp.CSS("th.entries a")))
	await(t, ctx, names+` === "SortA SortC SortB"`)
	assert.Equal(t, "descending", eval[string](t, ctx, `document.querySelector("th.entries").ariaSort`))
	assert.Equal(t, "none", eval[string](t, ctx, `document.querySelector("th.function").ariaSort`))
	await(t, ctx, `location.search === "?sort=-entries"`)
	assert.Equal(t, "sorted by Entries, descending", eval[string](t, ctx, `document.querySelector("[role=status].order").textContent`))
	assert.Equal(t, "Entries", eval[string](t, ctx, `document.activeElement.textContent`))

	do(t, ctx, chromedp.KeyEvent("\r"))
	await(t, ctx, names+` === "SortB SortC SortA"`)
	assert.Equal(t, 1, eval[int](t, ctx, `window.here`), "the page is the same")
	await(t, ctx, `location.search === "?sort=entries"`)
	eval[bool](t, ctx, `history.back(), true`)
	await(t, ctx, names+` === "SortA SortC SortB"`)
	assert.Equal(t, 1, eval[int](t, ctx, `window.here`))

	do(t, ctx, chromedp.Navigate(url+"?sort=-entries"))
	assert.Equal(t, "SortA SortC SortB", eval[string](t, ctx, names), "by address")
}

// withoutScripts turns JavaScript off.
func withoutScripts() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// TestWithoutJavaScript: the links sort, and the page reloads itself.
func TestWithoutJavaScript(t *testing.T) {
	ctx, names := tab(t), namesOf("example.com/plain")
	called(t, "example.com/plain.SortE", 2)
	called(t, "example.com/plain.SortD", 1)
	do(t, ctx, withoutScripts(), chromedp.Navigate(serve(t, ringdebug.Options{Authorize: everything})))
	assert.Equal(t, "SortD SortE", eval[string](t, ctx, names))
	assert.Equal(t, "5", eval[string](t, ctx, `document.querySelector("noscript meta[http-equiv=refresh]").content`))
	assert.True(t, eval[bool](t, ctx, `document.getElementById("pause").hidden`))
	do(t, ctx, chromedp.Click(chromedp.CSS("th.entries a")))
	await(t, ctx, names+` === "SortE SortD"`)
	assert.Equal(t, "?sort=-entries", eval[string](t, ctx, `location.search`))
}
