package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/ringdebug"
)

// TestKeyboard: the tab key comes to everything that can be used, in the order of the page, the
// way past the heading first, and shows where it is.
func TestKeyboard(t *testing.T) {
	ctx := tab(t)
	at := serve(t, ringdebug.Options{Authorize: everything, Writes: true})
	for _, page := range pages(t, at) {
		do(t, ctx, chromedp.Navigate(page))
		eval[bool](t, ctx, `window.all = [...document.querySelectorAll("a[href], button, select, textarea, input:not([type=hidden])")].filter(e => !e.hidden), true`)
		n := eval[int](t, ctx, `window.all.length`)
		require.Positive(t, n)
		for i := range min(n, 40) {
			do(t, ctx, chromedp.KeyEvent("\t"))
			assert.Equal(t, i, eval[int](t, ctx, `window.all.indexOf(document.activeElement)`), "%s: %d of %d", page, i, n)
			assert.True(t, eval[bool](t, ctx, `(() => {
				const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
				return e.matches(":focus-visible") && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 && r.width > 1 && r.height > 1;
			})()`), "%s: the focus on %s cannot be seen", page, eval[string](t, ctx, `document.activeElement.outerHTML.slice(0, 100)`))
		}
	}
	do(t, ctx, chromedp.Navigate(at), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	await(t, ctx, `document.activeElement.id === "main"`)
}

// TestNames: a screen reader has a name for every picture, table, field and button, and the
// table of ropes is one at every width.
func TestNames(t *testing.T) {
	ctx := tab(t)
	called(t, "example.com/p.Read", 2)
	at := serve(t, ringdebug.Options{Authorize: everything, Writes: true})
	for _, width := range []int64{360, 1400} {
		do(t, ctx, chromedp.EmulateViewport(width, 700))
		for _, page := range pages(t, at) {
			do(t, ctx, chromedp.Navigate(page))
			roles := map[string]int{}
			for _, node := range tree(t, ctx) {
				if node.Ignored || node.Role == nil {
					continue
				}
				role := string(node.Role.Value)
				roles[role]++
				switch role {
				case `"image"`, `"table"`, `"textbox"`, `"combobox"`, `"button"`, `"checkbox"`, `"link"`, `"columnheader"`, `"navigation"`:
					if assert.NotNil(t, node.Name, "%s on %s", role, page) {
						assert.NotEqual(t, `""`, string(node.Name.Value), "%s on %s", role, page)
					}
				}
			}
			assert.Equal(t, 1, roles[`"main"`])
			if page == at {
				assert.Equal(t, 10, roles[`"columnheader"`], "at %d", width)
				assert.GreaterOrEqual(t, roles[`"rowheader"`], 2)
				assert.GreaterOrEqual(t, roles[`"cell"`]+roles[`"gridcell"`], 18)
			}
		}
	}
}

// tree returns what a screen reader sees.
func tree(t *testing.T, ctx context.Context) []*accessibility.Node {
	t.Helper()
	nodes, err := chromedp.Run(ctx, func(ctx context.Context, _ *chromedp.Target) ([]*accessibility.Node, error) {
		got, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		return got.Nodes, err
	})
	require.NoError(t, err)
	return nodes
}
