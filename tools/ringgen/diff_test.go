package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnifiedDiff(t *testing.T) {
	before := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"
	after := "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n14\n15\n16\n"
	assert.Equal(t, `--- f
+++ f
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
@@ -10,6 +10,6 @@
 10
 11
 12
-13
 14
 15
+16
`, unifiedDiff("f", before, after))
	assert.Equal(t, "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+new\n", unifiedDiff("f", "", "new\n"))
	assert.Equal(t, "--- f\n+++ f\n", unifiedDiff("f", before, before))
}
