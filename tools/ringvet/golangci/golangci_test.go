package golangci_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/tools/ringvet/checks"
	_ "github.com/ring-go/ring/tools/ringvet/golangci"
)

func TestPlugin(t *testing.T) {
	create, err := register.GetPlugin("ringvet")
	require.NoError(t, err)

	plugin, err := create(nil)
	require.NoError(t, err)
	all, err := plugin.BuildAnalyzers()
	require.NoError(t, err)
	assert.Len(t, all, len(checks.All()))
	assert.Equal(t, register.LoadModeTypesInfo, plugin.GetLoadMode())

	plugin, err = create(map[string]any{"disable": []string{"call", "prefix"}})
	require.NoError(t, err)
	some, err := plugin.BuildAnalyzers()
	require.NoError(t, err)
	assert.Len(t, some, len(all)-2)

	_, err = create(map[string]any{"disable": []string{"cal"}})
	assert.ErrorContains(t, err, `no check "cal"`)
}
