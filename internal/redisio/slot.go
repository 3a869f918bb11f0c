package redisio

import (
	"strconv"
	"strings"
	"sync"
)

// slots is the number of parts into which a Cluster divides the keys.
const slots = 1 << 14

// hasTag tells whether a Cluster takes the slot from a part of the key.
func hasTag(key string) bool {
	_, rest, ok := strings.Cut(key, "{")
	return ok && strings.Index(rest, "}") > 0
}

// canBeTag tells whether a key has its own slot as the tag of another one.
func canBeTag(key string) bool { return key != "" && !strings.Contains(key, "}") }

// tagOf returns a tag with the slot of a key that has no tag and cannot be one, such as "f:{}".
func tagOf(key string) string { return strconv.Itoa(tags()[crc16(key)%slots]) }

// tags returns a number for each slot, whose text has that slot.
var tags = sync.OnceValue(func() *[slots]int {
	var all [slots]int
	for n, missing := 1, slots; missing > 0; n++ {
		if slot := &all[crc16(strconv.Itoa(n))%slots]; *slot == 0 {
			*slot = n
			missing--
		}
	}
	return &all
})

// crc16 is the checksum by which a Cluster divides the keys: CRC-16/XMODEM.
func crc16(text string) (sum uint16) {
	for i := range len(text) {
		sum ^= uint16(text[i]) << 8
		for range 8 {
			if carry := sum & (1 << 15); carry != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
