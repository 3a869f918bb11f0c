//go:build !race

package keytext

const racing = false
