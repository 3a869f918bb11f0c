package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPicture: the picture is what the command draws. It has a word for each state, and no
// script.
func TestPicture(t *testing.T) {
	written, err := os.ReadFile("../freshness.svg")
	require.NoError(t, err)
	svg := picture()
	assert.Equal(t, svg, string(written), "after a change: make freshness")
	for _, m := range meanings {
		assert.Contains(t, svg, `<rect class="`+m.state+`"`)
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			assert.Contains(t, []string{"svg", "style", "text", "rect", "path"}, start.Name.Local)
		}
	}
}
