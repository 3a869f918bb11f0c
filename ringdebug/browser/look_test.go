package browser

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringdebug"
	"github.com/ring-go/ring/ringdebug/browser/chrome"
)

// hostile breaks out of what is not escaped, and turns around what follows it.
const hostile = "x/\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1>\u202eevil.F"

// pages returns the addresses of all kinds of pages, about a rope with a hostile name.
func pages(t *testing.T, at string) []string {
	t.Helper()
	r := rope(t, hostile, func(s string) (string, error) { return s, fmt.Errorf("<img src=x onerror=window.hacked=1> %s", s) },
		ring.Lru{KeyPrefix: hostile, Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{
			RefreshAhead: time.Minute, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour, Jitter: 0.1}}})
	_, err := r.Call(hostile)
	require.Error(t, err)
	name := url.QueryEscape(r.Config().Name)
	return []string{at, at + "?sort=-p95", at + "doctor", at + "explain", at + "rope?name=" + name,
		at + "explain?args=" + url.QueryEscape(fmt.Sprintf("[%q]", "<script>window.hacked=1</script>")) + "&name=" + name}
}

// TestHostileNames: no part of a name runs, becomes an element or turns the rest of the page
// around, and its link leads to its page. No page breaks its own policy.
func TestHostileNames(t *testing.T) {
	ctx := tab(t)
	messages := chromedp.Console(ctx)
	called(t, "example.com/p.Friendly", 2)
	at := serve(t, ringdebug.Options{Authorize: everything, Writes: true})
	for _, page := range pages(t, at) {
		do(t, ctx, chromedp.Navigate(page))
		assert.Equal(t, 1, eval[int](t, ctx, `document.scripts.length`), page)
		assert.Equal(t, 1, eval[int](t, ctx, `document.images.length`), page)
		assert.False(t, eval[bool](t, ctx, `"hacked" in window`), page)
		assert.Equal(t, 0, eval[int](t, ctx, `[...document.querySelectorAll("bdi")].filter(e => getComputedStyle(e).unicodeBidi !== "isolate").length`))
	}
	do(t, ctx, chromedp.Navigate(at))
	link := `[...document.querySelectorAll(".ropes tbody .function a")].find(a => a.closest("tr").dataset.key.includes("hacked"))`
	name := eval[string](t, ctx, link+`.closest("tr").dataset.key`)
	assert.True(t, strings.HasPrefix(name, hostile))
	await(t, ctx, `document.getElementById("live").textContent === "Live"`)
	assert.False(t, eval[bool](t, ctx, `"hacked" in window`), "after an update")
	eval[bool](t, ctx, link+`.click(), true`)
	await(t, ctx, `document.querySelector("h1").textContent.includes("evil.F") || document.title.includes("evil.F")`)
	assert.Equal(t, hostile, eval[string](t, ctx, `new URLSearchParams(location.search).get("name")`)[:len(hostile)])

	eval[bool](t, ctx, `console.error("end"), true`)
	for m, err := range messages {
		require.NoError(t, err)
		if m.Text == "end" {
			break
		}
		assert.Fail(t, "a message on the console: "+m.Text)
	}
}

// TestNarrow: at the width of a phone nothing but the content of a field scrolls sideways.
func TestNarrow(t *testing.T) {
	ctx := tab(t)
	called(t, "example.com/"+strings.Repeat("averylongpathwithoutbreaks", 6)+".AndALongNameOfAFunction"+strings.Repeat("More", 20), 3)
	at := serve(t, ringdebug.Options{Authorize: everything, Writes: true})
	all := pages(t, at)
	for _, width := range []int64{320, 360, 620, 800, 1061, 1400} {
		do(t, ctx, chromedp.EmulateViewport(width, 700))
		for _, page := range all {
			do(t, ctx, chromedp.Navigate(page))
			assert.LessOrEqual(t, eval[int](t, ctx, `document.documentElement.scrollWidth`), int(width), "%s at %d", page, width)
			assert.Empty(t, eval[[]string](t, ctx, `[...document.querySelectorAll("main *, header *")].filter(e => {
				const r = e.getBoundingClientRect();
				return r.width > 1 && r.right > innerWidth + 1 && !e.closest("svg");
			}).map(e => e.outerHTML.slice(0, 80))`), "%s at %d: outside of the window", page, width)
		}
	}
}

// contrast finds the text that differs the least from what is behind it, as WCAG measures that.
const contrast = `(() => {
	const light = (text) => {
		const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		c.fillStyle = text;
		c.fillRect(0, 0, 1, 1);
		const [r, g, b] = [...c.getImageData(0, 0, 1, 1).data].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (!/, 0\)$|\/ 0\)$/.test(color) && color !== "transparent" && !/0\.\d+\)$/.test(color)) return color;
		}
		return "white";
	};
	let least = [99, ""];
	for (const e of document.querySelectorAll("body *")) {
		if (e.closest("svg, .hidden, .skip, option") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
		const c = (a + 0.05) / (b + 0.05);
		if (c < least[0]) least = [c, e.outerHTML.slice(0, 120)];
	}
	return { least: least[0], where: least[1], page: light(behind(document.body)) };
})()`

// TestDarkAndLight: the pages follow the system, and text can be read in both.
func TestDarkAndLight(t *testing.T) {
	ctx := tab(t)
	all := pages(t, serve(t, ringdebug.Options{Authorize: everything, Writes: true}))
	for _, scheme := range []string{"light", "dark"} {
		do(t, ctx, chrome.Scheme(scheme))
		for _, page := range all {
			do(t, ctx, chromedp.Navigate(page))
			got := eval[struct {
				Least, Page float64
				Where       string
			}](t, ctx, contrast)
			assert.Equal(t, scheme == "dark", got.Page < 0.1, scheme)
			assert.GreaterOrEqual(t, got.Least, 4.5, "%s, %s: %s", page, scheme, got.Where)
		}
	}
}

// TestReducedMotion: who does not want movement gets none.
func TestReducedMotion(t *testing.T) {
	ctx := tab(t)
	called(t, "example.com/p.Still", 1)
	at := serve(t, ringdebug.Options{Authorize: everything})
	const moves = `getComputedStyle(document.querySelector(".bar rect")).transitionDuration.split(",").some(d => parseFloat(d) > 0)`
	do(t, ctx, chrome.Media("prefers-reduced-motion", "no-preference"), chromedp.Navigate(at))
	assert.True(t, eval[bool](t, ctx, moves))
	do(t, ctx, chrome.Media("prefers-reduced-motion", "reduce"), chromedp.Navigate(at))
	assert.False(t, eval[bool](t, ctx, moves))
}
