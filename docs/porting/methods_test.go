package porting_test

import (
	"fmt"
	"maps"
	"slices"
	"unicode"

	"github.com/ring-go/ring"
)

type Member struct{ Name string }

func (m *Member) RingKey() string { return m.Name }

func (m *Member) Friends(limit int) string { return fmt.Sprintf("%d friends of %s", limit, m.Name) }

func (m *Member) Title() string { return "the title of " + m.Name }

func FindMember(name string) (string, error) {
	title, err := memberTitle.Bind(&Member{name}).Call()
	return fmt.Sprint(title), err
}

func IsName(text string) bool {
	for _, r := range text {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return text != ""
}

var members = map[string]any{}

var (
	memberFriends = ring.Wrap((*Member).Friends,
		ring.Dict{Obj: members, KeyPrefix: "member.friends"}, ring.Signature("self, limit=10"))
	memberTitle  = ring.Wrap((*Member).Title, ring.Dict{Obj: members, KeyPrefix: "member.title"})
	memberFind   = ring.Wrap(FindMember, ring.Dict{Obj: members, KeyPrefix: "member.find:Member"})
	memberIsName = ring.Wrap(IsName, ring.Dict{Obj: members, KeyPrefix: "member.is_name"})
)

func Example_methods() {
	ann := &Member{"ann"}
	show(memberFriends.Bind(ann).Call(3))
	show(memberFriends.Bind(ann).Has(3))
	show(memberTitle.Bind(ann).Call())
	show(memberFind.Call("bob"))
	show(memberIsName.Call("ann"))
	for _, key := range slices.Sorted(maps.Keys(members)) {
		show(key)
	}
	// Output:
	// 3 friends of ann
	// True
	// the title of ann
	// the title of bob
	// True
	// member.find:Member:bob
	// member.friends:ann:3
	// member.is_name:ann
	// member.title:ann
	// member.title:bob
}
