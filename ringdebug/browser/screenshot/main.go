// Command screenshot takes the pictures of the pages: one file for docs, or with -all one of
// each page at three widths, light and dark, in a directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ring-go/ring/ringdebug"
	"github.com/ring-go/ring/ringdebug/browser/chrome"
	"github.com/ring-go/ring/ringdebug/browser/demo"
)

func main() {
	all := flag.String("all", "", "a directory for pictures of all pages")
	out := flag.String("o", "ringdebug.png", "the file of the one picture")
	load := flag.Duration("load", 30*time.Second, "how long the demo runs before the picture")
	flag.Parse()
	if err := run(*all, *out, *load); err != nil {
		log.Fatal(err)
	}
}

func run(all, out string, load time.Duration) error {
	dir, err := newDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	shop, err := demo.New(dir)
	if err != nil {
		return err
	}
	defer shop.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	shop.Run(ctx)
	server := httptest.NewServer(ringdebug.Handler(ringdebug.Options{
		Authorize: func(*http.Request) (view, keys bool) { return true, true }, Writes: true,
	}))
	defer server.Close()

	browser, end, err := chrome.Start(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := chromedp.Do(browser, chromedp.Navigate(server.URL+"/?sort=-rate"), chromedp.Sleep(load)); err != nil {
		return err
	}
	if all == "" {
		return take(browser, server.URL+"/?sort=-rate", 1280, false, 2.5, out)
	}
	quote := url.QueryEscape("example.com/shop/prices.Quote")
	pages := map[string]string{
		"ropes": "/?sort=-rate", "rope": "/rope?name=" + quote, "doctor": "/doctor", "explain": "/explain?args=[3]&name=" + quote,
		"shipping": "/rope?name=" + url.QueryEscape("example.com/shop/shipping.Rate"),
	}
	for name, path := range pages {
		for _, width := range []int64{360, 800, 1400} {
			for _, dark := range []bool{false, true} {
				file := filepath.Join(all, fmt.Sprintf("%s-%d%s.png", name, width, map[bool]string{true: "-dark"}[dark]))
				if err := take(browser, server.URL+path, width, dark, 0, file); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newDir makes a directory with a short name, since it is in the picture.
func newDir() (string, error) {
	if dir := filepath.Join(os.TempDir(), "shop"); os.Mkdir(dir, 0o700) == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "shop")
}

// take writes a picture of a page, as high as that is.
func take(browser context.Context, address string, width int64, dark bool, wait float64, file string) error {
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	err := chromedp.Do(browser, chrome.Scheme(scheme), chromedp.EmulateViewport(width, 640), chromedp.Navigate(address),
		chromedp.Sleep(time.Duration((1.6+wait)*float64(time.Second))))
	if err != nil {
		return err
	}
	picture, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}
