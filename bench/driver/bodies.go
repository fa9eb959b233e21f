package main

import (
	"fmt"
	"math/rand"
	"strconv"
)

// Everything that is written is a function of its number only, so that every server gets the same data. The rows that
// ../mlflow/fill_database.py writes directly must be those of runBody and of the job "models".

const baseTime = 1_700_000_000_000 // ms

var (
	estimators   = []string{"50", "100", "200", "500"}
	notes        = []string{"baseline", "weekly retrain", "tuning sweep", "feature test", "drift check"}
	environments = []string{"INT", "PROD"}
)

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func appendMetric(b []byte, key string, value float64, timestamp, step int64) []byte {
	b = append(b, `{"key":"`...)
	b = append(b, key...)
	b = append(b, `","value":`...)
	b = strconv.AppendFloat(b, value, 'g', -1, 64)
	b = append(b, `,"timestamp":`...)
	b = strconv.AppendInt(b, timestamp, 10)
	b = append(b, `,"step":`...)
	b = strconv.AppendInt(b, step, 10)
	return append(b, '}')
}

var metricKeys = func() (keys [100]string) {
	for i := range keys {
		keys[i] = "metric_" + strconv.Itoa(i)
	}
	return keys
}()

// appendMetrics appends n metrics as keys x steps, continuing at step first.
func appendMetrics(b []byte, n, keys int, first int64) []byte {
	b = append(b, `"metrics":[`...)
	for i := 0; i < n; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		step, key := first+int64(i/keys), i%keys
		value := float64((step*7919+int64(key)*104729)%1000003) / 1000003
		b = appendMetric(b, metricKeys[key], value, baseTime+step, step)
	}
	return append(b, ']')
}

func appendParams(b []byte, n int, seq int64) []byte {
	b = append(b, `"params":[`...)
	for i := 0; i < n; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, fmt.Sprintf(`{"key":"param_%d","value":"value-%d-%d"}`, i, i, seq)...)
	}
	return append(b, ']')
}

// runBody is the log-batch body of run i: 10 params, 10 metrics, 5 tags.
func runBody(b []byte, id string, i int64) []byte {
	h := func(k uint64) uint64 { return mix(uint64(i)*64 + k) }
	unit := func(k uint64) float64 { return float64(h(k)%1_000_000) / 1e6 }
	b = append(b, fmt.Sprintf(
		`{"run_id":%q,"params":[{"key":"n_estimators","value":%q},{"key":"max_depth","value":"%d"},{"key":"learning_rate","value":"%.3f"}`,
		id, estimators[h(1)%4], h(2)%20, unit(3))...)
	for k := uint64(3); k < 10; k++ {
		b = append(b, fmt.Sprintf(`,{"key":"param_%d","value":"%d"}`, k, h(k+10)%100)...)
	}
	b = append(b, `],"metrics":[`...)
	b = appendMetric(b, "F1", unit(20), baseTime+i, 0)
	for k := uint64(1); k < 10; k++ {
		b = append(b, ',')
		b = appendMetric(b, metricKeys[k], unit(20+k), baseTime+i, 0)
	}
	note := notes[h(30)%4]
	if h(31)%20 == 0 { // one run in twenty
		note = notes[4]
	}
	return append(b, fmt.Sprintf(
		`],"tags":[{"key":"note","value":"%s %d"},{"key":"team","value":"team-%d"},{"key":"dataset","value":"ds-%d"},{"key":"git","value":"%016x"},{"key":"env","value":"%s"}]}`,
		note, i, h(32)%8, h(33)%50, h(34), environments[h(35)%2])...)
}

// noise is n bytes that do not compress, the same every time.
func noise(n int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(1)).Read(b)
	return b
}
