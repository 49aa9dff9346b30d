// The original Go client, as it is, against a server: what it sees is printed as JSON.
//
//	client URL UPSTREAM
package main

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2/client"
)

type seen map[string]any

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// echoed sends a line through a proxy and returns what comes back, and how slowly.
func echoed(address string) (string, time.Duration) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return "refused", 0
	}
	defer connection.Close()
	must(connection.SetDeadline(time.Now().Add(5 * time.Second)))
	began := time.Now()
	_, err = connection.Write([]byte("hello"))
	must(err)
	answer := make([]byte, 5)
	_, err = io.ReadFull(connection, answer)
	if err != nil {
		return "closed", time.Since(began)
	}
	return string(answer), time.Since(began)
}

func main() {
	client := toxiproxy.NewClient(os.Args[1])
	saw := seen{}

	version, err := client.Version()
	must(err)
	saw["version"] = string(version)

	proxy, err := client.CreateProxy("one", "127.0.0.1:0", os.Args[2])
	must(err)
	saw["enabled"] = proxy.Enabled
	saw["plain"], _ = echoed(proxy.Listen)
	_, err = client.CreateProxy("one", "127.0.0.1:0", os.Args[2])
	saw["twice"] = said(err)

	latency, err := proxy.AddToxic("", "latency", "", 1, toxiproxy.Attributes{"latency": 100})
	must(err)
	saw["latency"] = latency
	_, took := echoed(proxy.Listen)
	saw["slow"] = took >= 100*time.Millisecond
	latency, err = proxy.UpdateToxic("latency_downstream", -1, toxiproxy.Attributes{"jitter": 5})
	must(err)
	saw["updated"] = latency
	_, err = proxy.AddToxic("", "nonsense", "", 1, nil)
	saw["nonsense"] = said(err)
	toxics, err := proxy.Toxics()
	must(err)
	saw["toxics"] = len(toxics)
	must(proxy.RemoveToxic("latency_downstream"))
	saw["removed twice"] = said(proxy.RemoveToxic("latency_downstream"))

	must(proxy.Disable())
	saw["disabled"], _ = echoed(proxy.Listen)
	must(proxy.Enable())
	saw["enabled again"], _ = echoed(proxy.Listen)

	_, err = client.AddToxic(&toxiproxy.ToxicOptions{
		ProxyName: "one", ToxicName: "cut", ToxicType: "limit_data", Stream: "upstream",
		Toxicity: 1, Attributes: toxiproxy.Attributes{"bytes": 2},
	})
	must(err)
	saw["cut"], _ = echoed(proxy.Listen)
	must(client.ResetState())
	saw["reset"], _ = echoed(proxy.Listen)

	populated, err := client.Populate([]toxiproxy.Proxy{
		{Name: "one", Listen: proxy.Listen, Upstream: os.Args[2], Enabled: true},
		{Name: "two", Listen: "127.0.0.1:0", Upstream: os.Args[2], Enabled: false},
	})
	must(err)
	saw["populated"] = len(populated)
	proxies, err := client.Proxies()
	must(err)
	saw["proxies"] = len(proxies)
	saw["same port"] = proxies["one"].Listen == proxy.Listen
	must(proxies["two"].Delete())
	_, err = client.Proxy("two")
	saw["deleted"] = said(err)

	must(json.NewEncoder(os.Stdout).Encode(saw))
}
