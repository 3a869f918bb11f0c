package testserver

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Prometheus starts a Prometheus. config is its configuration file; it finds files in dir by
// their names alone. Where it is not installed the test is skipped, but not in CI.
func Prometheus(t TB, dir, config string) *Server {
	t.Helper()
	if _, err := exec.LookPath("prometheus"); err != nil && os.Getenv("CI") == "" {
		t.Skipf("it needs prometheus: on Debian, apt-get install prometheus; make test does it as root")
	}
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := "127.0.0.1:" + freePort(t)
	return start(t, "prometheus", "tcp", addr, []string{
		"--config.file", file, "--web.listen-address", addr, "--storage.tsdb.path", filepath.Join(dir, "data"),
	})
}
