package ringdebug

import (
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
)

//go:embed assets/ring.css
var cssText []byte

//go:embed assets/ring.js
var scriptText []byte

//go:embed assets/ring.svg
var iconText []byte

var (
	css    = newAsset("ring", "css", "text/css; charset=utf-8", cssText)
	script = newAsset("ring", "js", "text/javascript; charset=utf-8", scriptText)
	icon   = newAsset("ring", "svg", "image/svg+xml", iconText)

	assets = map[string]*asset{css.Name: css, script.Name: script, icon.Name: icon}
)

// asset is a file that pages use. Its name changes with its content, so that a page never
// uses one of another version.
type asset struct {
	Name, Integrity string
	typ             string
	body            []byte
}

func newAsset(name, ext, typ string, body []byte) *asset {
	sum := sha512.Sum384(body)
	return &asset{
		Name: name + "." + hex.EncodeToString(sum[:6]) + "." + ext, Integrity: "sha384-" + base64.StdEncoding.EncodeToString(sum[:]),
		typ: typ, body: body,
	}
}

func (a *asset) serve(v *visit) {
	v.w.Header().Set("Content-Type", a.typ)
	_, _ = v.w.Write(a.body)
}
