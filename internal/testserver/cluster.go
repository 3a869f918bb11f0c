package testserver

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cluster starts a Redis Cluster of three masters, each with a replica, and waits
// until it is ready. The masters come first. args are further arguments of the servers, such as
// a cluster-node-timeout: on a busy machine nodes that answer late for a short one count as down.
func Cluster(t TB, args ...string) []*Server {
	t.Helper()
	const masters = 3
	ctx := context.Background()
	nodes := make([]*Server, 2*masters)
	clients := make([]*redis.Client, len(nodes))
	for i := range nodes {
		nodes[i] = Redis(t, append([]string{"--cluster-enabled", "yes", "--cluster-node-timeout", "10000", "--cluster-replica-validity-factor", "0"}, args...)...)
		clients[i] = redis.NewClient(&redis.Options{Addr: nodes[i].Addr})
		defer clients[i].Close()
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range clients {
		// Nodes with the same epoch do not elect a replica before they have agreed on an
		// order.
		must(c.Do(ctx, "cluster", "set-config-epoch", i+1).Err())
	}
	for i := range masters {
		must(clients[i].ClusterAddSlotsRange(ctx, i*16384/masters, (i+1)*16384/masters-1).Err())
	}
	for i := 1; i < len(nodes); i++ {
		host, port, err := net.SplitHostPort(nodes[i].Addr)
		must(err)
		must(clients[0].ClusterMeet(ctx, host, port).Err())
	}
	within(t, "the nodes to know each other", func() bool {
		for _, c := range clients {
			if strings.Count(c.ClusterNodes(ctx).Val(), "\n") != len(nodes) {
				return false
			}
		}
		return true
	})
	for i := range masters {
		id, err := clients[i].ClusterMyID(ctx).Result()
		must(err)
		within(t, "a replica to take its master", func() bool { return clients[masters+i].ClusterReplicate(ctx, id).Err() == nil })
	}
	within(t, "the cluster to be ready", func() bool {
		for i, c := range clients {
			if !strings.Contains(c.ClusterInfo(ctx).Val(), "cluster_state:ok") {
				return false
			}
			if i >= masters && !strings.Contains(c.Info(ctx, "replication").Val(), "master_link_status:up") {
				return false
			}
		}
		return true
	})
	return nodes
}

// Sentinel starts a master, a replica and a sentinel that watches them under the name
// "ring".
func Sentinel(t TB) (sentinel, master, replica *Server) {
	t.Helper()
	ctx := context.Background()
	master = Redis(t)
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	replica = Redis(t, "--replicaof", host+" "+port)
	sentinelPort := freePort(t)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nsentinel monitor ring %s %s 1\n"+
		"sentinel down-after-milliseconds ring 500\nsentinel failover-timeout ring 3000\n", sentinelPort, host, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel = start(t, "redis-server", "tcp", "127.0.0.1:"+sentinelPort, []string{conf, "--sentinel"})
	client := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr})
	defer client.Close()
	within(t, "the sentinel to find the replica", func() bool {
		replicas, err := client.Replicas(ctx, "ring").Result()
		return err == nil && len(replicas) == 1
	})
	return sentinel, master, replica
}

func within(t TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}
