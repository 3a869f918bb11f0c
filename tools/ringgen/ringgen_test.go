package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copyModule copies a module of testdata, without its generated files, and goes there.
func copyModule(t *testing.T, name string) (golden map[string]string) {
	t.Helper()
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	from, to := filepath.Join("testdata", name), t.TempDir()
	golden = map[string]string{}
	require.NoError(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		inside, err := filepath.Rel(from, path)
		require.NoError(t, err)
		switch filepath.Base(path) {
		case fileName:
			golden[inside] = string(text)
			return nil
		case "go.mod":
			text = bytes.ReplaceAll(text, []byte("=> ../../../.."), []byte("=> "+repository))
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(to, inside)), 0o777))
		return os.WriteFile(filepath.Join(to, inside), text, 0o666)
	}))
	t.Chdir(to)
	return golden
}

// ringgen runs the command.
func ringgen(args ...string) (status int, stdout, stderr string) {
	var out, errs strings.Builder
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

func goCommand(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func replace(t *testing.T, name, old, with string) {
	t.Helper()
	text := read(t, name)
	require.Contains(t, text, old)
	require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(text, old, with)), 0o666))
}

// TestGolden: the packages do not compile without their files. With them they pass vet and
// their own tests, which compare typed ropes with untyped ones.
func TestGolden(t *testing.T) {
	golden := copyModule(t, "golden")
	status, stdout, stderr := ringgen("./...")
	require.Zero(t, status, stderr)
	assert.Empty(t, stdout+stderr)
	assert.Len(t, golden, 2)
	for name, want := range golden {
		assert.True(t, want == read(t, name), "%s is another: run ringgen in testdata/golden", name)
	}
	goCommand(t, "vet", "./...")
	goCommand(t, "test", "./...")

	status, stdout, stderr = ringgen("-check", "./...")
	assert.Zero(t, status)
	assert.Empty(t, stdout+stderr)
}

func TestCheckFindsAChangedParameter(t *testing.T) {
	copyModule(t, "golden")
	name := filepath.FromSlash("shapes/" + fileName)
	status, _, stderr := ringgen("./shapes")
	require.Zero(t, status, stderr)
	before := read(t, name)
	replace(t, filepath.FromSlash("shapes/shapes.go"), "func unnamed(int, string)", "func unnamed(first int, second string)")

	status, stdout, stderr := ringgen("-check", "./shapes")
	assert.Equal(t, 1, status)
	assert.Equal(t, "ringgen: "+name+" is out of date: run go generate\n", stderr)
	assert.Contains(t, stdout, "--- shapes/ring_gen.go\n+++ shapes/ring_gen.go\n@@ ")
	assert.Contains(t, stdout, "-var unnamedNames = ring.RegisterSignature(unnamed, \"arg1, arg2\")\n+var unnamedNames = ring.RegisterSignature(unnamed, \"first, second\")\n")
	assert.Equal(t, before, read(t, name))

	status, _, stderr = ringgen("./shapes")
	require.Zero(t, status, stderr)
	goCommand(t, "vet", "./shapes")
}

const wantProblems = `problems.go:12:5: PickedRope: the function has the type any, which tells no parameters: give it the type of a function
problems.go:14:5: _: the rope has no name: give it one, or make it with NewXRope
problems.go:16:15: MissingRope: the function is not known: it does not compile
problems.go:20:5: VariableRope: its Signature is no constant
problems.go:24:5: SpreadRope: its options are in a slice: write them into the call, since a Signature says how arguments are passed
problems.go:26:5: CountRope: the signature has 2 parameters, the function has 1 without the context
problems.go:32:16: EachWireRope: the code of EachRope has the name EachWireArgs as well: give one of them another name
problems.go:40:6: NewPassedRope: its rope is made elsewhere: call ring.Wrap within it, or assign the rope to a variable first
problems.go:41:6: LocalRope: parameter l: its type local is declared within a function: declare it at package level
problems.go:44:3: ClashRope: another rope of that name has the function func(n int) int: make them with different constructors, such as NewClash2Rope
problems.go:50:9: GenericRope: parameter v: its type T is a type parameter: wrap an instance at package level
problems.go:54:6: TakenRope: the package declares TakenArgs itself, which is a name of the generated code
problems.go:66:16: NewCache: it does not exist: ringgen writes it if its name is New, a capital letter, anything, Rope
tagged.go:7:14: TaggedRope: its file has a build constraint, and ring_gen.go has none: make the rope in a file without one
`

// TestProblems: what cannot be typed is named, and the rest is written.
func TestProblems(t *testing.T) {
	copyModule(t, "problems")
	status, _, stderr := ringgen()
	assert.Equal(t, 1, status)
	assert.Equal(t, wantProblems, stderr)
	text := read(t, fileName)
	for _, name := range []string{"ClashRope", "EachRope", "EachWire", "GoodRope", "SameRope"} {
		assert.Contains(t, text, "type "+name+" struct")
	}
	assert.Equal(t, 4, strings.Count(text, "\nfunc New"))
}

// TestOthersThatDoNotParse: a package that cannot be read keeps no other from its file. Nor
// does it matter that a package needs the generated types of another one.
func TestOthersThatDoNotParse(t *testing.T) {
	copyModule(t, "problems")
	for name, text := range map[string]string{
		"broken/a.go": "package broken\n\nimport \"github.com/ring-go/ring\"\n\nvar a = ring.Wrap(\n",
		"clause/a.go": "pakage clause\n",
		"first/a.go":  "package first\n\nimport \"github.com/ring-go/ring\"\n\nvar Double = NewDoubleRope(ring.Wrap(double, ring.Lru{}))\n\nfunc double(n int) int { return 2 * n }\n",
		"again/a.go": "package again\n\nimport (\n\t\"example.com/problems/first\"\n\t\"github.com/ring-go/ring\"\n)\n\n" +
			"var four = NewFourRope(ring.Wrap(times, ring.Lru{}))\n\nfunc times(a first.DoubleArgs) int { return 2 * first.Double.Call(a.N) }\n\nvar _ = four\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	status, _, stderr := ringgen("./broken", "./clause", "./first", "./again")
	assert.Equal(t, 1, status)
	assert.Equal(t, 2, strings.Count(stderr, "\n"), stderr)
	assert.Contains(t, stderr, "a.go:5:20: expected")
	assert.Contains(t, stderr, "a.go:1:1: expected 'package'")
	goCommand(t, "vet", "./first", "./again")
}

func TestPackageThatDoesNotParse(t *testing.T) {
	copyModule(t, "problems")
	replace(t, "problems.go", "var missing = ", "var = ")
	status, stdout, stderr := ringgen()
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	assert.Contains(t, stderr, "problems.go:16:5: expected")
	assert.NoFileExists(t, fileName)
}

// TestOldFiles: an old file counts for nothing, whatever is in it, unless it is another's.
func TestOldFiles(t *testing.T) {
	golden := copyModule(t, "golden")
	shapes := filepath.FromSlash("shapes/" + fileName)
	require.NoError(t, os.WriteFile(shapes, []byte(mark+"; DO NOT EDIT.\n\npackage shapes\n\nfunc none( {"), 0o666))
	status, _, stderr := ringgen("./shapes")
	assert.Zero(t, status, stderr)
	assert.True(t, golden[shapes] == read(t, shapes), "as if there were none")

	require.NoError(t, os.WriteFile(shapes, []byte(mark+"; DO NOT EDIT.\n\npackage other\n"), 0o666))
	status, _, stderr = ringgen("./shapes")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, ": remove ring_gen.go\n")

	require.NoError(t, os.WriteFile(shapes, []byte("package shapes\n"), 0o666))
	status, _, stderr = ringgen("./shapes")
	assert.Equal(t, 1, status)
	assert.Equal(t, "ringgen: "+shapes+" exists, and is not ringgen's: rename it\n", stderr)

	foreign := filepath.FromSlash("foreign/other/context/" + fileName)
	require.NoError(t, os.WriteFile(foreign, []byte(mark+"; DO NOT EDIT.\n\npackage context\n"), 0o666))
	status, _, _ = ringgen("-check", "./foreign/...")
	assert.Equal(t, 1, status)
	assert.FileExists(t, foreign)
	status, _, stderr = ringgen("./foreign/...")
	assert.Zero(t, status, stderr)
	assert.NoFileExists(t, foreign)
}

func TestTags(t *testing.T) {
	copyModule(t, "golden")
	require.NoError(t, os.WriteFile(filepath.FromSlash("shapes/more.go"), []byte("//go:build more\n\npackage shapes\n\nfunc none(int) int { return 0 }\n"), 0o666))
	replace(t, filepath.FromSlash("shapes/shapes.go"), "func none() ", "func other() ")
	status, _, stderr := ringgen("-tags", "more,most", "./shapes")
	require.Zero(t, status, stderr)
	text := read(t, filepath.FromSlash("shapes/"+fileName))
	assert.True(t, strings.HasPrefix(text, "// Code generated by ringgen -tags more,most; DO NOT EDIT.\n"))
	assert.Contains(t, text, "(r NoneRope) Call(arg1 int) int")
}

func TestUsage(t *testing.T) {
	status, _, stderr := ringgen("-wrong")
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "usage: ringgen")
	status, _, stderr = ringgen("-h")
	assert.Zero(t, status)
	assert.Contains(t, stderr, "usage: ringgen")
	status, _, stderr = ringgen("./absent")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "absent")
}
