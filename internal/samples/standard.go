package samples

import (
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"time"
)

// zones contains no two zones that behave alike.
var zones = []*time.Location{
	time.UTC, time.FixedZone("", 3600), time.FixedZone("", 3630), time.FixedZone("", 3660), time.FixedZone("X", 3600), time.FixedZone("X]:[", 3600),
	time.FixedZone("X%5D", 3600), time.FixedZone("UTC", 0), time.FixedZone("!CET", 3600), time.FixedZone("CET", 3600), time.FixedZone("Europe/Paris", 3600),
	loaded("CET"), loaded("Europe/Paris"), loaded("Europe/Berlin"), loaded("Europe/London"), loaded("Africa/Lagos"),
}

func loaded(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// localTypes have the same names as other types.
var localTypes = []reflect.Type{
	reflect.TypeOf(localRow(0)), reflect.TypeOf(localRow(1)), reflect.TypeOf(localRow(2)), reflect.SliceOf(reflect.TypeOf(localRow(0))), reflect.SliceOf(reflect.TypeOf(localRow(1))),
	reflect.TypeFor[int](), reflect.TypeFor[named](),
}

func localRow(i int) any {
	switch i {
	case 0:
		type localRow struct{ A int }
		return localRow{}
	case 1:
		type localRow struct{ A int }
		return localRow{}
	}
	type localRow struct{ A int }
	return localRow{}
}

func (s Source) time() time.Time {
	return time.Date(2024, time.Month(1+6*s(2)), 1, 12, 0, s(2), 0, zones[s(len(zones))])
}

func (s Source) float() *big.Float {
	return new(big.Float).SetMode(big.RoundingMode(s(6))).SetPrec(uint(2 + s(3))).SetInt64(int64(s(12) - 6))
}

func (s Source) addr() netip.Addr {
	return []netip.Addr{{}, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::ffff:10.0.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::1%]:80")}[s(5)]
}

func (s Source) user() *url.Userinfo {
	return []*url.Userinfo{nil, url.User(s.string()), url.UserPassword(s.string(), s.string())}[s(3)]
}
